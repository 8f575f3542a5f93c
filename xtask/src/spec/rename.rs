//! What becomes of the publisher's description by our names: schemas are renamed, named, merged and copied,
//! operations and path parameters renamed.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::NAMES;
use super::merge::merge;
use super::names::{Names, blanked, key};
use super::place::Place;
use crate::generator::references;
use crate::generator::walk::{
    Object, SCHEMAS, items, members, members_mut, methods_mut, operations, referred, schema_pointer,
    schemas_in_requests,
};

/// Marks a schema of the document with our name for it while the document is being rewritten.
const MARK: &str = "x-our-name";

/// What is said of a member itself, not of the type that it has.
const OF_THE_MEMBER: [&str; 3] = ["readOnly", "writeOnly", "deprecated"];

impl Names {
    /// Gives the document our names. All lines that match nothing are told, one a line.
    pub fn apply(&self, document: &mut Value) -> Result<()> {
        let mut stale = self.mark_schemas(document)?;
        stale.extend(self.all_operations().map(|(theirs, _)| theirs).filter(|theirs| !has(document, theirs)));
        if !stale.is_empty() {
            bail!(stale.iter().map(|theirs| self.stale(theirs)).collect::<Vec<_>>().join("\n"));
        }
        self.name_schemas(document)?;
        self.name_operations(document)
    }

    /// That a line matches nothing, and what is found for our name now.
    fn stale(&self, theirs: &str) -> String {
        let ours = self.schemas.get(theirs).or_else(|| self.operations.get(theirs));
        let proposed = self.proposed.schemas.iter().chain(&self.proposed.operations);
        let instead = proposed.filter(|(key, name)| Some(*name) == ours && *key != theirs);
        let instead: String =
            instead.map(|(key, ours)| format!("; proposed instead: {key:?} = {ours:?}")).collect();
        format!("{NAMES}: {theirs:?} matches nothing in the published description; delete the line{instead}")
    }

    /// Marks each schema that has a name of its own by its place, and says which names of schemas match nothing.
    fn mark_schemas(&self, document: &mut Value) -> Result<Vec<&String>> {
        let mut stale = Vec::new();
        for (theirs, ours) in self.all_schemas() {
            if document.pointer(&schema_pointer(theirs)).is_some() {
                continue;
            }
            let pointers = Place::parse(theirs, document).map(|place| place.pointers(document));
            let Some(pointers) = pointers.filter(|pointers| !pointers.is_empty()) else {
                stale.push(theirs);
                continue;
            };
            for pointer in pointers {
                let Some(Value::Object(schema)) = document.pointer_mut(&pointer) else { continue };
                let other = schema.insert(MARK.into(), ours.as_str().into());
                if let Some(other) = other.as_ref().and_then(Value::as_str).filter(|other| other != ours) {
                    bail!(
                        "{NAMES}: {theirs:?} is the same place as that of {other}; delete one of the two lines"
                    );
                }
            }
        }
        Ok(stale)
    }

    /// Moves what is marked to the components, gives the components our names, and makes one schema of those
    /// that have one name.
    fn name_schemas(&self, document: &mut Value) -> Result<()> {
        let mut whole = document.clone();
        references::inline(&mut whole)?;
        let sent = schemas_in_requests(&whole);
        let mut taken = Taken::default();
        for (path, item) in members_mut(document, "/paths") {
            for (method, operation) in methods_mut(item) {
                let place = format!("{} {path}", method.to_uppercase());
                take_marked(operation, &place, false, &mut taken);
            }
        }
        for (kind, shared) in members_mut(document, "/components") {
            for (name, shared) in members_mut(shared, "") {
                let is_sent = kind == "requestBodies" || (kind == "schemas" && sent.contains(name));
                take_marked(shared, name, is_sent, &mut taken);
            }
        }

        let theirs = document.pointer_mut("/components/schemas").map(Value::take);
        let theirs = theirs.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
        let mut sources: Vec<Source> = Vec::new();
        for (name, schema) in &theirs {
            let ours = self.schema(name).unwrap_or(name).clone();
            let is_sent = sent.contains(name);
            sources.push(Source { ours, theirs: name.clone(), is_sent, schema: schema.clone() });
        }
        for Copied { ours, place, is_sent, original } in &taken.copied {
            let schema = theirs.get(original).cloned().unwrap_or_default();
            let (ours, theirs) = (ours.clone(), format!("{original} in {place}"));
            sources.push(Source { ours, theirs, is_sent: *is_sent, schema });
        }
        sources.extend(taken.moved);
        sources.iter_mut().for_each(|source| self.rename_references(&mut source.schema));
        self.rename_references(document);

        let mut schemas = Object::new();
        while let Some(ours) = sources.first().map(|source| source.ours.clone()) {
            let (of_this_name, others): (Vec<_>, _) =
                sources.into_iter().partition(|source| source.ours == ours);
            if let [first, second, ..] = of_this_name.as_slice()
                && let Some(by_chance) =
                    of_this_name.iter().find(|source| source.theirs == ours && self.schema(&ours).is_none())
            {
                let other = if first.theirs == by_chance.theirs { second } else { first };
                bail!(
                    "{NAMES}: {ours} of the published description has the name that {} is given; give it another one \
                     there, or its own if the two are one",
                    other.theirs
                );
            }
            schemas.insert(ours.clone(), one_of(&ours, of_this_name)?);
            sources = others;
        }
        document["components"]["schemas"] = schemas.into();
        settle_references(document);
        for Copied { original, .. } in taken.copied {
            drop_unused(document, self.schema(&original).unwrap_or(&original));
        }
        Ok(())
    }

    /// Gives operations our names, and their path parameters ours.
    fn name_operations(&self, document: &mut Value) -> Result<()> {
        let mut paths = Object::new();
        for (path, item) in members(document, "/paths") {
            let mut left = item.clone();
            for (method, operation) in methods_mut(&mut item.clone()) {
                let theirs = key(method, path);
                let Some(ours) = self.operation(&theirs) else { continue };
                let (id, our_path) = ours.split_once(' ').unwrap_or((ours, path));
                operation["operationId"] = id.into();
                if our_path == path {
                    left[method] = operation.take();
                    continue;
                }
                if blanked(our_path) != blanked(path) {
                    bail!("{NAMES}: {theirs:?} and {our_path:?} differ in more than the names of parameters");
                }
                let renamed: Vec<_> = parameters(path).zip(parameters(our_path)).collect();
                operation["parameters"] = renamed_parameters(operation, item, &renamed, document).into();
                left.as_object_mut().and_then(|left| left.shift_remove(method));
                let item = paths.entry(our_path).or_insert_with(|| json!({}));
                if item.get(method).is_some() || document["paths"][our_path].get(method).is_some() {
                    let place = key(method, our_path);
                    bail!("{NAMES}: {theirs:?} would take the place of another operation, {place}");
                }
                item[method] = operation.take();
            }
            if methods_mut(&mut left).next().is_some() {
                let Value::Object(left) = left else { continue };
                let kept = paths.entry(path.as_str()).or_insert_with(|| json!({}));
                kept.as_object_mut().into_iter().for_each(|kept| kept.extend(left.clone()));
            }
        }
        document["paths"] = paths.into();
        Ok(())
    }

    /// Every reference to a schema of theirs becomes one to ours, under a prefix that keeps it from being renamed
    /// twice.
    fn rename_references(&self, value: &mut Value) {
        change_strings(value, &|text| {
            let escaped = text.strip_prefix(SCHEMAS)?;
            let theirs = escaped.replace("~1", "/").replace("~0", "~");
            Some(format!("{OURS}{}", self.schema(&theirs).map_or(escaped, String::as_str)))
        });
    }
}

/// What a reference to one of our names begins with while the document is being rewritten.
const OURS: &str = "#/ours/";

fn settle_references(document: &mut Value) {
    change_strings(document, &|text| Some(format!("{SCHEMAS}{}", text.strip_prefix(OURS)?)));
}

fn change_strings(value: &mut Value, change: &impl Fn(&str) -> Option<String>) {
    match value {
        Value::String(text) => {
            if let Some(changed) = change(text) {
                *text = changed;
            }
        }
        Value::Object(members) => members.values_mut().for_each(|member| change_strings(member, change)),
        Value::Array(items) => items.iter_mut().for_each(|item| change_strings(item, change)),
        _ => {}
    }
}

/// What was marked, on its way to the components.
#[derive(Default)]
struct Taken {
    moved: Vec<Source>,
    copied: Vec<Copied>,
}

/// A schema of theirs that is to have a name of ours.
struct Source {
    ours: String,
    /// Its name or its place.
    theirs: String,
    is_sent: bool,
    schema: Value,
}

/// A use of a schema of theirs that has several of our names.
struct Copied {
    ours: String,
    place: String,
    is_sent: bool,
    original: String,
}

/// Takes every marked schema away, innermost first, and leaves a reference to our name for it.
fn take_marked(node: &mut Value, place: &str, is_sent: bool, taken: &mut Taken) {
    match node {
        Value::Object(members) => {
            for (key, part) in members.iter_mut() {
                take_marked(part, place, is_sent || key == "requestBody", taken);
            }
            let Some(Value::String(ours)) = members.shift_remove(MARK) else { return };
            let reference: Value = format!("{OURS}{ours}").into();
            let place = place.to_owned();
            if let Some(original) = referred(members).map(str::to_owned) {
                match members.get_mut("allOf") {
                    Some(parts) => *parts = json!([{ "$ref": reference }]),
                    None => members["$ref"] = reference,
                }
                taken.copied.push(Copied { ours, place, is_sent, original });
            } else {
                let said_of_member = OF_THE_MEMBER.iter().filter_map(|key| members.shift_remove_entry(*key));
                let mut left: Object = said_of_member.collect();
                left.extend(members.get("description").map(|text| ("description".into(), text.clone())));
                // Nothing counts beside a `$ref`.
                match left.is_empty() {
                    true => left.insert("$ref".into(), reference),
                    false => left.insert("allOf".into(), json!([{ "$ref": reference }])),
                };
                let schema = std::mem::replace(node, left.into());
                taken.moved.push(Source { ours, theirs: place, is_sent, schema });
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| take_marked(item, place, is_sent, taken)),
        _ => {}
    }
}

/// One schema of several. What is sent has the last word; what is only answered adds members that are only read.
fn one_of(ours: &str, mut sources: Vec<Source>) -> Result<Value> {
    sources.sort_by_key(|source| !source.is_sent);
    let mut sources = sources.into_iter();
    // There is one at least: its name is what is being made.
    let Some(mut merged) = sources.next() else { return Ok(Value::Null) };
    for other in sources {
        let only_read = merged.is_sent && !other.is_sent;
        if let Err(difference) = merge(&mut merged.schema, &other.schema, only_read) {
            bail!(
                "{} and {} of the published description are both {ours} by {NAMES}, but differ in {difference}; \
                 give one of them another name there",
                merged.theirs,
                other.theirs
            );
        }
    }
    Ok(merged.schema)
}

/// Drops a schema whose every use has been given another name.
fn drop_unused(document: &mut Value, name: &str) {
    let reference = Value::from(format!("{SCHEMAS}{name}"));
    if !holds(document, &reference)
        && let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas")
    {
        schemas.shift_remove(name);
    }
}

fn holds(value: &Value, wanted: &Value) -> bool {
    match value {
        Value::Object(members) => members.values().any(|member| holds(member, wanted)),
        Value::Array(items) => items.iter().any(|item| holds(item, wanted)),
        value => value == wanted,
    }
}

/// Whether the document has the operation, by its method and path.
fn has(document: &Value, theirs: &str) -> bool {
    operations(document).any(|(_, path, method, _)| key(method, path) == theirs)
}

/// The names of a path's parameters.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
}

/// The operation's parameters and its path's, those of its path with our names.
fn renamed_parameters(
    operation: &Value,
    item: &Value,
    renamed: &[(&str, &str)],
    document: &Value,
) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    // The operation's own come last and win.
    for parameter in items(item, "/parameters").chain(items(operation, "/parameters")) {
        let target =
            parameter.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
        let mut parameter = target.and_then(|at| document.pointer(at)).unwrap_or(parameter).clone();
        let ours = renamed.iter().find(|(theirs, _)| parameter["name"] == **theirs);
        if let (true, Some((_, ours))) = (parameter["in"] == "path", ours) {
            parameter["name"] = (*ours).into();
        }
        all.retain(|other| other["name"] != parameter["name"] || other["in"] != parameter["in"]);
        all.push(parameter);
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::names::Names;

    fn reference(name: &str) -> Value {
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    fn document(body: Value, answer: Value, schemas: Value) -> Value {
        let json = |schema| json!({ "content": { "application/json": { "schema": schema } } });
        let post = json!({ "requestBody": json(body), "responses": { "200": json(answer) } });
        json!({ "paths": { "/a": { "post": post } }, "components": { "schemas": schemas } })
    }

    fn named(text: &str, mut document: Value) -> Value {
        Names::parse(text).unwrap().apply(&mut document).unwrap();
        document
    }

    fn refusal(text: &str, mut document: Value) -> String {
        let applied = Names::parse(text).and_then(|names| names.apply(&mut document));
        format!("{:#}", applied.unwrap_err())
    }

    #[test]
    fn an_inline_schema_gets_a_name_and_its_member_keeps_what_is_said_of_it() {
        let state = json!({ "type": "string", "enum": ["ON"], "nullable": true, "readOnly": true, "description": "It." });
        let schemas = json!({ "A": { "properties": { "state": state, "text": { "enum": ["X"] } } } });
        let made = named(
            "[schemas]\n'A.state' = 'State'\n'A.text' = 'Text'\n'POST /a 200' = 'Answer'",
            document(reference("A"), json!({ "properties": {} }), schemas),
        );
        let state = json!({ "readOnly": true, "description": "It.", "allOf": [reference("State")] });
        assert_eq!(
            made["components"]["schemas"],
            json!({
                "A": { "properties": { "state": state, "text": reference("Text") } },
                "State": { "type": "string", "enum": ["ON"], "nullable": true, "description": "It." },
                "Text": { "enum": ["X"] },
                "Answer": { "properties": {} }
            })
        );
        assert_eq!(
            made["paths"]["/a"]["post"]["responses"]["200"]["content"]["application/json"]["schema"],
            reference("Answer")
        );
    }

    /// Also where a name of ours is that of another schema of theirs.
    #[test]
    fn names_are_swapped_and_references_follow() {
        let mapping = json!({ "a": "#/components/schemas/A" });
        let schemas =
            json!({ "A": { "items": reference("B") }, "B": { "discriminator": { "mapping": mapping } } });
        let made = named("[schemas]\nA = 'B'\nB = 'A'", document(reference("A"), reference("B"), schemas));
        let mapping = json!({ "a": "#/components/schemas/B" });
        let schemas =
            json!({ "B": { "items": reference("A") }, "A": { "discriminator": { "mapping": mapping } } });
        assert_eq!(made, document(reference("B"), reference("A"), schemas));
    }

    #[test]
    fn a_request_and_its_answer_become_one_schema() {
        let schemas = json!({
            "Answer": { "type": "object", "required": ["id", "name"], "properties": {
                "id": { "type": "string" }, "part": reference("Part"), "name": { "type": "string", "nullable": true },
                "state": { "type": "string", "enum": ["ON", "OFF"] }
            } },
            "Request": { "type": "object", "required": ["state"], "properties": {
                "name": { "type": "string", "maxLength": 5 }, "state": { "type": "string", "enum": ["ON"] },
                "wish": { "type": "string" }
            } },
            "Part": {}
        });
        let made = named(
            "[schemas]\nRequest = 'Order'\nAnswer = 'Order'",
            document(reference("Request"), reference("Answer"), schemas),
        );
        assert_eq!(
            made["components"]["schemas"]["Order"],
            json!({ "type": "object", "required": ["state", "id"], "properties": {
                "name": { "type": "string", "maxLength": 5, "nullable": true },
                "state": { "type": "string", "enum": ["ON", "OFF"] },
                "wish": { "type": "string" },
                "id": { "type": "string", "readOnly": true },
                "part": { "allOf": [reference("Part")], "readOnly": true }
            } })
        );
    }

    #[test]
    fn schemas_of_one_name_must_be_of_one_type() {
        let schemas = json!({ "A": { "type": "object" }, "B": { "type": "string" } });
        assert_eq!(
            refusal("[schemas]\nA = 'A'\nB = 'A'", document(reference("A"), reference("B"), schemas)),
            "A and B of the published description are both A by spec/names.toml, but differ in what they are; give \
             one of them another name there"
        );
    }

    /// Two places of ours may be one of theirs: in a part that operations share.
    #[test]
    fn a_place_has_one_name() {
        let shared = json!({ "content": { "application/json": { "schema": { "type": "object" } } } });
        let answers = json!({ "responses": { "200": { "$ref": "#/components/responses/Ok" } } });
        let document = json!({
            "paths": { "/a": { "get": answers }, "/b": { "get": answers } },
            "components": { "responses": { "Ok": shared }, "schemas": {} }
        });
        assert_eq!(
            refusal("[schemas]\n'GET /a 200' = 'A'\n'GET /b 200' = 'B'", document.clone()),
            "spec/names.toml: \"GET /b 200\" is the same place as that of A; delete one of the two lines"
        );
        named("[schemas]\n'GET /a 200' = 'A'\n'GET /b 200' = 'A'", document);
    }

    #[test]
    fn two_operations_do_not_become_one() {
        let document = json!({ "paths": { "/a/{x}": { "get": {} }, "/a/{id}": { "get": {} } } });
        assert_eq!(
            refusal("[operations]\n'GET /a/{x}' = 'getA /a/{id}'", document),
            "spec/names.toml: \"GET /a/{x}\" would take the place of another operation, GET /a/{id}"
        );
    }

    #[test]
    fn names_that_a_pointer_escapes_are_names() {
        let schemas = json!({ "a/b": { "type": "object" } });
        let made = named("[schemas]\n'a/b' = 'A'", document(reference("a~1b"), json!({}), schemas));
        assert_eq!(made, document(reference("A"), json!({}), json!({ "A": { "type": "object" } })));
    }

    #[test]
    fn one_schema_is_copied_under_several_names() {
        let uses = json!({ "properties": { "a": reference("Note"), "b": reference("Note") } });
        let note = json!({ "properties": { "kind": { "enum": ["X"] } } });
        let made = named(
            "[schemas]\n'Order.a' = 'A'\n'Order.b' = 'B'\n'Note.kind' = 'Kind'",
            document(reference("Order"), reference("Order"), json!({ "Order": uses, "Note": note })),
        );
        let note = json!({ "properties": { "kind": reference("Kind") } });
        assert_eq!(
            made["components"]["schemas"],
            json!({
                "Order": { "properties": { "a": reference("A"), "b": reference("B") } },
                "A": note, "B": note, "Kind": { "enum": ["X"] }
            })
        );
    }

    /// A reference with a text beside it is written so.
    #[test]
    fn a_reference_within_an_all_of_is_copied_too() {
        let described = json!({ "allOf": [reference("Note")], "description": "It." });
        let uses = json!({ "properties": { "a": described, "b": reference("Note") } });
        let made = named(
            "[schemas]\n'Order.a' = 'A'",
            document(
                reference("Order"),
                reference("Order"),
                json!({ "Order": uses, "Note": { "enum": ["X"] } }),
            ),
        );
        let described = json!({ "allOf": [reference("A")], "description": "It." });
        assert_eq!(
            made["components"]["schemas"],
            json!({
                "Order": { "properties": { "a": described, "b": reference("Note") } },
                "Note": { "enum": ["X"] }, "A": { "enum": ["X"] }
            })
        );
    }

    #[test]
    fn a_document_without_named_schemas_gets_some() {
        let mut bare = document(json!({ "type": "object" }), json!({}), json!({}));
        bare.as_object_mut().unwrap().shift_remove("components");
        let made = named("[schemas]\n'POST /a body' = 'A'", bare);
        assert_eq!(made["components"]["schemas"], json!({ "A": { "type": "object" } }));
    }

    /// Only who says so gets two schemas for one: a schema of theirs may happen to have a name of ours.
    #[test]
    fn a_name_of_ours_is_not_taken_by_chance() {
        let schemas = json!({ "Dto": { "type": "object" }, "Order": { "type": "object" } });
        let document = document(reference("Dto"), reference("Order"), schemas);
        assert_eq!(
            refusal("[schemas]\nDto = 'Order'", document.clone()),
            "spec/names.toml: Order of the published description has the name that Dto is given; give it another one \
             there, or its own if the two are one"
        );
        named("[schemas]\nDto = 'Order'\nOrder = 'Order'", document.clone());
        named("[schemas]\nDto = 'Order'\nOrder = 'Other'", document);
    }

    #[test]
    fn path_parameters_get_our_names_and_keep_their_order() {
        let parameters = json!([{ "$ref": "#/components/parameters/Task" }, { "name": "x", "in": "query" }]);
        let own = json!([{ "name": "id", "in": "path" }, { "name": "x", "in": "query", "required": true }]);
        let document = json!({
            "paths": {
                "/orders/{id}/tasks/{t}": { "parameters": parameters, "get": { "parameters": own }, "put": {} },
                "/last": { "get": {} }
            },
            "components": { "parameters": { "Task": { "name": "t", "in": "path" } } }
        });
        let made = named(
            "[operations]\n'GET /orders/{id}/tasks/{t}' = 'getTask /orders/{orderId}/tasks/{taskId}'",
            document.clone(),
        );
        let own = json!([
            { "name": "taskId", "in": "path" }, { "name": "orderId", "in": "path" },
            { "name": "x", "in": "query", "required": true }
        ]);
        let paths = json!({
            "/orders/{orderId}/tasks/{taskId}": { "get": { "parameters": own, "operationId": "getTask" } },
            "/orders/{id}/tasks/{t}": { "parameters": parameters, "put": {} },
            "/last": { "get": {} }
        });
        assert_eq!(made["paths"], paths);
        let elsewhere = "[operations]\n'GET /last' = 'getLast /first'";
        let problem =
            r#"spec/names.toml: "GET /last" and "/first" differ in more than the names of parameters"#;
        assert_eq!(refusal(elsewhere, document), problem);
    }

    #[test]
    fn every_line_that_matches_nothing_is_told() {
        let text = "[operations]\n'GET /a' = 'getA'\n[schemas]\nB = 'C'\n'A.x' = 'X'\n'POST /a 404' = 'Y'\n\
                    [proposed.schemas]\nD = 'E'";
        let nothing = |theirs: &str| {
            format!(
                "spec/names.toml: {theirs:?} matches nothing in the published description; delete the line"
            )
        };
        assert_eq!(
            refusal(text, document(reference("A"), json!({}), json!({ "A": {} }))),
            ["A.x", "B", "POST /a 404", "D", "GET /a"].map(nothing).join("\n")
        );
    }
}
