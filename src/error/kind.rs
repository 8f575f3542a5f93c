//! What kind of failure it was, what became of the request, and whether to try again.

/// What kind of thing went wrong: for `match`, and for the label of a metric.
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
    /// A limit on time was reached.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The server can't have had a whole request: nothing was done.
    NotSent,
    /// The server answered that it does not do it.
    Rejected,
    /// It may have been done: look before you send it again.
    Unknown,
    /// It was done (2xx), but the answer can't be read.
    Accepted,
}

impl Outcome {
    /// The outcome in snake case, which stays the same: for the label of a metric.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Retryability {
    /// It would fail again: change something first.
    Permanent,
    /// It may go well the next time, and was tried once.
    Temporary,
    /// It may go well some other time, and the client has tried several times: leave it for a good while.
    Persistent,
    /// It may have been done, and doing it again would do it twice: look first.
    Unsafe,
}
