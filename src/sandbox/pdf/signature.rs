//! The signature dictionary, and its two values that are known only when the file is written.

use std::io;

use chrono::{DateTime, Utc};
use lopdf::{Dictionary, Object, StringFormat, dictionary};
use sha2::{Digest, Sha256};

use super::DISCLAIMER;
use crate::sandbox::hex::hex;

/// Stands for an offset. As wide as any that follows, so that writing the real one moves nothing.
const UNKNOWN_OFFSET: i64 = 9_999_999_999;

/// In bytes; as hexadecimal text it is twice as long.
const CONTENTS_SIZE: usize = 256;

pub(super) fn dictionary(now: DateTime<Utc>) -> Dictionary {
    dictionary! {
        "Type" => "Sig",
        "Filter" => "Adobe.PPKLite",
        "SubFilter" => "ETSI.CAdES.detached",
        "Name" => Object::string_literal("signicat-sign sandbox"),
        "Reason" => Object::string_literal(DISCLAIMER),
        "M" => Object::string_literal(now.format("D:%Y%m%d%H%M%SZ").to_string()),
        "ByteRange" => [0, UNKNOWN_OFFSET, UNKNOWN_OFFSET, UNKNOWN_OFFSET].map(Object::from).to_vec(),
        "Contents" => Object::String(vec![0; CONTENTS_SIZE], StringFormat::Hexadecimal),
    }
}

/// Says in the file which bytes are covered, and leaves their digest where a signature would be.
pub(super) fn fill_in(file: &mut [u8]) -> io::Result<()> {
    let offsets = [UNKNOWN_OFFSET; 3].map(|offset| offset.to_string()).join(" ");
    let contents = format!("<{}>", "00".repeat(CONTENTS_SIZE));
    let (Some(range), Some(start)) =
        (find_last(file, offsets.as_bytes()), find_last(file, contents.as_bytes()))
    else {
        return Err(io::Error::other("the signature dictionary is not in the file"));
    };
    let end = start + contents.len();
    let known = format!("{start} {end} {}", file.len() - end);
    let known = format!("{known:width$}", width = offsets.len());
    file[range..range + known.len()].copy_from_slice(known.as_bytes());

    let digest = Sha256::new().chain_update(&file[..start]).chain_update(&file[end..]).finalize();
    let digest = hex(&digest);
    file[start + 1..start + 1 + digest.len()].copy_from_slice(digest.as_bytes());
    Ok(())
}

/// The last one: the signature's object is the newest, and a document may hold the like of it.
fn find_last(file: &[u8], text: &[u8]) -> Option<usize> {
    file.windows(text.len()).rposition(|window| window == text)
}
