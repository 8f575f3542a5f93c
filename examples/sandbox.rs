//! The sandbox alone, for a client in any language.
//!
//! ```text
//! cargo run --example sandbox --features sandbox -- --port 8080 --faults faults.json
//! ```
//!
//! It prints what a client needs as lines for a shell, and then what happens. A browser shows what there is, and lets
//! people sign. Ctrl-C or SIGTERM ends it.

use std::error::Error;
use std::fmt::Display;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use clap::Parser;
use signicat_sign::sandbox::{FaultRule, Sandbox, SandboxBuilder};

/// Runs Signicat's Sign API as a sandbox, on a port of this machine.
#[derive(Parser)]
struct Arguments {
    /// The port; any free one, if not said.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Makes ids, tokens and chance repeatable.
    #[arg(long)]
    seed: Option<u64>,
    /// A file of faults: a JSON list such as [{"on": "createOrder", "nth": 1, "fault": "cut_after_processing"}].
    #[arg(long)]
    faults: Option<PathBuf>,
    /// For how long a token is valid, in seconds.
    #[arg(long, default_value_t = 600)]
    token_lifetime: u64,
    /// Every signer signs as soon as anyone asks for the status of their task.
    #[arg(long)]
    signs_by_themselves: bool,
    /// Says nothing of what happens.
    #[arg(long)]
    quiet: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let mut sandbox = Sandbox::builder().port(arguments.port);
    sandbox = sandbox.token_lifetime(Duration::from_secs(arguments.token_lifetime));
    if let Some(path) = &arguments.faults {
        let told = |why: &dyn Display| format!("the faults in {} can't be taken: {why}", path.display());
        let text = fs::read_to_string(path).map_err(|error| told(&error))?;
        let rules = FaultRule::list_from_json(&text).map_err(|error| told(&error))?;
        sandbox = rules.into_iter().fold(sandbox, SandboxBuilder::inject);
    }
    if let Some(seed) = arguments.seed {
        sandbox = sandbox.seed(seed);
    }
    if arguments.signs_by_themselves {
        sandbox = sandbox.signs_by_themselves();
    }
    let says = Says::new();
    if !arguments.quiet {
        let line = says.line();
        sandbox = sandbox.log_to(move |said| line(said));
    }
    // Heard from here on: who ends it at once must not leave it running.
    let end = end()?;
    let started = sandbox.start().await;
    let sandbox = started.map_err(|error| format!("port {} can't be had: {error}", arguments.port))?;

    let mut out = io::stdout();
    for (name, value) in sandbox.env() {
        writeln!(out, "export {name}={value}")?;
    }
    out.flush()?;
    let line = says.line();
    line(&format!("What there is: {}/ - Ctrl-C ends it.", sandbox.origin()));
    end.await;
    sandbox.stop().await;
    line("The sandbox has ended.");
    drop(line);
    says.end();
    Ok(())
}

/// Lines on their way to stderr. Nobody may be reading them, or not any more: the sandbox does not wait for that.
struct Says {
    lines: Sender<String>,
    done: Receiver<()>,
}

impl Says {
    fn new() -> Says {
        let (lines, said) = mpsc::channel::<String>();
        let (tell, done) = mpsc::channel();
        thread::spawn(move || {
            for line in said {
                // What can't be said is not said.
                let _ = writeln!(io::stderr(), "{line}");
            }
            let _ = tell.send(());
        });
        Says { lines, done }
    }

    fn line(&self) -> impl Fn(&str) + Send + Sync + 'static {
        let lines = self.lines.clone();
        move |line| _ = lines.send(line.to_owned())
    }

    /// Leaves a reader a second for the rest.
    fn end(self) {
        drop(self.lines);
        let _ = self.done.recv_timeout(Duration::from_secs(1));
    }
}

/// Ends at Ctrl-C, and where there are signals at SIGTERM.
#[cfg(unix)]
fn end() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends at Ctrl-C.
#[cfg(not(unix))]
fn end() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // An error would say that it can't be heard: then it runs until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    })
}
