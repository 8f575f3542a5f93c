//! What a publisher may well write and the bare generator can't take, or takes and spoils: each trap is a small
//! document, with what the generator makes of it alone and what comes out after the preparation.

use serde_json::{Value, json};

use super::run_generator;
use super::samples::{
    answer, assert_has, assert_has_not, contract, failure, generate, ok, operation, reference, request,
    squeeze,
};

/// The generator without the preparation: its code, squeezed, or why there is none.
fn bare(document: &Value) -> Result<String, String> {
    let generated = run_generator(document.clone(), &[]).map_err(|e| e.to_string())?;
    Ok(squeeze(&generated.to_string()))
}

/// The generator alone fails, and says something with these words in it.
#[track_caller]
fn assert_breaks(document: &Value, why: &str) {
    let broken = bare(document).expect_err("the generator takes it");
    assert!(broken.contains(why), "{broken}");
}

/// The generator alone makes code in which this is found.
#[track_caller]
fn assert_spoils(document: &Value, code: &str) {
    match bare(document) {
        Ok(text) => assert_has(&text, code),
        Err(why) => panic!("{why}"),
    }
}

/// A contract of one operation that takes these media types.
fn taking(content: Value) -> Value {
    let take = json!({
        "operationId": "take", "requestBody": { "content": content }, "responses": { "204": { "description": "" } }
    });
    contract(
        json!({ "/things": { "post": take } }),
        json!({ "Thing": { "type": "object", "properties": {} }, "Other": { "type": "object", "properties": {} } }),
    )
}

/// A contract of one operation that answers so, each status with its media types.
fn answering(answers: &[(&str, Value)]) -> Value {
    let answers: serde_json::Map<_, _> = answers
        .iter()
        .map(|(status, content)| ((*status).to_owned(), json!({ "description": "", "content": content })))
        .collect();
    let mut document = operation(json!({ "operationId": "get", "responses": answers }));
    document["components"]["schemas"]["Other"] = json!({ "type": "object", "properties": {} });
    document
}

/// JSON of the named schema.
fn json_of(name: &str) -> Value {
    json!({ "application/json": { "schema": reference(name) } })
}

fn binary() -> Value {
    json!({ "schema": { "type": "string", "format": "binary" } })
}

#[track_caller]
fn assert_answers(document: &Value, ty: &str) {
    assert_has(
        &generate(document),
        &format!("pub async fn get<'a>(&'a self) -> Result<ResponseValue<{ty}>, Error<()>>"),
    );
}

#[track_caller]
fn assert_takes_bytes(document: &Value) {
    assert_has(&generate(document), "pub async fn take<'a, B: Into<reqwest::Body>>(&'a self, body: B)");
}

// ---- Requests ----

#[test]
fn two_media_types_of_a_request() {
    let upload = taking(json!({ "application/octet-stream": binary(), "text/plain": binary() }));
    assert_breaks(&upload, "more media types than expected");
    assert_takes_bytes(&upload);

    let object = taking(
        json!({ "application/json": { "schema": reference("Thing") }, "application/xml": { "schema": reference("Thing") } }),
    );
    assert_breaks(&object, "more media types than expected");
    assert_has(&generate(&object), "take<'a>(&'a self, body: &'a types::Thing)");
}

#[test]
fn a_request_that_is_a_pdf() {
    let document = taking(json!({ "application/pdf": binary() }));
    assert_breaks(&document, "unexpected content type: application/pdf");
    let text = generate(&document);
    assert_has(&text, "take<'a, B: Into<reqwest::Body>>(&'a self, body: B)");
    assert_has(&text, "request: crate::contract::Body::Binary, request_types: &[\"application/pdf\"]");
}

#[test]
fn a_request_of_json_or_bytes() {
    let document =
        taking(json!({ "application/json": { "schema": reference("Thing") }, "application/pdf": binary() }));
    assert_breaks(&document, "more media types than expected");
    assert_takes_bytes(&document);
}

/// The parts are the caller's to write: the function takes them as bytes and says the boundary.
#[test]
fn a_request_in_parts() {
    let form = json!({ "schema": { "type": "object", "properties": { "file": { "type": "string", "format": "binary" } } } });
    let document = taking(json!({ "multipart/form-data": form }));
    assert_breaks(&document, "unexpected content type: multipart/form-data");
    assert_takes_bytes(&document);
    let in_parts = "multipart/form-data; boundary=signicat-sign-5d0b7f21c9e84a36";
    let text = generate(&document);
    assert_has(&text, &format!("/// The body is written by the caller, as `{in_parts}`."));
    assert_has(&text, &format!("request_types: &[\"{in_parts}\"]"));
}

#[test]
fn a_request_of_any_media_type() {
    let file = taking(json!({ "*/*": binary() }));
    assert_breaks(&file, "unexpected content type: */*");
    assert_takes_bytes(&file);
    // A range is no media type that a header can name.
    assert_has(&generate(&file), "request: crate::contract::Body::Binary, request_types: &[]");

    let object = taking(json!({ "*/*": { "schema": reference("Thing") } }));
    assert_has(&generate(&object), "take<'a>(&'a self, body: &'a types::Thing)");
}

#[test]
fn a_request_of_json_without_a_schema() {
    let document = taking(json!({ "application/json": {} }));
    assert_breaks(&document, "No schema specified for request body");
    assert_has(&generate(&document), "take<'a>(&'a self, body: &'a ::serde_json::Value)");
}

// ---- Answers ----

#[test]
fn an_answer_of_json_without_a_schema() {
    let document = answering(&[("200", json!({ "application/json": {} }))]);
    assert_breaks(&document, "not yet implemented");
    assert_answers(&document, "::serde_json::Value");
}

#[test]
fn an_answer_that_is_a_pdf() {
    let document = answering(&[("200", json!({ "application/pdf": {} })), ("404", json_of("Other"))]);
    assert_spoils(&document, "Result<ResponseValue<ByteStream>, Error<types::Other>>");
    assert_answers(&document, "ByteStream");
}

#[test]
fn an_answer_of_json_and_of_nothing() {
    let document = answering(&[("200", json_of("Thing")), ("204", json!({}))]);
    assert_breaks(&document, "response_types.len() <= 1");
    assert_answers(&document, "types::Thing");
}

/// No member of either may be lost, so what comes is any JSON.
#[test]
fn answers_of_two_schemas() {
    let document = answering(&[("200", json_of("Thing")), ("201", json_of("Other"))]);
    assert_breaks(&document, "response_types.len() <= 1");
    assert_answers(&document, "::serde_json::Value");

    let same = answering(&[("200", json_of("Thing")), ("201", json_of("Thing"))]);
    assert_answers(&same, "types::Thing");
}

#[test]
fn an_answer_of_json_or_bytes() {
    let document = answering(&[("200", json_of("Thing")), ("203", json!({ "application/pdf": {} }))]);
    assert_breaks(&document, "response_types.len() <= 1");
    assert_answers(&document, "ByteStream");

    // Other spellings of the same: what is asked for is JSON.
    let mut spellings = json_of("Thing");
    spellings["application/xml"] = spellings["application/json"].clone();
    assert_answers(&answering(&[("200", spellings)]), "types::Thing");
}

/// springdoc's media type for whatever names none.
#[test]
fn an_answer_of_any_media_type() {
    let any = |content: Value| answering(&[("200", json!({ "*/*": content }))]);
    assert_spoils(&any(json!({ "schema": reference("Thing") })), "ResponseValue<ByteStream>");
    assert_answers(&any(json!({ "schema": reference("Thing") })), "types::Thing");
    assert_answers(
        &any(json!({ "schema": { "type": "array", "items": reference("Thing") } })),
        "crate::lenient::List<types::Thing>",
    );
    for bytes in [binary(), json!({ "schema": { "type": "string" } }), json!({})] {
        assert_answers(&any(bytes), "ByteStream");
    }
}

/// The words of the media type are JSON's, those of the schema are right.
#[test]
fn bytes_that_are_called_json() {
    let document = answering(&[("200", json!({ "application/json": binary() }))]);
    assert_spoils(&document, "ResponseValue<::std::string::String>");
    assert_answers(&document, "ByteStream");
}

#[test]
fn failures_of_several_schemas() {
    let document = answering(&[
        ("200", json_of("Thing")),
        ("400", json_of("Other")),
        ("403", json!({ "application/problem+json": { "schema": reference("Other") } })),
        ("4XX", json_of("Thing")),
        ("default", json!({ "text/html": {} })),
    ]);
    assert_breaks(&document, "response_types.len() <= 1");
    assert_answers(&document, "types::Thing");
}

#[test]
fn answers_that_are_objects_without_a_name() {
    let object = |member: &str| json!({ "application/json": { "schema": { "type": "object", "properties": { member: { "type": "string" } } } } });
    let document = answering(&[("200", object("id")), ("404", object("reason"))]);
    assert_spoils(&document, "Result<ResponseValue<types::GetResponse>, Error<types::GetResponse>>");
    assert_answers(&document, "types::GetResponse");
    assert_has_not(&generate(&document), "pub reason");
}

// ---- Parameters ----

fn parameter(name: &str, location: &str) -> Value {
    json!({ "name": name, "in": location, "required": location == "path", "schema": { "type": "string" } })
}

#[test]
fn parameters_in_another_order_than_in_the_path() {
    let get = json!({
        "operationId": "get", "responses": { "204": { "description": "" } },
        "parameters": [parameter("b", "path"), parameter("q", "query"), parameter("a", "path")]
    });
    let document = contract(
        json!({ "/{a}/{b}": { "get": get, "head": { "operationId": "look", "parameters": [parameter("a", "path"), parameter("b", "path")], "responses": { "204": { "description": "" } } } } }),
        json!({}),
    );
    assert_spoils(&document, "get<'a>(&'a self, a: &'a str, b: &'a str, q: Option<&'a str>)");
    assert_has(
        &generate(&document),
        "get<'a>(&'a self, a: &'a crate::AnyId, b: &'a crate::AnyId, q: Option<&'a str>)",
    );
}

#[test]
fn cookies() {
    let with = |cookie: Value| {
        operation(
            json!({ "operationId": "get", "parameters": [cookie], "responses": ok(reference("Thing")) }),
        )
    };
    let mut cookie = parameter("session", "cookie");
    assert_breaks(&with(cookie.clone()), "cookie parameters are not supported");
    assert_answers(&with(cookie.clone()), "types::Thing");

    cookie["required"] = true.into();
    assert_eq!(
        failure(&with(cookie)),
        "paths./things.get: needs the cookie session, and the client sends no cookies; leave it out"
    );
}

/// OpenAPI ignores them, and the client sets them itself.
#[test]
fn headers_that_are_no_parameters() {
    let names = ["Authorization", "accept", "Content-Type"];
    let parameters = names.map(
        |name| json!({ "name": name, "in": "header", "required": true, "schema": { "type": "string" } }),
    );
    let document = operation(
        json!({ "operationId": "get", "parameters": parameters, "responses": ok(reference("Thing")) }),
    );
    assert_spoils(&document, "authorization: &'a str");
    assert_answers(&document, "types::Thing");
}

// ---- Names ----

#[test]
fn an_operation_without_a_name() {
    let document = operation(json!({ "responses": ok(reference("Thing")) }));
    assert_breaks(&document, "missing operation ID");
    assert_eq!(failure(&document), "paths./things.get: has no `operationId`; add one, it names the function");
}

fn two_operations(first: &str, second: &str) -> Value {
    let get = |id: &str| json!({ "get": { "operationId": id, "responses": ok(reference("Thing")) } });
    contract(
        json!({ "/a": get(first), "/b": get(second) }),
        json!({ "Thing": { "type": "object", "properties": {} } }),
    )
}

#[test]
fn operations_that_become_one_in_rust() {
    let document = two_operations("getDocument", "get_document");
    assert_eq!(bare(&document).unwrap().matches("pubasyncfnget_document<'a>").count(), 2);
    assert_eq!(
        failure(&document),
        "paths./b.get: its `operationId` gives the name get_document, as does paths./a.get's"
    );
}

/// springdoc counts where two methods have one name.
#[test]
fn operations_that_a_generator_has_counted() {
    let document = two_operations("getStatus", "getStatus_1");
    for text in [bare(&document).unwrap(), generate(&document)] {
        assert_has(&text, "pub async fn get_status<'a>(");
        assert_has(&text, "pub async fn get_status_1<'a>(");
    }
}

#[test]
fn schemas_that_become_one_in_rust() {
    let mut document = answer(json!({ "a": reference("Foo.Bar"), "b": reference("FooBar") }));
    document["components"]["schemas"]["Foo.Bar"] =
        json!({ "type": "object", "properties": { "a": { "type": "string" } } });
    document["components"]["schemas"]["FooBar"] =
        json!({ "type": "object", "properties": { "b": { "type": "string" } } });
    assert_eq!(bare(&document).unwrap().matches("pubstructFooBar{").count(), 2, "which does not compile");
    assert_eq!(
        failure(&document),
        "components.schemas: Foo.Bar and FooBar are both FooBar in Rust; rename one"
    );
}

#[test]
fn values_that_differ_in_case_only() {
    let document = answer(
        json!({ "event": { "type": "string", "enum": ["notification-sent", "NOTIFICATION_SENT", "SENT", "Sent"] } }),
    );
    assert_breaks(&document, "Failed");
    assert_has(
        &generate(&document),
        "pub enum ThingEvent {
            /// `notification-sent`, also written `NOTIFICATION_SENT`
            NotificationSent = \"notification-sent\",
            /// `SENT`, also written `Sent`
            Sent = \"SENT\",
        }",
    );
}

/// A header is made of it, and one with a line's end panics at run time.
#[test]
fn a_version_of_more_than_one_line() {
    let mut document = answer(json!({}));
    document["info"]["version"] = "1.0\nof today \u{2013} final".into();
    assert_spoils(&document, "\"1.0\\noftoday");
    assert_has(&generate(&document), "fn api_version() -> &'static str { \"1.0 of today final\" }");
}

// ---- Schemas ----

#[track_caller]
fn assert_members(bare_member: &str, member: Value, ours: &str) {
    let document = answer(json!({ "it": member }));
    assert_spoils(&document, bare_member);
    assert_has(&generate(&document), ours);
}

const STRING: &str = "pub it: ::std::option::Option<::std::string::String>";

#[test]
fn lengths_and_patterns() {
    assert_members(
        "pub it: ::std::option::Option<ThingIt>",
        json!({ "type": "string", "maxLength": 5 }),
        STRING,
    );
    assert_members("::regress::Regex", json!({ "type": "string", "pattern": "^[a-z]+$" }), STRING);
}

#[test]
fn a_least_number() {
    let ours = "pub it: ::std::option::Option<i32>";
    let member = json!({ "type": "integer", "format": "int32", "minimum": 1 });
    assert_members("::std::option::Option<::std::num::NonZeroU32>", member, ours);
}

/// It would be sent whenever the caller says nothing.
#[test]
fn defaults() {
    let ours = "pub it: ::std::option::Option<i64>";
    assert_members(
        "#[serde(default = \"defaults::default_u64",
        json!({ "type": "integer", "default": 3 }),
        ours,
    );

    let misfit = answer(json!({ "it": { "type": "integer", "default": "three" } }));
    assert_breaks(&misfit, "value does not conform to the given schema");
    assert_has(&generate(&misfit), ours);
}

#[test]
fn objects_that_are_closed() {
    let mut document = answer(json!({ "it": { "type": "string" } }));
    document["components"]["schemas"]["Thing"]["additionalProperties"] = false.into();
    assert_spoils(&document, "deny_unknown_fields");
    assert_has_not(&generate(&document), "deny_unknown_fields");
}

#[test]
fn references_with_siblings() {
    let mut document = answer(json!({
        "it": { "$ref": "#/components/schemas/Other", "nullable": true, "description": "Maybe." }
    }));
    document["components"]["schemas"]["Thing"]["required"] = json!(["it"]);
    document["components"]["schemas"]["Other"] = json!({ "type": "object", "properties": {} });
    assert_spoils(&document, "pub it: Other");
    assert_has(
        &generate(&document),
        "/// Maybe. #[serde(default, skip_serializing_if = \"Option::is_none\")] pub it: ::std::option::Option<Other>",
    );
}

#[test]
fn what_is_required_and_may_be_null() {
    let mut document = answer(json!({ "it": { "type": "string", "nullable": true } }));
    document["components"]["schemas"]["Thing"]["required"] = json!(["it"]);
    assert_spoils(&document, "#[serde(deserialize_with = \"::std::option::Option::deserialize\")] pub it");
    assert_has(
        &generate(&document),
        &format!("#[serde(default, skip_serializing_if = \"Option::is_none\")] {STRING}"),
    );
}

#[test]
fn a_list_that_is_null() {
    let list = json!({ "type": "array", "items": { "type": "string" } });
    let read = |with: &str| {
        format!(
            "#[serde(default, skip_serializing_if = \"{with})] pub it: ::std::vec::Vec<::std::string::String>"
        )
    };
    let ours = read("Vec::is_empty\", deserialize_with = \"crate::lenient::list\"");
    assert_members(&read("::std::vec::Vec::is_empty\""), list, &ours);
}

#[test]
fn a_time_without_an_offset() {
    let ours = "pub it: ::std::option::Option<crate::Timestamp>";
    let time = json!({ "type": "string", "format": "date-time" });
    assert_members("::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>", time, ours);
}

#[test]
fn texts_that_rustdoc_would_run() {
    let text = "Try:\n\n    let x = 1;\n\n```\nlet y;\n```\nsee [Task] and <id>";
    let document = answer(json!({ "it": { "type": "string", "description": text } }));
    assert!(
        run_generator(document.clone(), &[])
            .unwrap()
            .to_string()
            .contains(r"\n\n    let x = 1;\n\n```\nlet y;")
    );
    assert_has(
        &generate(&document),
        "/// Try: /// /// let x = 1; /// /// ```text /// let y; /// ``` /// see \\[Task\\] and \\<id>",
    );
}

#[test]
fn a_composition() {
    let mut document = request(json!({}));
    document["components"]["schemas"]["Base"] =
        json!({ "type": "object", "required": ["id"], "properties": { "id": { "type": "string" } } });
    document["components"]["schemas"]["Thing"] = json!({ "allOf": [
        reference("Base"), { "type": "object", "properties": { "name": { "type": "string", "minLength": 1 } } }
    ] });
    assert_spoils(&document, "pub id: ::std::string::String");
    let text = generate(&document);
    assert_has(
        &text,
        "pub struct Thing { #[serde(default, skip_serializing_if = \"Option::is_none\")] pub id: ::std::option::Option<::std::string::String>",
    );
    assert_has(&text, "pub name: ::std::option::Option<::std::string::String>");
}

#[test]
fn an_object_that_says_nothing_of_its_members() {
    let mut document = answer(json!({ "it": { "type": "object" }, "other": reference("Other") }));
    document["components"]["schemas"]["Other"] = json!({ "type": "object" });
    assert_spoils(
        &document,
        "pub struct Other(pub ::serde_json::Map<::std::string::String, ::serde_json::Value>);",
    );
    let text = generate(&document);
    assert_has(&text, "pub struct Other(pub ::serde_json::Map<::std::string::String, ::serde_json::Value>);");
    assert_has(&text, "deserialize_with = \"crate::lenient::map\")] pub it: ::serde_json::Map<");
}
