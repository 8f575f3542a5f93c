//! Says whether a request or an answer is what the contract allows.
//!
//! It reads the OpenAPI document and nothing else: it shares no type with any client, so a mistake in a
//! client's models can't hide here. The sandbox holds every request against it, and so can any other test
//! of a client:
//!
//! ```
//! # use signicat_sign::sandbox::judge::Judge;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let contract = serde_json::from_str(signicat_sign::sandbox::CONTRACT)?;
//! let judge = Judge::new(&contract)?;
//!
//! let order = br#"{"tasks": [{"id": "kari", "documents": [{"id": "loan", "action": "SIGN"}]}]}"#;
//! let mut headers = http::HeaderMap::new();
//! headers.insert("content-type", "application/json".parse()?);
//! let violations = judge.request("createOrder", "", &headers, order);
//! assert_eq!(violations[0].to_string(), "tasks[0].documents[0].source: is required");
//! # Ok(())
//! # }
//! ```

use std::collections::BTreeMap;
use std::fmt;

use http::{HeaderMap, StatusCode, header};
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::paths::{Location, LocationSegment};
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use reading::Reader;

mod reading;

/// Headers that belong to HTTP and to tracing: any request may carry them, whatever the contract declares.
const HTTP_HEADERS: [&str; 17] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "date",
    "expect",
    "host",
    "te",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// One contract, ready to judge by.
///
/// ```
/// use signicat_sign::sandbox::judge::Judge;
///
/// let judge = Judge::new(&serde_json::from_str(signicat_sign::sandbox::CONTRACT)?)?;
/// assert!(judge.operation_ids().any(|id| id == "createOrder"));
/// assert_eq!(judge.methods("/orders"), ["post"]);
/// assert!(judge.operation("GET", "/orders").is_none());
/// assert!(judge.takes("createOrder", Some("application/json")));
/// assert!(!judge.answer("getOrder", 200, Some("text/html"), b"<html>").is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Judge {
    operations: Vec<Operation>,
    scopes: Vec<String>,
}

/// The operation that a method and a path belong to.
///
/// ```
/// use signicat_sign::sandbox::judge::{Judge, Matched};
///
/// let judge = Judge::new(&serde_json::from_str(signicat_sign::sandbox::CONTRACT)?)?;
/// let matched: Matched = judge.operation("GET", "/orders/a%2Fb").unwrap();
/// assert_eq!((matched.operation_id, matched.template), ("getOrder", "/orders/{orderId}"));
/// assert_eq!(matched.params["orderId"], "a/b");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched<'j> {
    /// The `operationId`.
    pub operation_id: &'j str,
    /// The path as the contract spells it, with its parameters in braces.
    pub template: &'j str,
    /// The path parameters, percent-decoded.
    pub params: BTreeMap<&'j str, String>,
}

/// One thing that the contract does not allow. Says what was expected and never repeats the value: values are
/// people's names and numbers.
///
/// ```
/// use signicat_sign::sandbox::judge::Violation;
///
/// assert_eq!(Violation::new("tasks[0].id", "is required").to_string(), "tasks[0].id: is required");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Path of the member in the server's spelling, such as `tasks[0].subject.attributes[0].value`; the name of
    /// a header or of a query parameter; empty for the body as a whole.
    pub property_path: String,
    /// What is wrong with it.
    pub message: String,
}

#[derive(Debug)]
struct Operation {
    id: String,
    method: String,
    template: String,
    parameters: Vec<Parameter>,
    body: Option<Body>,
    /// By status as the contract writes it: `200`, `4XX` or `default`.
    answers: BTreeMap<String, Vec<Media>>,
}

#[derive(Debug)]
struct Parameter {
    name: String,
    location: String,
    required: bool,
    schema: Validator,
}

#[derive(Debug)]
struct Body {
    required: bool,
    media: Vec<Media>,
}

#[derive(Debug)]
struct Media {
    /// `application/json`, `image/*` or `*/*`.
    range: String,
    /// Only JSON has one; everything else is bytes.
    schema: Option<Validator>,
}

/// Which way a schema's values go: a `readOnly` member is for answers alone, a `writeOnly` one for requests.
#[derive(Clone, Copy)]
enum Direction {
    Request,
    Answer,
}

impl Direction {
    /// The keyword of the members that do not go this way.
    fn hides(self) -> &'static str {
        match self {
            Direction::Request => "readOnly",
            Direction::Answer => "writeOnly",
        }
    }

    /// What is wrong with such a member.
    fn refusal(self) -> &'static str {
        match self {
            Direction::Request => "is read-only: the service sets it",
            Direction::Answer => "is write-only: only requests have it",
        }
    }
}

impl Judge {
    /// Reads a contract, an OpenAPI 3.0 document.
    ///
    /// # Errors
    ///
    /// A sentence that says which part of the contract can't be read.
    pub fn new(contract: &Value) -> Result<Judge, String> {
        let reader = Reader { contract };
        Ok(Judge { operations: reader.operations()?, scopes: reader.scopes() })
    }

    /// The ids of all operations.
    pub fn operation_ids(&self) -> impl Iterator<Item = &str> {
        self.operations.iter().map(|operation| operation.id.as_str())
    }

    /// The scopes that a client can ask a token for on its own behalf.
    pub(super) fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// Whether the contract has a say in this header of an operation's requests.
    pub(super) fn declares_header(&self, operation_id: &str, name: &str) -> bool {
        let parameters = self.by_id(operation_id).into_iter().flat_map(|operation| &operation.parameters);
        parameters.into_iter().any(|parameter| parameter.location == "header" && parameter.is(name))
    }

    /// The operation that a method and a path (relative to the API's base, still percent-encoded) belong to.
    #[must_use]
    pub fn operation(&self, method: &str, path: &str) -> Option<Matched<'_>> {
        self.at(path)
            .filter(|(operation, _)| operation.method.eq_ignore_ascii_case(method))
            .map(|(operation, params)| Matched {
                operation_id: &operation.id,
                template: &operation.template,
                params,
            })
            // A literal segment goes before a parameter.
            .min_by_key(|matched| matched.params.len())
    }

    /// The methods that the contract has at a path: none where there is no such path.
    #[must_use]
    pub fn methods(&self, path: &str) -> Vec<&str> {
        self.at(path).map(|(operation, _)| operation.method.as_str()).collect()
    }

    /// Whether an operation takes a body of this media type. One that takes no body takes any.
    #[must_use]
    pub fn takes(&self, operation_id: &str, content_type: Option<&str>) -> bool {
        match self.by_id(operation_id).and_then(|operation| operation.body.as_ref()) {
            Some(body) => find(&body.media, content_type).is_some(),
            None => true,
        }
    }

    /// Everything about a request that the contract does not allow. A client may not invent anything: a member,
    /// a query parameter or a header that the contract doesn't know is a violation, and so is a member that
    /// only answers have, unless it is null and may be.
    #[must_use]
    pub fn request(
        &self,
        operation_id: &str,
        query: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Vec<Violation> {
        let Some(operation) = self.by_id(operation_id) else { return vec![unknown_operation(operation_id)] };
        let query: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let content_type = headers.iter().find(|(name, _)| name == header::CONTENT_TYPE.as_str());

        let mut violations = operation.parameters("query", &query);
        violations.extend(operation.parameters("header", &headers));
        violations.extend(operation.body(content_type.map(|(_, value)| value.as_str()), body));
        violations
    }

    /// The status with which an operation says that it was done: this one where the contract documents it, else
    /// one that it does.
    pub(super) fn success(&self, operation_id: &str, usual: StatusCode) -> StatusCode {
        let answers = self.by_id(operation_id).into_iter().flat_map(|operation| operation.answers.keys());
        let good: Vec<StatusCode> =
            answers.filter_map(|status| status.parse().ok()).filter(StatusCode::is_success).collect();
        if good.contains(&usual) { usual } else { good.first().copied().unwrap_or(usual) }
    }

    /// Everything about an answer that the contract does not allow. An answer's unknown members count too: from
    /// the sandbox they are a mistake, from the real service they are news.
    #[must_use]
    pub fn answer(
        &self,
        operation_id: &str,
        status: u16,
        content_type: Option<&str>,
        body: &[u8],
    ) -> Vec<Violation> {
        let Some(operation) = self.by_id(operation_id) else { return vec![unknown_operation(operation_id)] };
        let documented = [status.to_string(), format!("{}XX", status / 100), "default".to_owned()];
        let Some(media) = documented.iter().find_map(|key| operation.answers.get(key)) else {
            return vec![Violation::new("", format!("status {status} is not documented"))];
        };
        match (media.is_empty(), body.is_empty()) {
            (true, true) => Vec::new(),
            (true, false) => {
                vec![Violation::new("", format!("status {status} is documented without a body"))]
            }
            (false, _) => judge_body(media, content_type, body, Direction::Answer),
        }
    }

    fn by_id(&self, operation_id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == operation_id)
    }

    fn at(&self, path: &str) -> impl Iterator<Item = (&Operation, BTreeMap<&str, String>)> {
        self.operations
            .iter()
            .filter_map(move |operation| Some((operation, params(&operation.template, path)?)))
    }
}

impl Operation {
    fn parameters(&self, location: &str, sent: &[(String, String)]) -> Vec<Violation> {
        let declared = || self.parameters.iter().filter(|parameter| parameter.location == location);
        let free = |name: &str| location == "header" && HTTP_HEADERS.contains(&name);
        let unknown = |name| Violation::new(name, format!("the contract knows no such {location} parameter"));
        let mut violations = Vec::new();
        for (name, value) in sent.iter().filter(|(name, _)| !free(name)) {
            match declared().find(|parameter| parameter.is(name)) {
                Some(parameter) => violations.extend(parameter.judge(value)),
                None => violations.push(unknown(name)),
            }
        }
        for missing in declared().filter(|p| p.required && !sent.iter().any(|(name, _)| p.is(name))) {
            violations.push(Violation::new(&missing.name, "is required"));
        }
        violations
    }

    fn body(&self, content_type: Option<&str>, sent: &[u8]) -> Vec<Violation> {
        match &self.body {
            None if sent.is_empty() => Vec::new(),
            None => vec![Violation::new("", "this operation takes no body")],
            Some(body) if sent.is_empty() && body.required => vec![Violation::new("", "a body is required")],
            Some(_) if sent.is_empty() => Vec::new(),
            Some(body) => judge_body(&body.media, content_type, sent, Direction::Request),
        }
    }
}

impl Parameter {
    fn is(&self, name: &str) -> bool {
        // Header names know no case; HTTP libraries write them in lower case.
        if self.location == "header" { self.name.eq_ignore_ascii_case(name) } else { self.name == name }
    }

    fn judge(&self, value: &str) -> Option<Violation> {
        // A parameter is text on the wire: `7` may be meant as a number or as a string.
        let text = Value::from(value);
        let fits = self.schema.is_valid(&text)
            || value.parse().is_ok_and(|value: Value| self.schema.is_valid(&value));
        (!fits).then(|| Violation::new(&self.name, "is not what the contract asks for"))
    }
}

impl Violation {
    /// A violation of the member at `property_path`.
    #[must_use]
    pub fn new(property_path: impl Into<String>, message: impl Into<String>) -> Violation {
        Violation { property_path: property_path.into(), message: message.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.property_path.as_str() {
            "" => write!(f, "{}", self.message),
            path => write!(f, "{path}: {}", self.message),
        }
    }
}

fn unknown_operation(operation_id: &str) -> Violation {
    Violation::new("", format!("the contract has no operation `{operation_id}`"))
}

// ---- Paths and media types ----

fn params<'t>(template: &'t str, path: &str) -> Option<BTreeMap<&'t str, String>> {
    let mut params = BTreeMap::new();
    let (mut expected, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (expected.next(), given.next()) {
            (None, None) => return Some(params),
            (Some(expected), Some(given)) => {
                match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                    Some(_) if given.is_empty() => return None,
                    Some(name) => _ = params.insert(name, percent_decode(given)?),
                    None if expected != given => return None,
                    None => {}
                }
            }
            _ => return None,
        }
    }
}

/// Decodes one path segment. A `+` stays one: it means a space in a query only. None where a `%` is not followed by
/// two digits, or what comes out is no text.
pub(super) fn percent_decode(segment: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(segment.len());
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (high, low) = (digit(bytes.next()?)?, digit(bytes.next()?)?);
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

/// The media type without its parameters, in lower case.
pub(super) fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn find<'m>(media: &'m [Media], content_type: Option<&str>) -> Option<&'m Media> {
    let sent = essence(content_type?);
    let fits = |media: &&Media| match media.range.strip_suffix('*') {
        Some("*/") => true,
        Some(family) => sent.starts_with(family),
        None => sent == media.range,
    };
    // The closest goes first.
    media.iter().filter(fits).min_by_key(|media| media.range.matches('*').count())
}

fn judge_body(
    media: &[Media],
    content_type: Option<&str>,
    body: &[u8],
    direction: Direction,
) -> Vec<Violation> {
    let Some(media) = find(media, content_type) else {
        let known: Vec<_> = media.iter().map(|media| media.range.as_str()).collect();
        return vec![Violation::new("Content-Type", format!("is not one of {}", known.join(", ")))];
    };
    let Some(schema) = &media.schema else { return Vec::new() };
    match serde_json::from_slice(body) {
        Ok(value) => schema.iter_errors(&value).flat_map(|error| explain(&error, direction)).collect(),
        // serde_json tells the position and the kind of token, not what the body says.
        Err(error) => vec![Violation::new("", format!("is not JSON: {error}"))],
    }
}

// ---- What the validator found, in the server's words ----

fn explain(error: &ValidationError<'_>, direction: Direction) -> Vec<Violation> {
    let path = property_path(error.instance_path());
    let members = |names: &[String]| {
        names
            .iter()
            .map(|name| Violation::new(join(&path, name), "the contract knows no such member"))
            .collect()
    };
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            vec![Violation::new(join(&path, property.as_str().unwrap_or_default()), "is required")]
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => members(unexpected),
        ValidationErrorKind::FalseSchema => vec![Violation::new(path, direction.refusal())],
        ValidationErrorKind::Type { kind } => {
            vec![Violation::new(path, format!("must be {}", type_name(kind)))]
        }
        // `masked`: the validator's own message quotes the value.
        _ => vec![Violation::new(path, error.masked().to_string())],
    }
}

fn type_name(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => format!("of type {one}"),
        TypeKind::Multiple(many) => {
            let names: Vec<_> = many.iter().map(|one| one.to_string()).collect();
            format!("of type {}", names.join(" or "))
        }
    }
}

fn property_path(location: &Location) -> String {
    location.iter().fold(String::new(), |path, segment| match segment {
        LocationSegment::Property(name) => join(&path, &name),
        LocationSegment::Index(index) => format!("{path}[{index}]"),
    })
}

fn join(path: &str, member: &str) -> String {
    if path.is_empty() { member.to_owned() } else { format!("{path}.{member}") }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "the values are written right here")]
mod tests {
    use std::sync::LazyLock;

    use serde_json::json;

    use super::*;

    /// A contract of the tests' own: what it says does not change with the API.
    static JUDGE: LazyLock<Judge> = LazyLock::new(|| {
        let object = |required: &[&str], members: Value| json!({ "type": "object", "required": required, "properties": members });
        let list = |of: Value| json!({ "type": "array", "minItems": 1, "items": of });
        let string = json!({ "type": "string" });
        let nullable = json!({ "type": "string", "nullable": true });
        let order = object(
            &["tasks"],
            json!({
                "id": { "type": "string", "readOnly": true },
                "clientReference": { "type": "string", "minLength": 1, "maxLength": 255 },
                "daysUntilDeletion": { "type": "integer", "format": "int32", "minimum": 1, "maximum": 30 },
                "packagingTasks": list(json!({})),
                "tasks": list(json!({ "$ref": "#/components/schemas/Task" })),
            }),
        );
        let document = object(
            &["id", "action", "source"],
            json!({
                "id": string, "documentRef": string, "source": string,
                "action": { "type": "string", "enum": ["SIGN", "VIEW", "UPLOAD"] },
            }),
        );
        let attribute = object(&["value"], json!({ "name": string, "value": string }));
        let mut dialog = object(&[], json!({ "title": string }));
        dialog["nullable"] = true.into();
        let task = object(
            &["id", "documents"],
            json!({
                "id": string,
                "daysToLive": { "type": "integer", "format": "int32" },
                "documents": list(document),
                "signatureMethods": list(object(&[], json!({ "name": nullable, "type": nullable, "handwritten": { "type": "boolean" } }))),
                "subject": object(&[], json!({ "attributes": list(attribute) })),
                "dialog": dialog,
                "signingUrl": { "type": "string", "nullable": true, "readOnly": true },
            }),
        );
        let stored = json!({ "schema": object(&["documentId"], json!({ "documentId": string })) });
        let bytes = json!({ "schema": { "type": "string", "format": "binary" } });
        let order_of = |media_type: &str| json!({ "description": "", "content": { media_type: { "schema": { "$ref": "#/components/schemas/Order" } } } });
        let parameters = json!([{ "name": "X-Organization", "in": "header", "schema": string }]);
        let of_path = json!([{ "name": "orderId", "in": "path", "required": true, "schema": string }]);
        let gone = json!({ "204": { "description": "" } });
        let contract = json!({
            "paths": {
                "/documents": { "parameters": parameters, "post": {
                    "operationId": "uploadDocument",
                    "requestBody": { "required": true, "content": { "application/pdf": bytes, "text/plain": bytes } },
                    "responses": { "201": { "description": "", "content": { "application/json;charset=UTF-8": stored } } },
                } },
                "/documents/{documentId}": { "get": {
                    "operationId": "getDocument",
                    "responses": { "200": { "description": "", "content": { "*/*": bytes } } },
                } },
                "/orders": { "post": {
                    "operationId": "createOrder",
                    "requestBody": { "required": true, "content": order_of("application/json;charset=UTF-8")["content"] },
                    "responses": { "200": order_of("*/*") },
                } },
                "/orders/{orderId}": {
                    "parameters": of_path,
                    "get": { "operationId": "getOrder", "responses": { "200": order_of("*/*") } },
                    "delete": { "operationId": "deleteOrder", "responses": gone },
                },
                "/orders/{orderId}/tasks/{taskId}/status": { "get": { "operationId": "getTaskStatus", "responses": gone } },
            },
            "components": { "schemas": { "Order": order, "Task": task } },
        });
        Judge::new(&contract).unwrap()
    });

    fn order() -> Value {
        json!({
            "clientReference": "case-42",
            "tasks": [{
                "id": "kari",
                "daysToLive": 7,
                "documents": [{ "id": "loan", "action": "SIGN", "source": "SESSION", "documentRef": "0101" }],
                "signatureMethods": [{ "name": null, "type": null, "handwritten": true }],
                "subject": { "attributes": [{ "name": "national-id", "value": "10109001290" }] },
            }],
        })
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    /// What the judge says about an order, one line a violation.
    fn said(order: &Value) -> String {
        let headers = headers(&[("content-type", "application/json; charset=utf-8")]);
        let violations = JUDGE.request("createOrder", "", &headers, order.to_string().as_bytes());
        violations.iter().map(Violation::to_string).collect::<Vec<_>>().join("\n")
    }

    /// What the judge says about the order with one member changed.
    fn said_with(pointer: &str, value: Value) -> String {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let mut order = order();
        match order.pointer_mut(parent).unwrap() {
            Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
            members => members[name] = value,
        }
        said(&order)
    }

    #[test]
    fn a_good_order_passes() {
        assert_eq!(said(&order()), "");
        assert_eq!(said_with("/tasks/0/dialog", Value::Null), "");
        assert_eq!(said_with("/tasks/0/dialog", json!({ "title": "Sign this" })), "");
    }

    #[test]
    fn a_client_may_say_that_it_does_not_know_what_the_service_sets() {
        assert_eq!(said_with("/tasks/0/signingUrl", Value::Null), "");
        // The contract has no null here.
        assert_eq!(said_with("/id", Value::Null), "id: is read-only: the service sets it");
    }

    #[test]
    fn every_violation_has_the_servers_path() {
        for (pointer, value, expected) in [
            ("/clientReference", json!(""), "clientReference: value is shorter than 1 character"),
            ("/clientReference", Value::Null, "clientReference: must be of type string"),
            ("/daysUntilDeletion", json!(31), "daysUntilDeletion: value is greater than the maximum of 30"),
            ("/packagingTasks", json!([]), "packagingTasks: value has less than 1 item"),
            (
                "/tasks/0/daysToLive",
                json!(1_u64 << 40),
                "tasks[0].daysToLive: value is greater than the maximum of 2147483647",
            ),
            (
                "/tasks/0/documents/0/action",
                json!("EAT"),
                "tasks[0].documents[0].action: value is not one of \"SIGN\", \"VIEW\" or \"UPLOAD\"",
            ),
            (
                "/tasks/0/subject/attributes/0",
                json!({ "name": "n" }),
                "tasks[0].subject.attributes[0].value: is required",
            ),
            (
                "/tasks/0/signingUrl",
                json!("https://x"),
                "tasks[0].signingUrl: is read-only: the service sets it",
            ),
            ("/tasks/0/colour", json!("blue"), "tasks[0].colour: the contract knows no such member"),
            (
                "/tasks/0/dialog",
                json!({ "colour": 1 }),
                "tasks[0].dialog.colour: the contract knows no such member",
            ),
        ] {
            assert_eq!(said_with(pointer, value), expected, "{pointer}");
        }
        assert_eq!(said(&json!({})), "tasks: is required");
        assert_eq!(said(&json!([])), "must be of type object");
    }

    #[test]
    fn headers_queries_and_media_types_are_judged() {
        let said = |query: &str, pairs: &[_], body: &[u8]| {
            JUDGE
                .request("uploadDocument", query, &headers(pairs), body)
                .iter()
                .map(Violation::to_string)
                .collect::<Vec<_>>()
        };
        let pdf = ("content-type", "application/pdf");
        let none: [&str; 0] = [];
        assert_eq!(said("", &[pdf, ("x-organization", "o-1"), ("user-agent", "t")], b"%PDF-"), none);
        assert_eq!(said("", &[pdf], b""), ["a body is required"]);
        assert_eq!(said("a=b", &[pdf], b"%PDF-"), ["a: the contract knows no such query parameter"]);
        assert_eq!(
            said("", &[pdf, ("x-secret", "1")], b"%PDF-"),
            ["x-secret: the contract knows no such header parameter"]
        );
        let refused = ["Content-Type: is not one of application/pdf, text/plain"];
        assert_eq!(said("", &[("content-type", "image/png")], b"%PDF-"), refused);
        assert!(!JUDGE.takes("uploadDocument", Some("image/png")));
        assert_eq!(
            JUDGE.request("getOrder", "", &HeaderMap::new(), b"{}")[0].message,
            "this operation takes no body"
        );
    }

    #[test]
    fn answers_are_judged() {
        let said = |id: &str, status, media: Option<&str>, body: &[u8]| {
            JUDGE
                .answer(id, status, media, body)
                .iter()
                .map(Violation::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        };
        let json = Some("application/json");
        assert_eq!(said("deleteOrder", 204, None, b""), "");
        assert_eq!(said("deleteOrder", 204, None, b"gone"), "status 204 is documented without a body");
        assert_eq!(said("deleteOrder", 418, None, b""), "status 418 is not documented");
        assert_eq!(said("uploadDocument", 201, json, br#"{"documentId": "1"}"#), "");
        assert_eq!(
            said("uploadDocument", 201, json, b"{"),
            "is not JSON: EOF while parsing an object at line 1 column 1"
        );
        assert_eq!(
            said("uploadDocument", 201, Some("text/html"), b"<p>"),
            "Content-Type: is not one of application/json"
        );
        assert_eq!(said("uploadDocument", 201, json, b"{}"), "documentId: is required");
        // Any media type: what has members is JSON, and a string is bytes.
        assert_eq!(said("getOrder", 200, json, br#"{"tasks": []}"#), "tasks: value has less than 1 item");
        assert_eq!(said("getDocument", 200, Some("application/pdf"), b"%PDF-"), "");
        // Read-only members belong here.
        let mut order = order();
        order["id"] = json!("1");
        assert_eq!(said("getOrder", 200, json, order.to_string().as_bytes()), "");
    }

    #[test]
    fn a_success_is_one_that_is_documented() {
        assert_eq!(JUDGE.success("uploadDocument", StatusCode::OK), StatusCode::CREATED);
        assert_eq!(JUDGE.success("getOrder", StatusCode::OK), StatusCode::OK);
        assert_eq!(JUDGE.success("makeCoffee", StatusCode::OK), StatusCode::OK);
    }

    #[test]
    fn the_closest_media_type_goes_first() {
        let media =
            ["*/*", "text/plain", "text/*"].map(|range| Media { range: range.to_owned(), schema: None });
        let found = |sent| find(&media, Some(sent)).map(|media| media.range.as_str());
        assert_eq!(found("text/plain; charset=utf-8"), Some("text/plain"));
        assert_eq!(found("text/html"), Some("text/*"));
        assert_eq!(found("image/png"), Some("*/*"));
    }

    #[test]
    fn a_path_finds_its_operation() {
        let matched = JUDGE.operation("GET", "/orders/a%2Fb+/tasks/kari/status").expect("the path is known");
        assert_eq!((matched.operation_id, matched.params["orderId"].as_str()), ("getTaskStatus", "a/b+"));
        assert_eq!(matched.template, "/orders/{orderId}/tasks/{taskId}/status");
        for path in ["/orders//tasks/kari/status", "/orders/%zz", "/nothing", "/orders/1/"] {
            assert_eq!(JUDGE.operation("GET", path), None, "{path}");
        }
        let mut methods = JUDGE.methods("/orders/1");
        methods.sort_unstable();
        assert_eq!(methods, ["delete", "get"]);
    }
}
