//! The structure of a signed PDF: what has it is accepted, and what has not says why.

use signicat_sign::{ErrorKind, SignatureStructure};
use tempfile::tempdir;

const BASE: &[u8] = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n";
const SIGNATURE: &str = "\n7 0 obj\n<< /Type /Sig /ByteRange[________________________________________] /Contents <30820a0B> >>\nendobj\n%%EOF\n";

/// The file with a signature of this form appended, whose range is that of its bytes, changed in some way.
fn append(file: &[u8], form: &str, change: impl Fn([usize; 4]) -> [usize; 4]) -> Vec<u8> {
    let mut file = [file, form.as_bytes()].concat();
    let last = |file: &[u8], byte: u8| file.iter().rposition(|found| *found == byte);
    let contents = file.windows(9).rposition(|window| window == b"/Contents").unwrap_or_default();
    let start = contents + file[contents..].iter().position(|byte| *byte == b'<').unwrap_or_default();
    let end = start + file[start..].iter().position(|byte| *byte == b'>').unwrap_or_default() + 1;
    let range = change([0, start, end, file.len() - end]).map(|number| number.to_string()).join(" ");
    if let Some(to) = last(&file, b'_') {
        let from = file[..to].iter().rposition(|byte| *byte != b'_').unwrap() + 1;
        file[from..=to].copy_from_slice(format!("{range:width$}", width = to + 1 - from).as_bytes());
    }
    file
}

fn signed() -> Vec<u8> {
    append(BASE, SIGNATURE, |range| range)
}

fn why_not(file: &[u8]) -> String {
    SignatureStructure::of_bytes(file).why_not().unwrap_or_default().to_owned()
}

#[test]
fn what_is_signed_looks_so() {
    let structure = SignatureStructure::of_bytes(&signed());
    assert!(structure.looks_signed(), "{structure:?}");
    assert_eq!((structure.signatures(), structure.why_not()), (1, None));
    let appended = [&signed()[..], b"\n8 0 obj\n<<>>\nendobj\n"].concat();
    let structure = SignatureStructure::of_bytes(&appended);
    assert_eq!((structure.looks_signed(), structure.bytes_behind()), (false, 21));
    // Each signature covers more, and one the file's end.
    let twice = append(&signed(), SIGNATURE, |range| range);
    let thrice = append(&twice, SIGNATURE, |range| range);
    assert_eq!(SignatureStructure::of_bytes(&twice).signatures(), 2);
    assert_eq!((SignatureStructure::of_bytes(&thrice).signatures(), why_not(&thrice)), (3, String::new()));
}

#[test]
fn white_space_and_sequence_are_the_signers_own() {
    for form in [
        "<</Contents<00>/ByteRange [ \r\n\t ______________________________ \0 ]>>",
        "<</ByteRange\n[______________________________]/Contents\r\n \t<0 0\nfF>>>",
        "<</ByteRange[______________________________]/ByteRangeX 7/Contents <000>>>",
    ] {
        let file = append(BASE, form, |range| range);
        assert_eq!(
            (why_not(&file), SignatureStructure::of_bytes(&file).signatures()),
            (String::new(), 1),
            "{form}"
        );
    }
    // The header need not be the very first.
    let late = [&b"#!/usr/bin/false\n"[..], BASE].concat();
    assert_eq!(why_not(&append(&late, SIGNATURE, |range| range)), "");
}

#[test]
fn each_defect_has_its_reason() {
    let range_of = |why: &str| format!("the /ByteRange of signature 1 {why}");
    let ranged = |change: fn([usize; 4]) -> [usize; 4]| append(BASE, SIGNATURE, change);
    let formed = |old: &str, new: &str| {
        assert!(SIGNATURE.contains(old), "{old}");
        append(BASE, &SIGNATURE.replace(old, new), |range| range)
    };
    let (outside, gap, numbers) = (
        range_of("does not lie within the file"),
        range_of("does not leave out exactly the value of /Contents"),
        range_of("is not four numbers"),
    );
    let no_header = "there is no header of a PDF in the first 1024 bytes".to_owned();
    let none = "there is no signature dictionary".to_owned();
    let cases = [
        (Vec::new(), no_header.clone()),
        (b"<html>sorry</html>".to_vec(), no_header.clone()),
        (append(&[&[b' '; 1020], BASE].concat(), SIGNATURE, |range| range), no_header),
        (BASE.to_vec(), none.clone()),
        (formed("/ByteRange", "/ByteRanges"), none.clone()),
        (formed("/ByteRange", "/byterange"), none),
        (formed("[____", "(____"), numbers.clone()),
        (formed("___]", "___)"), numbers.clone()),
        (ranged(|[a, b, c, _]| [a, b, c, usize::MAX]), numbers.clone()),
        (formed("[____________________", "[- __________________"), numbers.clone()),
        (BASE.iter().chain(b"/ByteRange [0 /********** /**********]").copied().collect(), numbers.clone()),
        (BASE.iter().chain(b"/ByteRange 12 0 R").copied().collect(), numbers.clone()),
        (BASE.iter().chain(b"/ByteRange [0 1 2]").copied().collect(), numbers.clone()),
        (BASE.iter().chain(b"/ByteRange").copied().collect(), numbers),
        (ranged(|[_, b, c, d]| [1, b, c, d]), range_of("does not begin at 0")),
        (ranged(|[a, b, c, d]| [a, b, c, d + 1]), outside.clone()),
        (ranged(|[a, b, c, d]| [a, c, b, d]), outside.clone()),
        (ranged(|[a, _, c, d]| [a, 999_999_999_999_999, c, d]), outside.clone()),
        (ranged(|[a, b, c, _]| [a, b, c, 999_999_999_999_999]), outside),
        (ranged(|[a, b, c, d]| [a, b - 1, c, d]), gap.clone()),
        (ranged(|[a, b, c, d]| [a, b + 1, c, d]), gap.clone()),
        (ranged(|[a, b, c, d]| [a, b, c + 1, d - 1]), gap.clone()),
        (ranged(|[a, b, c, d]| [a, b, c - 1, d + 1]), gap.clone()),
        (ranged(|[a, b, _, d]| [a, b, b, d]), gap.clone()),
        (ranged(|[a, _, c, d]| [a, 0, c, d]), gap.clone()),
        (formed("/Contents", "/Content "), gap.clone()),
        (formed("/Contents <", "/Contents /X <"), gap.clone()),
        (formed("<30820a0B>", "<30820aXB>"), gap.clone()),
        (formed("<30820a0B>", "<>"), gap),
        (
            ranged(|[a, b, c, d]| [a, b, c, d - 1]),
            "1 bytes stand behind what the last signature covers".to_owned(),
        ),
        (
            [&signed()[..], b"\n8 0 obj\n<<>>\nendobj\n"].concat(),
            "21 bytes stand behind what the last signature covers".to_owned(),
        ),
        (
            append(&signed(), &SIGNATURE.replace("<30820a0B>", "<!>"), |range| range),
            "the /ByteRange of signature 2 does not leave out exactly the value of /Contents".to_owned(),
        ),
        (
            (0..101).fold(BASE.to_vec(), |file, _| append(&file, SIGNATURE, |range| range)),
            "there are more than 100 signatures".to_owned(),
        ),
    ];
    for (number, (file, why)) in cases.iter().enumerate() {
        assert_eq!(
            &why_not(file),
            why,
            "case {number}: {}",
            String::from_utf8_lossy(&file[..file.len().min(400)])
        );
    }
    let most = (0..100).fold(BASE.to_vec(), |file, _| append(&file, SIGNATURE, |range| range));
    assert_eq!((why_not(&most), SignatureStructure::of_bytes(&most).signatures()), (String::new(), 100));
}

/// A file is read in pieces.
#[test]
fn it_does_not_matter_where_a_piece_ends() {
    for length in (64 * 1024 - 700..64 * 1024 + 20).step_by(3).chain([128 * 1024 - 300]) {
        let mut file = BASE.to_vec();
        file.resize(length, b'x');
        let structure = SignatureStructure::of_bytes(&append(&file, SIGNATURE, |range| range));
        assert_eq!((structure.signatures(), structure.why_not()), (1, None), "{length}");
    }
    let long = "0".repeat(200_000);
    for (change, is_signed) in [("0", true), ("x", false)] {
        let contents = SIGNATURE.replace("<30820a0B>", &format!("<{long}{change}{long}>"));
        assert_eq!(why_not(&append(BASE, &contents, |range| range)).is_empty(), is_signed);
    }
}

#[test]
fn a_file_that_is_cut_anywhere_does_not_look_signed() {
    let twice = append(&signed(), SIGNATURE, |range| range);
    let first = signed().len();
    for length in (0..twice.len()).filter(|length| *length != first) {
        assert!(!SignatureStructure::of_bytes(&twice[..length]).looks_signed(), "{length}");
    }
}

/// Numbers that look as if by chance, the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

#[test]
fn whatever_the_bytes_are_there_is_an_answer() {
    let parts: [&[u8]; 14] = [
        b"%PDF-",
        b"/ByteRange",
        b"/Contents",
        b"[",
        b"]",
        b"<",
        b">",
        b"0 ",
        b"999999999999999 ",
        b"18446744073709551616",
        b" ",
        b"/",
        b"00",
        b"\xff\xfe",
    ];
    let mut chance = Chance(1);
    for _ in 0..20_000 {
        let mut file = Vec::new();
        match chance.below(2) {
            0 => (0..chance.below(40)).for_each(|_| file.extend(parts[chance.below(parts.len())])),
            _ => {
                file = signed();
                for _ in 0..=chance.below(4) {
                    let at = chance.below(file.len());
                    match chance.below(3) {
                        0 => file[at] = chance.below(256) as u8,
                        1 => file.truncate(at.max(1)),
                        _ => {
                            let part = parts[chance.below(parts.len())];
                            file.splice(at..at, part.iter().copied());
                        }
                    }
                }
            }
        }
        let structure = SignatureStructure::of_bytes(&file);
        assert_eq!(structure.looks_signed(), structure.why_not().is_none());
        assert!(!structure.looks_signed() || structure.signatures() > 0);
    }
}

#[tokio::test]
async fn a_file_is_as_good_as_its_bytes() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("sealed.pdf");
    for file in [signed(), BASE.to_vec(), Vec::new()] {
        std::fs::write(&path, &file).unwrap();
        let structure = SignatureStructure::of_file(&path).await.unwrap();
        assert_eq!(structure, SignatureStructure::of_bytes(&file));
    }
    for path in [folder.path().join("missing.pdf"), folder.path().to_owned()] {
        let error = SignatureStructure::of_file(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().contains(&*path.display().to_string()), "{error}");
    }
}

/// Signed by two, one after the other, by pyHanko 0.38 (PAdES B-B), with a certificate that was made for it.
#[test]
fn what_another_program_has_signed_looks_so() {
    let file = include_bytes!("../fixtures/signed-twice.pdf");
    let structure = SignatureStructure::of_bytes(file);
    assert_eq!((structure.signatures(), structure.why_not()), (2, None));
    assert_eq!(why_not(&[&file[..], b"\n"].concat()), "1 bytes stand behind what the last signature covers",);
    assert_eq!(
        why_not(&file[..file.len() - 1]),
        "the /ByteRange of signature 2 does not lie within the file",
    );
}

#[cfg(feature = "sandbox")]
#[tokio::test]
async fn the_sandbox_seals_so() {
    use signicat_sign::sandbox::Sandbox;

    let sandbox = Sandbox::builder().signs_by_themselves().start().await.unwrap();
    let client = crate::sandbox::in_virtual_time(&sandbox);
    let order = crate::sandbox::order_of_two(&client).await;
    let done = client.orders().wait(&order).await.unwrap();
    let sealed = done.sealed("sealed").unwrap().bytes(1 << 20).await.unwrap();
    assert_eq!(why_not(&sealed), "");
    assert_eq!(
        why_not(&sealed[..sealed.len() - 1]),
        "the /ByteRange of signature 1 does not lie within the file"
    );
    let original = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/contract.pdf")).unwrap();
    assert_eq!(why_not(&original), "there is no signature dictionary");
}
