//! What the contract says of operations and schemas, as tables that the generated code fills.

pub(crate) use crate::generated::{
    OPERATIONS, ORGANIZATION_ID_HEADER, SCHEMAS, SCOPE, SERVER_URL, TOKEN_URL,
};

use crate::pdf::is_of_type;

/// An operation of the contract.
#[derive(Debug)]
pub(crate) struct Operation {
    /// The operationId in snake case, as the generated client calls it.
    pub(crate) id: &'static str,
    pub(crate) method: &'static str,
    pub(crate) template: &'static str,
    /// Whether doing it twice is doing it once.
    pub(crate) idempotent: bool,
    pub(crate) request: Body,
    pub(crate) request_types: &'static [&'static str],
    pub(crate) answer: Body,
    pub(crate) answer_types: &'static [&'static str],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    None,
    Json,
    Binary,
}

impl Operation {
    /// The operation's name for people: `create order`.
    pub(crate) fn words(id: &str) -> String {
        id.replace('_', " ")
    }

    /// What a body of bytes is, unless the caller says: a PDF where that is taken.
    pub(crate) fn usual_type(&self) -> Option<&'static str> {
        let pdf = self.request_types.iter().find(|listed| is_of_type(listed, "application/pdf"));
        pdf.or(self.request_types.first()).copied()
    }
}

/// The fetching of an address that an answer gave, which is no operation of the contract.
pub(crate) const DOWNLOAD_URI: Operation = Operation {
    id: "download_uri",
    method: "GET",
    template: "",
    idempotent: true,
    request: Body::None,
    request_types: &[],
    answer: Body::Binary,
    answer_types: &[],
};

/// What is not known is done once.
static UNLISTED: Operation = Operation { id: "unlisted", method: "", idempotent: false, ..DOWNLOAD_URI };

/// The operation of that id. The generated client and the table come of one contract.
pub(crate) fn operation(id: &str) -> &'static Operation {
    let known = OPERATIONS.iter().chain([&DOWNLOAD_URI]).find(|operation| operation.id == id);
    known.unwrap_or(&UNLISTED)
}

/// A schema that a request is made of.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) name: &'static str,
    pub(crate) members: &'static [Member],
}

#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) nullable: bool,
    pub(crate) read_only: bool,
    pub(crate) kind: Kind,
}

#[derive(Debug)]
#[allow(dead_code, reason = "which of them are used is the contract's affair")]
pub(crate) enum Kind {
    String {
        min: Option<u32>,
        max: Option<u32>,
    },
    Integer {
        min: Option<i64>,
        max: Option<i64>,
    },
    Number,
    Boolean,
    List {
        min: Option<u32>,
        max: Option<u32>,
        items: &'static Kind,
    },
    Object(&'static str),
    /// One of these values.
    Enum(&'static [&'static str]),
    /// Whatever it is, the contract does not say.
    Any,
}

pub(crate) fn schema(name: &str) -> Option<&'static Schema> {
    SCHEMAS.iter().find(|schema| schema.name == name)
}

#[cfg(test)]
mod tests {
    use super::{DOWNLOAD_URI, Operation};

    /// Today's contract has it first, so only a contract that does not can tell.
    #[test]
    fn a_body_is_a_pdf_wherever_the_contract_lists_it() {
        let usual = |request_types| Operation { request_types, ..DOWNLOAD_URI }.usual_type();
        assert_eq!(usual(&["text/plain", "application/pdf"]), Some("application/pdf"));
        assert_eq!(usual(&["text/plain", "application/xml"]), Some("text/plain"));
        assert_eq!(usual(&[]), None);
    }
}
