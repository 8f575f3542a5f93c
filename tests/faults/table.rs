//! The fault matrix: what each class of operation makes of each fault.

use std::fmt::{self, Display, Formatter};

use signicat_sign::{ErrorKind as Kind, Outcome};

/// A fault and what is expected of it.
pub struct Row {
    pub name: &'static str,
    pub fault: Fault,
    pub pause: Pause,
    read: Cell,
    download: Cell,
    delete: Cell,
    create: Cell,
    /// Where a create streams a document, and that makes a difference.
    upload: Option<Cell>,
}

/// What is done to an exchange: on every attempt, unless it says otherwise.
pub enum Fault {
    Refused,
    NoSuchName,
    /// The connection is reset at that point.
    Reset(Point),
    /// Nothing comes any more from that point on.
    Stall(Point),
    /// Status, headers, body.
    Answer(&'static str, &'static [(&'static str, &'static str)], &'static str),
    UnauthorizedOnce,
    /// 429 with a date seven seconds ahead.
    RetryAfterDate,
    /// 100 MiB of good JSON.
    Flood,
    /// 160 kB that become 25 MB when they are unpacked.
    GzipBomb,
    /// All of the answer, and nothing that says where it ends.
    NoEnd,
    Redirect(To),
    Token(TokenFault),
}

impl Fault {
    fn heading(&self) -> &'static str {
        match self {
            Self::Refused | Self::NoSuchName => "No connection",
            Self::Reset(_) | Self::Stall(_) => "A connection that breaks or falls silent",
            Self::Answer("200 OK", ..) | Self::Flood | Self::GzipBomb | Self::NoEnd => {
                "An answer that can't be used"
            }
            Self::Answer(..) | Self::UnauthorizedOnce | Self::RetryAfterDate => "A refusal",
            Self::Redirect(_) => "A redirect",
            Self::Token(_) => "No token",
        }
    }

    /// The other host that speaks https is made of rustls.
    pub fn can_be_played(&self) -> bool {
        cfg!(feature = "rustls") || !matches!(self, Self::Redirect(To::Https))
    }
}

/// How far an exchange comes.
#[derive(PartialEq, Eq)]
pub enum Point {
    RequestHead,
    /// Of a request without a body: its head.
    RequestBody,
    WholeRequest,
    AnswerHead,
    AnswerBody,
}

/// Where a redirect leads to.
#[derive(PartialEq, Eq)]
pub enum To {
    SameOrigin,
    Https,
    PlainHttp,
    Itself,
}

/// What is wrong with the token endpoint.
pub enum TokenFault {
    Refused,
    Silent,
    Answer(&'static str, &'static [(&'static str, &'static str)], &'static str),
    ExpiredAtOnce,
}

/// The pauses between the attempts.
#[derive(Clone, Copy)]
pub enum Pause {
    Backoff,
    None,
    Seconds(u64),
}

/// What an operation is to a fault; derived from the contract.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Read,
    Download,
    Delete,
    Create { uploads: bool },
}

/// How a call ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Nothing: it went well.
    pub failure: Option<Failure>,
    /// How many whole requests the service had.
    pub sent: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    pub kind: Kind,
    pub outcome: Outcome,
    pub tries: u32,
}

const fn ok(sent: usize) -> Cell {
    Cell { failure: None, sent }
}

/// Each try reached the service whole.
const fn fails(kind: Kind, outcome: Outcome, sent: u32) -> Cell {
    Cell { failure: Some(Failure { kind, outcome, tries: sent }), sent: sent as usize }
}

impl Cell {
    /// So many of the tries, or of the requests of one try, reached the service whole.
    const fn sent(mut self, sent: usize) -> Self {
        self.sent = sent;
        self
    }
}

/// Read, download, delete, create.
type Cells = [Cell; 4];

const fn each(cell: Cell) -> Cells {
    [cell; 4]
}

/// Tried again, but for a create.
const fn repeated(kind: Kind, outcome: Outcome) -> Cells {
    let repeated = fails(kind, outcome, 3);
    [repeated, repeated, repeated, fails(kind, outcome, 1)]
}

/// It was done, and the answer can't be used.
const fn unreadable() -> Cells {
    let undecodable = fails(Kind::Decode, Outcome::Accepted, 1);
    [undecodable, NO_DOCUMENT, ok(1), undecodable]
}

const NO_DOCUMENT: Cell = fails(Kind::Integrity, Outcome::Accepted, 1);

/// A redirect of what is no GET may be the way on from what was done.
const NOT_FOLLOWED: Cell = fails(Kind::Redirect, Outcome::Unknown, 1);

const fn row(name: &'static str, fault: Fault, cells: Cells) -> Row {
    let [read, download, delete, create] = cells;
    Row { name, fault, pause: Pause::Backoff, read, download, delete, create, upload: None }
}

impl Row {
    const fn pause(mut self, pause: Pause) -> Self {
        self.pause = pause;
        self
    }

    /// Unlike other creates.
    const fn upload(mut self, cell: Cell) -> Self {
        self.upload = Some(cell);
        self
    }

    pub fn expected(&self, class: Class) -> Cell {
        match class {
            Class::Read => self.read,
            Class::Download => self.download,
            Class::Delete => self.delete,
            Class::Create { uploads: true } => self.upload.unwrap_or(self.create),
            Class::Create { uploads: false } => self.create,
        }
    }

    /// For people: with the exceptions named.
    fn columns(&self) -> [String; 4] {
        let create = match self.upload {
            Some(upload) => format!("{} (an upload: {upload})", self.create),
            None if each(self.read) == [self.read, self.download, self.delete, self.create] => {
                return [format!("all: {}", self.read), String::new(), String::new(), String::new()];
            }
            None => self.create.to_string(),
        };
        [self.read.to_string(), self.download.to_string(), self.delete.to_string(), create]
    }

    /// For people: nothing where nothing is tried again.
    fn pause_column(&self) -> String {
        let cells = [self.read, self.download, self.delete, self.create];
        let is_tried_again = cells.iter().filter_map(|cell| cell.failure).any(|failure| failure.tries > 1);
        match self.pause {
            Pause::Backoff if !is_tried_again => String::new(),
            Pause::Backoff => "backoff".to_owned(),
            Pause::None => "none".to_owned(),
            Pause::Seconds(seconds) => format!("{seconds} s"),
        }
    }
}

impl Display for Cell {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some(Failure { kind, outcome, tries }) = self.failure else {
            return write!(f, "ok, {}", self.sent);
        };
        write!(f, "`{kind:?}`, `{outcome:?}`, {}", self.sent)?;
        if self.sent < tries as usize { write!(f, " of {tries}") } else { Ok(()) }
    }
}

const HTML: &str = "<!DOCTYPE html><html><body>Sorry, we are down for maintenance.</body></html>";
const TEXT_HTML: (&str, &str) = ("content-type", "text/html");
const JSON: (&str, &str) = ("content-type", "application/json");

pub static ROWS: &[Row] = &[
    row("connection refused", Fault::Refused, each(fails(Kind::Connect, Outcome::NotSent, 3).sent(0))),
    row(
        "the host's name is not found",
        Fault::NoSuchName,
        each(fails(Kind::Connect, Outcome::NotSent, 3).sent(0)),
    ),
    row("connection reset before the request's body", Fault::Reset(Point::RequestHead), {
        let unknown = fails(Kind::Network, Outcome::Unknown, 3).sent(0);
        [unknown, unknown, unknown, fails(Kind::Network, Outcome::Unknown, 1).sent(0)]
    })
    .upload(fails(Kind::Network, Outcome::NotSent, 3).sent(0)),
    row("connection reset in the middle of the request", Fault::Reset(Point::RequestBody), {
        let unknown = fails(Kind::Network, Outcome::Unknown, 3).sent(0);
        [unknown, unknown, unknown, fails(Kind::Network, Outcome::Unknown, 1).sent(0)]
    })
    .upload(fails(Kind::Network, Outcome::NotSent, 3).sent(0)),
    row(
        "connection reset after the request",
        Fault::Reset(Point::WholeRequest),
        repeated(Kind::Network, Outcome::Unknown),
    ),
    row(
        "connection reset in the answer's headers",
        Fault::Reset(Point::AnswerHead),
        repeated(Kind::Network, Outcome::Unknown),
    ),
    row(
        "connection reset in the answer's body",
        Fault::Reset(Point::AnswerBody),
        [
            fails(Kind::Network, Outcome::Accepted, 3),
            fails(Kind::Network, Outcome::Accepted, 1),
            ok(1),
            fails(Kind::Network, Outcome::Accepted, 1),
        ],
    ),
    row("no answer", Fault::Stall(Point::WholeRequest), repeated(Kind::Timeout, Outcome::Unknown)),
    row(
        "the answer stops in its body",
        Fault::Stall(Point::AnswerBody),
        [
            fails(Kind::Timeout, Outcome::Accepted, 3),
            fails(Kind::Timeout, Outcome::Accepted, 1),
            ok(1),
            fails(Kind::Timeout, Outcome::Accepted, 1),
        ],
    ),
    row("401 once", Fault::UnauthorizedOnce, each(ok(2))).pause(Pause::None),
    row("401", Fault::Answer("401 Unauthorized", &[], ""), each(fails(Kind::Auth, Outcome::Rejected, 2)))
        .pause(Pause::None),
    row("403", Fault::Answer("403 Forbidden", &[], ""), each(fails(Kind::Forbidden, Outcome::Rejected, 1))),
    row("404", Fault::Answer("404 Not Found", &[], ""), each(fails(Kind::NotFound, Outcome::Rejected, 1))),
    row("408", Fault::Answer("408 Request Timeout", &[], ""), repeated(Kind::Timeout, Outcome::Unknown)),
    row("409", Fault::Answer("409 Conflict", &[], ""), each(fails(Kind::Rejected, Outcome::Rejected, 1))),
    row(
        "422",
        Fault::Answer("422 Unprocessable Content", &[JSON], r#"{"violations": []}"#),
        each(fails(Kind::Validation, Outcome::Rejected, 1)),
    ),
    row(
        "429, Retry-After: 7",
        Fault::Answer("429 Too Many Requests", &[("retry-after", "7")], ""),
        each(fails(Kind::RateLimited, Outcome::Rejected, 3)),
    )
    .pause(Pause::Seconds(7)),
    row(
        "429, Retry-After: a date 7 s ahead",
        Fault::RetryAfterDate,
        each(fails(Kind::RateLimited, Outcome::Rejected, 3)),
    )
    .pause(Pause::Seconds(7)),
    row(
        "429, Retry-After: 99999999",
        Fault::Answer("429 Too Many Requests", &[("retry-after", "99999999")], ""),
        each(fails(Kind::RateLimited, Outcome::Rejected, 3)),
    )
    .pause(Pause::Seconds(60)),
    row(
        "429 without Retry-After",
        Fault::Answer("429 Too Many Requests", &[], ""),
        each(fails(Kind::RateLimited, Outcome::Rejected, 3)),
    ),
    row("500", Fault::Answer("500 Internal Server Error", &[], ""), repeated(Kind::Server, Outcome::Unknown)),
    row(
        "502 with HTML",
        Fault::Answer("502 Bad Gateway", &[TEXT_HTML], HTML),
        repeated(Kind::Server, Outcome::Unknown),
    ),
    row(
        "503, Retry-After: 7",
        Fault::Answer("503 Service Unavailable", &[("retry-after", "7")], ""),
        repeated(Kind::Server, Outcome::Unknown),
    )
    .pause(Pause::Seconds(7)),
    row(
        "503 without Retry-After",
        Fault::Answer("503 Service Unavailable", &[], ""),
        repeated(Kind::Server, Outcome::Unknown),
    ),
    row("504", Fault::Answer("504 Gateway Timeout", &[], ""), repeated(Kind::Server, Outcome::Unknown)),
    row("200 with HTML", Fault::Answer("200 OK", &[TEXT_HTML], HTML), {
        let [read, download, _, create] = unreadable();
        [read, download, fails(Kind::Decode, Outcome::Accepted, 1), create]
    }),
    row("200 with an empty body", Fault::Answer("200 OK", &[JSON], ""), unreadable()),
    row("200 with JSON that ends too early", Fault::Answer("200 OK", &[JSON], r#"{"id": "#), unreadable()),
    row("200 with JSON of another shape", Fault::Answer("200 OK", &[JSON], r#""OK""#), unreadable()),
    row("200 with more than the limit (16 MiB; of a download, what you set)", Fault::Flood, unreadable()),
    row("200 with a Content-Encoding that was not asked for", Fault::GzipBomb, unreadable()),
    // JSON shows by itself whether it is whole.
    row(
        "200 with neither a length nor an end that is told",
        Fault::NoEnd,
        [ok(1), NO_DOCUMENT, ok(1), ok(1)],
    ),
    row(
        "redirect on the same origin",
        Fault::Redirect(To::SameOrigin),
        [ok(2), ok(2), NOT_FOLLOWED, NOT_FOLLOWED],
    ),
    row(
        "redirect to another host with https",
        Fault::Redirect(To::Https),
        [ok(2), ok(2), NOT_FOLLOWED, NOT_FOLLOWED],
    ),
    row("redirect to another host with plain http", Fault::Redirect(To::PlainHttp), {
        let refused = fails(Kind::Redirect, Outcome::Rejected, 1);
        [refused, refused, NOT_FOLLOWED, NOT_FOLLOWED]
    }),
    row("redirect to itself", Fault::Redirect(To::Itself), {
        let given_up = fails(Kind::Redirect, Outcome::Rejected, 1).sent(4);
        [given_up, given_up, NOT_FOLLOWED, NOT_FOLLOWED]
    }),
    row(
        "token endpoint: connection refused",
        Fault::Token(TokenFault::Refused),
        each(fails(Kind::Connect, Outcome::NotSent, 3).sent(0)),
    ),
    row(
        "token endpoint: no answer",
        Fault::Token(TokenFault::Silent),
        each(fails(Kind::Timeout, Outcome::NotSent, 3).sent(0)),
    ),
    row(
        "token endpoint: 400 `invalid_client`",
        Fault::Token(TokenFault::Answer("400 Bad Request", &[JSON], r#"{"error": "invalid_client"}"#)),
        each(fails(Kind::Auth, Outcome::NotSent, 1).sent(0)),
    ),
    row(
        "token endpoint: 200 with HTML",
        Fault::Token(TokenFault::Answer("200 OK", &[TEXT_HTML], HTML)),
        each(fails(Kind::Auth, Outcome::NotSent, 1).sent(0)),
    ),
    row(
        "token endpoint: 429, Retry-After: 7",
        Fault::Token(TokenFault::Answer("429 Too Many Requests", &[("retry-after", "7")], "")),
        each(fails(Kind::RateLimited, Outcome::NotSent, 3).sent(0)),
    )
    .pause(Pause::Seconds(7)),
    row(
        "token endpoint: a token that has expired when it comes",
        Fault::Token(TokenFault::ExpiredAtOnce),
        each(ok(1)),
    ),
];

const INTRO: &str = "\
What a call ends in when something goes wrong, with the default settings. The fault is there on every attempt, unless \
it says \"once\".

A cell says the error's [`ErrorKind`](crate::ErrorKind), its [`Outcome`](crate::Outcome), and how many whole requests \
were received; or \"ok\" and that number. \"0 of 3\": tried three times, and no request was received whole. A *read* is \
a GET that is answered with JSON, a *download* one that is answered with a document, a *create* any POST, an upload \
too. Where all four are alike, it stands once. The last column is the pause before the next attempt, where there is \
one; \"backoff\" is chance below a limit that doubles.
";

const HEAD: &str = "
| what happens | read | download | delete | create | pause |
|---|---|---|---|---|---|
";

/// The table for the users of the crate.
pub fn markdown() -> String {
    let mut text = INTRO.to_owned();
    let mut heading = "";
    for row in ROWS {
        if row.fault.heading() != heading {
            heading = row.fault.heading();
            text += &format!("\n## {heading}\n{HEAD}");
        }
        text += &format!("| {} | {} | {} |\n", row.name, row.columns().join(" | "), row.pause_column());
    }
    text + AFTER
}

const AFTER: &str = "
## What to know of it

* A create is sent again only where the service can't have had the whole request, or where it says 401 (once, with a \
new token) or 429. A request of up to 64 KiB is handed to the system in one piece and counts as sent then, though it \
may not have arrived: hence `Unknown` where the connection is reset early. A larger document goes piece by piece, so \
more is known of it: the cells of an upload are those of one that is larger than what the system takes at once.
* A document that was given as a reader can be read once, and so is never sent again.
* For a read or a download the outcome is of no consequence.
* A delete that is tried again and then meets 404 has succeeded. The body of its answer is not read.
* A download whose answer has begun is not tried again: part of it may have been handed on. One that fails leaves the \
file's path as it was. A web page or JSON that comes with 200 in a document's place is no document, nor is anything \
but a PDF where one is promised, nor what may have been cut without anybody noticing.
* A call whose deadline passes ends in `Timeout`: `NotSent` where its request was not handed over, else `Unknown`.

<!-- Written by a test: BLESS=1 cargo test --test faults -->
";
