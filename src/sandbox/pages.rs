//! The pages for people: a signer's, behind their signing URL, and one that shows all that there is.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::{HeaderValue, Method, StatusCode, header};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::answer::Answer;
use super::error::SandboxError;
use super::evidence::DISCLAIMER;
use super::order::{Order, Verb};
use super::sent::{Action, SentMethod};
use super::state::State;
use super::task::Task;
use super::views::SIGNING_PATH;

/// How many orders and messages are shown.
const SHOWN: usize = 50;

const STYLE: &str = include_str!("pages.css");

/// A page that there may be.
pub(super) enum Page<'p> {
    Overview,
    /// Where people let time pass.
    Time,
    /// A task, by what makes its address secret.
    Task(&'p str),
    /// A document of a task, by its place in it.
    Document(&'p str, usize),
}

/// What comes of a visit.
pub(super) enum Shown {
    Answer(Answer),
    /// Time is to pass, and then this is the answer.
    Advance(Duration, Answer),
    /// The page takes these methods alone.
    MethodNotAllowed(&'static str),
}

/// The page at a path.
pub(super) fn at(path: &str) -> Option<Page<'_>> {
    match path {
        "/" => return Some(Page::Overview),
        "/time" => return Some(Page::Time),
        _ => {}
    }
    let path = path.strip_prefix(SIGNING_PATH)?.strip_prefix('/')?;
    match path.split_once("/documents/") {
        None => Some(Page::Task(path)),
        Some((secret, index)) => Some(Page::Document(secret, index.parse().ok()?)),
    }
}

pub(super) fn answer(
    page: &Page<'_>,
    method: &Method,
    query: &str,
    body: &[u8],
    state: &mut State,
    now: DateTime<Utc>,
) -> Shown {
    let field = |name: &str| {
        form_urlencoded::parse(body).find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    };
    Shown::Answer(match (page, method) {
        (Page::Overview, &Method::GET) => overview(state, now),
        (Page::Time, &Method::POST) => {
            let part = |name| field(name).unwrap_or_default().trim().parse::<u32>().unwrap_or_default();
            let hours = u64::from(part("days")) * 24 + u64::from(part("hours"));
            return Shown::Advance(Duration::from_secs(hours * 3600), see_other("/"));
        }
        (Page::Task(secret), &Method::GET) => visit(secret, artifact(query), state, now),
        (Page::Task(secret), &Method::POST) => {
            let reason = field("reason").unwrap_or_default();
            let verb = match field("action").as_deref() {
                Some("sign") => Verb::Sign,
                Some("reject") => Verb::Reject(&reason),
                Some("postpone") => Verb::Postpone,
                _ => {
                    return Shown::Answer(said(
                        StatusCode::BAD_REQUEST,
                        "Nothing was done",
                        "An `action` is `sign`, `reject` or `postpone`.",
                    ));
                }
            };
            act(secret, artifact(query), &verb, state, now)
        }
        (Page::Document(secret, index), &Method::GET) => document(secret, *index, state),
        (Page::Overview | Page::Document(..), _) => return Shown::MethodNotAllowed("GET"),
        (Page::Time, _) => return Shown::MethodNotAllowed("POST"),
        (Page::Task(_), _) => return Shown::MethodNotAllowed("GET, POST"),
    })
}

fn artifact(query: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "artifact")
        .map(|(_, value)| value.into_owned())
}

// ---- A signer's page ----

/// The order and the task that an address leads to. An artifact in it has to be the order's latest.
fn find<'s>(
    secret: &str,
    artifact: Option<&str>,
    state: &'s State,
) -> Result<(&'s Order, &'s Task), Box<Answer>> {
    let found = state.signed_at(secret).and_then(|(order, id)| Some((order, order.task(id).ok()?)));
    let Some((order, task)) = found else {
        let text = "It is not complete, or what it led to has been deleted.";
        return Err(Box::new(said(StatusCode::NOT_FOUND, "This link leads nowhere", text)));
    };
    if artifact.is_some() && artifact != order.artifact.as_deref() {
        let text = "Its artifact is not the order's latest one.";
        return Err(Box::new(said(StatusCode::FORBIDDEN, "This link is no longer valid", text)));
    }
    Ok((order, task))
}

fn visit(secret: &str, artifact: Option<String>, state: &mut State, now: DateTime<Utc>) -> Answer {
    let artifact = artifact.as_deref();
    let ids = match find(secret, artifact, state) {
        Ok((order, task)) => (order.id.clone(), task.id().to_owned()),
        Err(answer) => return *answer,
    };
    match state.perform(&ids.0, &ids.1, &Verb::Open, now) {
        Ok(()) => match find(secret, artifact, state) {
            Ok((_, task)) => Answer::page(StatusCode::OK, task_page(task, secret, artifact).into_string()),
            Err(answer) => *answer,
        },
        Err(why) => not_now(StatusCode::OK, &why),
    }
}

fn act(
    secret: &str,
    artifact: Option<String>,
    verb: &Verb<'_>,
    state: &mut State,
    now: DateTime<Utc>,
) -> Answer {
    let ids = match find(secret, artifact.as_deref(), state) {
        Ok((order, task)) => (order.id.clone(), task.id().to_owned()),
        Err(answer) => return *answer,
    };
    if let Err(why) = state.perform(&ids.0, &ids.1, verb, now) {
        return not_now(StatusCode::CONFLICT, &why);
    }
    let redirect = find(secret, None, state).ok().and_then(|(order, task)| task.redirect(&order.id));
    match redirect {
        Some(address) => see_other(&address),
        None => {
            let heading = match verb {
                Verb::Reject(_) => "You have rejected it",
                Verb::Postpone => "See you another time",
                Verb::Sign | Verb::Open | Verb::Expire => "Thank you, it is signed",
            };
            said(StatusCode::OK, heading, "You can close this page.")
        }
    }
}

/// Why there is nothing to do.
fn not_now(status: StatusCode, why: &SandboxError) -> Answer {
    let (heading, text) = match why {
        SandboxError::Waits { .. } => {
            ("It is not your turn yet", "Someone else signs before you. Please come back later.")
        }
        SandboxError::Final { status: "COMPLETED", .. } => {
            ("It is signed", "There is nothing left for you to do.")
        }
        SandboxError::Final { status: "REJECTED", .. } => {
            ("It was rejected", "There is nothing left for you to do.")
        }
        SandboxError::Final { .. } => ("The time for this is over", "It can no longer be signed."),
        SandboxError::Forwarded { .. } => ("It was handed over", "Someone else has taken your place."),
        _ => ("This link leads nowhere", "What it led to has been deleted."),
    };
    said(status, heading, text)
}

fn document(secret: &str, index: usize, state: &State) -> Answer {
    let found = state.signed_at(secret).and_then(|(order, id)| order.task(id).ok()?.documents.get(index));
    let Some(original) = found.and_then(|document| document.original.as_ref()) else {
        return said(
            StatusCode::NOT_FOUND,
            "There is no such document",
            "It is not there yet, or not any more.",
        );
    };
    // Anything else than a PDF is not shown but saved: it may be a page with scripts.
    let mut answer = Answer::document(original, &["application/pdf"]);
    answer.headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

fn task_page(task: &Task, secret: &str, artifact: Option<&str>) -> Markup {
    let dialog = task.sent.dialog.as_ref();
    let title = dialog.and_then(|dialog| dialog.title.as_deref());
    let message = dialog.and_then(|dialog| dialog.message.as_deref());
    let is_to_sign = task.documents.iter().any(|document| document.sent.action == Action::Sign);
    let methods: Vec<_> = task.sent.signature_methods.iter().map(SentMethod::label).collect();
    let here = match artifact {
        Some(artifact) => format!(
            "?{}",
            form_urlencoded::Serializer::new(String::new()).append_pair("artifact", artifact).finish()
        ),
        None => String::new(),
    };
    let action = format!("{SIGNING_PATH}/{secret}{here}");
    page(
        title.unwrap_or("Documents for you to sign"),
        html! {
            @if let Some(message) = message { p.lead { (message) } }
            ul.documents {
                @for (index, document) in task.documents.iter().enumerate() {
                    li {
                        span.icon aria-hidden="true" { "PDF" }
                        span.name {
                            (document.sent.description.as_deref().unwrap_or(&document.sent.id))
                            small { (what_to_do(document.sent.action)) }
                        }
                        @if document.original.is_some() {
                            a href={ (SIGNING_PATH) "/" (secret) "/documents/" (index) } target="_blank" rel="noopener" { "Read" }
                        }
                    }
                }
            }
            form method="post" action=(action) {
                @if !methods.is_empty() {
                    p.method { "With " @for (index, method) in methods.iter().enumerate() { @if index > 0 { " or " } code { (method) } } }
                }
                button.primary name="action" value="sign" { @if is_to_sign { "Sign" } @else { "Done" } }
                button name="action" value="postpone" { "Not now" }
            }
            details {
                summary { "I do not want to sign" }
                form method="post" action=(action) {
                    label for="reason" { "Why? The sender will read it." }
                    textarea id="reason" name="reason" rows="2" maxlength="1000" {}
                    button.danger name="action" value="reject" { "Reject" }
                }
            }
        },
    )
}

fn what_to_do(action: Action) -> &'static str {
    match action {
        Action::Sign => "to be signed",
        Action::View => "to be read",
        Action::Upload => "to be uploaded: the sandbox does it for you",
        Action::Other => "",
    }
}

// ---- The overview ----

fn overview(state: &State, now: DateTime<Utc>) -> Answer {
    let orders: Vec<_> = state.orders().collect();
    let latest_messages: Vec<_> = state.outbox.messages().collect();
    let body = html! {
        p.lead { "It is " (now.format("%F %T")) " UTC here." }
        form.time method="post" action="/time" {
            label for="days" { "Let days pass:" }
            input id="days" name="days" type="number" min="1" max="3650" value="1";
            button { "Go" }
        }
        h2 { "Orders" }
        @if orders.is_empty() { p { "None yet." } }
        @for order in orders.iter().rev().take(SHOWN) {
            section {
                h3 { (order.client_reference.as_deref().unwrap_or("An order without a reference")) }
                p.id { (order.id) }
                ul.tasks {
                    @for task in &order.tasks {
                        li { span.name { (task.id()) } (status(task_status(task))) @if order.check_turn(task.id()).is_ok() { a href=(state.urls.signing(task)) { "Open" } } }
                    }
                    @for packaging in &order.packaging {
                        li { span.name { (packaging.sent.id) } (status(packaging.state.as_str())) }
                    }
                }
            }
        }
        @if state.archive_ids().next().is_some() {
            h2 { "Archive" }
            @for id in state.archive_ids() { p.id { (id) } }
        }
        h2 { "Messages" }
        @if latest_messages.is_empty() { p { "None yet." } }
        @for message in latest_messages.iter().rev().take(SHOWN) {
            section {
                h3 { (message.notification_type) " to " (message.recipient) }
                @if let Some(header) = &message.header { p { strong { (header) } } }
                p { (with_links(&message.text, &state.urls.origin)) }
            }
        }
    };
    Answer::page(StatusCode::OK, page("What is in this sandbox", body).into_string())
}

fn task_status(task: &Task) -> &'static str {
    if task.forward.is_some() { "FORWARDED" } else { task.status.as_str() }
}

fn status(status: &str) -> Markup {
    html! { span.status.done[status == "COMPLETED"] { (status) } }
}

/// A text with the addresses of signers' pages in it as links.
fn with_links(text: &str, origin: &str) -> Markup {
    let begin = format!("{origin}{SIGNING_PATH}/");
    let mut parts = text.split(&begin);
    html! {
        (parts.next().unwrap_or_default())
        @for part in parts {
            @let end = part.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(part.len());
            a href={ (begin) (part[..end]) } { "the signer's page" } (part[end..])
        }
    }
}

// ---- All pages ----

fn said(status: StatusCode, heading: &str, text: &str) -> Answer {
    Answer::page(status, page(heading, html! { p.lead { (text) } }).into_string())
}

fn page(heading: &str, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (heading) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { "Sandbox" }
                main { h1 { (heading) } (body) }
                footer { (DISCLAIMER) }
            }
        }
    }
}

/// Sends the browser on. What no header can hold is shown instead.
fn see_other(address: &str) -> Answer {
    match HeaderValue::from_bytes(address.as_bytes()) {
        Ok(location) => {
            let mut answer = Answer::page(StatusCode::SEE_OTHER, String::new());
            answer.headers.insert(header::LOCATION, location);
            answer
        }
        Err(_) => said(StatusCode::OK, "Done", address),
    }
}
