//! What Debug and Display may say: the shape of a value, never its content.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Formatter};

/// A value that can be printed without saying what it holds.
///
/// The models hold names, national ids and signing links; their Debug, which build.rs emits, is made of this.
pub(crate) trait Redact {
    fn shape(&self, f: &mut Formatter<'_>) -> fmt::Result;

    /// Absent members are left out.
    fn is_absent(&self) -> bool {
        false
    }
}

/// A struct's Debug, member by member.
pub(crate) struct Fields<'a, 'b>(fmt::DebugStruct<'a, 'b>);

impl<'a, 'b> Fields<'a, 'b> {
    pub(crate) fn new(f: &'a mut Formatter<'b>, name: &str) -> Self {
        Self(f.debug_struct(name))
    }

    pub(crate) fn field(mut self, name: &str, value: &dyn Redact) -> Self {
        if !value.is_absent() {
            self.0.field(name, &Shape(value));
        }
        self
    }

    pub(crate) fn finish(mut self) -> fmt::Result {
        self.0.finish()
    }
}

struct Shape<'a>(&'a dyn Redact);

impl Debug for Shape<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.shape(f)
    }
}

impl Redact for String {
    fn shape(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "(len:{})", self.len())
    }
}

impl<T: Redact> Redact for Option<T> {
    fn shape(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Some(value) => value.shape(f),
            None => f.write_str("None"),
        }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Redact> Redact for Vec<T> {
    fn shape(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", self.len())
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<K, V> Redact for BTreeMap<K, V> {
    fn shape(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}", self.len())
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Redact + ?Sized> Redact for Box<T> {
    fn shape(&self, f: &mut Formatter<'_>) -> fmt::Result {
        (**self).shape(f)
    }

    fn is_absent(&self) -> bool {
        (**self).is_absent()
    }
}

/// A member that the contract says nothing of.
impl Redact for serde_json::Value {
    fn shape(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Redact for serde_json::Map<String, serde_json::Value> {
    fn shape(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}", self.len())
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

macro_rules! shown_as_they_are {
    ($($type:ty),+) => {$(
        impl Redact for $type {
            fn shape(&self, f: &mut Formatter<'_>) -> fmt::Result {
                Debug::fmt(self, f)
            }
        }
    )+};
}
pub(crate) use shown_as_they_are;

shown_as_they_are!(bool, i32, i64, f64);

/// The longest text of a server that is repeated in an error's line, in characters.
const MAX_TEXT: usize = 300;

/// A server's text made fit for a log: one line, without what may be personal or secret.
///
/// Left out are mail addresses, all of a URL but its host, query strings, bearer tokens, runs of six or more
/// digits (with blanks, dots and hyphens between them, as phone numbers have) and long runs of mixed letters
/// and digits, as tokens and artifacts are.
pub(crate) fn scrub(text: &str) -> String {
    let mut words = Vec::new();
    let mut after_bearer = false;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        words.push(if after_bearer { "…".to_owned() } else { scrub_word(word) });
        after_bearer = word.eq_ignore_ascii_case("bearer");
    }
    let mut line = scrub_digits(&words.join(" "));
    if let Some((end, _)) = line.char_indices().nth(MAX_TEXT) {
        line.truncate(end);
        line.push('…');
    }
    line
}

fn scrub_word(word: &str) -> String {
    if word.contains('@') {
        return "…".to_owned();
    }
    if let Some((scheme, rest)) = word.split_once("://") {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        return format!("{scheme}://{host}/…");
    }
    let word = match word.split_once('?') {
        Some((before, query)) if query.contains('=') => format!("{before}?…"),
        _ => word.to_owned(),
    };
    let mut scrubbed = String::with_capacity(word.len());
    for run in word.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')) {
        if is_opaque(run) { scrubbed.push('…') } else { scrubbed.push_str(run) }
    }
    scrubbed
}

/// Tokens, artifacts and ids mix letters and digits over a length that no word has.
fn is_opaque(run: &str) -> bool {
    run.len() >= 20 && run.bytes().any(|b| b.is_ascii_digit()) && run.bytes().any(|b| b.is_ascii_alphabetic())
}

fn scrub_digits(text: &str) -> String {
    let between = |c: char| matches!(c, ' ' | '-' | '.' | '(' | ')' | '+');
    let mut scrubbed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        scrubbed.push_str(&rest[..start]);
        let tail = &rest[start..];
        let run = &tail[..tail.find(|c: char| !(c.is_ascii_digit() || between(c))).unwrap_or(tail.len())];
        let run = run.trim_end_matches(between);
        if run.bytes().filter(u8::is_ascii_digit).count() >= 6 {
            scrubbed.push('…');
        } else {
            scrubbed.push_str(run);
        }
        rest = &tail[run.len()..];
    }
    scrubbed.push_str(rest);
    scrubbed
}
