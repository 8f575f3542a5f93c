//! The main job, from end to end: a PDF goes out to two signers, and a sealed PDF comes back.
//!
//! ```text
//! cargo run --example sign_contract --features sandbox -- examples/contract.pdf --out sealed.pdf
//! ```
//!
//! Without `SIGNICAT_BASE_URL` it runs on a sandbox in this process, whose signers sign by themselves. With it,
//! and with credentials, it runs on that service, and waits until the signers have signed.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use futures_util::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use signicat_sign::sandbox::Sandbox;
use signicat_sign::{Client, ClientBuilder, NewOrder, OrderPhase, Signer, Upload};
use tracing_subscriber::EnvFilter;

type Failure = Box<dyn std::error::Error>;

/// Has a PDF signed by two people, and saves the sealed one.
#[derive(Parser)]
struct Arguments {
    /// The PDF to be signed.
    document: PathBuf,
    /// Where the sealed PDF goes; beside the document, if not said.
    #[arg(long)]
    out: Option<PathBuf>,
    /// The names that the signature methods of the two signers have at the service.
    #[arg(long, num_args = 2, value_names = ["FIRST", "SECOND"], default_values = ["nbid-sign", "sbid-sign"])]
    methods: Vec<String>,
    /// The longest to wait for the signers, in hours.
    #[arg(long, default_value_t = 48)]
    hours: u64,
    /// The longest that an answer of the service may take, in seconds.
    #[arg(long, default_value_t = 30)]
    timeout: u64,
    /// Has the second signer reject: on the sandbox only.
    #[arg(long)]
    reject: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Ok(filter) = EnvFilter::try_from_default_env() {
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    }
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Failure> {
    let out = arguments.out.clone().unwrap_or_else(|| arguments.document.with_extension("sealed.pdf"));
    check_place(&out, &arguments.document)?;
    let upload = Upload::from_path(&arguments.document).await?;
    // Held to the end: a sandbox that is dropped is gone.
    let (sign, _sandbox) = client(&arguments).await?;

    println!("Uploading {}", arguments.document.display());
    let bar = Transfer::new();
    let pdf = sign.documents().upload(upload.on_progress(bar.clone().callback())).await?;
    bar.finish();

    println!("Ordering two signatures");
    let order = NewOrder::builder()
        .client_reference("example")
        .document("contract", &pdf, "Loan agreement")
        .signer(Signer::new("kari").signed_statement(&arguments.methods[0]))
        .signer(Signer::new("ola").signed_statement(&arguments.methods[1]).after("kari"))
        .seal_as_pades("sealed")
        .build()?;
    let order = sign.orders().create(order).await?;
    for signer in ["kari", "ola"] {
        // On purpose: whoever has the link can sign as them.
        println!("  {signer} signs at {}", order.signing_url(signer)?.expose());
    }

    println!("Waiting for the signers");
    let wait = sign.orders().wait(&order).deadline(Duration::from_secs(arguments.hours.saturating_mul(3600)));
    let wait = wait.poll_every(Duration::from_millis(200), Duration::from_secs(30));
    show(wait.clone().changes()).await?;
    let done = wait.await?;

    println!("Saving {}", out.display());
    let bar = Transfer::new();
    let saved = done.sealed("sealed")?.on_progress(bar.clone().callback()).save_to(&out).await?;
    bar.finish();
    println!("Done: {} bytes, SHA-256 {}", saved.length(), saved.sha256_hex());
    Ok(())
}

/// The service that the environment names, or a sandbox whose signers sign by themselves.
async fn client(arguments: &Arguments) -> Result<(Client, Option<Sandbox>), Failure> {
    let timeout = Duration::from_secs(arguments.timeout);
    if std::env::var_os("SIGNICAT_BASE_URL").is_some_and(|url| !url.is_empty()) {
        if arguments.reject {
            return Err("--reject is for the sandbox: on a service the signers decide".into());
        }
        let sign = ClientBuilder::from_env()?.attempt_timeout(timeout).build()?;
        println!("On the service at SIGNICAT_BASE_URL");
        return Ok((sign, None));
    }
    if std::env::var_os("SIGNICAT_CLIENT_ID").is_some_and(|id| !id.is_empty()) {
        println!("Credentials are set, and SIGNICAT_BASE_URL is not: nothing goes to the service");
    }
    let sandbox = Sandbox::builder().signs_by_themselves();
    let sandbox = if arguments.reject { sandbox.rejects("ola", "wrong amount") } else { sandbox };
    let sandbox = sandbox.start().await?;
    println!("On a sandbox at {}", sandbox.base_url());
    Ok((sandbox.client_builder().attempt_timeout(timeout).build()?, Some(sandbox)))
}

/// Signing takes days: that the result has no place to go is better found before.
fn check_place(out: &Path, document: &Path) -> Result<(), Failure> {
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(format!("cannot write {}: there is no folder {}", out.display(), folder.display()).into());
    }
    if out.is_dir() {
        return Err(format!("cannot write {}: it is a directory", out.display()).into());
    }
    if out.canonicalize().is_ok_and(|out| document.canonicalize().is_ok_and(|document| document == out)) {
        return Err(format!("cannot write {}: it is the document itself", out.display()).into());
    }
    Ok(())
}

/// Says each state of the order as it changes: on a terminal beside a spinner.
async fn show(
    mut changes: impl futures_util::Stream<Item = signicat_sign::Result<signicat_sign::OrderState>> + Unpin,
) -> Result<(), Failure> {
    let spinner = ProgressBar::new_spinner();
    spinner.enable_steady_tick(Duration::from_millis(100));
    while let Some(state) = changes.next().await {
        let state = state?;
        let line = match state.phase() {
            OrderPhase::Packaging => format!("{state}; sealing"),
            _ => state.to_string(),
        };
        if std::io::stderr().is_terminal() { spinner.set_message(line) } else { println!("  {line}") }
    }
    finish(&spinner);
    Ok(())
}

/// Bytes on their way: a bar on a terminal, a line at the end otherwise.
#[derive(Clone)]
struct Transfer(ProgressBar);

impl Transfer {
    fn new() -> Self {
        let bar = ProgressBar::new(0);
        // The template is a literal that is known to be good.
        let style = ProgressStyle::with_template("  {bar:40} {bytes} of {total_bytes}");
        bar.set_style(style.expect("a good template"));
        Self(bar)
    }

    fn callback(self) -> impl Fn(u64, Option<u64>) + Send + Sync + 'static {
        move |moved, total| {
            self.0.set_length(total.unwrap_or(moved));
            self.0.set_position(moved);
        }
    }

    fn finish(&self) {
        finish(&self.0);
        if !std::io::stderr().is_terminal() {
            println!("  {} of {} bytes", self.0.position(), self.0.length().unwrap_or_default());
        }
    }
}

/// Leaves a bar as it stands, and goes on below it.
fn finish(bar: &ProgressBar) {
    bar.finish();
    if std::io::stderr().is_terminal() {
        eprintln!();
    }
}
