//! Reads an OpenAPI 3.0 document: its operations, with its schemas as JSON Schemas.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::{Body, Direction, Media, Operation, Parameter, essence};

/// The methods that a path item of an OpenAPI document can hold; its other members aren't operations.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Keywords that say the same in JSON Schema.
const PLAIN: [&str; 13] = [
    "type",
    "enum",
    "minimum",
    "maximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// Keywords that leave more than one schema to choose from.
const CHOICES: [&str; 2] = ["oneOf", "anyOf"];

/// All other keywords that a judgement depends on.
const TRANSLATED: [&str; 10] = [
    "$ref",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "not",
    "format",
    "nullable",
    "exclusiveMinimum",
    "exclusiveMaximum",
];

fn is_judged(keyword: &str) -> bool {
    PLAIN.contains(&keyword) || CHOICES.contains(&keyword) || TRANSLATED.contains(&keyword)
}

pub(super) struct Reader<'c> {
    pub(super) contract: &'c Value,
}

impl Reader<'_> {
    pub(super) fn operations(&self) -> Result<Vec<Operation>, String> {
        let paths = self.contract["paths"].as_object().ok_or("the contract has no `paths`")?;
        let mut operations = Vec::new();
        for (template, item) in paths {
            for (method, operation) in item.as_object().into_iter().flatten() {
                if METHODS.contains(&method.as_str()) {
                    let operation = self
                        .operation(template, method, item, operation)
                        .map_err(|why| format!("{method} {template}: {why}"))?;
                    operations.push(operation);
                }
            }
        }
        Ok(operations)
    }

    pub(super) fn scopes(&self) -> Vec<String> {
        let schemes = self.contract["components"]["securitySchemes"].as_object().into_iter().flatten();
        let flows = schemes.map(|(_, scheme)| &scheme["flows"]["clientCredentials"]["scopes"]);
        flows.filter_map(Value::as_object).flat_map(|scopes| scopes.keys().cloned()).collect()
    }

    fn operation(
        &self,
        template: &str,
        method: &str,
        item: &Value,
        operation: &Value,
    ) -> Result<Operation, String> {
        let mut parameters = Vec::new();
        for list in [&item["parameters"], &operation["parameters"]] {
            for parameter in list.as_array().into_iter().flatten() {
                parameters.push(self.parameter(self.resolve(parameter)?)?);
            }
        }
        let body = match operation.get("requestBody") {
            Some(body) => {
                let body = self.resolve(body)?;
                Some(Body {
                    required: body["required"] == true,
                    media: self.media(body, Direction::Request)?,
                })
            }
            None => None,
        };
        let mut answers = BTreeMap::new();
        for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
            answers.insert(status.clone(), self.media(self.resolve(answer)?, Direction::Answer)?);
        }
        let id = operation["operationId"].as_str().ok_or("the operation has no operationId")?.to_owned();
        Ok(Operation {
            id,
            method: method.to_owned(),
            template: template.to_owned(),
            parameters,
            body,
            answers,
        })
    }

    fn parameter(&self, parameter: &Value) -> Result<Parameter, String> {
        let text =
            |key| parameter[key].as_str().map(str::to_owned).ok_or(format!("a parameter has no `{key}`"));
        Ok(Parameter {
            name: text("name")?,
            location: text("in")?,
            required: parameter["required"] == true,
            schema: self.validator(&parameter["schema"], Direction::Request)?,
        })
    }

    fn media(&self, holder: &Value, direction: Direction) -> Result<Vec<Media>, String> {
        let content = holder["content"].as_object().into_iter().flatten();
        content
            .map(|(range, media)| {
                let range = essence(range);
                let schema = &media["schema"];
                let is_json = self.is_json(&range, schema)?;
                let schema = is_json.then(|| self.validator(schema, direction)).transpose()?;
                Ok(Media { range, schema })
            })
            .collect()
    }

    /// Whether a body is JSON. Frameworks that were told no media type say that it may be any: then what has
    /// members is JSON, and a string is text or bytes.
    fn is_json(&self, range: &str, schema: &Value) -> Result<bool, String> {
        let schema = self.resolve(schema)?;
        let is_called_json = range.ends_with("/json") || range.ends_with("+json");
        let has_members = !schema.is_null() && schema["type"] != "string";
        Ok((is_called_json || range.ends_with("/*") && has_members) && schema["format"] != "binary")
    }

    fn validator(&self, schema: &Value, direction: Direction) -> Result<Validator, String> {
        let mut defs = Map::new();
        for (name, schema) in self.contract["components"]["schemas"].as_object().into_iter().flatten() {
            let schema = self.json_schema(schema, direction).map_err(|why| format!("{name}: {why}"))?;
            defs.insert(name.clone(), schema);
        }
        let document = json!({ "allOf": [self.json_schema(schema, direction)?], "$defs": defs });
        jsonschema::draft202012::new(&document).map_err(|error| error.to_string())
    }

    /// The JSON Schema that says what an OpenAPI 3.0 schema says for one direction.
    ///
    /// An object knows the members that it lists and no others, unless the contract says otherwise. Formats are
    /// not judged but for the range of an `int32`; the texts and the `x-` members are left out.
    fn json_schema(&self, schema: &Value, direction: Direction) -> Result<Value, String> {
        // `additionalProperties` may be a boolean, and an absent schema allows everything.
        let Some(schema) = schema.as_object() else {
            return Ok(if *schema == false { Value::Bool(false) } else { json!({}) });
        };
        if let Some(Value::String(target)) = schema.get("$ref") {
            return Ok(json!({ "$ref": target.replace("#/components/schemas/", "#/$defs/") }));
        }
        let translate = |schema: &Value| self.json_schema(schema, direction);
        if let Some(parts) = self.parts_that_stand_alone(schema)? {
            return Ok(json!({ "allOf": parts.iter().map(translate).collect::<Result<Vec<_>, _>>()? }));
        }
        let schema = self.flatten(schema)?;
        if let Some(choice) = CHOICES.iter().find(|choice| schema.contains_key(**choice))
            && schema.contains_key("properties")
        {
            return Err(format!("a schema with `{choice}` beside its `properties` can't be judged"));
        }

        let mut translated = Map::new();
        for (keyword, value) in &schema {
            let value = match (keyword.as_str(), value) {
                ("properties", Value::Object(members)) => {
                    let mut properties = Map::new();
                    for (name, member) in members {
                        let translated = match self.has_flag(member, direction.hides())? {
                            false => translate(member).map_err(|why| format!("{name}: {why}"))?,
                            // A client that knows the member may say that it has nothing to say.
                            true if self.has_flag(member, "nullable")? => {
                                json!({ "if": { "type": "null" }, "else": false })
                            }
                            true => Value::Bool(false),
                        };
                        properties.insert(name.clone(), translated);
                    }
                    Value::Object(properties)
                }
                ("required", Value::Array(names)) => {
                    let mut shown = Vec::new();
                    for name in names {
                        let member = schema.get("properties").and_then(|all| all.get(name.as_str()?));
                        match member {
                            Some(member) if self.has_flag(member, direction.hides())? => {}
                            _ => shown.push(name.clone()),
                        }
                    }
                    Value::Array(shown)
                }
                ("items" | "not" | "additionalProperties", inner) => translate(inner)?,
                ("oneOf" | "anyOf", Value::Array(list)) => {
                    list.iter().map(translate).collect::<Result<_, _>>()?
                }
                (keyword, plain) if PLAIN.contains(&keyword) => plain.clone(),
                _ => continue,
            };
            translated.insert(keyword.clone(), value);
        }
        if schema.contains_key("properties") {
            translated.entry("additionalProperties").or_insert(Value::Bool(false));
        }
        limits(&schema, &mut translated);
        nullable(&schema, &mut translated);
        Ok(Value::Object(translated))
    }

    /// The parts of an `allOf` that JSON Schema may judge one by one: there is nothing beside it, and at most one
    /// part has a say in which members there are. Another such part would refuse the first one's members.
    fn parts_that_stand_alone<'s>(
        &self,
        schema: &'s Map<String, Value>,
    ) -> Result<Option<&'s Vec<Value>>, String> {
        let Some(Value::Array(parts)) = schema.get("allOf") else { return Ok(None) };
        if schema.keys().any(|keyword| keyword != "allOf" && is_judged(keyword)) {
            return Ok(None);
        }
        let mut lists = 0;
        for part in parts {
            lists += usize::from(self.lists_members(part)?);
        }
        Ok((lists < 2).then_some(parts))
    }

    fn lists_members(&self, schema: &Value) -> Result<bool, String> {
        let schema = self.resolve(schema)?;
        let own = ["properties", "additionalProperties", "required"];
        if own.iter().chain(&CHOICES).any(|keyword| schema.get(*keyword).is_some()) {
            return Ok(true);
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            if self.lists_members(part)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A schema with its `allOf` folded into it: the object that all parts describe together.
    fn flatten(&self, schema: &Map<String, Value>) -> Result<Map<String, Value>, String> {
        let mut whole = schema.clone();
        let Some(Value::Array(parts)) = whole.remove("allOf") else { return Ok(whole) };
        // A flag beside the `allOf` is meant for all of it, though it isn't in the parts.
        let is_nullable = whole.get("nullable").is_some_and(|flag| *flag == true);
        let mut takes_null = allows_null(&whole);
        for part in &parts {
            let part = self.resolve(part)?.as_object().ok_or("a part of an `allOf` is no schema")?;
            let part = self.flatten(part)?;
            takes_null &= allows_null(&part);
            for (keyword, value) in part {
                fold(&mut whole, keyword, value)?;
            }
        }
        whole.insert("nullable".to_owned(), (is_nullable || takes_null).into());
        Ok(whole)
    }

    /// Whether a schema has this flag, be it through a `$ref` or in a part of an `allOf`.
    fn has_flag(&self, schema: &Value, flag: &str) -> Result<bool, String> {
        let schema = self.resolve(schema)?;
        if schema[flag] == true {
            return Ok(true);
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            if self.has_flag(part, flag)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Follows a `$ref` inside the contract, if there is one, to what it means in the end.
    fn resolve<'v>(&'v self, mut value: &'v Value) -> Result<&'v Value, String> {
        // A contract has no such chain of names for one thing; one that goes in circles has no end.
        for _ in 0..64 {
            let Some(target) = value["$ref"].as_str() else { return Ok(value) };
            value = target
                .strip_prefix('#')
                .and_then(|pointer| self.contract.pointer(pointer))
                .ok_or_else(|| format!("`{target}` is not in the contract"))?;
        }
        Err("a `$ref` leads back to itself".to_owned())
    }
}

/// Whether an OpenAPI 3.0 schema lets `null` pass: without a type it does.
fn allows_null(schema: &Map<String, Value>) -> bool {
    match schema.get("nullable") {
        Some(flag) => *flag == true,
        None => !schema.contains_key("type") && !schema.contains_key("enum"),
    }
}

/// Puts one keyword of a part into the whole. What can't be put together is an error, not a guess.
fn fold(whole: &mut Map<String, Value>, keyword: String, value: Value) -> Result<(), String> {
    match (whole.get_mut(&keyword), value) {
        (Some(Value::Object(members)), Value::Object(more)) if keyword == "properties" => {
            for (name, schema) in more {
                match members.get_mut(&name) {
                    // Both hold.
                    Some(known) if *known != schema => *known = json!({ "allOf": [known.take(), schema] }),
                    Some(_) => {}
                    None => _ = members.insert(name, schema),
                }
            }
        }
        (Some(Value::Array(names)), Value::Array(more)) if keyword == "required" => {
            for name in more {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        (Some(known), value) if is_judged(&keyword) && keyword != "nullable" && *known != value => {
            return Err(format!("the parts of an `allOf` differ in `{keyword}`, so it can't be judged"));
        }
        (Some(_), _) => {}
        (None, value) => _ = whole.insert(keyword, value),
    }
    Ok(())
}

fn limits(schema: &Map<String, Value>, translated: &mut Map<String, Value>) {
    if schema.get("format").is_some_and(|format| format == "int32") {
        translated.entry("minimum").or_insert(i32::MIN.into());
        translated.entry("maximum").or_insert(i32::MAX.into());
    }
    for (limit, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        // In OpenAPI 3.0 a flag beside the limit, in JSON Schema the limit itself.
        if schema.get(exclusive).is_some_and(|flag| *flag == true)
            && let Some(value) = translated.remove(limit)
        {
            translated.insert(exclusive.to_owned(), value);
        }
    }
}

/// OpenAPI 3.0 has a flag where JSON Schema has one more type, and one more value of an `enum`.
fn nullable(schema: &Map<String, Value>, translated: &mut Map<String, Value>) {
    if schema.get("nullable").is_none_or(|flag| *flag != true) {
        return;
    }
    if let Some(name) = translated.remove("type") {
        translated.insert("type".to_owned(), json!([name, "null"]));
    }
    if let Some(Value::Array(values)) = translated.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(direction: Direction) -> Value {
        let contract = json!({
            "components": { "schemas": {
                "Named": { "required": ["name"], "properties": { "name": { "type": "string", "maxLength": 9 } } },
            } },
        });
        let schema = json!({
            "type": "object",
            "description": "left out",
            "required": ["id"],
            "nullable": true,
            "allOf": [{ "$ref": "#/components/schemas/Named" }],
            "properties": {
                "id": { "type": "string", "readOnly": true },
                "pin": { "type": "string", "writeOnly": true },
                "more": { "$ref": "#/components/schemas/Named" },
                "kind": { "type": "string", "enum": ["A"], "nullable": true, "x-confidence": "low" },
                "count": { "type": "integer", "format": "int32", "minimum": 0, "exclusiveMinimum": true },
            },
        });
        Reader { contract: &contract }.json_schema(&schema, direction).expect("the schema can be read")
    }

    #[test]
    fn a_schema_says_the_same_as_a_json_schema() {
        let expected = json!({
            "type": ["object", "null"],
            "required": ["name"],
            "additionalProperties": false,
            "properties": {
                "id": false,
                "pin": { "type": "string" },
                "more": { "$ref": "#/$defs/Named" },
                "kind": { "type": ["string", "null"], "enum": ["A", null] },
                "count": { "type": "integer", "exclusiveMinimum": 0, "maximum": i32::MAX },
                "name": { "type": "string", "maxLength": 9 },
            },
        });
        assert_eq!(translated(Direction::Request), expected);
    }

    /// Whether each of the values is what a schema allows, in a contract with these schemas.
    fn allows<const N: usize>(
        schemas: Value,
        schema: Value,
        values: [Value; N],
    ) -> Result<[bool; N], String> {
        let contract = json!({ "components": { "schemas": schemas } });
        let validator = Reader { contract: &contract }.validator(&schema, Direction::Request)?;
        Ok(values.map(|value| validator.is_valid(&value)))
    }

    #[test]
    fn the_parts_of_a_whole_hold_together() {
        let schemas = json!({
            "Named": { "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } } },
            "Short": {
                "type": "object",
                "required": ["name", "id"],
                "properties": { "id": { "type": "integer" }, "name": { "type": "string", "maxLength": 3 } },
            },
        });
        let both = json!({ "allOf": [
            { "$ref": "#/components/schemas/Named" }, { "$ref": "#/components/schemas/Short" },
        ] });
        let values = [
            json!({ "name": "abc", "id": 1 }),
            json!({ "name": "abcd", "id": 1 }),
            json!({ "name": 1, "id": 1 }),
            json!({ "name": "abc" }),
            json!({ "name": "abc", "id": 1, "more": 1 }),
        ];
        assert_eq!(allows(schemas, both, values), Ok([true, false, false, false, false]));

        // Limits that differ hold too, where each part can be judged by itself.
        let limits =
            json!({ "description": "d", "allOf": [{ "maxLength": 3 }, { "maxLength": 2, "minLength": 1 }] });
        let values = ["", "a", "ab", "abc"].map(Value::from);
        assert_eq!(allows(json!({}), limits, values), Ok([false, true, true, false]));
    }

    #[test]
    fn what_can_not_be_judged_is_said_aloud() {
        let part = |limit: u32| json!({ "properties": { format!("p{limit}"): {} }, "minProperties": limit });
        for (schema, why) in [
            (
                json!({ "allOf": [part(1), part(2)] }),
                "Odd: the parts of an `allOf` differ in `minProperties`, so it can't be judged",
            ),
            (
                json!({ "properties": { "a": {} }, "oneOf": [{ "properties": { "b": {} } }] }),
                "Odd: a schema with `oneOf` beside its `properties` can't be judged",
            ),
            (
                json!({ "allOf": [part(1), { "anyOf": [part(2)] }] }),
                "Odd: a schema with `anyOf` beside its `properties` can't be judged",
            ),
            (
                json!({ "properties": { "in": { "properties": { "a": {} }, "anyOf": [] } } }),
                "Odd: in: a schema with `anyOf` beside its `properties` can't be judged",
            ),
            (
                json!({ "allOf": [{ "$ref": "#/components/schemas/Odd2" }] }),
                "Odd: a `$ref` leads back to itself",
            ),
        ] {
            let schemas = json!({ "Odd": schema, "Odd2": { "$ref": "#/components/schemas/Odd2" } });
            let document = json!({ "$ref": "#/components/schemas/Odd" });
            assert_eq!(allows(schemas, document, [json!({})]), Err(why.to_owned()));
        }
    }

    #[test]
    fn a_schema_that_takes_null_takes_it_wherever_it_is_used() {
        let schemas = json!({
            "Dialog": { "type": "object", "nullable": true, "properties": { "title": { "type": "string" } } },
            "Kind": { "type": "string", "nullable": true, "enum": ["A", null] },
            "Plain": { "type": "object", "properties": {} },
        });
        let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let part = |name: &str| json!({ "allOf": [reference(name)], "description": "d" });
        let flagged = |name: &str| json!({ "allOf": [reference(name)], "nullable": true });
        for (schema, expected) in [
            (reference("Dialog"), true),
            (reference("Kind"), true),
            (reference("Plain"), false),
            (part("Dialog"), true),
            (part("Kind"), true),
            (part("Plain"), false),
            (flagged("Dialog"), true),
            (flagged("Kind"), true),
            (flagged("Plain"), true),
            (json!({ "allOf": [reference("Dialog"), reference("Plain")] }), false),
            (json!({ "allOf": [reference("Dialog"), { "description": "d" }], "minProperties": 0 }), true),
        ] {
            let values = [Value::Null, json!({ "more": 1 }), json!("B")];
            assert_eq!(
                allows(schemas.clone(), schema.clone(), values),
                Ok([expected, false, false]),
                "{schema}"
            );
        }
    }

    #[test]
    fn a_hidden_member_is_hidden_however_it_is_written() {
        let schemas = json!({ "Set": { "type": "string", "readOnly": true, "nullable": true } });
        let reference = json!({ "$ref": "#/components/schemas/Set" });
        for member in [reference.clone(), json!({ "allOf": [reference] }), schemas["Set"].clone()] {
            let schema = json!({ "required": ["a"], "properties": { "a": member } });
            let values = [json!({}), json!({ "a": null }), json!({ "a": "x" })];
            assert_eq!(allows(schemas.clone(), schema, values), Ok([true, true, false]));
        }
    }

    #[test]
    fn an_answer_has_other_members_than_a_request() {
        let schema = translated(Direction::Answer);
        assert_eq!(schema["required"], json!(["id", "name"]));
        assert_eq!(
            (&schema["properties"]["id"], &schema["properties"]["pin"]),
            (&json!({ "type": "string" }), &json!(false))
        );
    }
}
