//! What must not be seen, and the forms in which it is looked for.

use std::collections::BTreeSet;
use std::fmt::Write;

use aho_corasick::AhoCorasick;

/// With characters that each encoding writes in another way.
pub const CLIENT_SECRET: &str = "Ws7kQ2vX9plantedSecret0815:%+ \"å";
pub const TOKEN: &str = "eyPlanted0Token1.K7q9xZ3vB8nM2_pL5~a+/==";
pub const ARTIFACT: &str = "aRt1fact7-planted-9Xy8Zw6Qv";
pub const SIGNING_URL: &str = "https://sign.example.com/s/pL4nted5igning6Ur1-q8w9?lang=nb&x=1";
pub const NATIONAL_ID: &str = "10109001290";
pub const NAME: &str = "Plåntéd-Ørdmann Nordmannsen";
pub const PHONE: &str = "+4791122333";
pub const MAIL: &str = "planted.kari@example.com";
pub const REJECT_REASON: &str = "plånted reason: feil \"beløp\" i avtalen";
pub const PDF: &str = "%PDF-1.7 planted-document-bytes \\ æ\n";
/// An id is no secret and stands in errors; a log has none all the same.
pub const ORDER_ID: &str = "0rd3r1d-planted-5T6y7U8i";

/// Each with what is looked for: the whole, and where a form may have cut the whole, the part that tells.
const CANARIES: [(&str, &str); 13] = [
    ("client secret", CLIENT_SECRET),
    ("client secret, in part", "Ws7kQ2vX9plantedSecret0815"),
    ("token", TOKEN),
    ("token, in part", "K7q9xZ3vB8nM2_pL5"),
    ("artifact", ARTIFACT),
    ("signing URL", SIGNING_URL),
    ("signing URL, its path", "pL4nted5igning6Ur1-q8w9"),
    ("national id", NATIONAL_ID),
    ("name", NAME),
    ("phone", PHONE),
    ("mail", MAIL),
    ("reject reason", REJECT_REASON),
    ("document", "planted-document-bytes \\ æ"),
];

/// A canary in a form in which it may stand in a text.
pub struct Form {
    pub canary: &'static str,
    pub form: &'static str,
    pub text: String,
}

/// Every canary in every form.
pub fn forms() -> Vec<Form> {
    CANARIES.iter().flat_map(|(canary, text)| forms_of(canary, text)).collect()
}

/// The forms of the order's id, which only a log must not hold.
pub fn forms_of_ids() -> Vec<Form> {
    forms_of("order id", ORDER_ID)
}

fn forms_of(canary: &'static str, text: &str) -> Vec<Form> {
    let mut forms = Vec::new();
    let mut add = |form, text| forms.push(Form { canary, form, text });
    let form_style: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let (path_upper, path_lower) =
        (percent(text, |byte| format!("%{byte:02X}")), percent(text, |byte| format!("%{byte:02x}")));
    let json = serde_json::to_string(text).unwrap().trim_matches('"').to_owned();
    add("verbatim", text.to_owned());
    add("percent-encoded as a form", form_style.clone());
    add("percent-encoded as a form, lower", lower_escapes(&form_style));
    add("percent-encoded as a path", path_upper.clone());
    add("percent-encoded as a path, lower", path_lower);
    add("JSON", json.clone());
    add("JSON in ASCII", ascii_json(&json));
    add("Debug of a string", text.escape_debug().to_string());
    add("Debug of a string, in ASCII", text.escape_default().to_string());
    add("Debug of bytes", text.as_bytes().escape_ascii().to_string());
    for inner in [text, form_style.as_str(), path_upper.as_str(), json.as_str()] {
        as_numbers(inner, &mut add);
        for alignment in 0..3 {
            for (form, last_two) in [("base64", b"+/"), ("base64, URL-safe", b"-_")] {
                let encoded = base64_core(inner.as_bytes(), alignment, last_two);
                // As the Basic header holds it, and that header's bytes.
                as_numbers(&encoded, &mut add);
                add(form, encoded);
            }
        }
    }
    let mut known = BTreeSet::new();
    forms.retain(|form| known.insert(form.text.clone()));
    forms
}

fn as_numbers(text: &str, add: &mut impl FnMut(&'static str, String)) {
    let bytes = text.as_bytes();
    add("hex", list(bytes, "", |byte| format!("{byte:02x}")));
    add("hex, upper", list(bytes, "", |byte| format!("{byte:02X}")));
    add("hex, spaced", list(bytes, " ", |byte| format!("{byte:02x}")));
    add("a list of numbers", list(bytes, ", ", |byte| byte.to_string()));
    add("a list of numbers, close", list(bytes, ",", |byte| byte.to_string()));
    add("a list of hex numbers", list(bytes, ", ", |byte| format!("{byte:x}")));
    add("a list of 0x numbers", list(bytes, ", ", |byte| format!("0x{byte:x}")));
}

fn percent(text: &str, escape: impl Fn(u8) -> String) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { escape(byte) }).collect()
}

fn lower_escapes(encoded: &str) -> String {
    let mut lower = String::new();
    let mut left = 0;
    for c in encoded.chars() {
        left = if c == '%' { 3 } else { left };
        lower.push(if left > 0 { c.to_ascii_lowercase() } else { c });
        left = i32::max(left - 1, 0);
    }
    lower
}

fn ascii_json(json: &str) -> String {
    let mut ascii = String::new();
    for c in json.chars() {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| write!(ascii, "\\u{unit:04x}").unwrap());
        }
    }
    ascii
}

fn list(bytes: &[u8], between: &str, write: impl Fn(&u8) -> String) -> String {
    bytes.iter().map(write).collect::<Vec<_>>().join(between)
}

/// What base64 makes of these bytes after some others, whatever stands before and behind them.
fn base64_core(bytes: &[u8], alignment: usize, last_two: &[u8; 2]) -> String {
    let letters = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*last_two).collect::<Vec<_>>();
    let shifted = [vec![0; alignment], bytes.to_vec()].concat();
    let bits: Vec<bool> =
        shifted.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect();
    let encoded = bits.chunks_exact(6).map(|six| {
        let index = six.iter().fold(0, |index, bit| index << 1 | usize::from(*bit));
        char::from(letters[index])
    });
    // The first letters hold bits of what stands before.
    encoded.skip((alignment * 8).div_ceil(6)).collect()
}

/// A text as it is searched: a pretty Debug writes a list over many lines.
fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Form {
    pub fn stands_in(&self, text: &str) -> bool {
        text.contains(&self.text) || on_one_line(text).contains(&self.text)
    }
}

/// Shows which canaries stand in a text, in which form.
pub fn found<'a>(text: &str, forms: &'a [Form]) -> Vec<&'a Form> {
    let line = on_one_line(text);
    // All at once first: texts are long and forms are many, and as a rule there is nothing.
    let any = AhoCorasick::new(forms.iter().map(|form| &form.text)).unwrap();
    if !any.is_match(text) && !any.is_match(&line) {
        return Vec::new();
    }
    let stands = |form: &&Form| text.contains(&form.text) || line.contains(&form.text);
    let mut found: Vec<_> = forms.iter().filter(stands).collect();
    found.sort_by_key(|form| (form.canary, form.form));
    found
}

#[test]
fn a_canary_is_found_in_each_form() {
    let forms = forms();
    let stands = |text: &str, canary: &str| found(text, &forms).iter().any(|form| form.canary == canary);
    assert_eq!(base64_core(b"Many hands", 0, b"+/"), "TWFueSBoYW5kc");
    for (text, canary) in [
        (
            format!("Basic {}", "aWQ6V3M3a1Eydlg5cGxhbnRlZFNlY3JldDA4MTUlM0ElMjUlMkIrJTIyJUMzJUE1"),
            "client secret",
        ),
        (format!("{:?}", bytes::Bytes::from(PDF)), "document"),
        (format!("{:?}", PDF.as_bytes()), "document"),
        (format!("{:#?}", PDF.as_bytes()), "document"),
        (format!("{:x?}", NATIONAL_ID.as_bytes()), "national id"),
        (format!("{NAME:?}"), "name"),
        (format!("{:?}", serde_json::json!({ "r": REJECT_REASON }).to_string()), ""),
        (serde_json::json!({ "r": REJECT_REASON }).to_string(), "reject reason"),
        ("?a=planted.kari%40example.com".to_owned(), "mail"),
        ("?a=%2b4791122333".to_owned(), "phone"),
        ("Pl\\u00e5nt\\u00e9d-\\u00d8rdmann Nordmannsen".to_owned(), "name"),
    ] {
        assert!(canary.is_empty() || stands(&text, canary), "{canary} in {text}");
    }
    assert!(found("a planted word, 1010900129 and +479112233 of it", &forms).is_empty());
}

/// One that is too short would be found by chance.
#[test]
fn no_form_is_short() {
    for form in forms() {
        assert!(form.text.len() >= 11, "{} as {}: {}", form.canary, form.form, form.text);
    }
}
