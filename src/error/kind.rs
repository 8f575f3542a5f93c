//! What kind of failure it was, what became of the request, and whether to try again.

/// What kind of thing went wrong: for `match`, and for the label of a metric.
///
/// ```
/// use signicat_sign::ErrorKind;
///
/// fn is_worth_a_call_to_the_vendor(kind: ErrorKind) -> bool {
///     matches!(kind, ErrorKind::Server | ErrorKind::Decode | ErrorKind::Integrity)
/// }
/// assert!(!is_worth_a_call_to_the_vendor(ErrorKind::NotFound));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client can't be built like that.
    Config,
    /// What was to be sent is not valid: found here, or by the service (400 or 422).
    Validation,
    /// A file could not be read or written.
    Io,
    /// No connection to the service.
    Connect,
    /// The connection broke while the exchange was under way.
    Network,
    /// A limit on time was reached, here or at the service (408).
    Timeout,
    /// The token endpoint or the service does not take the credentials (401).
    Auth,
    /// The credentials are good, and do not suffice (403).
    Forbidden,
    /// There is no such thing (404, 410).
    NotFound,
    /// Too many calls (429).
    RateLimited,
    /// The service refused the request with another status.
    Rejected,
    /// The service failed (5xx).
    Server,
    /// A redirect that is not followed.
    Redirect,
    /// An answer that can't be read.
    Decode,
    /// What came is not whole, or not what was promised.
    Integrity,
    /// The order ended otherwise than completed.
    OrderEnded,
    /// The wait's deadline passed; the order may still end well.
    Deadline,
}

impl ErrorKind {
    /// The kind in snake case, which stays the same: for the label of a metric.
    ///
    /// ```
    /// assert_eq!(signicat_sign::ErrorKind::RateLimited.as_str(), "rate_limited");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Validation => "validation",
            Self::Io => "io",
            Self::Connect => "connect",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::Auth => "auth",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::RateLimited => "rate_limited",
            Self::Rejected => "rejected",
            Self::Server => "server",
            Self::Redirect => "redirect",
            Self::Decode => "decode",
            Self::Integrity => "integrity",
            Self::OrderEnded => "order_ended",
            Self::Deadline => "deadline",
        }
    }

    /// Whether what failed may go well the next time.
    pub(crate) fn passes(self) -> bool {
        matches!(self, Self::Connect | Self::Network | Self::Timeout | Self::Server | Self::RateLimited)
    }
}

/// What became of the request that failed.
///
/// It answers the question that matters after a failed create: may it be sent again?
///
/// ```
/// use signicat_sign::{Error, ErrorKind, Outcome};
///
/// fn may_be_created_again(error: &Error) -> bool {
///     matches!(error.outcome(), Outcome::NotSent | Outcome::Rejected)
/// }
/// assert!(may_be_created_again(&Error::builder(ErrorKind::Connect).build()));
/// assert!(!may_be_created_again(&Error::answer(504, "").build()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The server can't have had a whole request: nothing was done.
    NotSent,
    /// The server answered that it does not do it.
    Rejected,
    /// It may have been done. For a read, no matter; a delete can be sent again.
    ///
    /// A create that was lost can't be looked up: the API lists nothing, and the id was in the answer. Creating it
    /// again may leave a second order that nobody knows of: its links were never handed out and it expires, but its
    /// notifications may go out. A second upload only leaves a document that expires.
    Unknown,
    /// The service did what it was asked (2xx), or was asked for nothing more; what came of it can't be used.
    Accepted,
}

impl Outcome {
    /// Of an answer with a status that is no 2xx.
    pub(crate) fn of_refusal(status: u16) -> Self {
        match status {
            // None of these proves that nothing was done; a redirect may be the way on from what was.
            ..=199 | 300..=399 | 408 | 500.. => Self::Unknown,
            _ => Self::Rejected,
        }
    }

    /// The outcome in snake case, which stays the same: for the label of a metric.
    ///
    /// ```
    /// assert_eq!(signicat_sign::Outcome::NotSent.as_str(), "not_sent");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
        }
    }
}

/// Whether the same call may be made again by whoever made it.
///
/// ```
/// use signicat_sign::{Error, Retryability};
///
/// let error = Error::answer(503, "").operation("get_order").build();
/// match error.retryability() {
///     Retryability::Temporary => println!("again in a minute"),
///     Retryability::Persistent => println!("again in an hour"),
///     Retryability::Unsafe => println!("a person has to look"),
///     _ => println!("never"),
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Retryability {
    /// It would fail again: change something first.
    Permanent,
    /// It may go well the next time, and was tried once.
    Temporary,
    /// It may go well some other time, and the client has tried several times: leave it for a good while.
    Persistent,
    /// It may have been done, and doing it again would do it twice: see [`Outcome::Unknown`].
    Unsafe,
}

impl Retryability {
    /// The same in snake case, which stays the same: for the label of a metric.
    ///
    /// ```
    /// assert_eq!(signicat_sign::Retryability::Unsafe.as_str(), "unsafe");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Permanent => "permanent",
            Self::Temporary => "temporary",
            Self::Persistent => "persistent",
            Self::Unsafe => "unsafe",
        }
    }
}

macro_rules! displayed {
    ($($label:ty),+) => {$(
        impl std::fmt::Display for $label {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    )+};
}

displayed!(ErrorKind, Outcome, Retryability);
