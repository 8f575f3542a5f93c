//! The evidence of one signature on one document: what the service calls an LTV-SDO.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::hex::hex;
use super::sent::SentMethod;
use super::task::{Document, Task, TaskDocument};

/// What every piece of evidence says of itself, so that nobody takes it for the service's.
pub(super) const DISCLAIMER: &str = "Made by the signicat-sign sandbox. Not a legal signature.";

/// An XML file in the place of the service's LTV-SDO. Only its media type is the service's.
pub(super) fn of_signature(
    order_id: &str,
    task: &Task,
    document: &TaskDocument,
    now: DateTime<Utc>,
) -> Document {
    let content = document.original.as_ref().map(|original| original.bytes.as_ref()).unwrap_or_default();
    let digest = hex(&Sha256::digest(content));
    let methods: Vec<_> = task.sent.signature_methods.iter().map(SentMethod::label).collect();
    let members = [
        ("disclaimer", DISCLAIMER),
        ("orderId", order_id),
        ("taskId", task.id()),
        ("documentId", &document.sent.id),
        ("documentSha256", &digest),
        ("signatureMethods", &methods.join(" ")),
        ("signedAt", &now.format("%FT%TZ").to_string()),
    ];
    let members: String =
        members.iter().map(|(name, value)| format!("  <{name}>{}</{name}>\n", escape(value))).collect();
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sandbox-evidence>\n{members}</sandbox-evidence>\n"
    );
    Document { bytes: xml.into(), media_type: "application/x-ltv-sdo".to_owned() }
}

/// Ids are the caller's: they may hold anything, and XML can't. What it has no way to write is left out.
fn escape(text: &str) -> String {
    let text = text.replace(|c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'), "");
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_can_not_break_the_xml() {
        assert_eq!(escape("a\u{0}\u{1b}\n<b>\u{ffff} & \u{9f}æ"), "a&lt;b&gt; &amp; æ");
    }
}
