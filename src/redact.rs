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

/// A server's text made fit for a log: one line, without what can be recognised as personal or secret.
///
/// Left out are mail addresses, all of a URL but its host, paths, values behind `=`, bearer tokens, runs of six or
/// more digits (with blanks, dots and hyphens between them, as phone numbers have) and runs of mixed letters and
/// digits, as tokens and many countries' ids are. A name can't be recognised.
pub(crate) fn scrub(text: &str) -> String {
    let mut words = Vec::new();
    let mut after_bearer = false;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        words.push(if after_bearer { "…".to_owned() } else { scrub_word(word) });
        after_bearer = word.trim_matches(|c: char| !c.is_ascii_alphabetic()).eq_ignore_ascii_case("bearer");
    }
    let mut line = scrub_digits(&words.join(" "));
    if let Some((end, _)) = line.char_indices().nth(MAX_TEXT) {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// A text on one line: what breaks it, and other control characters, become blanks.
pub(crate) fn one_line(text: &str) -> String {
    match text.contains(char::is_control) {
        true => text
            .split(char::is_control)
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" "),
        false => text.to_owned(),
    }
}

/// A media type without its parameters, which may name a file, and so a person.
pub(crate) fn media_type(text: &str) -> String {
    scrub(text.split(';').next().unwrap_or_default())
}

fn scrub_word(word: &str) -> String {
    if word.contains('@') || word.contains("%40") {
        return "…".to_owned();
    }
    if let Some((_, rest)) = word.split_once("://") {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        return format!("…://{host}/…");
    }
    if word.starts_with('/') && word.len() > 1 {
        return "/…".to_owned();
    }
    if let Some((name, _)) = word.split_once('=')
        && name.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '"' | '\'' | '_' | '-'))
    {
        return format!("{}=…", scrub_runs(name));
    }
    scrub_runs(word)
}

fn scrub_runs(word: &str) -> String {
    let apart = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    let runs = word.split_inclusive(apart).map(|run| {
        let end = run.trim_end_matches(apart).len();
        if is_opaque(&run[..end]) { format!("…{}", &run[end..]) } else { run.to_owned() }
    });
    runs.collect()
}

/// Tokens, artifacts and ids mix letters and digits as no word does.
fn is_opaque(run: &str) -> bool {
    let count = |kind: fn(&u8) -> bool| run.bytes().filter(kind).count();
    let (digits, letters) = (count(u8::is_ascii_digit), count(u8::is_ascii_alphabetic));
    let is_mixed = digits > 0 && letters > 0;
    is_mixed && (run.len() >= 20 || (run.len() >= 8 && digits >= 4))
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
