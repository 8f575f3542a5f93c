//! All that is printed, logged and panicked with, kept until it is searched.

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Debug;
use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex, Once};

use signicat_sign::{Error, ErrorKind};
use tracing_subscriber::fmt::format::FmtSpan;

use crate::canaries::{Form, found};

/// What was printed, and where each text was seen first.
#[derive(Default)]
pub struct Seen {
    texts: Mutex<BTreeMap<String, String>>,
    kinds: Mutex<HashSet<ErrorKind>>,
}

impl Seen {
    pub fn text(&self, place: &str, text: String) {
        self.texts.lock().unwrap().entry(text).or_insert_with(|| place.to_owned());
    }

    pub fn value(&self, place: &str, value: &impl Debug) {
        self.text(place, format!("{value:?}"));
        self.text(place, format!("{value:#?}"));
    }

    /// A result in all its printed forms: of an error the whole chain, and what a panic says of it.
    pub fn result<T: Debug>(&self, place: &str, result: Result<T, Error>) -> Result<(), ErrorKind> {
        match result {
            Ok(value) => {
                self.value(place, &value);
                self.panic(place, || refuse(Err(value)));
                Ok(())
            }
            Err(error) => {
                let kind = error.kind();
                self.text(place, error.to_string());
                self.error(place, error);
                Err(kind)
            }
        }
    }

    /// An error in all its printed forms but its own Display.
    pub fn error(&self, place: &str, error: Error) {
        self.kinds.lock().unwrap().insert(error.kind());
        self.value(place, &error);
        self.value(place, &error.problem());
        self.value(place, &error.order_state());
        for violation in error.violations() {
            self.text(place, violation.to_string());
            self.value(place, violation);
        }
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            self.text(place, error.to_string());
            self.value(place, &error);
            source = error.source();
        }
        self.panic(place, || refuse(Err(error)));
    }

    /// What a panic prints.
    pub fn panic(&self, place: &str, panics: impl FnOnce()) {
        collect_panics();
        IS_EXPECTED.set(true);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics));
        IS_EXPECTED.set(false);
        assert!(panicked.is_err(), "{place} was to panic");
        let messages = std::mem::take(&mut *PANICS.lock().unwrap());
        assert!(!messages.is_empty());
        messages.into_iter().for_each(|message| self.text(place, message));
    }

    /// What a task that panics prints, and what is left of it for whoever waits for it.
    pub async fn panic_in_task<T: Send + 'static>(
        &self,
        place: &str,
        task: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinError {
        collect_panics();
        // Good for a runtime of one thread.
        IS_EXPECTED.set(true);
        let ended = tokio::spawn(task).await;
        IS_EXPECTED.set(false);
        std::mem::take(&mut *PANICS.lock().unwrap())
            .into_iter()
            .for_each(|message| self.text(place, message));
        ended.map(drop).unwrap_err()
    }

    pub fn kinds(&self) -> HashSet<ErrorKind> {
        self.kinds.lock().unwrap().clone()
    }

    pub fn contains(&self, text: &str) -> bool {
        self.texts.lock().unwrap().keys().any(|seen| seen.contains(text))
    }

    pub fn leaks(&self, forms: &[Form]) -> Vec<String> {
        leaks(self.texts.lock().unwrap().iter().map(|(text, place)| (text.as_str(), place.as_str())), forms)
    }
}

/// Panics as a user's own code does.
fn refuse<E: Debug>(result: Result<(), E>) {
    result.unwrap();
}

/// What stands where, a line a canary and form.
fn leaks<'a>(texts: impl Iterator<Item = (&'a str, &'a str)> + Clone, forms: &[Form]) -> Vec<String> {
    let all = texts.clone().map(|(text, _)| text).collect::<Vec<_>>().join("\n");
    let describe = |form: &Form| {
        let mut holding = texts.clone().filter(|(text, _)| form.stands_in(text));
        let Some((text, place)) = holding.next() else {
            return format!("{} ({}) in several texts, one after the other", form.canary, form.form);
        };
        let start = text.find(&form.text).unwrap_or_default().saturating_sub(60);
        let excerpt: String = text.chars().skip(start).take(form.text.len() + 120).collect();
        format!("{} ({}) in {place}, and {} more: {excerpt:?}", form.canary, form.form, holding.count())
    };
    found(&all, forms).into_iter().map(describe).collect()
}

thread_local! { static IS_EXPECTED: Cell<bool> = const { Cell::new(false) }; }
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Panics that are meant are kept; others are printed as ever.
fn collect_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if IS_EXPECTED.get() {
                PANICS.lock().unwrap().push(panic.to_string());
            } else {
                others(panic);
            }
        }));
    });
}

/// Everything that is logged in this process, down to TRACE: each event once.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<HashSet<String>>>);

static LOG: LazyLock<Log> = LazyLock::new(|| {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        // The server's side of TLS is in this process too.
        .with_env_filter("trace,rustls::server=off")
        // Not when they close: that has a duration, which is another one each time.
        .with_span_events(FmtSpan::NEW | FmtSpan::EXIT)
        .without_time()
        .with_writer(move || writer.clone())
        .init();
    log
});

/// A writer is given one event at a time.
impl Write for Log {
    fn write(&mut self, event: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().insert(without_ports(&String::from_utf8_lossy(event)));
        Ok(event.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Ports are by chance: without them, most events have been there before.
fn without_ports(event: &str) -> String {
    let mut parts = event.split("127.0.0.1:");
    let mut without = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        without.push_str("127.0.0.1:…");
        without.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    match without.split_once("server.port=") {
        None => without,
        Some((before, after)) => {
            format!("{before}server.port=…{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
    }
}

impl Log {
    /// Begins to log, if nobody has yet.
    pub fn start() -> &'static Self {
        &LOG
    }

    /// How many different events of these modules there are, of this level.
    pub fn count(&self, level: &str, module: &str) -> usize {
        let module = format!("{module}::");
        self.0
            .lock()
            .unwrap()
            .iter()
            .filter(|event| event.trim_start().starts_with(level) && event.contains(&module))
            .count()
    }

    pub fn leaks(&self, forms: &[Form]) -> Vec<String> {
        leaks(self.0.lock().unwrap().iter().map(|event| (event.as_str(), "the log")), forms)
    }
}
