//! Every way to answer, well and badly, each with what must not be seen in it.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::canaries::{
    ARTIFACT, CLIENT_SECRET, MAIL, NAME, NATIONAL_ID, ORDER_ID, PDF, PHONE, REJECT_REASON, SIGNING_URL, TOKEN,
};
use crate::support::documented::{Content, success};
use crate::support::sample::{Place, sample_with};
use crate::support::wire::{Connection, Request, Wire, answer, token};

/// The path of the base URL.
pub const BASE: &str = "/enterprise/sign";

/// What a server does with a request.
pub enum Act {
    Say(Vec<u8>),
    SayAndReset(Vec<u8>),
    SayAndHold(Vec<u8>),
}

pub type Script = Arc<dyn Fn(&Request) -> Act + Send + Sync>;

/// Does with each request what the script says.
pub async fn serve(script: Script) -> Wire {
    Wire::start(move |mut connection: Connection| {
        let script = script.clone();
        async move {
            while let Some(request) = connection.request().await {
                match script(&request) {
                    Act::Say(bytes) => connection.say(bytes).await,
                    Act::SayAndReset(bytes) => {
                        connection.say(bytes).await;
                        return connection.reset();
                    }
                    Act::SayAndHold(bytes) => {
                        connection.say(bytes).await;
                        return connection.hold().await;
                    }
                }
            }
        }
    })
    .await
}

/// Whether every operation has to go well, or to fail.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    Well,
    Badly,
    Either,
}

pub struct Fault {
    pub name: String,
    pub end: End,
    pub script: Script,
}

fn fault(
    name: impl Into<String>,
    end: End,
    script: impl Fn(&Request) -> Act + Send + Sync + 'static,
) -> Fault {
    Fault { name: name.into(), end, script: Arc::new(script) }
}

fn saying(name: impl Into<String>, end: End, bytes: Vec<u8>) -> Fault {
    fault(name, end, move |_| Act::Say(bytes.clone()))
}

/// Headers in which servers repeat what they should not.
fn headers(content_type: &str) -> Vec<(String, String)> {
    let pairs = [
        ("content-type", content_type.to_owned()),
        ("content-disposition", format!("attachment; filename=\"{NAME} {NATIONAL_ID}.pdf\"")),
        ("set-cookie", format!("session={TOKEN}; path={SIGNING_URL}")),
        ("www-authenticate", format!("Bearer error=\"invalid_token\", error_description=\"{TOKEN} {MAIL}\"")),
        ("x-request", format!("{ARTIFACT} {PHONE}")),
        ("retry-after", format!("{NATIONAL_ID} {MAIL}")),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value)).to_vec()
}

fn say(status: &str, content_type: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let headers = headers(content_type);
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    answer(status, &headers, body)
}

fn say_json(status: &str, body: &Value) -> Vec<u8> {
    say(status, "application/json", body.to_string())
}

/// All of it, in one text.
pub fn everything() -> String {
    [CLIENT_SECRET, TOKEN, ARTIFACT, SIGNING_URL, NATIONAL_ID, NAME, PHONE, MAIL, REJECT_REASON, PDF]
        .join(" ")
}

fn html() -> Vec<u8> {
    format!("<html><title>Oops {}</title><p>{}</p></html>", everything(), everything()).into_bytes()
}

/// What a server may say of what it received, as far as it can be recognised.
fn repeated() -> [String; 4] {
    [
        format!("Not {NATIONAL_ID} of {MAIL} ({PHONE})"),
        format!("the header was Authorization: Bearer {TOKEN}, the body {{\"artifact\":\"{ARTIFACT}\"}}"),
        format!("see {SIGNING_URL} and ?artifact={ARTIFACT}&secret={CLIENT_SECRET}, token {TOKEN}"),
        format!("secret {CLIENT_SECRET} is not known; {ARTIFACT} neither"),
    ]
}

/// The dialects in which this API says no.
fn problems() -> Vec<(&'static str, Value)> {
    let [a, b, c, d] = repeated();
    vec![
        (
            "violations",
            json!({ "title": a, "violations": [
                { "propertyPath": format!("tasks[0].{c}"), "message": d }, { "propertyPath": b, "message": a },
            ] }),
        ),
        (
            "ClientProblem",
            json!({ "status": 400, "type": c, "title": b, "detail": d, "instance": everything() }),
        ),
        (
            "gateway",
            json!({ "type": SIGNING_URL, "title": d, "detail": a, "code": everything(), "traceId": b,
                "invalidParams": [{ "name": c, "reason": a }] }),
        ),
        ("OAuth", json!({ "error": "invalid_token", "error_description": format!("{b} {c}") })),
    ]
}

/// The contract, and other hosts for redirects to lead to.
pub struct World {
    pub contract: Value,
    pub elsewhere: String,
    pub failing_elsewhere: String,
    pub nowhere: String,
}

/// What the service does. The first is good.
pub fn of_the_service(world: &Arc<World>) -> Vec<Fault> {
    use End::{Badly, Either, Well};
    let good = |media_type: &'static str, values: Values| {
        let world = world.clone();
        move |request: &Request| Act::Say(world.good(request, media_type, values))
    };
    let body = |request: &Request, world: &World| world.good(request, "application/pdf", Values::Known);
    let mut faults = vec![
        fault("good", Well, good("application/pdf", Values::Known)),
        fault("values that nobody knows", Well, good("application/pdf", Values::Unknown)),
        fault(
            "a media type that says who",
            Well,
            good("application/pdf; name=\"planted.kari@example.com\"", Values::Known),
        ),
        saying("HTML", Either, say("200 OK", "text/html", html())),
        saying("HTML that is called JSON", Either, say("200 OK", "application/json", html())),
        saying("a part", Either, say("206 Partial Content", "application/pdf", PDF)),
        saying("nothing", Either, say("200 OK", "application/json", "")),
        saying("a string", Either, say_json("200 OK", &json!(everything()))),
        saying("an array", Either, say_json("200 OK", &json!([[everything()], everything()]))),
        saying(
            "a string with a trap",
            Either,
            say_json(
                "200 OK",
                &json!({ "id": 1, "tasks": format!("x, expected {} at line 1", everything()) }),
            ),
        ),
        saying("a 502 in HTML", Badly, say("502 Bad Gateway", "text/html", html())),
        saying("a 400 in HTML", Badly, say(&format!("400 {MAIL} {NAME}"), "text/html", html())),
        saying("a 400 that is a list", Badly, say_json("400 Bad Request", &json!([everything()]))),
        saying("no HTTP", Badly, format!("SSH-2.0 {}\r\n\r\n", everything()).into_bytes()),
        saying(
            "a header that is none",
            Badly,
            format!("HTTP/1.1 200 OK\r\n{}\0: x\r\n\r\n", everything()).into_bytes(),
        ),
    ];
    let shared = world.clone();
    faults.push(fault("JSON that ends too early", Either, move |request| {
        let whole = shared.body(request, Values::Known);
        Act::Say(say("200 OK", "application/json", &whole[..whole.len() * 2 / 3]))
    }));
    let shared = world.clone();
    faults.push(fault("JSON whose values are objects", Either, move |request| {
        let mut value = serde_json::from_slice(&shared.body(request, Values::Known)).unwrap_or_default();
        wrap_leaves(&mut value);
        Act::Say(say_json("200 OK", &value))
    }));
    let shared = world.clone();
    faults.push(fault("JSON whose values are lists", Either, move |request| {
        let mut value = serde_json::from_slice(&shared.body(request, Values::Known)).unwrap_or_default();
        if let Value::Object(members) = &mut value {
            members.values_mut().for_each(|member| *member = json!([everything(), { MAIL: [NAME] }]));
        }
        Act::Say(say_json("200 OK", &value))
    }));
    // All dialects twice, and then each status in one of them.
    for status in ["400 Bad Request", "401 Unauthorized"] {
        for (dialect, problem) in problems() {
            faults.push(saying(format!("{status} ({dialect})"), Badly, say_json(status, &problem)));
        }
    }
    let statuses = [
        "403 Forbidden",
        "404 Not Found",
        "409 Conflict",
        "410 Gone",
        "422 Unprocessable",
        "429 Too Many Requests",
        "500 Internal Server Error",
        "503 Service Unavailable",
    ];
    for (status, (dialect, problem)) in statuses.iter().zip(problems().into_iter().cycle()) {
        faults.push(saying(format!("{status} ({dialect})"), Badly, say_json(status, &problem)));
    }
    for (name, cut) in [("before the answer", 0), ("in the headers", 25), ("in the body", usize::MAX)] {
        let cut = move |bytes: Vec<u8>| {
            // Of a body one byte is missing; a delete's answer has none, and is cut in its headers.
            let has_body = !bytes.ends_with(b"\r\n\r\n");
            let end = if has_body { bytes.len() - 1 } else { bytes.len() - 3 };
            bytes[..end.min(cut)].to_vec()
        };
        let shared = world.clone();
        faults.push(fault(format!("a reset {name}"), Badly, move |request| {
            Act::SayAndReset(cut(body(request, &shared)))
        }));
        let shared = world.clone();
        faults.push(fault(format!("silence {name}"), Badly, move |request| {
            Act::SayAndHold(cut(body(request, &shared)))
        }));
    }
    let secrets = format!("{BASE}/orders/{NATIONAL_ID}?artifact={ARTIFACT}&mail={MAIL}#{TOKEN}");
    for (name, location) in [
        ("the same origin", secrets.clone()),
        ("plain http elsewhere", format!("http://127.0.0.2:9{secrets}")),
        ("elsewhere", format!("{}{secrets}", world.elsewhere)),
        ("where it fails", format!("{}{secrets}", world.failing_elsewhere)),
        ("where nobody is", format!("{}{secrets}", world.nowhere)),
        ("a user's own place", format!("https://{MAIL}:{ARTIFACT}@127.0.0.1:1/")),
        ("no URL", format!("https://[{NATIONAL_ID}{ARTIFACT}]/{MAIL}")),
    ] {
        let headers = [("location", location.as_str()), ("content-type", "text/html")];
        faults.push(saying(
            format!("a redirect to {name}"),
            if name == "elsewhere" { Either } else { Badly },
            answer("302 Found", &headers, html()),
        ));
    }
    faults
}

/// What the token endpoint does.
pub fn of_the_token_endpoint() -> Vec<Fault> {
    use End::Badly;
    let good = token(TOKEN, 600);
    let broken = format!("{{\"access_token\":\"{}", &TOKEN[..TOKEN.len() - 3]);
    let mut faults = vec![
        saying("HTML", Badly, say("200 OK", "text/html", html())),
        saying("a 502 in HTML", Badly, say("502 Bad Gateway", "text/html", html())),
        saying("JSON that breaks in the token", Badly, say("200 OK", "application/json", &broken)),
        saying(
            "a token that is a list",
            Badly,
            say_json("200 OK", &json!({ "access_token": [TOKEN], "expires_in": 600 })),
        ),
        saying(
            "a token with a line's end",
            Badly,
            say_json("200 OK", &json!({ "access_token": format!("{TOKEN}\n{TOKEN}") })),
        ),
        saying(
            "an absurd life",
            End::Either,
            say_json("200 OK", &json!({ "access_token": TOKEN, "expires_in": everything() })),
        ),
        saying("no HTTP", Badly, format!("SSH-2.0 {}\r\n\r\n", everything()).into_bytes()),
        saying("a redirect", Badly, answer("302 Found", &[("location", SIGNING_URL)], html())),
        fault("a reset in the token", Badly, {
            let good = good.clone();
            move |_| Act::SayAndReset(good[..good.len() - 40].to_vec())
        }),
        fault("silence in the token", Badly, {
            let good = good.clone();
            move |_| Act::SayAndHold(good[..good.len() - 40].to_vec())
        }),
        fault("silence", Badly, |_| Act::SayAndHold(Vec::new())),
    ];
    let oauth = |code: &str| json!({ "error": code, "error_description": repeated().join(" "), "error_uri": SIGNING_URL });
    for code in ["invalid_client", "invalid_scope"] {
        faults.push(saying(format!("a 400 ({code})"), Badly, say_json("400 Bad Request", &oauth(code))));
    }
    for status in ["401 Unauthorized", "429 Too Many Requests", "500 Internal Server Error"] {
        faults.push(saying(status, Badly, say_json(status, &oauth("server_error"))));
    }
    for (dialect, problem) in problems() {
        faults.push(saying(format!("a 400 ({dialect})"), Badly, say_json("400 Bad Request", &problem)));
    }
    faults
}

fn wrap_leaves(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(wrap_leaves),
        Value::Object(members) => members.values_mut().for_each(wrap_leaves),
        leaf => *leaf = json!({ MAIL: everything(), NATIONAL_ID: leaf.take() }),
    }
}

/// What stands where the contract lists values.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Values {
    Known,
    Completed,
    Unknown,
}

impl World {
    /// The good answer to a request.
    pub fn good(&self, request: &Request, media_type: &str, values: Values) -> Vec<u8> {
        let Some((_, operation)) = self.operation(request) else { return say("200 OK", media_type, PDF) };
        let (status, content) = success(&self.contract, operation);
        let media_type = match &content {
            Some(content) if content.schema.is_none() => media_type,
            _ => "application/json",
        };
        say(&format!("{status} Documented"), media_type, self.body(request, values))
    }

    /// The body of the good answer.
    fn body(&self, request: &Request, values: Values) -> Vec<u8> {
        let operation = self.operation(request).map(|(_, operation)| operation);
        match operation.map(|operation| success(&self.contract, operation)) {
            Some((_, None)) => Vec::new(),
            Some((_, Some(Content { schema: Some(schema), .. }))) => {
                self.filled(schema, values).to_string().into_bytes()
            }
            _ => PDF.as_bytes().to_vec(),
        }
    }

    /// The operation that a request is of, and its id.
    pub fn operation(&self, request: &Request) -> Option<(String, &Value)> {
        let path = request.target().strip_prefix(BASE)?.split('?').next()?;
        let fits = |template: &str| {
            template.split('/').count() == path.split('/').count()
                && template.split('/').zip(path.split('/')).all(|(a, b)| a == b || a.starts_with('{'))
        };
        let paths = self.contract["paths"].as_object()?;
        let (_, item) = paths.iter().find(|(template, _)| fits(template))?;
        let operation = item.get(request.method().to_lowercase())?;
        Some((operation["operationId"].as_str()?.to_owned(), operation))
    }

    /// A model in which every member is there, and every text holds everything. Nothing: the contract has it
    /// without a name, inside another one that is filled.
    pub fn filled_model(&self, name: &str, values: Values) -> Option<Value> {
        self.contract["components"]["schemas"].get(name)?;
        Some(self.filled(&json!({ "$ref": format!("#/components/schemas/{name}") }), values))
    }

    fn filled(&self, schema: &Value, values: Values) -> Value {
        sample_with(&self.contract, schema, &|place, schema| planted(place, schema, values))
    }
}

/// What is planted in a text, or one of the values that are listed.
fn planted(place: Place<'_>, schema: &Value, values: Values) -> Option<Value> {
    if let Some(listed) = schema["enum"].as_array() {
        let listed = |value: &str| listed.iter().find(|listed| **listed == value).cloned();
        return match values {
            // Both statuses are enums; an order that was rejected is at its end.
            Values::Known => listed("REJECTED"),
            Values::Completed => listed("COMPLETED"),
            Values::Unknown => Some(everything().into()),
        };
    }
    if schema["type"] != "string" {
        return None;
    }
    Some(match (place.model, place.member) {
        ("SigningOrder", "id") | (_, "orderId") => ORDER_ID.into(),
        // A person's own.
        ("Subject", "id") => NATIONAL_ID.into(),
        (_, "id" | "documentRef" | "dependsOnTasks") => "kari".into(),
        (_, name) if name.ends_with("Id") || name.ends_with("Ids") => "kari".into(),
        (_, "artifact") => ARTIFACT.into(),
        // It is shown, and scrubbed of what can be recognised.
        (_, "rejectReason") => format!("{REJECT_REASON} {NATIONAL_ID} {MAIL}").into(),
        (_, "signingUrl") => SIGNING_URL.into(),
        _ => everything().into(),
    })
}
