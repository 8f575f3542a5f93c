//! What is checked in under `spec/`, and what follows from what.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use serde_json::Value;

use super::lock::{Lock, UPSTREAM};
use super::names::Names;
use super::overlay::Corrections;
use super::swap::{self, NewFile};
use super::{CONTRACT, FOLDER, GENERATED, LOCK, NAMES, OVERLAY, PROVENANCE, document};
use crate::generator;

/// The files as they are.
pub struct CheckedIn {
    root: PathBuf,
    pub contract: String,
    pub generated: String,
    pub provenance: String,
    pub names: Option<String>,
    pub overlay: Option<String>,
    pub upstream: Option<Upstream>,
}

/// Held by whoever changes the files. It is let go with the process, however that ends.
pub fn hold(root: &Path) -> Result<fs::File> {
    let folder = root.join("target");
    fs::create_dir_all(&folder).with_context(|| format!("can't make {}", folder.display()))?;
    let file = fs::File::create(folder.join("spec.lock")).context("can't make target/spec.lock")?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(Errno::WOULDBLOCK) => bail!("another `cargo xtask spec` is changing spec/; wait for its end"),
        Err(e) => Err(e).context("can't lock target/spec.lock"),
    }
}

/// The publisher's description, once it has been fetched.
#[derive(Clone)]
pub struct Upstream {
    pub lock: Lock,
    pub bytes: Vec<u8>,
}

impl CheckedIn {
    pub fn read(root: &Path) -> Result<Self> {
        let text = |name| -> Result<Option<String>> {
            let text = optional(root, name)?.map(String::from_utf8).transpose();
            text.with_context(|| format!("{name} is not UTF-8"))
        };
        let needed = |name| text(name)?.ok_or_else(|| anyhow!("{name} is missing"));
        let lock = text(LOCK)?.map(|text| Lock::parse(&text)).transpose()?;
        let locked = lock.as_ref().map(|lock| lock.file.as_str());
        let mut others = UPSTREAM.iter().filter(|name| Some(**name) != locked);
        if let Some(file) = others.find(|name| root.join(FOLDER).join(name).exists()) {
            bail!("{FOLDER}/{file} is there, but no {LOCK} says where it is from");
        }
        let upstream = lock.map(|lock| {
            let name = format!("{FOLDER}/{}", lock.file);
            let bytes = optional(root, &name)?
                .ok_or_else(|| anyhow!("{name} is missing, but {LOCK} speaks of it"))?;
            Ok::<_, anyhow::Error>(Upstream { lock, bytes })
        });
        Ok(Self {
            root: root.to_owned(),
            contract: needed(CONTRACT)?,
            generated: needed(GENERATED)?,
            provenance: needed(PROVENANCE)?,
            names: text(NAMES)?,
            overlay: text(OVERLAY)?,
            upstream: upstream.transpose()?,
        })
    }

    /// Writes all of these files, or none.
    pub fn write(&self, files: Vec<NewFile>) -> Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        // Staging folders are made where git ignores them, and on the same file system.
        swap::replace(&self.root.join(FOLDER), &self.root.join("target"), &files)
    }

    pub fn names(&self) -> Result<Names> {
        self.names.as_deref().map_or_else(|| Ok(Names::default()), Names::parse)
    }

    pub fn corrections(&self) -> Result<Option<Corrections>> {
        self.overlay.as_deref().map(Corrections::parse).transpose()
    }
}

fn optional(root: &Path, name: &str) -> Result<Option<Vec<u8>>> {
    match fs::read(root.join(name)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e).with_context(|| format!("can't read {name}")),
    }
}

/// The contract's text: the published description with our names and our corrections.
pub fn contract(published: &Value, names: &Names, corrections: Option<&Corrections>) -> Result<String> {
    let mut contract = published.clone();
    names.apply(&mut contract)?;
    if let Some(corrections) = corrections {
        corrections.apply(&mut contract)?;
    }
    Ok(serde_json::to_string_pretty(&contract)? + "\n")
}

/// The generated code's text.
pub fn generated(contract: &str) -> Result<String> {
    generator::generate(contract).context(CONTRACT)
}

pub fn parse(contract: &str) -> Result<Value> {
    Ok(document::parse(contract.as_bytes()).context(CONTRACT)?.1)
}
