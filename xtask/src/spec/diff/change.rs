//! One change: where, which way it goes over the wire, what it is, and how bad that is for a user of the client.

use serde::Serialize;

use super::kind::{Kind, is_unseen};

/// What a change does to those who use the client. The worst is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Code that compiles no longer, or a request that is sent no longer.
    Breaking,
    /// Something that is new.
    Additive,
    /// Something to read.
    Documentation,
}

/// Which way over the wire goes what has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// We send it.
    Sent,
    /// We read it.
    Read,
    Both,
    /// No operation of the client's has it.
    None,
}

impl Direction {
    pub fn is_sent(self) -> bool {
        matches!(self, Self::Sent | Self::Both)
    }

    fn is_read(self) -> bool {
        matches!(self, Self::Read | Self::Both)
    }

    /// This way and the other.
    pub fn and(self, other: Self) -> Self {
        match (self.is_sent() || other.is_sent(), self.is_read() || other.is_read()) {
            (true, true) => Self::Both,
            (true, false) => Self::Sent,
            (false, true) => Self::Read,
            (false, false) => Self::None,
        }
    }

    /// The way of a part that is never sent.
    pub fn unsent(self) -> Self {
        if self.is_read() { Self::Read } else { Self::None }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Read => "read",
            Self::Both => "both",
            Self::None => "-",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Such as `Task.language`, `SigningOrder.tasks[]`, `GET /orders query page` or `POST /orders body.name`.
    pub path: String,
    pub class: Class,
    pub direction: Direction,
    pub what: String,
    /// What to do about it, which depends on our sources: empty until it is written by `advice::give`.
    pub advice: String,
    #[serde(skip)]
    pub kind: Kind,
    #[serde(skip)]
    pub place: Place,
}

impl Change {
    pub fn new(place: &Place, direction: Direction, kind: Kind) -> Self {
        Self {
            // The publisher's names can be anything, and a report goes to terminals.
            path: place.path.replace(is_unseen, " "),
            class: kind.class(direction),
            direction,
            what: kind.to_string(),
            advice: String::new(),
            kind,
            place: place.clone(),
        }
    }
}

/// A place in the contract, with what it is a part of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    pub path: String,
    pub operation: Option<Function>,
    /// The named schema, and its member.
    pub schema: Option<String>,
    pub member: Option<String>,
}

/// An operation, and what the client calls it.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Method and path.
    pub label: String,
    pub template: String,
    pub operation_id: Option<String>,
}

impl Place {
    pub fn document(path: &str) -> Self {
        Self { path: path.to_owned(), ..Self::default() }
    }

    pub fn operation(function: Function) -> Self {
        Self { path: function.label.clone(), operation: Some(function), ..Self::default() }
    }

    pub fn schema(name: &str, path: &str) -> Self {
        Self { path: path.to_owned(), schema: Some(name.to_owned()), ..Self::default() }
    }

    /// A part of an operation: `body`, `query page`, `200`.
    pub fn part(&self, name: &str) -> Self {
        Self { path: format!("{} {name}", self.path), ..self.clone() }
    }

    pub fn member(&self, name: &str) -> Self {
        Self { path: format!("{}.{name}", self.path), member: Some(name.to_owned()), ..self.clone() }
    }

    /// What is inside of a list (`[]`), a map (`{}`) or a choice (`|1`).
    pub fn inside(&self, suffix: &str) -> Self {
        Self { path: format!("{}{suffix}", self.path), ..self.clone() }
    }
}
