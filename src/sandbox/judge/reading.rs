//! Reads an OpenAPI 3.0 document: its operations, with its schemas as JSON Schemas.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::{Body, Direction, Media, Operation, Parameter, essence};

/// The methods that a path item of an OpenAPI document can hold; its other members aren't operations.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

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
                let is_json = range.ends_with("/json") || range.ends_with("+json");
                let schema = is_json.then(|| self.validator(&media["schema"], direction)).transpose()?;
                Ok(Media { range, schema })
            })
            .collect()
    }

    fn validator(&self, schema: &Value, direction: Direction) -> Result<Validator, String> {
        let mut defs = Map::new();
        for (name, schema) in self.contract["components"]["schemas"].as_object().into_iter().flatten() {
            defs.insert(name.clone(), self.json_schema(schema, direction)?);
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
        let schema = self.flatten(schema)?;
        let translate = |schema: &Value| self.json_schema(schema, direction);
        let hidden = |member: &Value| member[direction.hides()] == true;

        let mut translated = Map::new();
        for (keyword, value) in &schema {
            let value = match (keyword.as_str(), value) {
                ("properties", Value::Object(members)) => {
                    let mut properties = Map::new();
                    for (name, member) in members {
                        let member = if hidden(member) { Value::Bool(false) } else { translate(member)? };
                        properties.insert(name.clone(), member);
                    }
                    Value::Object(properties)
                }
                ("required", Value::Array(names)) => {
                    let shown =
                        |name: &&Value| !hidden(&schema["properties"][name.as_str().unwrap_or_default()]);
                    let properties = schema.contains_key("properties");
                    Value::Array(names.iter().filter(|name| !properties || shown(name)).cloned().collect())
                }
                ("items" | "not" | "additionalProperties", inner) => translate(inner)?,
                ("oneOf" | "anyOf", Value::Array(list)) => {
                    list.iter().map(translate).collect::<Result<_, _>>()?
                }
                (
                    "type" | "enum" | "minimum" | "maximum" | "multipleOf" | "minLength" | "maxLength"
                    | "pattern" | "minItems" | "maxItems" | "uniqueItems" | "minProperties" | "maxProperties",
                    plain,
                ) => plain.clone(),
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

    /// A schema with its `allOf` folded into it. JSON Schema would judge the parts one by one, and each part
    /// would refuse the other parts' members.
    fn flatten(&self, schema: &Map<String, Value>) -> Result<Map<String, Value>, String> {
        let mut whole = schema.clone();
        let Some(Value::Array(parts)) = whole.remove("allOf") else { return Ok(whole) };
        for part in &parts {
            let part = self.resolve(part)?.as_object().ok_or("a part of an `allOf` is no schema")?;
            for (keyword, value) in self.flatten(part)? {
                match (whole.get_mut(&keyword), value) {
                    (Some(Value::Object(members)), Value::Object(more)) => members.extend(more),
                    (Some(Value::Array(names)), Value::Array(more)) if keyword == "required" => {
                        names.extend(more)
                    }
                    (Some(_), _) => {}
                    (None, value) => _ = whole.insert(keyword, value),
                }
            }
        }
        Ok(whole)
    }

    /// Follows a `$ref` inside the contract, if there is one.
    fn resolve<'v>(&'v self, value: &'v Value) -> Result<&'v Value, String> {
        match value["$ref"].as_str() {
            Some(target) => target
                .strip_prefix('#')
                .and_then(|pointer| self.contract.pointer(pointer))
                .ok_or_else(|| format!("`{target}` is not in the contract")),
            None => Ok(value),
        }
    }
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
    if let Some(Value::Array(values)) = translated.get_mut("enum") {
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
