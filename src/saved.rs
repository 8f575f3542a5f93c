//! Files that are there whole or not at all.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// A document that was saved whole.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(folder; sandbox, sign, pdf =>
/// let saved = sign.documents().download(&pdf).save_to(folder.join("loan.pdf")).await?;
/// println!("{}: {} bytes, SHA-256 {}", saved.path().display(), saved.length(), saved.sha256_hex());
/// assert_eq!(saved.sha256().len(), 32);
/// # );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    path: PathBuf,
    length: u64,
    sha256: [u8; 32],
}

impl Saved {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The SHA-256 of its bytes.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// The SHA-256 of its bytes, in lower-case hex.
    #[must_use]
    pub fn sha256_hex(&self) -> String {
        self.sha256.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A file that is not there yet: dropped, it leaves nothing.
pub(crate) struct Partial {
    file: tempfile::NamedTempFile,
    folder: PathBuf,
    path: PathBuf,
    hash: Sha256,
    length: u64,
}

impl Partial {
    /// One that will take the path's place, or the place of the file that is there.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io), as for the others, naming the path.
    pub(crate) fn beside(path: &Path) -> Result<Self> {
        Self::open(path).map_err(|error| cannot_write(path, error))
    }

    fn open(path: &Path) -> io::Result<Self> {
        let present = std::fs::metadata(path);
        match &present {
            Ok(present) if present.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            // A rename would take the place of a device or a pipe.
            Ok(present) if !present.is_file() => return Err(io::ErrorKind::Unsupported.into()),
            _ => {}
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".download-").suffix(".part");
        // As what it replaces, from the beginning; else as a file that is made in the ordinary way.
        let permissions = present.map(|present| present.permissions()).ok();
        #[cfg(unix)]
        builder
            .permissions(permissions.clone().unwrap_or(std::os::unix::fs::PermissionsExt::from_mode(0o666)));
        let file = builder.tempfile_in(folder)?;
        if let Some(permissions) = permissions {
            // Past the umask. The owner and the group are those of who writes it.
            file.as_file().set_permissions(permissions)?;
        }
        let (folder, path) = (folder.to_owned(), path.to_owned());
        Ok(Self { file, folder, path, hash: Sha256::new(), length: 0 })
    }

    pub(crate) async fn append(mut self, chunks: Vec<Bytes>) -> Result<Self> {
        let path = self.path.clone();
        let appended = off_the_runtime(move || {
            for chunk in chunks {
                self.hash.update(&chunk);
                self.length += chunk.len() as u64;
                self.file.write_all(&chunk)?;
            }
            Ok(self)
        });
        appended.await.map_err(|error| cannot_write(&path, error))
    }

    pub(crate) fn cannot_write(&self, error: io::Error) -> Error {
        cannot_write(&self.path, error)
    }

    /// Takes the path's place, once the bytes are on the disk.
    pub(crate) async fn keep(self) -> Result<Saved> {
        let path = self.path.clone();
        let kept = off_the_runtime(move || {
            self.file.as_file().sync_all()?;
            self.file.persist(&self.path).map_err(|error| error.error)?;
            // The rename itself is on the disk when its folder is; not every system can say so.
            if let Ok(folder) = std::fs::File::open(&self.folder) {
                _ = folder.sync_all();
            }
            Ok(Saved { path: self.path, length: self.length, sha256: self.hash.finalize().into() })
        });
        kept.await.map_err(|error| cannot_write(&path, error))
    }
}

/// That a file can't be written, and why.
pub(crate) fn cannot_write(path: &Path, error: io::Error) -> Error {
    Error::io(format!("cannot write {}", path.display()), error)
}

/// Lets the runtime go on while files are worked with.
pub(crate) async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
