// What is known of the API beside what its description can say, with its source by the tags of PROVENANCE.md and
// how sure it is. Written by hand, and not touched by a refresh; `src/order/vocabulary.rs` includes it.

impl Placeholder {
    /// The order's id, in the text of a notification. (S; high)
    pub const ORDER_ID: Self = Self("${orderId}");
    /// The address at which the signer finds the task, in the text of a task's notification. (SDKT, CM, SOAP; medium)
    pub const TASK_URL: Self = Self("${taskUrl}");
    /// The address at which a signer signs with a code, in the text of a task's notification. (SW; medium)
    pub const SIGN_CODE_URL: Self = Self("${signCodeUrl}");
    /// The order's id, in the address that a signer is led to. (TE; medium)
    pub const REQUEST_ID: Self = Self("${requestId}");
    /// The task's id, in the address that a signer is led to. (TE; medium)
    pub const TASK_ID: Self = Self("${taskId}");
}

/// In the texts of all notifications.
const IN_MESSAGES: &[Placeholder] = &[Placeholder::ORDER_ID];

/// In the texts of a task's notifications.
const IN_TASK_MESSAGES: &[Placeholder] =
    &[Placeholder::ORDER_ID, Placeholder::TASK_URL, Placeholder::SIGN_CODE_URL];

/// In the addresses of redirects.
const IN_REDIRECTS: &[Placeholder] = &[Placeholder::REQUEST_ID, Placeholder::TASK_ID];

/// The languages that are seen in use. (S, SDK, NT, TE, CM; high that these are taken, not that there are no others)
const LANGUAGES: &[&str] = &["nb", "en", "sv", "da", "fi"];

/// What is at times given for a language, and what is meant. (TE has to send `nb` for `no`; medium)
const NO_LANGUAGES: &[(&str, &str)] = &[("no", "nb")];
