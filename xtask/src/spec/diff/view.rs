//! The contract as the client crate sees it: what each operation takes and gives, schemas by the names that their
//! types have, and the constants. Read leniently: whether the client can be generated is said elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};

use serde_json::{Value, json};

use super::change::Function;
use super::limits::Limits;
use crate::generator::bodies;
use crate::generator::enums::folded;
use crate::generator::exchange::is_set_by_the_client;
use crate::generator::hoist::is_string_enum;
use crate::generator::names::pascal;
use crate::generator::operations::is_idempotent;
use crate::generator::schemas;
use crate::generator::walk::{
    Object, items, members, operations, referred, schema_pointer, schemas as named_schemas,
};

/// More references than these that lead to one another are a circle.
const LONGEST_CHAIN: usize = 8;

/// What JSON is called here, however it is written: `*/*` or with a charset it is the same to the client.
const JSON: &str = "application/json";

pub struct View {
    /// By path, with the names of its parameters left out, and method.
    pub operations: BTreeMap<(String, String), Operation>,
    pub schemas: BTreeMap<String, Schema>,
    /// Where the API is, where its tokens are, and for what.
    pub constants: [(&'static str, String); 3],
    /// What else is said of the whole, by its place.
    pub notes: Vec<(&'static str, Notes)>,
    pub others: Vec<(&'static str, Value)>,
}

impl View {
    /// Whether the part may be null, by itself or as the schema that it is.
    pub fn is_nullable(&self, part: &Part) -> bool {
        let next = |schema: &&Schema| self.named(&schema.part);
        // A schema can stand for another one, and that one for the first.
        part.nullable
            || std::iter::successors(self.named(part), next).take(LONGEST_CHAIN).any(|schema| schema.nullable)
    }

    fn named(&self, part: &Part) -> Option<&Schema> {
        let Type::Named(name) = &part.of else { return None };
        self.schemas.get(name)
    }
}

pub struct Operation {
    pub function: Function,
    /// In the order of the path.
    pub path_parameters: Vec<(String, Option<Parameter>)>,
    /// Those in headers, query and cookies, as `query page`.
    pub parameters: BTreeMap<String, Parameter>,
    pub body: Option<Body>,
    pub answers: BTreeMap<String, Answer>,
    /// What the client sends, and what it reads of any success, whatever is offered.
    pub sent: Form,
    pub answered: Form,
    pub idempotent: bool,
    pub notes: Notes,
    /// What the client does not look at.
    pub other: Value,
}

/// The one form of a body that the client has a type for.
pub struct Form {
    /// JSON, bytes or nothing.
    pub kind: &'static str,
    /// Where it is described: `body`, or a status.
    pub path: String,
    /// Of JSON.
    pub part: Option<Part>,
}

pub struct Parameter {
    pub required: bool,
    /// A setting of the client and no argument: it says on whose behalf any call is made.
    pub setting: bool,
    pub notes: Notes,
    pub part: Part,
}

pub struct Body {
    pub required: bool,
    pub notes: Notes,
    pub content: Content,
}

pub struct Answer {
    pub notes: Notes,
    pub content: Content,
    /// What the client does not look at: of an answer that is no success, all.
    pub other: Value,
}

#[derive(Default)]
pub struct Content {
    /// As they are listed, with what is said of each.
    pub media_types: Vec<(String, Notes)>,
}

/// A schema that has a name, and thereby a type of its own.
pub struct Schema {
    pub path: String,
    /// It stands inside another one, and its name is made from that one's.
    pub inline: bool,
    /// Wherever it is used.
    pub nullable: bool,
    pub part: Part,
    pub members: BTreeMap<String, Member>,
    /// By how they are read: in any case, and with `-` for `_`.
    pub values: BTreeMap<String, String>,
}

pub struct Member {
    pub required: bool,
    pub part: Part,
}

/// A schema where it is used.
pub struct Part {
    pub of: Type,
    pub limits: Limits,
    pub nullable: bool,
    pub read_only: bool,
    pub write_only: bool,
    pub notes: Notes,
}

#[derive(PartialEq)]
pub enum Type {
    Named(String),
    /// With the values of members that it does not name, where they have a type.
    Object(Option<Box<Part>>),
    Enum,
    List(Box<Part>),
    Map(Box<Part>),
    Choice(Vec<Part>),
    Plain {
        of: String,
        format: String,
    },
}

impl Type {
    /// The type in Rust of what has no name.
    pub fn in_rust(&self) -> &str {
        match self {
            Self::Plain { of, format } => match (of.as_str(), format.as_str()) {
                ("string", "date-time") => "Timestamp",
                ("integer", "int32") => "i32",
                ("integer", _) => "i64",
                (of, _) => of,
            },
            _ => "",
        }
    }
}

impl PartialEq for Part {
    /// Of the same type, whatever is said of it.
    fn eq(&self, other: &Self) -> bool {
        self.of == other.of
    }
}

impl Display for Type {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => write!(f, "{name}"),
            Self::Object(None) => write!(f, "object"),
            Self::Object(Some(values)) => write!(f, "object and map of {}", values.of),
            Self::Enum => write!(f, "enum"),
            Self::List(items) => write!(f, "list of {}", items.of),
            Self::Map(values) => write!(f, "map of {}", values.of),
            Self::Choice(choices) => {
                let choices: Vec<_> = choices.iter().map(|choice| choice.of.to_string()).collect();
                write!(f, "one of {}", choices.join(", "))
            }
            Self::Plain { of, format } if format.is_empty() => write!(f, "{of}"),
            Self::Plain { of, format } => write!(f, "{of} ({format})"),
        }
    }
}

/// What is said of a part, by what it is: text, example and so on.
pub type Notes = BTreeMap<&'static str, Value>;

const NOTES: [(&str, &[&str]); 6] = [
    ("text", &["description", "summary", "title"]),
    ("example", &["example", "examples"]),
    ("default", &["default"]),
    ("deprecated", &["deprecated"]),
    ("tags", &["tags"]),
    ("external documentation", &["externalDocs"]),
];

fn notes(value: &Value) -> Notes {
    let said = |key: &&str| match &value[*key] {
        // What is not deprecated need not say so.
        Value::Bool(false) if *key == "deprecated" => Value::Null,
        said => without_extensions(said),
    };
    let said = |keys: &[&str]| -> Vec<Value> { keys.iter().map(said).collect() };
    let notes = NOTES.iter().map(|(what, keys)| match said(keys).as_slice() {
        [single] => (*what, single.clone()),
        several if several.iter().all(Value::is_null) => (*what, Value::Null),
        several => (*what, json!(several)),
    });
    notes.filter(|(_, said)| !said.is_null()).collect()
}

fn without_extensions(value: &Value) -> Value {
    without(value, |key| key.starts_with("x-"))
}

/// What remains without notes and extensions.
fn without_notes(value: &Value) -> Value {
    without(value, |key| key.starts_with("x-") || NOTES.iter().any(|(_, keys)| keys.contains(&key)))
}

fn without(value: &Value, is_left_out: fn(&str) -> bool) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().filter(|(key, _)| !is_left_out(key));
            members.map(|(key, value)| (key.clone(), without(value, is_left_out))).collect::<Object>().into()
        }
        Value::Array(items) => items.iter().map(|item| without(item, is_left_out)).collect(),
        other => other.clone(),
    }
}

impl Part {
    /// The names of all schemas that it holds, at whatever depth.
    pub fn names<'a>(&'a self, schemas: &'a BTreeMap<String, Schema>, found: &mut BTreeSet<&'a str>) {
        match &self.of {
            Type::Named(name) => {
                if let (true, Some(schema)) = (found.insert(name), schemas.get(name)) {
                    schema.part.names(schemas, found);
                    schema.members.values().for_each(|member| member.part.names(schemas, found));
                }
            }
            Type::List(inside) | Type::Map(inside) | Type::Object(Some(inside)) => {
                inside.names(schemas, found)
            }
            Type::Choice(choices) => choices.iter().for_each(|choice| choice.names(schemas, found)),
            Type::Object(None) | Type::Enum | Type::Plain { .. } => {}
        }
    }
}

impl Operation {
    /// All that it takes and gives.
    fn parts(&self) -> impl Iterator<Item = &Part> {
        let in_path = self.path_parameters.iter().filter_map(|(_, parameter)| parameter.as_ref());
        let parameters = in_path.chain(self.parameters.values()).map(|parameter| &parameter.part);
        parameters.chain([&self.sent, &self.answered].into_iter().filter_map(|form| form.part.as_ref()))
    }
}

pub fn read(document: &Value) -> View {
    let mut simple = document.clone();
    // No step of it fails.
    let _ = schemas::simplify(&mut simple);
    read_simple(&simple)
}

fn read_simple(document: &Value) -> View {
    let mut reader =
        Reader { document, schemas: BTreeMap::new(), inline: BTreeMap::new(), under_way: Vec::new() };
    for (name, schema) in named_schemas(document) {
        let read = reader.schema(name, name, false, schema);
        reader.schemas.insert(name.clone(), read);
    }
    let operations = operations(document);
    let mut operations: BTreeMap<_, _> = operations
        .map(|(_, path, method, operation)| {
            ((blank(path), method.to_owned()), reader.operation(path, method, operation))
        })
        .collect();
    mark_settings(&mut operations);
    // Of a schema that no operation takes or gives the client has no type.
    let (mut schemas, mut used) = (reader.schemas, BTreeSet::new());
    operations.values().flat_map(Operation::parts).for_each(|part| part.names(&schemas, &mut used));
    let used: BTreeSet<String> = used.into_iter().map(str::to_owned).collect();
    schemas.retain(|name, _| used.contains(name));
    let info = ("info", notes(&document["info"]));
    let whole = ("document", notes(document));
    View {
        operations,
        schemas,
        constants: constants(document),
        notes: vec![info, whole],
        others: others(document),
    }
}

/// The path without the names of its parameters.
fn blank(path: &str) -> String {
    let mut parts = path.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |path, part| path + "{" + part.find('}').map_or("", |end| &part[end..]))
}

fn constants(document: &Value) -> [(&'static str, String); 3] {
    let server = document.pointer("/servers/0/url").and_then(Value::as_str).unwrap_or_default();
    let flow = members(document, "/components/securitySchemes")
        .find_map(|(_, scheme)| scheme.pointer("/flows/clientCredentials"))
        .unwrap_or(&Value::Null);
    let scopes: BTreeSet<_> = members(flow, "/scopes").map(|(scope, _)| scope.as_str()).collect();
    let scopes: Vec<_> = scopes.into_iter().collect();
    [
        ("server URL", server.trim_end_matches('/').to_owned()),
        ("token URL", flow["tokenUrl"].as_str().unwrap_or_default().to_owned()),
        ("scope", scopes.join(" ")),
    ]
}

/// What no code depends on. The constants are left out.
fn others(document: &Value) -> Vec<(&'static str, Value)> {
    let mut servers = without_extensions(&document["servers"]);
    if let Some(url) = servers.pointer_mut("/0/url") {
        *url = Value::Null;
    }
    let mut schemes = without_extensions(&document["components"]["securitySchemes"]);
    for scheme in schemes.as_object_mut().into_iter().flat_map(Object::values_mut) {
        if let Some(Value::Object(flow)) = scheme.pointer_mut("/flows/clientCredentials") {
            flow.remove("tokenUrl");
            flow.remove("scopes");
        }
    }
    let mut security = without_extensions(&document["security"]);
    for scopes in security.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        scopes.values_mut().for_each(|scopes| *scopes = Value::Null);
    }
    let version = document["info"]["version"].clone();
    vec![("servers", servers), ("securitySchemes", schemes), ("security", security), ("version", version)]
}

/// An optional header or query parameter of most operations is a setting, as build/references.rs has it.
fn mark_settings(operations: &mut BTreeMap<(String, String), Operation>) {
    let mut takers: BTreeMap<String, usize> = BTreeMap::new();
    let optional = |parameters: &BTreeMap<String, Parameter>| -> Vec<String> {
        parameters.iter().filter(|(_, parameter)| !parameter.required).map(|(name, _)| name.clone()).collect()
    };
    for name in operations.values().flat_map(|operation| optional(&operation.parameters)) {
        *takers.entry(name).or_default() += 1;
    }
    let all = operations.len();
    for operation in operations.values_mut() {
        for (name, parameter) in &mut operation.parameters {
            parameter.setting =
                !parameter.required && takers.get(name).is_some_and(|takers| takers * 2 > all);
        }
    }
}

struct Reader<'a> {
    document: &'a Value,
    schemas: BTreeMap<String, Schema>,
    /// What was given a name, to find another one of that name.
    inline: BTreeMap<String, Value>,
    /// Those that are being read.
    under_way: Vec<(&'a Value, String)>,
}

impl<'a> Reader<'a> {
    fn operation(&mut self, path: &str, method: &str, operation: &'a Value) -> Operation {
        let operation_id = operation["operationId"].as_str().filter(|id| !id.is_empty());
        let id = operation_id.unwrap_or(method).to_owned();
        let label = format!("{} {path}", method.to_uppercase());
        let function = Function {
            label: label.clone(),
            template: path.to_owned(),
            operation_id: operation_id.map(str::to_owned),
        };

        let mut parameters = self.parameters(path, operation, &id, &label);
        let in_path = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        let path_parameters =
            in_path.map(|name| (name.to_owned(), parameters.remove(&format!("path {name}")))).collect();

        let body = operation.get("requestBody").map(|body| self.resolve(body)).map(|body| Body {
            required: body["required"] == true,
            notes: notes(body),
            content: self.content(body),
        });
        let answers = members(operation, "/responses");
        let answers = answers.map(|(status, answer)| (status.clone(), self.answer(status, answer))).collect();
        let of_body = operation.get("requestBody").map(|body| ("body", self.resolve(body)));
        let sent = self.form(of_body.into_iter().collect(), &pascal(&format!("{id}-body")), &label);
        let successes =
            bodies::successes(operation).map(|(status, answer)| (status.as_str(), self.resolve(answer)));
        let answered = self.form(successes.collect(), &pascal(&format!("{id}-response")), &label);
        let other = ["security", "servers", "callbacks"].map(|key| without_notes(&operation[key]));
        Operation {
            function,
            path_parameters,
            parameters,
            body: body.filter(|body| !body.content.media_types.is_empty()),
            answers,
            sent,
            answered,
            idempotent: is_idempotent(method, operation),
            notes: notes(operation),
            other: json!(other),
        }
    }

    /// The operation's own parameters and those of its path, as `query page`.
    fn parameters(
        &mut self,
        path: &str,
        operation: &'a Value,
        id: &str,
        label: &str,
    ) -> BTreeMap<String, Parameter> {
        let mut found = BTreeMap::new();
        let of_path = items(&self.document["paths"][path], "/parameters");
        for parameter in of_path.chain(items(operation, "/parameters")) {
            let parameter = self.resolve(parameter);
            let (Some(name), Some(place)) = (parameter["name"].as_str(), parameter["in"].as_str()) else {
                continue;
            };
            let is_unsent =
                place == "cookie" && parameter["required"] != true || is_set_by_the_client(parameter);
            if is_unsent {
                continue;
            }
            let key = format!("{place} {name}");
            let required = parameter["required"] == true;
            let mut part = self.part(
                &pascal(&format!("{id}-{name}")),
                &format!("{label} {key}"),
                parameter.get("schema").unwrap_or(&Value::Null),
            );
            // An id, whatever its format is.
            if let ("path", Type::Plain { of, format }) = (place, &mut part.of)
                && of == "string"
            {
                format.clear();
            }
            // What is a setting can only be told when all operations are known.
            found.insert(key, Parameter { required, setting: false, notes: notes(parameter), part });
        }
        found
    }

    fn answer(&self, status: &str, answer: &'a Value) -> Answer {
        let answer = self.resolve(answer);
        let notes = notes(answer);
        if !status.starts_with('2') {
            return Answer { notes, content: Content::default(), other: without_notes(answer) };
        }
        let other = ["headers", "links"].map(|key| without_notes(&answer[key]));
        Answer { notes, content: self.content(answer), other: json!(other) }
    }

    /// The form of what is offered in several places, each with its path.
    fn form(&mut self, holders: Vec<(&str, &'a Value)>, name: &str, label: &str) -> Form {
        let offered = holders
            .iter()
            .flat_map(|(path, holder)| members(holder, "/content").map(move |offered| (*path, offered)));
        let offered: Vec<_> = offered.collect();
        let contents: Vec<_> = offered.iter().map(|(_, content)| *content).collect();
        let schema = match bodies::one_of(&contents, self.document) {
            bodies::Body::None => return Form { kind: "nothing", path: String::new(), part: None },
            bodies::Body::Binary => return Form { kind: "bytes", path: String::new(), part: None },
            bodies::Body::Json(schema) => schema,
        };
        // Where no schema is the one of all of them, it is anything.
        let described = offered.iter().find(|(_, (_, described))| described["schema"] == schema);
        let path = described.or(offered.first()).map_or("", |(path, _)| path);
        let described = described.map_or(&Value::Null, |(_, (_, described))| &described["schema"]);
        Form {
            kind: "JSON",
            path: path.to_owned(),
            part: Some(self.part(name, &format!("{label} {path}"), described)),
        }
    }

    fn content(&self, holder: &'a Value) -> Content {
        let mut content = Content::default();
        for offered in members(holder, "/content") {
            let (media_type, described) = offered;
            let is_json = matches!(bodies::one_of(&[offered], self.document), bodies::Body::Json(_));
            let media_type = if is_json { JSON } else { media_type };
            if content.media_types.iter().any(|(other, _)| other == media_type) {
                continue;
            }
            content.media_types.push((media_type.to_owned(), notes(described)));
        }
        content
    }

    /// What a reference to a shared parameter, body or answer leads to.
    fn resolve(&self, value: &'a Value) -> &'a Value {
        let next =
            |value: &&'a Value| self.document.pointer(value.get("$ref")?.as_str()?.trim_start_matches('#'));
        std::iter::successors(Some(value), next).take(LONGEST_CHAIN).last().unwrap_or(value)
    }

    /// A schema that has this name.
    fn schema(&mut self, name: &str, path: &str, inline: bool, schema: &'a Value) -> Schema {
        let mut part = described(schema);
        let (mut own, mut values) = (BTreeMap::new(), BTreeMap::new());
        let inside = |key: &str| format!("{name}{}", pascal(key));
        let object = Some(schema).filter(|schema| schema.get("$ref").is_none());
        if let Some((properties, required)) = object.and_then(|schema| self.object(schema, &mut Vec::new())) {
            part.of = Type::Object(self.values(&inside("additionalProperties"), path, schema));
            for (member, schema) in properties {
                let part = self.part(&inside(member), &format!("{path}.{member}"), schema);
                let required = required.contains(member.as_str());
                own.insert(member.clone(), Member { required, part });
            }
        } else if schema.as_object().and_then(referred).is_some() {
            part.of = self.part(name, path, schema).of;
        } else if is_string_enum(schema) {
            part.of = Type::Enum;
            for value in items(schema, "/enum").filter_map(Value::as_str) {
                values.entry(folded(value)).or_insert_with(|| value.to_owned());
            }
        } else {
            part.of = self.nameless(&inside("items"), &inside("additionalProperties"), path, schema);
        }
        let nullable = std::mem::take(&mut part.nullable);
        Schema { path: path.to_owned(), inline, nullable, part, members: own, values }
    }

    /// A schema where it is used. Should it need a name, it is this one.
    fn part(&mut self, name: &str, path: &str, schema: &'a Value) -> Part {
        let mut part = described(schema);
        part.of = if let Some(target) = schema.as_object().and_then(referred) {
            Type::Named(target.to_owned())
        } else if is_string_enum(schema) || self.object(schema, &mut Vec::new()).is_some() {
            part.limits = Limits::default();
            Type::Named(self.give_name(name, path, schema))
        } else {
            self.nameless(name, name, path, schema)
        };
        part
    }

    /// Gives a name to a schema inside of another one. The same may have it already.
    fn give_name(&mut self, name: &str, path: &str, schema: &'a Value) -> String {
        let other = self.inline.get(name).or_else(|| self.document.pointer(&schema_pointer(name)));
        match other {
            Some(other) if is_same(other, schema) => return name.to_owned(),
            // The generator refuses this. Here it gets a name that no other one has.
            Some(_) if name != path => return self.give_name(path, path, schema),
            _ => {}
        }
        // A schema inside of itself has one name.
        if let Some((_, known)) = self.under_way.iter().find(|(known, _)| std::ptr::eq(*known, schema)) {
            return known.clone();
        }
        self.inline.insert(name.to_owned(), schema.clone());
        self.under_way.push((schema, name.to_owned()));
        let read = self.schema(name, path, true, schema);
        self.under_way.pop();
        self.schemas.insert(name.to_owned(), read);
        name.to_owned()
    }

    fn nameless(&mut self, of_items: &str, of_values: &str, path: &str, schema: &'a Value) -> Type {
        if schema["type"] == "array" || schema.get("items").is_some() {
            let items = schema.get("items").unwrap_or(&Value::Null);
            return Type::List(Box::new(self.part(of_items, &format!("{path}[]"), items)));
        }
        if let Some(values) = self.values(of_values, path, schema) {
            return Type::Map(values);
        }
        if let Some(choices) = ["oneOf", "anyOf", "allOf"].into_iter().find_map(|key| schema[key].as_array())
        {
            let choices = choices.iter().enumerate();
            let parts = choices
                .map(|(n, choice)| self.part(&format!("{of_items}{n}"), &format!("{path}|{n}"), choice));
            return Type::Choice(parts.collect());
        }
        let text = |key: &str| schema[key].as_str().unwrap_or_default().to_owned();
        let of = Some(text("type")).filter(|of| !of.is_empty()).unwrap_or_else(|| "anything".to_owned());
        Type::Plain { of, format: text("format") }
    }

    /// The members of an object that it does not name. `true` and `false` say nothing of their type.
    fn values(&mut self, name: &str, path: &str, schema: &'a Value) -> Option<Box<Part>> {
        let values = schema.get("additionalProperties").filter(|values| values.is_object())?;
        Some(Box::new(self.part(name, &format!("{path}{{}}"), values)))
    }

    /// The members of an object, and which of them are required. An `allOf` of objects is one object with all
    /// their members, as build/schemas.rs has it.
    fn object(
        &self,
        schema: &'a Value,
        way: &mut Vec<&'a str>,
    ) -> Option<(BTreeMap<&'a String, &'a Value>, BTreeSet<&'a str>)> {
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            if way.contains(&target) {
                return None;
            }
            way.push(target);
            let object = self.object(self.document.pointer(target.trim_start_matches('#'))?, way);
            way.pop();
            return object;
        }
        if schema.get("properties").is_none() && schema.get("allOf").is_none() {
            return None;
        }
        let (mut properties, mut required) = (BTreeMap::new(), BTreeSet::new());
        for part in items(schema, "/allOf") {
            let (inherited, demanded) = self.object(part, way)?;
            properties.extend(inherited);
            required.extend(demanded);
        }
        properties.extend(members(schema, "/properties"));
        required.extend(items(schema, "/required").filter_map(Value::as_str));
        Some((properties, required))
    }
}

/// All that is said of the schema but what type it is of.
fn described(schema: &Value) -> Part {
    Part {
        of: Type::Object(None),
        limits: Limits::read(schema),
        nullable: schema["nullable"] == true,
        read_only: schema["readOnly"] == true,
        write_only: schema["writeOnly"] == true,
        notes: notes(schema),
    }
}

fn is_same(a: &Value, b: &Value) -> bool {
    ["enum", "properties", "allOf"].into_iter().all(|key| a.get(key) == b.get(key))
}
