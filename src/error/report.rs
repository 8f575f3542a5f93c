//! What to send to the vendor about a failure.

use std::fmt::Write;

use chrono::{DateTime, SecondsFormat, Utc};

use super::{Error, Line};
use crate::contract::{self, Operation};
use crate::redact::scrub;

impl Error {
    /// The failure in a block of lines that can be pasted into a ticket: what was called, where and when, what
    /// came back, the vendor's trace id. Without bodies, headers, ids, secrets or a signer's words, and scrubbed as
    /// Display is.
    ///
    /// ```
    /// let error = signicat_sign::Error::answer(403, r#"{"code": "forbidden", "traceId": "8f2c"}"#)
    ///     .operation("create_order")
    ///     .build();
    /// let report = error.support_report();
    /// assert!(report.contains("call: create order (POST /orders)\n"));
    /// assert!(report.contains("status: 403\n"));
    /// assert!(report.contains("trace id: 8f2c\n"));
    /// ```
    #[must_use]
    pub fn support_report(&self) -> String {
        let state = self.order_state().map(|state| format!("{:?}", state.phase()).to_lowercase());
        let mut report = format!("error: {}\n", Line { error: self, state });
        let mut line = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                // Writing to a string can't fail.
                _ = writeln!(report, "{name}: {value}");
            }
        };
        line("call", self.operation().map(called));
        line("server", self.0.server.clone());
        line(
            "time",
            self.0.at.map(|at| DateTime::<Utc>::from(at).to_rfc3339_opts(SecondsFormat::Secs, true)),
        );
        line("status", self.status().map(|status| status.as_u16().to_string()));
        line("code", self.problem().and_then(|problem| problem.code()).map(scrub));
        line("trace id", self.printable_trace_id().map(str::to_owned));
        let paths: Vec<_> =
            self.violations().iter().map(|violation| scrub(violation.property_path())).collect();
        line("violations", (!paths.is_empty()).then(|| paths.join(", ")));
        line("kind", Some(self.kind().as_str().to_owned()));
        line("outcome", Some(self.outcome().as_str().to_owned()));
        line("retry after", self.retry_after().map(|pause| format!("{} s", pause.as_secs())));
        line("attempts", Some(format!("{} in {} ms", self.attempts(), self.elapsed().as_millis())));
        line("client", Some(concat!("signicat-sign ", env!("CARGO_PKG_VERSION")).to_owned()));
        report
    }
}

/// `create order (POST /orders)`
fn called(operation: &'static str) -> String {
    let words = Operation::words(operation);
    match contract::operation(operation) {
        Operation { template: "", .. } => words,
        Operation { method, template, .. } => format!("{words} ({method} {template})"),
    }
}
