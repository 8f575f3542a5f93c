//! What must not be seen is planted in all that is sent and answered, through every operation and every fault,
//! and searched for in all that is printed, logged and panicked with. Its own binary, because the log is the
//! process's.
#![cfg(feature = "rustls")]

#[path = "../support/mod.rs"]
mod support;

mod canaries;
mod faults;
mod operations;
mod seen;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::json;
use signicat_sign::{
    Client, ClientBuilder, CompletedOrder, Credentials, ErrorKind, NewDocument, NewOrder, NewPackaging,
    Notification, OrderId, Problem, ResumeToken, Secret, SignatureStructure, Signer, SigningUrl, Upload,
    Violation, types,
};

use canaries::{
    ARTIFACT, CLIENT_SECRET, MAIL, NAME, NATIONAL_ID, PHONE, SIGNING_URL, TOKEN, forms, forms_of_ids,
};
use faults::{Act, BASE, End, Fault, Script, Values, World, everything, serve};
use operations::{new_order, order_id, signer, task, task_id, upload};
use seen::{Log, Seen};
use support::tls::{self, Tls};
use support::virtual_time::VirtualTime;
use support::wire::{Wire, answer, settle, token};

/// Where a client finds its service.
struct Addresses {
    base: String,
    token: String,
}

impl Addresses {
    fn builder(&self, time: &VirtualTime) -> ClientBuilder {
        let builder = Client::builder()
            .credentials(Credentials::new("planted-client-id", CLIENT_SECRET))
            .organization_id("planted-organization")
            .base_url(&self.base)
            .token_url(&self.token)
            .runtime(Arc::new(time.clone()))
            // A caller who asks for what goes over the wire does not get it: it holds the token.
            .http(|http| http.connection_verbose(true));
        tls::trusting(builder)
    }
}

/// Two servers, and TLS before each.
struct Servers {
    service: Wire,
    tokens: Wire,
    service_tls: Tls,
    tokens_tls: Tls,
}

impl Servers {
    async fn start(service: Script, tokens: Script) -> Self {
        let (service, tokens) = (serve(service).await, serve(tokens).await);
        let (service_tls, tokens_tls) =
            (Tls::before(service.address()).await, Tls::before(tokens.address()).await);
        Self { service, tokens, service_tls, tokens_tls }
    }

    /// In the clear, and over TLS.
    fn addresses(&self) -> [(&'static str, Addresses); 2] {
        let clear = Addresses { base: self.service.url(BASE), token: self.tokens.url("/token") };
        let over_tls = Addresses { base: self.service_tls.url(BASE), token: self.tokens_tls.url("/token") };
        [("in the clear", clear), ("over TLS", over_tls)]
    }
}

fn good_tokens() -> Script {
    Arc::new(|_| Act::Say(token(TOKEN, 600)))
}

/// An address where nobody answers.
async fn nowhere() -> String {
    tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string()
}

/// Lets time pass whenever all is quiet.
async fn while_time_passes<T>(time: &VirtualTime, work: impl Future<Output = T>) -> T {
    let passing = async {
        loop {
            settle().await;
            time.advance(Duration::from_secs(40));
        }
    };
    tokio::select! {
        output = work => output,
        () = passing => unreachable!("time does not end"),
    }
}

/// Every operation of the contract.
fn operation_ids(world: &World) -> Vec<String> {
    let operations = support::documented::operations(&world.contract);
    operations.map(|(.., operation)| operation["operationId"].as_str().unwrap().to_owned()).collect()
}

/// Runs every operation against that.
async fn run_all(world: &World, addresses: &Addresses, fault: &str, end: End, seen: &Seen) {
    let time = VirtualTime::default();
    let client = addresses.builder(&time).build().unwrap();
    for operation_id in operation_ids(world) {
        let place = format!("{operation_id}, {fault}");
        let run = operations::run(&operation_id, &client, seen, &place);
        let results = match fault.contains("silence") {
            true => while_time_passes(&time, run).await,
            false => run.await,
        };
        let fits = match end {
            End::Well => results.iter().all(Result::is_ok),
            End::Badly => results.iter().all(Result::is_err),
            End::Either => true,
        };
        assert!(fits && !results.is_empty(), "{place}: {results:?}");
    }
}

async fn run_fault(world: &World, fault: Fault, service: Script, tokens: Script, seen: &Seen) {
    let servers = Servers::start(service, tokens).await;
    for (how, addresses) in servers.addresses() {
        run_all(world, &addresses, &format!("{}, {how}", fault.name), fault.end, seen).await;
    }
    if fault.end == End::Well {
        let received = servers.service.received();
        let arrived: HashSet<_> =
            received.iter().filter_map(|request| world.operation(request)).map(|(id, _)| id).collect();
        let missing: Vec<_> = operation_ids(world).into_iter().filter(|id| !arrived.contains(id)).collect();
        assert!(missing.is_empty(), "operations that never reached the service: {missing:?}");
        assert!(servers.tokens.count() > 0);
    }
}

#[tokio::test]
async fn nothing_that_was_planted_is_printed_logged_or_panicked_with() {
    let log = Log::start();
    let (seen, on_purpose) = (Seen::default(), Seen::default());

    let elsewhere =
        Wire::answering(|_| answer("200 OK", &[("content-type", "application/pdf")], canaries::PDF)).await;
    let failing =
        Wire::answering(|_| answer("500 Oops", &[("content-type", "text/html")], everything())).await;
    let (elsewhere_tls, failing_tls) =
        (Tls::before(elsewhere.address()).await, Tls::before(failing.address()).await);
    let world = Arc::new(World {
        contract: support::documented::contract(),
        elsewhere: elsewhere_tls.url(""),
        failing_elsewhere: failing_tls.url(""),
        nowhere: format!("https://{}", nowhere().await),
    });
    let good = || faults::of_the_service(&world).swap_remove(0).script;

    for fault in faults::of_the_service(&world) {
        let script = fault.script.clone();
        run_fault(&world, fault, script, good_tokens(), &seen).await;
    }
    for mut fault in faults::of_the_token_endpoint() {
        fault.name = format!("{} of the token endpoint", fault.name);
        let script = fault.script.clone();
        run_fault(&world, fault, good(), script, &seen).await;
    }
    assert!(elsewhere.count() > 0 && failing.count() > 0, "other hosts were redirected to");
    let servers = Servers::start(good(), good_tokens()).await;
    for (_, Addresses { base, token }) in servers.addresses() {
        for scheme in ["http", "https"] {
            let refusing = format!("{scheme}://{}/", nowhere().await);
            let tokens_refused = Addresses { base: base.clone(), token: refusing.clone() };
            run_all(&world, &tokens_refused, "no connection to the token endpoint", End::Badly, &seen).await;
            let refused = Addresses { base: refusing, token: token.clone() };
            run_all(&world, &refused, "no connection", End::Badly, &seen).await;
        }
    }

    waits(&world, &seen, &on_purpose).await;
    values(&world, &seen).await;
    refusals(&seen).await;
    panics_in_tasks(&world, &seen).await;
    #[cfg(feature = "sandbox")]
    sandbox(&seen).await;

    // What was to be searched is there.
    use ErrorKind as Kind;
    for kind in [
        Kind::Config,
        Kind::Validation,
        Kind::Io,
        Kind::Connect,
        Kind::Network,
        Kind::Timeout,
        Kind::Auth,
        Kind::Forbidden,
        Kind::NotFound,
        Kind::RateLimited,
        Kind::Rejected,
        Kind::Server,
        Kind::Redirect,
        Kind::Decode,
        Kind::Integrity,
        Kind::OrderEnded,
        Kind::Deadline,
    ] {
        assert!(seen.kinds().contains(&kind), "there was no error of the kind {kind:?}");
    }
    for text in [
        "AuthenticationArtifact {",
        "called `Result::unwrap()` on an `Err` value",
        "DownloadStream {",
        "Collected {",
    ] {
        assert!(seen.contains(text), "{text} was printed");
    }
    for (level, module) in [
        ("INFO", "signicat_sign"),
        ("DEBUG", "signicat_sign"),
        ("DEBUG", "reqwest"),
        ("TRACE", "hyper_util"),
        ("TRACE", "rustls"),
        ("DEBUG", "rustls"),
    ] {
        assert!(log.count(level, module) > 0, "the log of {module} has {level}");
    }

    let mut leaks = seen.leaks(&forms());
    let but_reasons: Vec<_> = forms().into_iter().filter(|form| form.canary != "reject reason").collect();
    leaks.extend(on_purpose.leaks(&but_reasons));
    leaks.extend(log.leaks(&forms().into_iter().chain(forms_of_ids()).collect::<Vec<_>>()));
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
}

/// The ends of a wait. The reason of a rejection is a signer's own words: in Display on purpose, scrubbed, and in
/// Debug not at all.
async fn waits(world: &Arc<World>, seen: &Seen, on_purpose: &Seen) {
    for (values, end) in [
        (Values::Known, Some(ErrorKind::OrderEnded)),
        (Values::Completed, None),
        (Values::Unknown, Some(ErrorKind::Deadline)),
    ] {
        let place = format!("a wait that ends as {end:?}");
        let answering = world.clone();
        let script: Script =
            Arc::new(move |request| Act::Say(answering.good(request, "application/pdf", values)));
        let servers = Servers::start(script, good_tokens()).await;
        for (_, addresses) in servers.addresses() {
            let client = addresses.builder(&VirtualTime::default()).build().unwrap();
            let order = client.orders().get(&order_id()).await.unwrap();
            let wait = || client.orders().wait(&order).deadline(Duration::from_secs(300));
            let mut changes = wait().changes();
            while let Some(change) = changes.next().await {
                seen.value(&place, &changes);
                put_away(seen, &place, &changes.resume_token());
                match change {
                    Ok(state) => {
                        on_purpose.text(&place, state.to_string());
                        seen.value(&place, &state);
                    }
                    Err(error) => seen.error(&place, error),
                }
            }
            put_away(seen, &place, &wait().resume_token());
            let all = client.orders().wait_all([&order]).deadline(Duration::from_secs(300));
            seen.value(&place, &all);
            let mut ends = all.ends();
            seen.value(&place, &ends);
            while let Some((_, end)) = ends.next().await {
                match end {
                    Ok(done) => seen.value(&place, &done),
                    Err(error) => {
                        on_purpose.text(&place, error.to_string());
                        seen.error(&place, error);
                    }
                }
            }
            match wait().await {
                Ok(done) => {
                    assert_eq!(end, None);
                    seen.value(&place, &done);
                    seen.value(&place, &done.sealed("kari"));
                    afterwards(&done, seen, &place).await;
                }
                Err(error) => {
                    assert_eq!(end, Some(error.kind()));
                    on_purpose.text(&place, error.to_string());
                    put_away(seen, &place, error.resume_token().unwrap());
                    seen.error(&place, error);
                }
            }
        }
    }
}

/// What comes after a completed order. What its files hold is their purpose.
async fn afterwards(done: &CompletedOrder, seen: &Seen, place: &str) {
    let task = done.state().tasks()[0].id();
    seen.result(place, done.events(task).await).unwrap();
    seen.result(place, done.forwards(task).await).unwrap();
    seen.result(place, done.evidence().await).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let collected = done.collect_to(folder.path()).await;
    for missing in collected.iter().flat_map(|collected| collected.missing()) {
        seen.text(place, missing.error.clone());
    }
    seen.result(place, collected).unwrap();
    let other = folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("manifest.json"), everything()).unwrap();
    seen.result(place, done.collect_to(&other).await).unwrap_err();
    // Whatever is deleted there is still there.
    assert!(seen.result(place, done.delete().await).is_err_and(|kind| kind == ErrorKind::Timeout));
    let sealed = done.sealed(done.state().packaging_tasks().next().unwrap().0).unwrap();
    let sealed = sealed.save_to(folder.path().join("sealed.pdf")).await.unwrap();
    seen.result(place, SignatureStructure::of_file(sealed.path()).await).unwrap();
}

/// A token is stored where anybody may read it.
fn put_away(seen: &Seen, place: &str, token: &ResumeToken) {
    seen.value(place, token);
    let stored = serde_json::to_string(token).unwrap();
    let again: ResumeToken = serde_json::from_str(&stored).unwrap();
    seen.value(place, &again);
    seen.text(place, stored);
}

macro_rules! print_models {
    (models: $($model:ident)*; enums: $($enum:ident)*) => {
        /// Every model, filled with what must not be seen.
        fn models(world: &World, seen: &Seen) {
            for values in [Values::Known, Values::Unknown] {
                $(
                    if let Some(json) = world.filled_model(stringify!($model), values) {
                        let model: types::$model = serde_json::from_value(json).unwrap();
                        seen.value(stringify!($model), &model);
                    }
                )*
                $(
                    if let Some(json) = world.filled_model(stringify!($enum), values) {
                        let value: types::$enum = serde_json::from_value(json).unwrap();
                        seen.value(stringify!($enum), &value);
                    }
                )*
            }
        }
    };
}
signicat_sign::for_each_model!(print_models);

/// All that is public and not the result of a call.
async fn values(world: &Arc<World>, seen: &Seen) {
    models(world, seen);
    let tokens = Arc::new(|_: &_| Act::Say(token(TOKEN, 600)));
    let servers = Servers::start(tokens.clone(), tokens).await;
    let time = VirtualTime::default();
    for (place, addresses) in servers.addresses() {
        seen.value(place, &addresses.builder(&time));
        let client = addresses.builder(&time).build().unwrap();
        let client = client.with_header("x-on-behalf-of", &format!("{NATIONAL_ID} {TOKEN}")).unwrap();
        seen.value(place, &client);
        seen.value(place, &client.raw());
        seen.value(place, &(client.documents(), client.archive(), client.orders()));
        seen.value(place, &(client.tasks(&order_id()), client.packaging(&order_id())));
        let document = client.tasks(&order_id()).document(&task_id(), &"d".parse().unwrap());
        seen.value(place, &(document.original(), document));
    }
    let credentials = Credentials::new("planted-client-id", CLIENT_SECRET);
    seen.value("credentials", &(credentials.clone(), credentials.in_form()));
    seen.value("secrets", &(Secret::from(TOKEN), Some(vec![Secret::from(CLIENT_SECRET)])));
    for url in
        [SIGNING_URL, TOKEN, NAME, "mailto:planted.kari@example.com", "https://planted.kari@example.com:x@h/"]
    {
        seen.value("a signing URL", &serde_json::from_value::<SigningUrl>(json!(url)).unwrap());
    }
    seen.value("an upload", &upload());
    let named = upload().content_type(&format!("application/pdf; name=\"{MAIL}\"")).unwrap();
    seen.value("an upload with a name", &named);
    seen.value("an upload", &Upload::from_reader(everything().leak().as_bytes(), Some(7)));
    seen.value("builders", &(new_order(), signer(), task(), NewPackaging::pades("kari")));
    let order = new_order().build().unwrap();
    seen.value("an order", &(order.model(), &order));
    let plan = order.plan();
    seen.value("a plan", &(&plan, plan.signings(), plan.messages(), plan.seals()));
    let documents = plan.signings().iter().flat_map(|signing| signing.documents());
    documents.for_each(|document| seen.value("a planned document", document));
    plan.messages().iter().for_each(|message| seen.value("a planned message", &message.times()));
    let mut stored = serde_json::to_value(&order).unwrap();
    stored["tasks"][0]["daysToLive"] = json!(everything());
    let unreadable = serde_json::from_value::<NewOrder>(stored).unwrap_err();
    seen.text("an order that can't be read", format!("{unreadable} {unreadable:?}"));
    let message = Notification::sms(PHONE).header(NAME).message(format!("{MAIL}: {SIGNING_URL}"));
    seen.value("notifications", &(message.clone(), message.on(types::TaskTriggerStatus::Created)));
    seen.value("a document", &NewDocument::upload("id-card", NAME).form_field("national-id", NATIONAL_ID));
    let odd = Signer::new("odd").language(NAME).on_complete(format!("{SIGNING_URL}${{{NAME}}}"));
    let message =
        Notification::url(format!("http://example.com/{NATIONAL_ID}")).message(format!("${{{MAIL}}}"));
    let advice = new_order().signer(odd).notification(message).build().unwrap().advice();
    assert!(advice.len() >= 5, "{advice:?}");
    seen.value("advice", &advice);
    for advice in advice {
        seen.text("advice", advice.to_string());
    }
    // An order that is not valid, with all of this in it.
    let invalid = new_order().signer(signer().after(MAIL).subject_attribute(PHONE, NAME)).build();
    seen.result("an order that is not valid", invalid).unwrap_err();
    seen.value("a problem", &Problem::default());
    let violation = Violation::new("tasks[0]", format!("not {NATIONAL_ID} of {MAIL}, token {TOKEN}"));
    seen.text("a violation", violation.to_string());
    seen.value("a violation", &violation);
}

/// What is refused before anything is sent.
async fn refusals(seen: &Seen) {
    let place = "what is refused";
    let nowhere =
        Addresses { base: "https://127.0.0.1:1".to_owned(), token: "https://127.0.0.1:1".to_owned() };
    for address in [
        format!("https://{MAIL}:{ARTIFACT}@127.0.0.1/"),
        format!("https://127.0.0.1/?artifact={ARTIFACT}#{TOKEN}"),
        format!("http://example.com/{NATIONAL_ID}"),
        format!("{ARTIFACT}://{MAIL}"),
        format!("https://[{NATIONAL_ID}]:{ARTIFACT}/"),
        everything(),
    ] {
        let builder = || nowhere.builder(&VirtualTime::default());
        for build in [&|| builder().base_url(&address), &|| builder().token_url(&address)]
            as [&dyn Fn() -> ClientBuilder; 2]
        {
            seen.value(place, &build());
            seen.result(place, build().build()).unwrap_err();
        }
    }
    let builder = nowhere.builder(&VirtualTime::default()).organization_id(format!("{NATIONAL_ID}\n{TOKEN}"));
    seen.result(place, builder.build()).unwrap_err();

    let client = nowhere.builder(&VirtualTime::default()).build().unwrap();
    for (name, value) in [(everything().as_str(), ""), ("x-a", &everything()), ("authorization", TOKEN)] {
        seen.result(place, client.with_header(name, value)).unwrap_err();
    }
    seen.result(place, format!("{MAIL}\n{NATIONAL_ID}").parse::<OrderId>()).unwrap_err();
    seen.result(place, upload().content_type(&everything())).unwrap_err();
    let no_pdf = Upload::from_bytes(everything().replace('%', "")).unwrap();
    seen.result(place, client.documents().upload(no_pdf).await).unwrap_err();
    seen.result(place, Upload::from_path("no/such.pdf").await).unwrap_err();
    let download = client.documents().download(&"1".parse().unwrap());
    seen.result(place, download.save_to("no/such/folder/x.pdf").await).unwrap_err();

    let long = everything().repeat(99);
    let order = NewOrder::builder().client_reference(&long).document("loan", &"1".parse().unwrap(), &long);
    let order = order.signer(
        Signer::new("kari").signed_statement(&long).language(&long).on_complete(&long).with(|task| {
            task.sign_text = Some(long.clone());
            task.profile = Some(long.clone());
            task.documents = vec![types::TaskDocument::default()];
            task.documents[0].action = Some(long.as_str().into());
            task.documents[0].description = Some(long.clone());
        }),
    );
    let error = order.build().unwrap_err();
    assert!(error.violations().len() > 2, "{error:?}");
    seen.result(place, Err::<(), _>(error)).unwrap_err();
}

/// What a task that panics leaves behind.
async fn panics_in_tasks(world: &Arc<World>, seen: &Seen) {
    for fault in faults::of_the_service(world).into_iter().filter(|fault| fault.name.starts_with("4")) {
        let servers = Servers::start(fault.script, good_tokens()).await;
        let [(_, addresses), _] = servers.addresses();
        let client = addresses.builder(&VirtualTime::default()).build().unwrap();
        let get = async move { client.orders().get(&order_id()).await.expect("an order") };
        let ended = seen.panic_in_task("a task that panics", get).await;
        seen.text("a task that panics", ended.to_string());
        seen.value("a task that panics", &ended);
    }
}

/// A sandbox knows what its client sent, and does not say it.
#[cfg(feature = "sandbox")]
async fn sandbox(seen: &Seen) {
    use canaries::REJECT_REASON;
    use signicat_sign::sandbox::Sandbox;

    let place = "the sandbox";
    let builder = || Sandbox::builder().credentials("me", CLIENT_SECRET).rejects("kari", REJECT_REASON);
    seen.value(place, &builder());
    let sandbox = builder().start().await.unwrap();
    let client = sandbox.client_builder().http(|http| http.connection_verbose(true)).build().unwrap();
    let pdf = client.documents().upload(upload()).await.unwrap();
    let order = NewOrder::builder().document("loan", &pdf, NAME).client_reference(MAIL).signer(signer());
    let order = client.orders().create(order.build().unwrap()).await.unwrap();
    seen.value(place, &(&order, order.details()));
    let kari = sandbox.signer(order.id(), "kari");
    seen.value(place, &kari);
    for refused in [kari.rejects(REJECT_REASON), kari.signs(), kari.forwards_to(NAME, MAIL).map(drop)] {
        seen.value(place, &refused);
        seen.text(place, refused.map_or_else(|error| error.to_string(), |()| String::new()));
    }
    let ended = client.orders().wait(&order).await.unwrap_err();
    assert_eq!(ended.kind(), ErrorKind::OrderEnded);
    seen.error(place, ended);
    seen.value(place, &(&sandbox, sandbox.requests()));
}

#[test]
fn the_models_say_their_shape() {
    let order: types::SigningOrder =
        serde_json::from_value(json!({ "id": "1", "artifact": ARTIFACT, "tasks": [{
            "id": "kari", "signingUrl": SIGNING_URL, "onTaskComplete": SIGNING_URL, "signText": NAME,
            "subject": { "id": NATIONAL_ID, "attributes": [{ "name": "national-id", "value": NATIONAL_ID }] },
            "notifications": [{ "id": "n", "recipient": MAIL, "message": NAME, "type": "SMS" }],
        }]}))
        .unwrap();
    assert_eq!(
        format!("{:?}", order.tasks[0]),
        format!(
            "Task {{ id: TaskId(\"kari\"), notifications: [1], on_task_complete: (len:{}), sign_text: (len:{}), \
             signing_url: SigningUrl(https://sign.example.com/…), \
             subject: Subject {{ attributes: [1], id: (len:11) }} }}",
            SIGNING_URL.len(),
            NAME.len()
        )
    );
    // Read, and never written.
    let written = serde_json::to_string(&order).unwrap();
    assert!(!written.contains(ARTIFACT) && !written.contains("signingUrl"));
    assert_eq!(order.artifact, Some(Secret::from(ARTIFACT)));
    assert_ne!(order.artifact, Some(Secret::from(ARTIFACT.to_lowercase())));
}
