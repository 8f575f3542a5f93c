//! What kinds of changes there are, in words, and which class each one is of: as the client sees it, whose types
//! read leniently and whose requests are held to the contract.

use std::fmt::{self, Display, Formatter};

use super::change::{Class, Direction};

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    OperationAdded,
    OperationRemoved,
    OperationIdChanged {
        from: String,
        to: String,
    },
    PathParameterRenamed {
        from: String,
        to: String,
    },
    ParameterAdded {
        required: bool,
        setting: bool,
    },
    ParameterRemoved {
        setting: bool,
    },
    /// An argument of functions has become a setting of the client, or the other way.
    Setting(bool),
    BodyAdded {
        required: bool,
    },
    BodyRemoved,
    /// JSON, bytes or nothing: the type of a function's argument or of its answer.
    Content {
        from: &'static str,
        to: &'static str,
    },
    MediaTypeAdded(String),
    MediaTypeRemoved {
        media_type: String,
        was_first: bool,
    },
    StatusAdded(String),
    StatusRemoved(String),
    Idempotent(bool),
    /// What is a constant of the client.
    Constant {
        from: String,
        to: String,
    },

    SchemaAdded,
    SchemaRemoved,
    SchemaRenamed {
        from: String,
        to: String,
        inline: bool,
    },
    MemberAdded {
        required: bool,
        renamed_from: Option<String>,
    },
    MemberRemoved {
        renamed_to: Option<String>,
    },
    Required(bool),
    /// A field that is there in every answer, or an `Option`.
    PlainField(bool),
    Limit {
        name: &'static str,
        from: Option<String>,
        to: Option<String>,
        narrowed: bool,
    },
    Nullable(bool),
    ReadOnly(bool),
    WriteOnly(bool),
    ValueAdded(String),
    ValueRemoved(String),
    Type {
        from: String,
        to: String,
    },
    /// Of the same type in Rust.
    Format {
        from: String,
        to: String,
    },

    Default {
        from: String,
        to: String,
    },
    Deprecated(bool),
    /// Text, examples and the like.
    Note(&'static str),
    /// What the client does not look at.
    Other,
}

impl Kind {
    pub fn class(&self, direction: Direction) -> Class {
        use Class::{Additive, Breaking, Documentation};
        // What is read is read leniently, whatever the contract demands of it.
        let if_sent = |class| if direction.is_sent() { class } else { Documentation };
        match self {
            Self::OperationRemoved
            | Self::OperationIdChanged { .. }
            | Self::PathParameterRenamed { .. }
            | Self::ParameterAdded { required: true, .. }
            | Self::ParameterRemoved { .. }
            | Self::Setting(_)
            | Self::BodyAdded { required: true }
            | Self::BodyRemoved
            | Self::Content { .. }
            | Self::Constant { .. }
            | Self::SchemaRemoved
            | Self::SchemaRenamed { .. }
            | Self::MemberRemoved { .. }
            | Self::PlainField(_)
            | Self::ValueRemoved(_)
            | Self::Type { .. } => Breaking,

            Self::MemberAdded { required: true, .. } if direction.is_sent() => Breaking,

            Self::OperationAdded
            | Self::ParameterAdded { .. }
            | Self::BodyAdded { .. }
            | Self::MediaTypeAdded(_)
            | Self::SchemaAdded
            | Self::MemberAdded { .. }
            | Self::ValueAdded(_) => Additive,

            Self::MediaTypeRemoved { .. }
            | Self::Required(true)
            | Self::Limit { narrowed: true, .. }
            | Self::Nullable(false)
            | Self::ReadOnly(true) => if_sent(Breaking),

            Self::Required(false) | Self::Limit { .. } | Self::Nullable(true) | Self::ReadOnly(false) => {
                if_sent(Additive)
            }

            Self::StatusAdded(_)
            | Self::StatusRemoved(_)
            | Self::Idempotent(_)
            | Self::WriteOnly(_)
            | Self::Format { .. }
            | Self::Default { .. }
            | Self::Deprecated(_)
            | Self::Note(_)
            | Self::Other => Documentation,
        }
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::OperationAdded => write!(f, "operation added"),
            Self::OperationRemoved => write!(f, "operation removed"),
            Self::OperationIdChanged { from, to } => {
                write!(f, "operationId changed from {} to {}", Code(from), Code(to))
            }
            Self::PathParameterRenamed { from, to } => {
                write!(f, "path parameter renamed {} -> {}", Code(from), Code(to))
            }
            Self::ParameterAdded { setting: true, .. } => write!(f, "setting of the client added"),
            Self::ParameterAdded { required: true, .. } => write!(f, "required parameter added"),
            Self::ParameterAdded { .. } => write!(f, "optional parameter added"),
            Self::ParameterRemoved { setting: true } => write!(f, "setting of the client removed"),
            Self::ParameterRemoved { .. } => write!(f, "parameter removed"),
            Self::Setting(true) => write!(f, "is a setting of the client now, and no argument"),
            Self::Setting(false) => write!(f, "is an argument now, and no setting of the client"),
            Self::BodyAdded { required: true } => write!(f, "required body added"),
            Self::BodyAdded { .. } => write!(f, "optional body added"),
            Self::BodyRemoved => write!(f, "body removed"),
            Self::Content { from, to } => write!(f, "changed from {from} to {to}"),
            Self::MediaTypeAdded(media_type) => write!(f, "media type {} added", Code(media_type)),
            Self::MediaTypeRemoved { media_type, was_first } => {
                let first = if *was_first { ", which was listed first" } else { "" };
                write!(f, "media type {} removed{first}", Code(media_type))
            }
            Self::StatusAdded(status) => write!(f, "answer {} added", Code(status)),
            Self::StatusRemoved(status) => write!(f, "answer {} removed", Code(status)),
            Self::Idempotent(true) => write!(f, "is idempotent now"),
            Self::Idempotent(false) => write!(f, "is not idempotent any more"),
            Self::Constant { from, to } => write!(f, "changed from {} to {}", Code(from), Code(to)),

            Self::SchemaAdded => write!(f, "schema added"),
            Self::SchemaRemoved => write!(f, "schema removed"),
            Self::SchemaRenamed { from, to, .. } => {
                write!(f, "schema renamed {} -> {}", Code(from), Code(to))
            }
            Self::MemberAdded { required: true, .. } => write!(f, "required member added"),
            Self::MemberAdded { .. } => write!(f, "optional member added"),
            Self::MemberRemoved { .. } => write!(f, "member removed"),
            Self::Required(true) => write!(f, "is required now"),
            Self::Required(false) => write!(f, "is optional now"),
            Self::PlainField(true) => write!(f, "is in every answer now"),
            Self::PlainField(false) => write!(f, "is not in every answer any more"),
            Self::Limit { name, from: Some(from), to: Some(to), narrowed } => {
                let how = match (*name, narrowed) {
                    ("pattern" | "multipleOf", _) => "changed",
                    (_, true) => "narrowed",
                    (_, false) => "widened",
                };
                write!(f, "{name} {how} from {from} to {to}")
            }
            Self::Limit { name, from, to, .. } => match (from, to) {
                (Some(from), _) => write!(f, "{name} {from} is gone"),
                (_, to) => write!(f, "{name} {} is new", to.as_deref().unwrap_or_default()),
            },
            Self::Nullable(true) => write!(f, "may be null now"),
            Self::Nullable(false) => write!(f, "may not be null any more"),
            Self::ReadOnly(true) => write!(f, "is set by the service now (readOnly)"),
            Self::ReadOnly(false) => write!(f, "is not set by the service alone any more (readOnly)"),
            Self::WriteOnly(true) => write!(f, "is not answered any more (writeOnly)"),
            Self::WriteOnly(false) => write!(f, "is answered now (writeOnly)"),
            Self::ValueAdded(value) => write!(f, "value {} added", Code(value)),
            Self::ValueRemoved(value) => write!(f, "value {} removed", Code(value)),
            Self::Type { from, to } => write!(f, "type changed from {} to {}", Code(from), Code(to)),
            Self::Format { from, to } => write!(f, "format changed from {} to {}", Code(from), Code(to)),

            Self::Default { from, to } => write!(f, "default changed from {} to {}", Code(from), Code(to)),
            Self::Deprecated(true) => write!(f, "is deprecated now"),
            Self::Deprecated(false) => write!(f, "is not deprecated any more"),
            Self::Note(note) => write!(f, "{note} changed"),
            Self::Other => write!(f, "changed in what the client does not look at"),
        }
    }
}

/// What moves or hides the text around it, in a terminal or in a pull request.
pub fn is_unseen(c: char) -> bool {
    let is_format = matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    c.is_control() || is_format
}

/// A name or value of the publisher's, which can be anything: in one line, in Markdown where it can do nothing, and
/// no longer than is read.
pub struct Code<'a>(pub &'a str);

impl Display for Code<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 100;
        let text = self.0.replace('`', "'").replace(is_unseen, " ");
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => write!(f, "`{}...`", &text[..end]),
            None => write!(f, "`{text}`"),
        }
    }
}
