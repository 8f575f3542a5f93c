//! The PDFs that the sandbox makes.
//!
//! What packaging makes has the shape of a signed file and no signature. There is a signature field with a
//! signature dictionary, and its `/ByteRange` covers every byte of the file but `/Contents`, so software that
//! looks for these finds them. `/Contents` holds the SHA-256 digest of those bytes where a signed file has a CMS
//! structure: whoever verifies the signature finds that there is none.

use chrono::{DateTime, Utc};

use super::evidence::DISCLAIMER;
use super::task::Document;
use book::Book;

mod book;
mod signature;

const MEDIA_TYPE: &str = "application/pdf";

/// All pages of all documents, in order, and behind them the evidence.
pub(super) fn seal(documents: &[&[u8]], evidence: &[String], now: DateTime<Utc>) -> lopdf::Result<Document> {
    let mut book = Book::new();
    for document in documents {
        book.append(document)?;
    }
    let mut lines = vec![DISCLAIMER.to_owned(), String::new()];
    lines.extend_from_slice(evidence);
    book.add_text("Evidence", &lines)?;
    book.add_signature_field(now)?;
    let mut bytes = book.write()?;
    signature::fill_in(&mut bytes)?;
    Ok(Document { bytes: bytes.into(), media_type: MEDIA_TYPE.to_owned() })
}

/// What a signer of the sandbox uploads when a task asks for a document.
pub(super) fn uploaded_by_signer(task_id: &str, document_id: &str) -> lopdf::Result<Document> {
    let mut book = Book::new();
    let about = [format!("Task: {task_id}"), format!("Document: {document_id}")];
    let lines = [&[DISCLAIMER.to_owned(), String::new()], &about[..]].concat();
    book.add_text("Uploaded by the signer", &lines)?;
    Ok(Document { bytes: book.write()?.into(), media_type: MEDIA_TYPE.to_owned() })
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    fn sealed(documents: &[&[u8]], evidence: &[String]) -> lopdf::Document {
        let file = seal(documents, evidence, DateTime::UNIX_EPOCH).expect("the file can be made");
        lopdf::Document::load_mem(&file.bytes).expect("the file can be read")
    }

    fn text(pdf: &lopdf::Document, page: u32) -> String {
        pdf.extract_text(&[page]).expect("the page has text")
    }

    #[test]
    fn every_page_is_there_and_the_evidence_behind_them() {
        let loan = uploaded_by_signer("loan", "d").expect("the file can be made").bytes;
        let terms = uploaded_by_signer("terms", "d").expect("the file can be made").bytes;
        let pdf = sealed(&[&loan, b"no PDF", &terms], &["Order: 42".to_owned()]);
        assert_eq!(pdf.get_pages().len(), 4);
        assert!(text(&pdf, 1).contains("Task: loan"));
        assert!(text(&pdf, 2).contains("could not read this document"));
        assert!(text(&pdf, 3).contains("Task: terms"));
        assert!(text(&pdf, 4).contains(DISCLAIMER) && text(&pdf, 4).contains("Order: 42"));
    }

    #[test]
    fn a_sealed_file_can_be_sealed_again() {
        let once = seal(&[], &[], DateTime::UNIX_EPOCH).expect("the file can be made").bytes;
        let twice = sealed(&[&once], &[]);
        assert_eq!(twice.get_pages().len(), 2);
        let signatures = twice.objects.values().filter_map(|object| object.as_dict().ok());
        assert_eq!(signatures.filter(|dictionary| dictionary.has(b"ByteRange")).count(), 1);
    }

    #[test]
    fn much_evidence_takes_more_pages() {
        let evidence: Vec<_> = (0..200).map(|task| format!("Task: {task} {}", "x".repeat(100))).collect();
        let pdf = sealed(&[], &evidence);
        let pages = u32::try_from(pdf.get_pages().len()).expect("there are few pages");
        assert!(pages > 1 && text(&pdf, pages).contains("Task: 199"));
    }

    #[test]
    fn the_byte_range_covers_everything_but_the_contents() {
        let file = seal(&[], &[], DateTime::UNIX_EPOCH).expect("the file can be made").bytes;
        let pdf = lopdf::Document::load_mem(&file).expect("the file can be read");
        let mut dictionaries = pdf.objects.values().filter_map(|object| object.as_dict().ok());
        let signature =
            dictionaries.find(|dictionary| dictionary.has(b"ByteRange")).expect("it has a signature");
        let range =
            signature.get(b"ByteRange").and_then(lopdf::Object::as_array).expect("the range is an array");
        let range: Vec<_> = range.iter().map(|offset| offset.as_i64().expect("an offset") as usize).collect();

        let (start, end) = (range[1], range[2]);
        assert_eq!((range[0], end + range[3]), (0, file.len()));
        assert_eq!((file[start], file[end - 1]), (b'<', b'>'));
        let digest = Sha256::new().chain_update(&file[..start]).chain_update(&file[end..]).finalize();
        let contents = signature.get(b"Contents").and_then(lopdf::Object::as_str).expect("a string");
        assert_eq!(&contents[..32], digest.as_slice());
    }
}
