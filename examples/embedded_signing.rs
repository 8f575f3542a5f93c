//! Signing in a shop: the browser is led to the signing page and comes back, and the shop asks the service
//! what came of it. Neither the browser's coming back nor a call of the shop's hook proves anything: both are
//! hints.
//!
//! ```text
//! cargo run --example embedded_signing --features sandbox
//! ```
//!
//! It serves until Ctrl-C, and runs on a sandbox in this process: no account is needed. Open what it prints
//! in a browser. With `-- --walk` it plays the browser itself, and ends.

use std::collections::HashMap;
use std::error::Error;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, serve};
use clap::Parser;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use serde::Deserialize;
use signicat_sign::sandbox::Sandbox;
use signicat_sign::types::{TaskStatus, TaskTriggerStatus};
use signicat_sign::{Client, NewOrder, Notification, OrderId, Placeholder, Signer, TaskId, Upload};
use tokio::net::TcpListener;

/// What the shop has at hand. A real one keeps its orders in a database with whose they are, and shows a
/// visitor their own alone.
struct Shop {
    sign: Client,
    address: String,
    orders: Mutex<HashMap<String, OrderId>>,
}

/// What the service fills into the address that the browser comes back to. Anybody can type it.
#[derive(Deserialize)]
struct Back {
    order: OrderId,
    task: TaskId,
}

async fn front() -> Html<&'static str> {
    Html("<h1>Loans</h1><form method=post action=/sign><button>Sign the loan agreement</button></form>")
}

/// Creates the order, and leads the browser to the signing page.
async fn begin(State(shop): State<Arc<Shop>>) -> Result<Redirect, Failed> {
    let pdf = shop.sign.documents().upload(Upload::from_bytes(&include_bytes!("contract.pdf")[..])?).await?;
    // Nobody guesses the upload's id: it names the case in the address of the hook.
    let case = pdf.to_string();
    let hook = Notification::url(format!("{}/hooks/{case}", shop.address)).on(TaskTriggerStatus::Completed);
    let (order, task) = (Placeholder::REQUEST_ID, Placeholder::TASK_ID);
    let back = format!("{}/done?order={order}&task={task}", shop.address);
    // Whoever begins twice has two orders: the one that is not signed is gone after a day.
    let kari = Signer::new("kari").signed_statement("nbid-sign").days_to_live(1).notification(hook);
    let order = NewOrder::builder()
        .client_reference(&case)
        .document("loan", &pdf, "Loan agreement")
        .signer(kari.on_complete(&back).on_reject(&back).on_postpone(&back))
        .seal_as_pades("sealed")
        .build()?;
    let order = shop.sign.orders().create(order).await?;
    shop.orders().insert(case, order.id().clone());
    // On purpose: it is for this browser, whose user can sign with it.
    Ok(Redirect::to(order.signing_url("kari")?.expose()))
}

/// The browser is back. What has happened is asked of the service.
async fn done(State(shop): State<Arc<Shop>>, Query(back): Query<Back>) -> Result<Response, Failed> {
    if !shop.orders().values().any(|known| *known == back.order) {
        return Ok(StatusCode::NOT_FOUND.into_response());
    }
    Ok(Html(format!("<h1>{}</h1>", shop.look(&back.order, &back.task).await?)).into_response())
}

/// The service has called, or somebody who says so. A look is quick: what takes longer belongs after the answer.
async fn hook(State(shop): State<Arc<Shop>>, Path(case): Path<String>) -> Result<StatusCode, Failed> {
    let order = shop.orders().get(&case).cloned();
    let Some(order) = order else { return Ok(StatusCode::NOT_FOUND) };
    println!("the hook is called, and the service says: {}", shop.look(&order, &"kari".parse()?).await?);
    Ok(StatusCode::NO_CONTENT)
}

impl Shop {
    fn orders(&self) -> MutexGuard<'_, HashMap<String, OrderId>> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the service itself says.
    async fn look(&self, order: &OrderId, task: &TaskId) -> Result<&'static str, signicat_sign::Error> {
        let status = self.sign.tasks(order).status(task).await?;
        Ok(match status.task_status {
            Some(TaskStatus::Completed) => "Thank you, it is signed",
            Some(TaskStatus::Rejected) => "You have rejected it",
            status if status.as_ref().is_some_and(TaskStatus::is_final) => "The time for this is over",
            _ => "It is not signed yet",
        })
    }
}

/// The visitor is told that something went wrong, and the log what.
struct Failed(signicat_sign::Error);

impl From<signicat_sign::Error> for Failed {
    fn from(error: signicat_sign::Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        eprintln!("{}", self.0);
        (StatusCode::BAD_GATEWAY, Html("<h1>Please try again later</h1>")).into_response()
    }
}

/// A shop in which one signs.
#[derive(Parser)]
struct Arguments {
    /// The port on this machine.
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Plays the browser, and ends.
    #[arg(long)]
    walk: bool,
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
    // With an account: `Client::from_env()?`, and an address of the shop's that the service can call.
    let sandbox = Sandbox::start().await?;
    let listener = TcpListener::bind(("127.0.0.1", arguments.port)).await;
    let listener = listener.map_err(|error| format!("port {} can't be had: {error}", arguments.port))?;
    let address = format!("http://{}", listener.local_addr()?);
    let shop = Arc::new(Shop { sign: sandbox.client(), address: address.clone(), orders: Mutex::default() });
    let routes = Router::new().route("/", get(front)).route("/sign", post(begin));
    let routes = routes.route("/done", get(done)).route("/hooks/{case}", post(hook)).with_state(shop);
    println!("The shop is at {address}/");
    if !arguments.walk {
        let end = async { _ = tokio::signal::ctrl_c().await };
        return Ok(serve(listener, routes).with_graceful_shutdown(end).await?);
    }
    tokio::spawn(serve(listener, routes).into_future());
    walk(&address, &sandbox).await
}

/// What a browser does, and its user.
async fn walk(shop: &str, sandbox: &Sandbox) -> Result<(), Box<dyn Error>> {
    // What goes to this machine goes past proxies.
    let no_redirects = reqwest::redirect::Policy::none();
    let browser = reqwest::Client::builder().no_proxy().redirect(no_redirects).build()?;
    let led_to = |answer: reqwest::Response| -> Result<String, Box<dyn Error>> {
        Ok(answer.headers().get(LOCATION).ok_or("the browser is led nowhere")?.to_str()?.to_owned())
    };
    let signing_page = led_to(browser.post(format!("{shop}/sign")).send().await?)?;
    println!("the browser is led to the signing page: {}", signing_page.starts_with(sandbox.origin()));

    // Nothing is signed yet, whoever comes back or calls.
    let orders = sandbox.orders();
    let told = |name: &str| orders[0][name].as_str().unwrap_or_default();
    let (order, case) = (told("id"), told("clientReference"));
    let back = browser.get(format!("{shop}/done?order={order}&task=kari")).send().await?;
    println!("back, they say: {}", back.text().await?);
    browser.post(format!("{shop}/hooks/{case}")).body("COMPLETED").send().await?.error_for_status()?;

    browser.get(&signing_page).send().await?.error_for_status()?;
    let form = browser.post(&signing_page).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let back = led_to(form.body("action=sign").send().await?)?;
    sandbox.delivered().await;
    println!("signed, and back: {}", browser.get(&back).send().await?.text().await?);
    Ok(())
}
