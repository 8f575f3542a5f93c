//! Where a schema stands in a document: in a named schema, or in what an operation takes or answers. Written
//! `Task.documents[].action`, `POST /orders body`, or `GET /orders/{orderId} 200.tasks[]`.

use std::fmt;

use serde_json::Value;

use crate::generator::walk::{items, members, schema_pointer, schemas};

/// What a body of an operation is called in a place.
pub const BODY: &str = "body";

#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    root: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Member(String),
    Items,
    /// The values of a map.
    Values,
}

impl Place {
    /// The named schema, or the part of an operation.
    pub fn root(root: impl Into<String>) -> Self {
        Self { root: root.into(), steps: Vec::new() }
    }

    pub fn exchange(method: &str, path: &str, part: &str) -> Self {
        Self::root(format!("{} {path} {part}", method.to_uppercase()))
    }

    pub fn member(&self, name: &str) -> Self {
        self.then(Step::Member(name.to_owned()))
    }

    pub fn items(&self) -> Self {
        self.then(Step::Items)
    }

    pub fn values(&self) -> Self {
        self.then(Step::Values)
    }

    fn then(&self, step: Step) -> Self {
        let mut longer = self.clone();
        longer.steps.push(step);
        longer
    }

    /// Reads a place. Names of schemas may have dots, so the document tells where the name ends.
    pub fn parse(text: &str, document: &Value) -> Option<Self> {
        let of_operation = text.rsplit_once(' ').map(|(operation, part)| {
            let end = part.find(['.', '[', '{']).unwrap_or(part.len());
            operation.len() + 1 + end
        });
        let root = of_operation.or_else(|| {
            let begins = |name: &&String| {
                text.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with(['.', '[', '{']))
            };
            schemas(document).map(|(name, _)| name).filter(begins).map(String::len).max()
        })?;
        let mut place = Self::root(&text[..root]);
        let mut rest = &text[root..];
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix("[]") {
                (place, rest) = (place.items(), after);
            } else if let Some(after) = rest.strip_prefix("{}") {
                (place, rest) = (place.values(), after);
            } else {
                let name = rest.strip_prefix('.')?;
                let end = name.find(['.', '[', '{']).unwrap_or(name.len());
                (place, rest) = (place.member(&name[..end]), &name[end..]);
            }
        }
        Some(place)
    }

    /// The JSON Pointers of the schemas there: several where an operation has several media types of JSON.
    pub fn pointers(&self, document: &Value) -> Vec<String> {
        let mut found = match self.root.split(' ').collect::<Vec<_>>().as_slice() {
            [method, path, part] => exchange_pointers(document, method, path, part),
            _ => vec![schema_pointer(&self.root)],
        };
        found.retain(|pointer| document.pointer(pointer).is_some());
        for step in &self.steps {
            found = found.iter().filter_map(|at| step.from(document, at)).collect();
        }
        found
    }
}

impl Step {
    fn from(&self, document: &Value, at: &str) -> Option<String> {
        let next = match self {
            Self::Items => format!("{at}/items"),
            Self::Values => format!("{at}/additionalProperties"),
            Self::Member(name) => {
                let own = format!("{at}/properties/{}", escape(name));
                let parts = 0..items(document, &format!("{at}/allOf")).count();
                let within = |part| self.from(document, &format!("{at}/allOf/{part}"));
                return if document.pointer(&own).is_some() {
                    Some(own)
                } else {
                    parts.into_iter().find_map(within)
                };
            }
        };
        document.pointer(&next).is_some().then_some(next)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.root)?;
        self.steps.iter().try_for_each(|step| match step {
            Step::Member(name) => write!(f, ".{name}"),
            Step::Items => f.write_str("[]"),
            Step::Values => f.write_str("{}"),
        })
    }
}

/// The schemas of an operation's body, or of its answer of that status.
fn exchange_pointers(document: &Value, method: &str, path: &str, part: &str) -> Vec<String> {
    let operation = format!("/paths/{}/{}", escape(path), method.to_lowercase());
    let holder = match part {
        BODY => format!("{operation}/requestBody"),
        status => format!("{operation}/responses/{status}"),
    };
    let content = format!("{}/content", through_reference(document, holder));
    let json = members(document, &content).filter(|(media_type, content)| is_json(media_type, content));
    json.map(|(media_type, _)| format!("{content}/{}/schema", escape(media_type))).collect()
}

/// Where what stands there really is.
fn through_reference(document: &Value, pointer: String) -> String {
    let target = document.pointer(&pointer).and_then(|value| value.get("$ref")?.as_str());
    target.and_then(|target| target.strip_prefix('#')).map_or(pointer, str::to_owned)
}

/// Whether content of that media type is JSON. `*/*` is what Java's generators write where nothing is said.
pub fn is_json(media_type: &str, content: &Value) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_bytes = content["schema"].is_null() || content["schema"]["format"] == "binary";
    essence == "application/json" || (essence == "*/*" && !is_bytes)
}

fn escape(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Place;

    #[test]
    fn a_place_is_read_written_and_found() {
        let list = json!({ "type": "array", "items": { "$ref": "#/components/schemas/a.Task" } });
        let body = json!({ "content": { "application/json": { "schema": list }, "a/b": { "schema": {} } } });
        let document = json!({
            "paths": { "/orders/{id}": { "post": {
                "requestBody": { "$ref": "#/components/requestBodies/Order" },
                "responses": { "200": { "content": { "*/*": { "schema": { "properties": { "x": {} } } } } } }
            } } },
            "components": {
                "requestBodies": { "Order": body },
                "schemas": {
                    "a": {},
                    "a.Task": { "allOf": [{ "$ref": "#/components/schemas/a" }, { "properties": {
                        "map/of": { "additionalProperties": { "items": {} } }
                    } }] }
                }
            }
        });
        let places = [
            (
                "a.Task.map/of{}[]",
                "/components/schemas/a.Task/allOf/1/properties/map~1of/additionalProperties/items",
            ),
            ("POST /orders/{id} body", "/components/requestBodies/Order/content/application~1json/schema"),
            (
                "POST /orders/{id} body[]",
                "/components/requestBodies/Order/content/application~1json/schema/items",
            ),
            (
                "POST /orders/{id} 200.x",
                "/paths/~1orders~1{id}/post/responses/200/content/*~1*/schema/properties/x",
            ),
        ];
        for (text, pointer) in places {
            let place = Place::parse(text, &document).unwrap();
            assert_eq!(place.to_string(), text);
            assert_eq!(place.pointers(&document), [pointer], "{text}");
        }
        for text in ["a.Task.y", "POST /orders/{id} 201", "GET /orders/{id} body", "POST /orders/{id} body.x"]
        {
            assert_eq!(Place::parse(text, &document).unwrap().pointers(&document), [""; 0], "{text}");
        }
        for text in ["b.x", "", "a[", "a.Taskx"] {
            let pointers = Place::parse(text, &document).map(|place| place.pointers(&document));
            assert_eq!(pointers.unwrap_or_default(), [""; 0], "{text}");
        }
    }
}
