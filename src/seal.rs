//! Whether a sealed PDF has the structure of a signed file: as far as can be told without any cryptography.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use crate::error::{Error, Result};
use crate::pdf::{HEADER_WITHIN, looks_like_pdf};
use crate::saved::off_the_runtime;

const KEY: &[u8] = b"/ByteRange";
const CONTENTS: &[u8] = b"/Contents";

/// How much is read at a time.
const CHUNK: usize = 64 * 1024;
/// The longest `/ByteRange` with its four numbers: signers leave blanks for longer ones.
const RANGE_WITHIN: usize = 512;
/// The longest white space between `/Contents` and its value.
const BLANKS_WITHIN: u64 = 64;
/// Beyond the digits of any file's length.
const DIGITS: usize = 15;
/// Beyond any certificate chain, with all that is stored for its later validation.
const LONGEST_CONTENTS: u64 = 16 * 1024 * 1024;
const MOST_SIGNATURES: usize = 100;

/// What the structure of a PDF says of its signatures. It is **no validation**: no digest is computed, no
/// certificate is looked at, and a file that anybody has made up can have this structure.
///
/// It finds what goes wrong on the way from a service to a disk: a file that is cut, that something was appended to,
/// or that was never signed. Nothing in this crate calls it by itself. The file must begin as a PDF does, and have at
/// least one signature dictionary. Of each, the `/ByteRange` must begin at 0, lie within the file, and leave out
/// exactly the value of a `/Contents`. One of them must reach the file's end, and here files may differ that are
/// good: signers append validation data without a signature over it (PAdES B-LT, and mostly B-LTA), which can't
/// be told from any other bytes. [`bytes_behind`](Self::bytes_behind) says how many they are, where nothing else is
/// wrong. A signed PDF that another one holds uncompressed is taken for a part of it.
///
#[cfg_attr(feature = "sandbox", doc = "```")]
#[cfg_attr(not(feature = "sandbox"), doc = "```ignore")]
/// use signicat_sign::sandbox::Sandbox;
/// use signicat_sign::{NewOrder, SignatureStructure, Signer, Upload};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("sealed.pdf");
/// let sandbox = Sandbox::builder().signs_by_themselves().packaging_delay(0).start().await?;
/// let sign = sandbox.client();
/// let pdf = sign.documents().upload(Upload::from_path("examples/contract.pdf").await?).await?;
/// let order = NewOrder::builder().document("loan", &pdf, "Loan").signer(Signer::new("kari").handwritten());
/// let order = sign.orders().create(order.seal_as_pades("sealed").build()?).await?;
/// sign.orders().wait(&order).await?.sealed("sealed")?.save_to(&path).await?;
///
/// let structure = SignatureStructure::of_file(&path).await?;
/// assert!(structure.looks_signed(), "{:?}", structure.why_not());
/// assert_eq!(structure.signatures(), 1);
/// // The document that was to be signed is not.
/// let structure = SignatureStructure::of_file("examples/contract.pdf").await?;
/// assert_eq!(structure.why_not(), Some("there is no signature dictionary"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureStructure {
    signatures: usize,
    flaw: Option<String>,
    behind: u64,
}

impl SignatureStructure {
    /// Looks at a file, of which a piece at a time is in memory.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(folder; sandbox, sign, pdf, order, done =>
    /// let saved = done.sealed("sealed")?.save_to(folder.join("sealed.pdf")).await?;
    /// assert!(SignatureStructure::of_file(saved.path()).await?.looks_signed());
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if it can't be read, or is no regular file.
    pub async fn of_file(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = path.to_owned();
        let structure = off_the_runtime(move || {
            // Opening a pipe would wait for somebody at its other end.
            if !std::fs::metadata(&file)?.is_file() {
                return Err(io::ErrorKind::Unsupported.into());
            }
            Self::read(File::open(file)?)
        });
        structure.await.map_err(|error| Error::io(format!("cannot read {}", path.display()), error))
    }

    /// Looks at bytes.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order, done =>
    /// let sealed = done.sealed("sealed")?.bytes(10 << 20).await?;
    /// let more = [&sealed[..], b"and more"].concat();
    /// assert!(SignatureStructure::of_bytes(&sealed).looks_signed());
    /// assert_eq!(SignatureStructure::of_bytes(&more).bytes_behind(), 8);
    /// # );
    /// ```
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self::read(Cursor::new(bytes)).unwrap_or_else(|error| Self {
            signatures: 0,
            flaw: Some(error.to_string()),
            behind: 0,
        })
    }

    /// How many signature dictionaries there are, sound or not.
    #[must_use]
    pub fn signatures(&self) -> usize {
        self.signatures
    }

    /// Whether the file has the structure of a signed one.
    #[must_use]
    pub fn looks_signed(&self) -> bool {
        self.flaw.is_none()
    }

    /// Why it has not: the first reason that was found.
    #[must_use]
    pub fn why_not(&self) -> Option<&str> {
        self.flaw.as_deref()
    }

    /// How many bytes stand behind what the last signature covers, where that is all that is wrong.
    #[must_use]
    pub fn bytes_behind(&self) -> u64 {
        self.behind
    }

    fn read(mut file: impl Read + Seek) -> io::Result<Self> {
        let Found { is_pdf, ranges, length } = find(&mut file)?;
        let sound = match is_pdf {
            false => Err(format!("there is no header of a PDF in the first {HEADER_WITHIN} bytes")),
            true => covered(&mut file, &ranges, length)?,
        };
        let (flaw, behind) = match sound.map(|covered| length - covered) {
            Err(flaw) => (Some(flaw), 0),
            Ok(0) => (None, 0),
            Ok(behind) => {
                (Some(format!("{behind} bytes stand behind what the last signature covers")), behind)
            }
        };
        Ok(Self { signatures: ranges.len(), flaw, behind })
    }
}

/// What one reading of a file finds.
struct Found {
    is_pdf: bool,
    /// What stands behind each `/ByteRange`: four numbers, if it is that. No more than one too many.
    ranges: Vec<Option<[u64; 4]>>,
    length: u64,
}

fn find(file: &mut impl Read) -> io::Result<Found> {
    let mut found = Found { is_pdf: false, ranges: Vec::new(), length: 0 };
    let mut buffer = Vec::with_capacity(RANGE_WITHIN + CHUNK);
    loop {
        let read = file.by_ref().take(CHUNK as u64).read_to_end(&mut buffer)?;
        if found.length == 0 {
            found.is_pdf = looks_like_pdf(&buffer);
        }
        found.length += read as u64;
        // What begins later may go on in the next piece.
        let whole = if read == 0 { buffer.len() } else { buffer.len().saturating_sub(RANGE_WITHIN) };
        let places = (0..whole).filter(|at| buffer[*at..].starts_with(KEY));
        let ranges = places.filter_map(|at| {
            let entry = &buffer[at + KEY.len()..buffer.len().min(at + RANGE_WITHIN)];
            // Another name begins like this one.
            let ends = entry.first().is_none_or(|next| !is_regular(*next));
            ends.then(|| byte_range(entry))
        });
        let room = MOST_SIGNATURES + 1 - found.ranges.len();
        found.ranges.extend(ranges.take(room));
        if read == 0 {
            return Ok(found);
        }
        buffer.drain(..whole);
    }
}

/// The four numbers in brackets that an entry begins with.
fn byte_range(entry: &[u8]) -> Option<[u64; 4]> {
    let mut rest = after_blanks(entry).strip_prefix(b"[")?;
    let mut numbers = [0; 4];
    for number in &mut numbers {
        rest = after_blanks(rest);
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(1..=DIGITS).contains(&digits) {
            return None;
        }
        *number = rest[..digits].iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
        rest = &rest[digits..];
    }
    after_blanks(rest).starts_with(b"]").then_some(numbers)
}

/// How far the signatures of a file reach, or the first thing that is wrong with them.
fn covered(
    file: &mut (impl Read + Seek),
    ranges: &[Option<[u64; 4]>],
    length: u64,
) -> io::Result<std::result::Result<u64, String>> {
    if ranges.is_empty() {
        return Ok(Err("there is no signature dictionary".to_owned()));
    }
    if ranges.len() > MOST_SIGNATURES {
        return Ok(Err(format!("there are more than {MOST_SIGNATURES} signatures")));
    }
    let mut covered = 0;
    for (number, range) in ranges.iter().enumerate() {
        let flaw = match range {
            None => Some("is not four numbers"),
            Some([begin, ..]) if *begin > 0 => Some("does not begin at 0"),
            // Numbers of so few digits can't overflow.
            Some([_, first, gap_end, last]) if gap_end + last > length || first > gap_end => {
                Some("does not lie within the file")
            }
            Some([_, first, gap_end, last]) => {
                covered = covered.max(gap_end + last);
                let leaves_contents = gap_is_contents(file, *first, *gap_end)?;
                (!leaves_contents).then_some("does not leave out exactly the value of /Contents")
            }
        };
        if let Some(flaw) = flaw {
            return Ok(Err(format!("the /ByteRange of signature {} {flaw}", number + 1)));
        }
    }
    Ok(Ok(covered))
}

/// Whether what lies between these is a string in hexadecimal digits, and `/Contents` stands before it.
fn gap_is_contents(file: &mut (impl Read + Seek), start: u64, end: u64) -> io::Result<bool> {
    let before = start.min(CONTENTS.len() as u64 + BLANKS_WITHIN);
    file.seek(SeekFrom::Start(start - before))?;
    let mut key = Vec::new();
    file.by_ref().take(before).read_to_end(&mut key)?;
    let blanks = key.iter().rev().take_while(|byte| is_blank(**byte)).count();
    // Two at least for the brackets.
    if !key[..key.len() - blanks].ends_with(CONTENTS) || !(3..=LONGEST_CONTENTS).contains(&(end - start)) {
        return Ok(false);
    }
    let mut left = end - start;
    let mut chunk = Vec::new();
    let mut is_first = true;
    while left > 0 {
        chunk.clear();
        let read = file.by_ref().take(left.min(CHUNK as u64)).read_to_end(&mut chunk)?;
        left -= read as u64;
        let mut digits = chunk.as_slice();
        if std::mem::take(&mut is_first) {
            let Some(rest) = digits.strip_prefix(b"<") else { return Ok(false) };
            digits = rest;
        }
        if left == 0 {
            let Some(rest) = digits.strip_suffix(b">") else { return Ok(false) };
            digits = rest;
        }
        // Nothing is read where somebody has shortened the file meanwhile.
        if read == 0 || !digits.iter().all(|byte| byte.is_ascii_hexdigit() || is_blank(*byte)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// White space, as PDF has it.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\0' | b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

/// A character that a name goes on with.
fn is_regular(byte: u8) -> bool {
    !is_blank(byte) && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn after_blanks(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.iter().take_while(|byte| is_blank(**byte)).count()..]
}
