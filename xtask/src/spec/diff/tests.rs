//! Pairs of small contracts, and what is told of them.

use serde_json::{Value, json};

use super::version::Step;
use super::{Change, Report, compare};
use crate::generator::samples::{contract, ok, reference};
use crate::spec::fixture::root;

/// `Sent` goes out, `Read` comes in, `Both` does both, and `None` is in an error alone.
fn base() -> Value {
    let id = json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } });
    let page = json!({ "name": "page", "in": "query", "schema": { "type": "integer" } });
    let json = |name: &str| json!({ "application/json": { "schema": reference(name) } });
    let bytes = json!({ "application/pdf": {}, "text/plain": {} });
    let failure = json!({ "description": "No.", "content": json("None") });
    let object = json!({
        "type": "object",
        "required": ["must"],
        "properties": {
            "may": { "type": "string", "minLength": 2, "maxLength": 9 },
            "must": { "type": "string" },
            "served": { "type": "string", "readOnly": true },
            "list": { "type": "array", "items": { "type": "integer", "format": "int32" } }
        }
    });
    let with_kind = |name: &str| {
        let mut object = object.clone();
        object["properties"]["kind"] = reference(&format!("{name}Kind"));
        object
    };
    let kind = json!({ "type": "string", "enum": ["A", "B"] });
    contract(
        json!({
            "/things": { "post": {
                "operationId": "makeThing",
                "requestBody": { "required": true, "content": json("Sent") },
                "responses": { "201": { "description": "Made.", "content": json("Read") }, "400": failure }
            } },
            "/things/{id}": { "put": {
                "operationId": "putThing",
                "parameters": [id, page],
                "requestBody": { "content": json("Both") },
                "responses": ok(reference("Both"))
            } },
            "/files": { "post": {
                "operationId": "upload",
                "requestBody": { "required": true, "content": bytes },
                "responses": { "204": { "description": "" } }
            } },
            "/files/{id}": { "parameters": [id], "get": {
                "operationId": "download",
                "responses": { "200": { "description": "", "content": bytes } }
            } }
        }),
        json!({
            "Sent": with_kind("Sent"), "Read": with_kind("Read"), "Both": with_kind("Both"), "None": object,
            "SentKind": kind, "ReadKind": kind, "BothKind": kind
        }),
    )
}

fn found(old: &Value, new: &Value) -> Vec<String> {
    compare(old, new).iter().map(line).collect()
}

fn line(change: &Change) -> String {
    let word = |value: Value| value.as_str().unwrap().to_owned();
    let class = word(serde_json::to_value(change.class).unwrap());
    let direction = word(serde_json::to_value(change.direction).unwrap());
    format!("{class} {direction} {}: {}", change.path, change.what)
}

/// The base with another value at a pointer; with none, without what is there.
fn with(document: &Value, pointer: &str, value: Option<Value>) -> Value {
    let mut document = document.clone();
    let (holder, name) = pointer.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/");
    match (document.pointer_mut(holder).unwrap(), value) {
        (Value::Object(holder), Some(value)) => drop(holder.insert(name, value)),
        (Value::Object(holder), None) => drop(holder.shift_remove(&name).unwrap()),
        (Value::Array(holder), Some(value)) if name == "-" => holder.push(value),
        (Value::Array(holder), Some(value)) => holder[name.parse::<usize>().unwrap()] = value,
        (Value::Array(holder), None) => drop(holder.remove(name.parse().unwrap())),
        _ => panic!("{pointer}"),
    }
    document
}

#[track_caller]
fn assert_found(edits: &[(&str, Option<Value>)], expected: &[&str]) {
    let old = base();
    let new = edits.iter().fold(old.clone(), |new, (pointer, value)| with(&new, pointer, value.clone()));
    assert_eq!(found(&old, &new), expected, "{edits:?}");
}

#[test]
fn ten_planted_changes_are_found_with_the_release_that_they_ask_for() {
    let string = || json!({ "type": "string" });
    let planted: [(&str, Option<Value>, &str, Step); 11] = [
        ("/paths/~1files~1{id}", None, "breaking none GET /files/{id}: operation removed", Step::Major),
        (
            "/components/schemas/Sent/required",
            Some(json!(["must", "list"])),
            "breaking sent Sent.list: is required now",
            Step::Major,
        ),
        (
            "/components/schemas/Sent/properties/new",
            Some(string()),
            "additive sent Sent.new: optional member added",
            Step::Minor,
        ),
        (
            "/components/schemas/ReadKind/enum/-",
            Some(json!("C")),
            "additive read ReadKind: value `C` added",
            Step::Minor,
        ),
        (
            "/components/schemas/SentKind/enum/-",
            Some(json!("C")),
            "additive sent SentKind: value `C` added",
            Step::Minor,
        ),
        (
            "/components/schemas/Sent/properties/may/maxLength",
            Some(json!(5)),
            "breaking sent Sent.may: maxLength narrowed from 9 to 5",
            Step::Major,
        ),
        (
            "/components/schemas/Sent/properties/may/maxLength",
            Some(json!(20)),
            "additive sent Sent.may: maxLength widened from 9 to 20",
            Step::Minor,
        ),
        (
            "/paths/~1files/post/requestBody/content/application~1pdf",
            None,
            "breaking sent POST /files body: media type `application/pdf` removed, which was listed first",
            Step::Major,
        ),
        (
            "/components/schemas/Read/properties/may/type",
            Some(json!("integer")),
            "breaking read Read.may: type changed from `string` to `integer`",
            Step::Major,
        ),
        (
            "/components/schemas/Read/description",
            Some(json!("Read it.")),
            "documentation read Read: text changed",
            Step::Patch,
        ),
        ("/info/x-note", Some(json!("a")), "", Step::None),
    ];
    for (pointer, value, expected, step) in planted {
        let new = with(&base(), pointer, value);
        let changes = compare(&base(), &new);
        let expected: Vec<_> = Some(expected).filter(|line| !line.is_empty()).into_iter().collect();
        assert_eq!(changes.iter().map(line).collect::<Vec<_>>(), expected);
        assert_eq!(Report::new(&base(), &new, root()).unwrap().asks_for.step, step, "{pointer}");
    }
}

#[test]
fn a_new_required_member_is_breaking_where_it_is_sent() {
    for (name, expected) in [
        ("Sent", "breaking sent Sent.new: required member added"),
        ("Both", "breaking both Both.new: required member added"),
        ("Read", "additive read Read.new: required member added"),
    ] {
        let schema = format!("/components/schemas/{name}");
        assert_found(
            &[
                (&format!("{schema}/properties/new"), Some(json!({ "type": "string" }))),
                (&format!("{schema}/required/-"), Some(json!("new"))),
            ],
            &[expected],
        );
    }
    let served = json!({ "type": "string", "readOnly": true });
    assert_found(
        &[
            ("/components/schemas/Both/properties/new", Some(served)),
            ("/components/schemas/Both/required/-", Some(json!("new"))),
        ],
        &["additive read Both.new: required member added"],
    );
}

/// A member before and after, what is told, and its class where it is sent, where it is read or in no operation,
/// and where it goes both ways.
#[test]
fn what_a_member_is_told_as_depends_on_where_it_goes() {
    const B: &str = "breaking";
    const A: &str = "additive";
    const D: &str = "documentation";
    let string = |key: &str, value: Value| json!({ "type": "string", key: value });
    let number = |key: &str, value: Value| json!({ "type": "number", key: value });
    let list = |key: &str, value: Value| json!({ "type": "array", "items": {}, key: value });
    let plain = |of: &str| json!({ "type": of });
    let above = |exclusive: bool| json!({ "type": "number", "minimum": 1, "exclusiveMinimum": exclusive });
    let below = |exclusive: bool| json!({ "type": "number", "maximum": 1, "exclusiveMaximum": exclusive });
    let format = |of: &str, format: &str| json!({ "type": of, "format": format });
    let values = |values: Value| json!({ "type": "object", "additionalProperties": values });
    let rows = [
        // Limits, each in its own sense.
        (
            string("minLength", json!(2)),
            string("minLength", json!(3)),
            "minLength narrowed from 2 to 3",
            [B, D, B],
        ),
        (
            string("minLength", json!(2)),
            string("minLength", json!(1)),
            "minLength widened from 2 to 1",
            [A, D, A],
        ),
        (
            string("maxLength", json!(2)),
            string("maxLength", json!(3)),
            "maxLength widened from 2 to 3",
            [A, D, A],
        ),
        (plain("string"), string("maxLength", json!(3)), "maxLength 3 is new", [B, D, B]),
        (string("maxLength", json!(3)), plain("string"), "maxLength 3 is gone", [A, D, A]),
        (
            number("minimum", json!(0)),
            number("minimum", json!(0.5)),
            "minimum narrowed from 0 to 0.5",
            [B, D, B],
        ),
        (number("minimum", json!(0)), plain("number"), "minimum 0 is gone", [A, D, A]),
        (
            number("maximum", json!(9)),
            number("maximum", json!(-9)),
            "maximum narrowed from 9 to -9",
            [B, D, B],
        ),
        (above(false), above(true), "minimum narrowed from 1 to 1 (itself outside)", [B, D, B]),
        (below(true), below(false), "maximum widened from 1 (itself outside) to 1", [A, D, A]),
        (
            plain("number"),
            number("exclusiveMaximum", json!(5)),
            "maximum 5 (itself outside) is new",
            [B, D, B],
        ),
        (list("minItems", json!(1)), list("minItems", json!(2)), "minItems narrowed from 1 to 2", [B, D, B]),
        (list("maxItems", json!(1)), list("maxItems", json!(2)), "maxItems widened from 1 to 2", [A, D, A]),
        (
            list("uniqueItems", json!(false)),
            list("uniqueItems", json!(true)),
            "uniqueItems true is new",
            [B, D, B],
        ),
        (plain("string"), string("pattern", json!("a")), "pattern `a` is new", [B, D, B]),
        (string("pattern", json!("a")), plain("string"), "pattern `a` is gone", [A, D, A]),
        (
            string("pattern", json!("a")),
            string("pattern", json!("b")),
            "pattern changed from `a` to `b`",
            [B, D, B],
        ),
        (
            number("multipleOf", json!(2)),
            number("multipleOf", json!(1)),
            "multipleOf changed from 2 to 1",
            [B, D, B],
        ),
        // What may be.
        (string("nullable", json!(true)), plain("string"), "may not be null any more", [B, D, B]),
        (plain("string"), string("nullable", json!(true)), "may be null now", [A, D, A]),
        (plain("string"), string("readOnly", json!(true)), "is set by the service now (readOnly)", [B, D, B]),
        (
            string("readOnly", json!(true)),
            plain("string"),
            "is not set by the service alone any more (readOnly)",
            [A, D, A],
        ),
        (
            plain("string"),
            string("writeOnly", json!(true)),
            "is not answered any more (writeOnly)",
            [D, D, D],
        ),
        // Types.
        (plain("string"), plain("boolean"), "type changed from `string` to `boolean`", [B, B, B]),
        (plain("string"), list("x", json!(1)), "type changed from `string` to `list of anything`", [B, B, B]),
        (
            plain("integer"),
            format("integer", "int32"),
            "type changed from `integer` to `integer (int32)`",
            [B, B, B],
        ),
        (
            format("integer", "int32"),
            format("integer", "int64"),
            "type changed from `integer (int32)` to `integer (int64)`",
            [B, B, B],
        ),
        (
            plain("string"),
            format("string", "date-time"),
            "type changed from `string` to `string (date-time)`",
            [B, B, B],
        ),
        (
            plain("string"),
            format("string", "binary"),
            "format changed from `string` to `string (binary)`",
            [D, D, D],
        ),
        (
            plain("string"),
            format("string", "uri"),
            "format changed from `string` to `string (uri)`",
            [D, D, D],
        ),
        (
            plain("integer"),
            format("integer", "int64"),
            "format changed from `integer` to `integer (int64)`",
            [D, D, D],
        ),
        (
            plain("object"),
            values(plain("string")),
            "type changed from `object` to `map of string`",
            [B, B, B],
        ),
        (plain("string"), reference("BothKind"), "type changed from `string` to `BothKind`", [B, B, B]),
        (
            json!({ "oneOf": [plain("string")] }),
            json!({ "oneOf": [plain("string"), plain("number")] }),
            "type changed from `string` to `one of string, number`",
            [B, B, B],
        ),
        // What is said.
        (plain("string"), string("description", json!("New.")), "text changed", [D, D, D]),
        (plain("string"), string("title", json!("New")), "text changed", [D, D, D]),
        (plain("string"), string("example", json!(false)), "example changed", [D, D, D]),
        (
            plain("string"),
            string("default", json!("x")),
            "default changed from `nothing` to `\"x\"`",
            [D, D, D],
        ),
        (plain("string"), string("deprecated", json!(true)), "is deprecated now", [D, D, D]),
        (string("deprecated", json!(true)), plain("string"), "is not deprecated any more", [D, D, D]),
    ];
    for (before, after, what, [sent, read, both]) in rows {
        let members = [("Sent", "sent", sent), ("Read", "read", read), ("Both", "both", both)];
        for (name, direction, class) in members {
            let pointer = format!("/components/schemas/{name}/properties/may");
            let old = with(&base(), &pointer, Some(before.clone()));
            let new = with(&base(), &pointer, Some(after.clone()));
            assert_eq!(found(&old, &new), [format!("{class} {direction} {name}.may: {what}")]);
        }
    }
}

#[test]
fn what_is_no_change_is_not_told() {
    for (before, after) in [
        (json!({ "type": "string" }), json!({ "type": "string", "x-note": 1 })),
        (json!({ "type": "string" }), json!({ "type": "string", "minLength": 0, "deprecated": false })),
        (json!({ "type": "string" }), json!({ "type": "string", "nullable": false, "readOnly": false })),
        (json!({ "type": "object" }), json!({ "type": "object", "additionalProperties": false })),
        (json!({ "type": "object", "additionalProperties": true }), json!({ "type": "object" })),
        (json!({ "minimum": 30 }), json!({ "minimum": 30.0 })),
        (reference("BothKind"), json!({ "allOf": [reference("BothKind")] })),
        (
            json!({ "oneOf": [{ "type": "string" }, reference("BothKind")] }),
            json!({ "oneOf": [{ "type": "string", "x-a": 1 }, reference("BothKind")] }),
        ),
        (json!({ "properties": { "a": {}, "b": {} } }), json!({ "properties": { "b": {}, "a": {} } })),
        (json!({ "enum": ["A", "B"] }), json!({ "enum": ["B", "A", null] })),
    ] {
        let pointer = "/components/schemas/Both/properties/may";
        let (old, new) =
            (with(&base(), pointer, Some(before.clone())), with(&base(), pointer, Some(after.clone())));
        assert_eq!(found(&old, &new), [""; 0], "{before} {after}");
        assert_eq!(found(&new, &old), [""; 0], "{after} {before}");
    }
}

#[test]
fn null_is_told_where_it_may_stand() {
    let old = with(&base(), "/components/schemas/Both/properties/may", Some(reference("BothKind")));
    let new = with(&old, "/components/schemas/BothKind/nullable", Some(json!(true)));
    let expected = ["additive both Both.kind: may be null now", "additive both Both.may: may be null now"];
    assert_eq!(found(&old, &new), expected);
    // It says so itself in place of what it refers to.
    let kind = json!({ "allOf": [reference("BothKind")], "nullable": true });
    let moved = with(&old, "/components/schemas/Both/properties/kind", Some(kind.clone()));
    let moved = with(&moved, "/components/schemas/Both/properties/may", Some(kind));
    assert_eq!(found(&new, &moved), [""; 0]);
}

#[test]
fn a_member_comes_goes_and_changes_its_name() {
    let kind = |name: &str| json!({ "type": "string", "x-name": name });
    for (name, direction) in [("Sent", "sent"), ("Read", "read"), ("Both", "both")] {
        let member = |member: &str| format!("/components/schemas/{name}/properties/{member}");
        assert_found(
            &[(&member("list"), None)],
            &[&format!("breaking {direction} {name}.list: member removed")],
        );
        let renamed = with(&with(&base(), &member("may"), None), &member("might"), Some(kind("might")));
        let changes = compare(&base(), &renamed);
        assert_eq!(
            changes.iter().map(line).collect::<Vec<_>>(),
            [
                format!("breaking {direction} {name}.may: member removed"),
                format!("additive {direction} {name}.might: optional member added")
            ]
        );
        let report = Report::new(&base(), &renamed, root()).unwrap();
        assert!(report.changes[0].advice.starts_with("renamed to `might`? "), "{}", report.changes[0].advice);
        assert!(report.changes[1].advice.starts_with("renamed from `may`? "), "{}", report.changes[1].advice);
    }
    // What is of another type is another one.
    let number = with(&base(), "/components/schemas/Read/properties/new", Some(json!({ "type": "number" })));
    let number = with(&number, "/components/schemas/Read/properties/may", None);
    let report = Report::new(&base(), &number, root()).unwrap();
    assert!(!report.json().unwrap().contains("renamed"));
    // Nobody knows which one of two it is.
    let member = |member: &str| format!("/components/schemas/Read/properties/{member}");
    let two = with(&with(&base(), &member("a"), Some(kind("a"))), &member("b"), Some(kind("b")));
    let report = Report::new(&base(), &with(&two, &member("may"), None), root()).unwrap();
    assert!(!report.json().unwrap().contains("renamed"));
}

#[test]
fn values_come_and_go() {
    for (name, direction) in [("SentKind", "sent"), ("ReadKind", "read"), ("BothKind", "both")] {
        let values = format!("/components/schemas/{name}/enum");
        assert_found(
            &[(&values, Some(json!(["A", "C"])))],
            &[
                &format!("breaking {direction} {name}: value `B` removed"),
                &format!("additive {direction} {name}: value `C` added"),
            ],
        );
        assert_found(
            &[(&values, None)],
            &[&format!("breaking {direction} {name}: type changed from `enum` to `string`")],
        );
    }
}

#[test]
fn a_member_that_the_service_sets_is_only_read() {
    let served = "/components/schemas/Both/properties/served";
    assert_found(
        &[(&format!("{served}/maxLength"), Some(json!(5)))],
        &["documentation read Both.served: maxLength 5 is new"],
    );
    assert_found(
        &[("/components/schemas/Both/required/-", Some(json!("served")))],
        &["documentation read Both.served: is required now"],
    );
    assert_found(&[(served, None)], &["breaking read Both.served: member removed"]);
    assert_found(
        &[("/components/schemas/Sent/properties/served/maxLength", Some(json!(5)))],
        &["documentation none Sent.served: maxLength 5 is new"],
    );
    let inside = |limit: u64| json!({ "readOnly": true, "properties": { "x": { "maxLength": limit } } });
    let (old, new) = (with(&base(), served, Some(inside(2))), with(&base(), served, Some(inside(1))));
    assert_eq!(found(&old, &new), ["documentation read Both.served.x: maxLength narrowed from 2 to 1"]);
}

#[test]
fn operations_come_and_go_and_are_renamed() {
    let get = json!({ "operationId": "getMore", "responses": ok(reference("Read")) });
    assert_found(
        &[("/paths/~1more", Some(json!({ "get": get })))],
        &["additive none GET /more: operation added"],
    );
    let things = "/paths/~1things/post";
    let gone = |name: &str| format!("breaking none {name}: schema removed");
    let mut expected = vec!["breaking none POST /things: operation removed".to_owned()];
    expected.extend(["Read", "ReadKind", "Sent", "SentKind"].map(gone));
    assert_eq!(found(&base(), &with(&base(), things, None)), expected);
    assert_found(
        &[(&format!("{things}/operationId"), Some(json!("createThing")))],
        &["breaking none POST /things: operationId changed from `makeThing` to `createThing`"],
    );
    // The function has the same name.
    assert_found(&[(&format!("{things}/operationId"), Some(json!("make_thing")))], &[]);
    assert_found(
        &[(&format!("{things}/x-idempotent"), Some(json!(true)))],
        &["documentation none POST /things: is idempotent now"],
    );
    assert_found(
        &[
            (&format!("{things}/description"), Some(json!("a"))),
            (&format!("{things}/summary"), Some(json!("b"))),
            (&format!("{things}/tags"), Some(json!(["c"]))),
            (&format!("{things}/deprecated"), Some(json!(true))),
        ],
        &[
            "documentation none POST /things: is deprecated now",
            "documentation none POST /things: tags changed",
            "documentation none POST /things: text changed",
        ],
    );
    assert_found(
        &[(&format!("{things}/security"), Some(json!([])))],
        &["documentation none POST /things: changed in what the client does not look at"],
    );
}

#[test]
fn a_path_parameter_is_known_by_its_position() {
    let mut new = base();
    let paths = new["paths"].as_object_mut().unwrap();
    let mut item = paths.remove("/files/{id}").unwrap();
    item["parameters"][0]["name"] = "fileId".into();
    item["parameters"][0]["schema"]["type"] = "integer".into();
    paths.insert("/files/{fileId}".to_owned(), item);
    let expected = [
        "breaking sent /files/{id}: path parameter renamed `id` -> `fileId`",
        "breaking sent GET /files/{id} path id: type changed from `string` to `integer`",
    ];
    assert_eq!(found(&base(), &new), expected);
}

#[test]
fn a_path_parameter_of_several_operations_is_renamed_once() {
    let item = |name: &str| {
        let id = json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } });
        let operation = |id: &str| json!({ "operationId": id, "responses": { "204": {} } });
        json!({ "parameters": [id], "get": operation("get"), "delete": operation("delete") })
    };
    let document = |path: &str, name: &str| contract(json!({ path: item(name) }), json!({}));
    let expected = ["breaking sent /a/{x}: path parameter renamed `x` -> `y`"];
    assert_eq!(found(&document("/a/{x}/b", "x"), &document("/a/{y}/b", "y")), expected);
}

#[test]
fn parameters_come_and_go() {
    let parameter = |required: bool| json!({ "name": "new", "in": "query", "required": required, "schema": { "type": "string" } });
    let put = "/paths/~1things~1{id}/put/parameters";
    let place = "PUT /things/{id} query";
    let row = |edit: Value, expected: &str| assert_found(&[(&format!("{put}/-"), Some(edit))], &[expected]);
    row(parameter(true), &format!("breaking sent {place} new: required parameter added"));
    row(parameter(false), &format!("additive sent {place} new: optional parameter added"));
    assert_found(
        &[(&format!("{put}/1"), None)],
        &[&format!("breaking sent {place} page: parameter removed")],
    );
    assert_found(
        &[(&format!("{put}/1/required"), Some(json!(true)))],
        &[&format!("breaking sent {place} page: is required now")],
    );
    assert_found(
        &[(&format!("{put}/1/schema/maximum"), Some(json!(5)))],
        &[&format!("breaking sent {place} page: maximum 5 is new")],
    );
    assert_found(
        &[(&format!("{put}/1/description"), Some(json!("Which.")))],
        &[&format!("documentation sent {place} page: text changed")],
    );
    let old = with(&base(), &format!("{put}/1/required"), Some(json!(true)));
    assert_eq!(found(&old, &base()), [format!("additive sent {place} page: is optional now")]);
}

/// The base, with this parameter taken by the first so many operations.
fn taken_by(count: usize, parameter: &Value) -> Value {
    let mut document = base();
    document["components"]["parameters"]["Account"] = parameter.clone();
    let items = document["paths"].as_object_mut().unwrap().values_mut();
    let operations =
        items.flat_map(|item| item.as_object_mut().unwrap()).filter(|(key, _)| *key != "parameters");
    for (_, operation) in operations.take(count) {
        let own = operation.as_object_mut().unwrap().entry("parameters").or_insert(json!([]));
        own.as_array_mut().unwrap().push(json!({ "$ref": "#/components/parameters/Account" }));
    }
    document
}

#[test]
fn what_most_operations_may_take_is_a_setting() {
    let header = json!({ "name": "X-Account", "in": "header", "schema": { "type": "string" } });
    let place = "every operation header X-Account";
    let everywhere = taken_by(4, &header);
    let added = format!("additive sent {place}: setting of the client added");
    assert_eq!(found(&base(), &everywhere), [added]);
    let removed = format!("breaking sent {place}: setting of the client removed");
    assert_eq!(found(&everywhere, &base()), [removed]);

    let mut required = header.clone();
    required["required"] = true.into();
    let added = format!("breaking sent {place}: required parameter added");
    assert_eq!(found(&base(), &taken_by(4, &required)), [added]);

    let some = found(&base(), &taken_by(1, &header));
    assert_eq!(some, ["additive sent POST /things header X-Account: optional parameter added"]);
    let most = found(&taken_by(3, &header), &everywhere);
    assert_eq!(most, ["additive sent GET /files/{id} header X-Account: setting of the client added"]);
    let half = found(&taken_by(2, &header), &taken_by(3, &header));
    let now = "X-Account: is a setting of the client now, and no argument";
    let expected = [
        format!("breaking sent POST /things header {now}"),
        format!("breaking sent PUT /things/{{id}} header {now}"),
        "additive sent POST /files header X-Account: setting of the client added".to_owned(),
    ];
    assert_eq!(half, expected);
}

#[test]
fn a_header_of_one_path_is_an_argument() {
    let header = json!({ "name": "X-Account", "in": "header", "schema": {} });
    assert_found(
        &[("/paths/~1files~1{id}/parameters/-", Some(header))],
        &["additive sent GET /files/{id} header X-Account: optional parameter added"],
    );
}

#[test]
fn bodies_change() {
    let put = "/paths/~1things~1{id}/put/requestBody";
    let place = "PUT /things/{id} body";
    assert_found(&[(put, None)], &[&format!("breaking sent {place}: body removed")]);
    assert_found(
        &[(&format!("{put}/required"), Some(json!(true)))],
        &[&format!("documentation sent {place}: whether it is required changed")],
    );
    assert_found(
        &[(&format!("{put}/description"), Some(json!("It.")))],
        &[&format!("documentation sent {place}: text changed")],
    );
    assert_found(
        &[(&format!("{put}/content/application~1json/example"), Some(json!({})))],
        &[&format!("documentation sent {place}: example changed")],
    );
    assert_found(
        &[(&format!("{put}/content"), Some(json!({ "application/pdf": {} })))],
        &[&format!("breaking sent {place}: changed from JSON to bytes")],
    );
    let get = "/paths/~1files~1{id}/get/requestBody";
    let body = |required: bool| json!({ "required": required, "content": { "application/pdf": {} } });
    for (required, expected) in [
        (true, "breaking sent GET /files/{id} body: required body added"),
        (false, "additive sent GET /files/{id} body: optional body added"),
    ] {
        assert_found(&[(get, Some(body(required)))], &[expected]);
    }
    let types = "/paths/~1files/post/requestBody/content";
    assert_found(
        &[(&format!("{types}/text~1plain"), None)],
        &["breaking sent POST /files body: media type `text/plain` removed"],
    );
    assert_found(
        &[(&format!("{types}/image~1png"), Some(json!({})))],
        &["additive sent POST /files body: media type `image/png` added"],
    );
}

#[test]
fn answers_change() {
    let get = "/paths/~1files~1{id}/get/responses";
    let place = "GET /files/{id} answer";
    assert_found(
        &[(&format!("{get}/200/content/text~1plain"), None)],
        &[&format!("documentation read {place}: media type `text/plain` removed")],
    );
    assert_found(
        &[(&format!("{get}/200/content/image~1png"), Some(json!({})))],
        &[&format!("additive read {place}: media type `image/png` added")],
    );
    assert_found(
        &[(&format!("{get}/200/content"), None)],
        &[&format!("breaking read {place}: changed from bytes to nothing")],
    );
    assert_found(
        &[(
            &format!("{get}/200/content"),
            Some(json!({ "application/json": { "schema": reference("Read") } })),
        )],
        &[&format!("breaking read {place}: changed from bytes to JSON")],
    );
    assert_found(
        &[(&format!("{get}/206"), Some(json!({ "description": "" })))],
        &["documentation read GET /files/{id}: answer `206` added"],
    );
    assert_found(
        &[(&format!("{get}/200/headers"), Some(json!({ "X": {} })))],
        &["documentation read GET /files/{id} 200: changed in what the client does not look at"],
    );
    let post = "/paths/~1things/post/responses";
    assert_found(
        &[(&format!("{post}/400"), None)],
        &["documentation read POST /things: answer `400` removed"],
    );
    assert_found(
        &[(&format!("{post}/400/description"), Some(json!("Not so.")))],
        &["documentation read POST /things 400: text changed"],
    );
    assert_found(
        &[(&format!("{post}/400/content/application~1json/schema"), Some(reference("Read")))],
        &["documentation read POST /things 400: changed in what the client does not look at"],
    );
    assert_found(
        &[(&format!("{post}/201/content/application~1json/schema"), Some(reference("Both")))],
        &[
            "breaking read POST /things 201: type changed from `Read` to `Both`",
            "breaking none Read: schema removed",
            "breaking none ReadKind: schema removed",
        ],
    );
}

#[test]
fn the_success_may_change_its_status() {
    let mut new = base();
    let answers = new["paths"]["/things"]["post"]["responses"].as_object_mut().unwrap();
    let made = answers.remove("201").unwrap();
    answers.insert("200".to_owned(), made);
    let expected = [
        "documentation read POST /things: answer `200` added",
        "documentation read POST /things: answer `201` removed",
    ];
    assert_eq!(found(&base(), &new), expected);
    // And what it answers is compared all the same.
    new["components"]["schemas"]["Read"]["properties"]["new"] = json!({});
    assert_eq!(found(&base(), &new)[0], "additive read Read.new: optional member added");
}

/// As build/bodies.rs has it: what is offered decides which one type the client has.
#[test]
fn the_form_of_what_is_sent_and_answered_is_that_of_the_generated_function() {
    let post = "/paths/~1things/post";
    let json =
        |schema: Value| json!({ "description": "", "content": { "application/json": { "schema": schema } } });
    let bytes = json!({ "description": "", "content": { "application/pdf": {} } });
    let any = "breaking read POST /things 201: type changed from `Read` to `anything`";
    let forms = [
        (format!("{post}/responses/202"), json(reference("Both")), any),
        (format!("{post}/responses/201"), json!({ "content": { "application/json": {} } }), any),
        (
            format!("{post}/responses/202"),
            bytes.clone(),
            "breaking read POST /things answer: changed from JSON to bytes",
        ),
        (
            format!("{post}/requestBody/content/application~1pdf"),
            json!({}),
            "breaking sent POST /things body: changed from JSON to bytes",
        ),
    ];
    for (pointer, value, expected) in forms {
        let told = found(&base(), &with(&base(), &pointer, Some(value)));
        assert!(told.iter().any(|line| line == expected), "{pointer}: {told:#?}");
    }
    // What is bytes already is so beside JSON.
    let both = with(
        &base(),
        "/paths/~1files/post/requestBody/content/application~1json",
        Some(json!({ "schema": {} })),
    );
    assert_eq!(
        found(&base(), &both),
        ["additive sent POST /files body: media type `application/json` added"]
    );
}

/// As build/schemas.rs has it.
#[test]
fn a_reference_with_something_said_about_it_is_that_reference() {
    let kind = "/components/schemas/Read/properties/kind";
    let parts = json!({ "allOf": [reference("ReadKind"), { "description": "It." }] });
    assert_found(&[(kind, Some(parts))], &["documentation read Read.kind: text changed"]);
    assert_found(&[(kind, Some(json!({ "oneOf": [reference("ReadKind")] })))], &[]);
}

#[test]
fn values_that_are_read_alike_are_one() {
    let kind = "/components/schemas/ReadKind/enum/-";
    let values = base()["components"]["schemas"]["ReadKind"]["enum"].clone();
    let first = values[0].as_str().unwrap();
    assert_found(&[(kind, Some(json!(first.to_lowercase())))], &[]);
}

#[test]
fn what_the_client_sends_by_itself_is_no_parameter() {
    let parameter = |name: &str, place: &str, required: bool| {
        Some(json!({ "name": name, "in": place, "required": required, "schema": { "type": "string" } }))
    };
    let files = "/paths/~1files~1{id}/parameters/-";
    assert_found(&[(files, parameter("Authorization", "header", true))], &[]);
    assert_found(&[(files, parameter("accept", "header", true))], &[]);
    assert_found(&[(files, parameter("session", "cookie", false))], &[]);
}

#[test]
fn the_constants_of_the_client_are_breaking() {
    let flow = "/components/securitySchemes/auth/flows/clientCredentials";
    assert_found(
        &[("/servers/0/url", Some(json!("https://b.example")))],
        &["breaking none server URL: changed from `https://api.example` to `https://b.example`"],
    );
    assert_found(&[("/servers/0/url", Some(json!("https://api.example/")))], &[]);
    assert_found(&[("/servers/0/x-note", Some(json!("b")))], &[]);
    assert_found(
        &[(&format!("{flow}/tokenUrl"), Some(json!("https://b.example")))],
        &["breaking none token URL: changed from `https://token.example` to `https://b.example`"],
    );
    assert_found(
        &[(&format!("{flow}/scopes"), Some(json!({ "some": "" })))],
        &["breaking none scope: changed from `all` to `some`"],
    );
    assert_found(
        &[(&format!("{flow}/refreshUrl"), Some(json!("https://b.example")))],
        &["documentation none securitySchemes: changed in what the client does not look at"],
    );
    assert_found(
        &[("/servers/-", Some(json!({ "url": "https://b.example" })))],
        &["documentation none servers: changed in what the client does not look at"],
    );
    assert_found(
        &[("/info/version", Some(json!("2")))],
        &["documentation none version: changed in what the client does not look at"],
    );
    assert_found(&[("/info/title", Some(json!("A")))], &["documentation none info: text changed"]);
    assert_found(
        &[("/externalDocs", Some(json!({ "url": "https://b.example" })))],
        &["documentation none document: external documentation changed"],
    );
}

#[test]
fn schemas_come_and_go() {
    let schema = json!({ "properties": { "a": { "properties": { "b": { "enum": ["C"] } } }, "d": {} } });
    let unused = with(&base(), "/components/schemas/New", Some(schema));
    assert_eq!(
        found(&base(), &unused),
        [""; 0],
        "the client has no type of what no operation takes or gives"
    );
    let used = with(&unused, "/components/schemas/Read/properties/new", Some(reference("New")));
    let expected = ["additive none New: schema added", "additive read Read.new: optional member added"];
    assert_eq!(found(&base(), &used), expected);
    let expected = ["breaking none New: schema removed", "breaking read Read.new: member removed"];
    assert_eq!(found(&used, &base()), expected);
}

/// The document, with a schema under another name wherever it is referred to.
fn renamed(document: &Value, from: &str, to: &str) -> Value {
    let text = document.to_string().replace(&format!("\"{from}\":"), &format!("\"{to}\":"));
    serde_json::from_str(&text.replace(&format!("schemas/{from}\""), &format!("schemas/{to}\""))).unwrap()
}

#[test]
fn a_schema_that_is_renamed_is_told_once_and_with_what_changed_in_it() {
    for (name, direction) in [("Sent", "sent"), ("Read", "read"), ("BothKind", "both")] {
        let expected = format!("breaking {direction} {name}: schema renamed `{name}` -> `New`");
        assert_eq!(found(&base(), &renamed(&base(), name, "New")), [expected]);
    }
    let mut new = renamed(&base(), "Sent", "New");
    new["components"]["schemas"]["New"]["properties"]["may"]["maxLength"] = 5.into();
    let expected = [
        "breaking sent Sent: schema renamed `Sent` -> `New`",
        "breaking sent Sent.may: maxLength narrowed from 9 to 5",
    ];
    assert_eq!(found(&base(), &new), expected);
    // An object is not an enum under another name.
    new["components"]["schemas"]["New"] = json!({ "enum": ["A"] });
    let expected = [
        "breaking sent POST /things body: type changed from `Sent` to `New`",
        "breaking none Sent: schema removed",
        "breaking none SentKind: schema removed",
        "additive none New: schema added",
    ];
    let mut told = found(&base(), &new);
    told.sort_by_key(|line| expected.iter().position(|expected| expected == line));
    assert_eq!(told, expected);
}

#[test]
fn one_operation_is_not_every_operation() {
    let document = |text: &str| {
        let get = json!({ "operationId": "get", "summary": text, "responses": ok(json!({})) });
        contract(json!({ "/a": { "get": get } }), json!({}))
    };
    assert_eq!(found(&document("a"), &document("b")), ["documentation none GET /a: text changed"]);
}

#[test]
fn a_schema_that_is_written_where_it_is_used_changes_its_name_alone() {
    let mut inlined = base();
    let schemas = inlined["components"]["schemas"].as_object_mut().unwrap();
    let kind = schemas.remove("ReadKind").unwrap();
    assert_eq!(
        found(&base(), &with(&inlined, "/components/schemas/Read/properties/kind", Some(kind.clone()))),
        [""; 0],
        "its name is that of its member"
    );
    schemas_of(&mut inlined).insert("Other".to_owned(), kind.clone());
    let old = with(&inlined, "/components/schemas/Read/properties/kind", Some(reference("Other")));
    schemas_of(&mut inlined).remove("Other");
    let new = with(&inlined, "/components/schemas/Read/properties/kind", Some(kind));
    assert_eq!(found(&old, &new), ["breaking read Other: schema renamed `Other` -> `ReadKind`"]);
    assert_eq!(found(&new, &old), ["breaking read Read.kind: schema renamed `ReadKind` -> `Other`"]);
}

fn schemas_of(document: &mut Value) -> &mut serde_json::Map<String, Value> {
    document["components"]["schemas"].as_object_mut().unwrap()
}

#[test]
fn a_schema_inside_of_another_is_told_by_its_place() {
    let inside = |description: &str, limit: u64| {
        let member = json!({ "type": "string", "maxLength": limit });
        json!({ "description": description, "properties": { "x": member } })
    };
    let body = "/paths/~1things/post/requestBody/content/application~1json/schema";
    let answer = "/paths/~1things/post/responses/201/content/application~1json/schema";
    let member = "/components/schemas/Both/properties/may";
    let list = |of: Value| json!({ "type": "array", "items": of });
    for (pointer, place) in
        [(body, "sent POST /things body.x"), (answer, "read POST /things 201.x"), (member, "both Both.may.x")]
    {
        let old = with(&base(), pointer, Some(inside("a", 1)));
        let class = if place.starts_with("read") { "documentation" } else { "additive" };
        let new = with(&base(), pointer, Some(inside("a", 2)));
        assert_eq!(found(&old, &new), [format!("{class} {place}: maxLength widened from 1 to 2")]);
        let new = with(&base(), pointer, Some(inside("b", 1)));
        let holder = place.trim_end_matches(".x");
        assert_eq!(found(&old, &new), [format!("documentation {holder}: text changed")]);
    }
    let old = with(&base(), member, Some(list(inside("a", 1))));
    let new = with(&base(), member, Some(list(inside("a", 2))));
    assert_eq!(found(&old, &new), ["additive both Both.may[].x: maxLength widened from 1 to 2"]);
}

#[test]
fn two_schemas_of_one_name_inside_of_operations_do_not_mix() {
    let old = json!({ "properties": { "x": { "type": "string" } } });
    let other = json!({ "properties": { "x": { "type": "integer" } } });
    let parameter = json!({ "name": "body", "in": "query", "schema": other });
    let put = "/paths/~1things~1{id}/put";
    let content = format!("{put}/requestBody/content/application~1json/schema");
    let document = with(&with(&base(), &content, Some(old)), &format!("{put}/parameters/-"), Some(parameter));
    let new = with(&document, &format!("{content}/properties/x/maxLength"), Some(json!(5)));
    assert_eq!(found(&document, &document), [""; 0]);
    assert_eq!(found(&document, &new), ["breaking sent PUT /things/{id} body.x: maxLength 5 is new"]);
}

#[test]
fn a_composition_of_objects_is_one_object() {
    let part = |name: &str| json!({ "properties": { name: { "type": "string" } }, "required": [name] });
    let whole = json!({ "required": ["a", "b"], "properties": {
        "a": { "type": "string" }, "b": { "type": "string" }
    } });
    let composed = json!({ "allOf": [reference("A"), part("b")] });
    let two = json!({ "allOf": [reference("A"), { "allOf": [reference("A"), part("b")] }] });
    let with_a = with(&base(), "/components/schemas/A", Some(part("a")));
    let old = with(&with_a, "/components/schemas/Both", Some(whole));
    for composed in [composed, two] {
        let new = with(&with_a, "/components/schemas/Both", Some(composed.clone()));
        assert_eq!(found(&old, &new), [""; 0], "{composed}");
    }
}

#[test]
fn an_object_may_have_members_that_it_does_not_name() {
    let object = |values: Value| json!({ "properties": { "a": {} }, "additionalProperties": values });
    let document = |values: Value| with(&base(), "/components/schemas/Both", Some(object(values)));
    let (none, text) = (document(json!(true)), document(json!({ "type": "string" })));
    let expected = ["breaking both Both: type changed from `object` to `object and map of string`"];
    assert_eq!(found(&none, &text), expected);
    let short = document(json!({ "type": "string", "maxLength": 5 }));
    assert_eq!(found(&text, &short), ["breaking both Both{}: maxLength 5 is new"]);
    let (kind, read) = (document(reference("SentKind")), "/components/schemas/SentKind/enum/0");
    let expected = ["breaking both SentKind: value `A` removed"];
    assert_eq!(found(&kind, &with(&kind, read, None)), expected);
}

#[test]
fn direction_is_that_of_all_uses() {
    let old = with(&base(), "/components/schemas/Read/properties/may", Some(reference("SentKind")));
    let new = with(&old, "/components/schemas/SentKind/enum/0", None);
    assert_eq!(found(&old, &new), ["breaking both SentKind: value `A` removed"]);
}

#[test]
fn circles_have_an_end() {
    for schema in [
        json!({ "properties": { "again": reference("Both") } }),
        json!({ "type": "array", "items": reference("Both") }),
        json!({ "allOf": [reference("Both"), { "properties": {} }] }),
        json!({ "oneOf": [reference("Both")] }),
        reference("Both"),
        reference("Nowhere"),
    ] {
        let old = with(&base(), "/components/schemas/Both", Some(schema));
        assert_eq!(found(&old, &old), [""; 0]);
        let new = with(&old, "/components/schemas/Both/description", Some(json!("New.")));
        assert_eq!(found(&old, &new), ["documentation both Both: text changed"]);
    }
    // A member that is the object itself, and more.
    let more = json!({ "allOf": [reference("Both"), { "properties": { "more": {} } }] });
    let within = with(&base(), "/components/schemas/Both/properties/cause", Some(more));
    assert_eq!(found(&within, &within), [""; 0]);
    let mut circle = base();
    circle["components"]["responses"]["A"] = json!({ "$ref": "#/components/responses/A" });
    circle["paths"]["/files"]["post"]["responses"]["204"] = json!({ "$ref": "#/components/responses/A" });
    assert_eq!(found(&circle, &circle), [""; 0]);
}

#[test]
fn an_answers_own_ids_are_plain_fields() {
    let answer = |required: Value, nullable: bool| {
        let id = json!({ "type": "string", "nullable": nullable });
        let time = json!({ "type": "string" });
        json!({ "type": "object", "required": required, "properties": { "orderId": id, "eventTime": time } })
    };
    let document = |name: &str, schema: Value| {
        let old = renamed(&base(), "Read", name);
        with(&old, &format!("/components/schemas/{name}"), Some(schema))
    };
    let told = |name: &str, old: Value, new: Value| found(&document(name, old), &document(name, new));
    let (all, none) = (json!(["orderId"]), json!([]));

    let now = answer(all.clone(), false);
    let option = answer(none.clone(), false);
    let path = "breaking read TaskStatusInfo.orderId";
    let lost = format!("{path}: is not in every answer any more");
    assert_eq!(told("TaskStatusInfo", now.clone(), option.clone()), [lost.as_str()]);
    let won = format!("{path}: is in every answer now");
    assert_eq!(told("TaskStatusInfo", option.clone(), now.clone()), [won]);
    let null = told("TaskStatusInfo", now.clone(), answer(all, true));
    assert_eq!(null, [lost.as_str(), "documentation read TaskStatusInfo.orderId: may be null now"]);
    // It is ours whatever the format is.
    let mut with_format = now.clone();
    with_format["properties"]["orderId"]["format"] = "date-time".into();
    let expected =
        "documentation read TaskStatusInfo.orderId: format changed from `string` to `string (date-time)`";
    assert_eq!(told("TaskStatusInfo", now.clone(), with_format), [expected]);

    // Of another schema, it is no id of ours.
    let other = told("Read", now.clone(), option.clone());
    assert_eq!(other, ["documentation read Read.orderId: is optional now"]);
    // And where it is sent, it is an `Option` in any case.
    let sent = |schema: &Value| {
        let old =
            with(&renamed(&base(), "Both", "TaskStatusInfo"), "/components/schemas/TaskStatusInfo", None);
        with(&old, "/components/schemas/TaskStatusInfo", Some(schema.clone()))
    };
    let expected = ["additive both TaskStatusInfo.orderId: is optional now"];
    assert_eq!(found(&sent(&now), &sent(&option)), expected);
}

#[test]
fn the_worst_is_told_first() {
    let told = found(&base(), &contract(json!({}), json!({ "New": {} })));
    let mut sorted = told.clone();
    let rank = |line: &String| ["b", "a", "d"].iter().position(|class| line.starts_with(class));
    sorted.sort_by_key(rank);
    assert_eq!(told, sorted);
    assert_eq!(told.len(), 4 + 6);
}

#[test]
fn what_the_publisher_writes_stays_in_its_line() {
    let name = "a\nb`c\u{1b}[31m";
    let new = with(&base(), "/components/schemas/ReadKind/enum/-", Some(json!(name)));
    assert_eq!(found(&base(), &new), ["additive read ReadKind: value `a b'c [31m` added"]);
    let new = with(&base(), "/components/schemas/Read/properties/c\nd", Some(json!({})));
    assert_eq!(found(&base(), &new), ["additive read Read.c d: optional member added"]);
    let long = with(&base(), "/components/schemas/ReadKind/enum/-", Some(json!("ä".repeat(500))));
    assert_eq!(
        found(&base(), &long),
        [format!("additive read ReadKind: value `{}...` added", "ä".repeat(100))]
    );
}
