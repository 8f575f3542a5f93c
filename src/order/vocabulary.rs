//! The API's own words that its description does not list: placeholders, languages. What they are is a fact of the
//! API, so it is written in `spec/`.

use std::fmt;

/// A word that the service replaces, in a message or in an address that a signer is led to.
///
/// It is sent as it is written; nothing of it is encoded or parsed here. Which are known, and how sure that is, is
/// said with each. Others can be written by hand.
///
/// ```
/// use signicat_sign::Placeholder;
///
/// assert_eq!(format!("Please sign: {}", Placeholder::TASK_URL), "Please sign: ${taskUrl}");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Placeholder(&'static str);

impl Placeholder {
    /// The placeholder as it is written: `${taskUrl}`.
    ///
    /// ```
    /// assert_eq!(signicat_sign::Placeholder::ORDER_ID.as_str(), "${orderId}");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// Whether that language is seen in use, or else what is probably meant.
pub(super) fn language(language: &str) -> Result<(), Option<&'static str>> {
    if LANGUAGES.contains(&language) {
        return Ok(());
    }
    let meant = NO_LANGUAGES.iter().find(|(said, _)| said.eq_ignore_ascii_case(language));
    Err(meant.map(|(_, meant)| *meant))
}

/// The placeholders in the text of a message that are not known there.
pub(super) fn unknown_in_message(text: &str) -> impl Iterator<Item = &str> {
    unknown(text, IN_MESSAGES)
}

/// The same in a message of a task.
pub(super) fn unknown_in_task_message(text: &str) -> impl Iterator<Item = &str> {
    unknown(text, IN_TASK_MESSAGES)
}

/// The same in the address of a redirect.
pub(super) fn unknown_in_redirect(text: &str) -> impl Iterator<Item = &str> {
    unknown(text, IN_REDIRECTS)
}

fn unknown<'t>(text: &'t str, known: &[Placeholder]) -> impl Iterator<Item = &'t str> {
    let begins = text.match_indices("${").map(|(begin, _)| &text[begin..]);
    let placeholders = begins.filter_map(|rest| rest.find('}').map(|end| &rest[..=end]));
    placeholders.filter(|placeholder| !known.iter().any(|known| known.0 == *placeholder))
}

/// The languages, for people.
pub(super) fn languages() -> String {
    LANGUAGES.join(", ")
}

include!(concat!(env!("CARGO_MANIFEST_DIR"), "/spec/vocabulary.rs"));
