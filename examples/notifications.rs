//! What people are told of an order: invitations, reminders after days, an SMS, a call of your own address.
//!
//! ```text
//! cargo run --example notifications --features sandbox
//! ```
//!
//! It runs on a sandbox in this process: no account is needed, and nobody is sent anything. Days pass when
//! the program says so, and each message is printed with its day. `-- ADDRESS` is Kari's address of e-mail.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use clap::Parser;
use signicat_sign::sandbox::Sandbox;
use signicat_sign::types::{PackagingTriggerStatus, TaskTriggerStatus};
use signicat_sign::{
    Delay, NewOrder, NewPackaging, Notification, NotificationTemplate, Placeholder, Signer, Upload,
};
use tokio::net::TcpListener;

const DAY: Duration = Duration::from_secs(86_400);

/// Tells two signers what they have to do, and reminds them.
#[derive(Parser)]
struct Arguments {
    /// The first signer's address of e-mail.
    #[arg(default_value = "kari@example.com")]
    email: String,
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
    // With an account: `let sign = Client::from_env()?;`.
    let sandbox = Sandbox::start().await?;
    let sign = sandbox.client();
    let pdf = sign.documents().upload(Upload::from_bytes(&include_bytes!("contract.pdf")[..])?).await?;

    // Where the service calls: on a host of yours an https address that nobody guesses. A call proves
    // nothing: whoever is called looks at the order, as the example `embedded_signing` does.
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let hook = format!("http://{}/hooks/4e1f", listener.local_addr()?);
    let hooks = Router::new().route("/hooks/4e1f", post(async || println!("  (the hook is called)")));
    tokio::spawn(axum::serve(listener, hooks).into_future());

    // A text's placeholders are filled in by the service when it is sent.
    let to_kari = Notification::email(arguments.email)
        .sender("Example Bank")
        .header("A loan agreement is waiting for you")
        .message(format!("Please sign it here: {}", Placeholder::TASK_URL))
        .on(TaskTriggerStatus::Created)
        .after(TaskTriggerStatus::Created, Delay::days(2))
        .after(TaskTriggerStatus::Created, Delay::days(5))
        .template("friendly");
    // `CREATED` is when it is their turn (inferred): Ola hears of it once Kari has signed.
    let to_ola = Notification::sms("+4791234567")
        .message(format!("Please sign: {}", Placeholder::TASK_URL))
        .on(TaskTriggerStatus::Created)
        .after(TaskTriggerStatus::Created, Delay::days(1) + Delay::hours(12));
    let to_us = Notification::url(hook).message(Placeholder::ORDER_ID.to_string());
    let order = NewOrder::builder()
        .client_reference("case-42")
        .document("loan", &pdf, "Loan agreement")
        .notification_template(
            NotificationTemplate::new("friendly").button("Read and sign").footer("Example Bank"),
        )
        .signer(Signer::new("kari").signed_statement("nbid-sign").days_to_live(14).notification(to_kari))
        .signer(
            Signer::new("ola")
                .signed_statement("sbid-sign")
                .days_to_live(14)
                .after("kari")
                .notification(to_ola),
        )
        .packaging(NewPackaging::pades("sealed").notification(to_us.on(PackagingTriggerStatus::Completed)))
        .notification(
            Notification::email("loans@bank.example")
                .header("Signed")
                .message(format!("Order {}", Placeholder::ORDER_ID)),
        )
        .build()?;
    // What is likely to be wrong, an address without an `@` for one, would be sent all the same. Not here.
    if let Some(advice) = order.advice().first() {
        return Err(advice.to_string().into());
    }
    println!("{}", order.plan().to_text());

    let order = sign.orders().create(order).await?;
    let (kari, ola) = (sandbox.signer(order.id(), "kari"), sandbox.signer(order.id(), "ola"));
    // She is reminded after two days. Who has signed is not reminded any more (inferred).
    sandbox.advance(3 * DAY);
    kari.signs()?;
    sandbox.advance(4 * DAY);
    ola.signs()?;
    let wait = sign.orders().wait(&order).poll_every(Duration::from_millis(50), Duration::from_secs(1));
    println!("{}", wait.await?.state());
    sandbox.delivered().await;

    let messages = sandbox.messages();
    let began = messages.first().map(|message| message.sent_at);
    for message in &messages {
        let since = began.and_then(|began| message.sent_at.duration_since(began).ok()).unwrap_or_default();
        let (day, kind, to) =
            (since.as_secs() / DAY.as_secs(), &message.notification_type, &message.recipient);
        // On purpose, though a signing address is in some: whoever has it can sign as them.
        println!("day {day}: {kind} to {to}: {} {}", message.header.as_deref().unwrap_or("-"), message.text);
        if let Some(delivery) = &message.delivery {
            println!("  {delivery:?}");
        }
    }
    Ok(())
}
