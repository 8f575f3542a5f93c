//! Where an answer is not what the contract says: what is different, and at which place of the contract.
//!
//! Whether there is anything is the judge's to say. This looks up what it is, and tells no value but what can't be
//! anybody's: an identifier in capitals, a status, a media type, a type.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};

use serde_json::Value;
use signicat_sign::sandbox::judge::Judge;

use super::relay::{Answer, Exchange};

/// A place in the contract, as the names and numbers that lead there.
pub type Pointer = Vec<String>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Status,
    MediaType(String),
    /// A body where none is documented.
    Body,
    /// None where one is documented.
    NoBody,
    NoJson,
    /// A member that the contract does not list, of this name and type.
    Unknown {
        name: String,
        is: &'static str,
    },
    Null,
    /// The value, if it may be told.
    Enumeration(Option<String>),
    Type {
        is: &'static str,
        documented: String,
    },
    Missing(String),
    /// The keywords that it breaks.
    Limits(Vec<String>),
    Other(String),
}

/// One difference: in which operation's answer, where, and what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    pub operation: String,
    pub status: u16,
    /// `body.documents[].id`; nothing where it is about the answer as a whole.
    pub place: String,
    pub kind: Kind,
}

/// A difference, with what is needed to correct the contract.
pub struct Found<'a> {
    pub difference: Difference,
    /// The schema or the answer that it is about: of what is unknown or missing, of what that is in.
    pub pointer: Pointer,
    /// What was answered there.
    pub value: Option<Value>,
    pub answer: &'a Answer,
}

impl Display for Difference {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operation, self.status)?;
        if !self.place.is_empty() {
            write!(f, " {}", self.place)?;
        }
        write!(f, ": {}", self.kind)
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Status => write!(f, "the status is not documented"),
            Kind::MediaType(media_type) => write!(f, "the media type {media_type} is not documented"),
            Kind::Body => write!(f, "a body, where none is documented"),
            Kind::NoBody => write!(f, "no body, where one is documented"),
            Kind::NoJson => write!(f, "no JSON, where it is promised"),
            Kind::Unknown { name, is } => write!(f, "the member {} is not documented ({is})", shown(name)),
            Kind::Null => write!(f, "null, where it is not documented"),
            Kind::Enumeration(Some(value)) => write!(f, "the value {value} is not listed"),
            Kind::Enumeration(None) => {
                write!(f, "a value is not listed (it is no identifier, and not shown)")
            }
            Kind::Type { is, documented } => write!(f, "{is}, where {documented} is documented"),
            Kind::Missing(name) => write!(f, "the member {name} is required, and missing"),
            Kind::Limits(keywords) => write!(f, "a value beyond its {}", keywords.join(", ")),
            Kind::Other(message) => write!(f, "{message}"),
        }
    }
}

/// In how many answers each difference was seen.
pub fn count(exchanges: &[Exchange], contract: &Value, judge: &Judge) -> BTreeMap<Difference, usize> {
    let mut counts = BTreeMap::new();
    for exchange in exchanges {
        let found = find(exchange, contract, judge).into_iter().map(|found| found.difference);
        let mut differences = BTreeSet::from_iter(found);
        if differences.is_empty() {
            differences.extend(unexplained(exchange, judge));
        }
        for difference in differences {
            *counts.entry(difference).or_default() += 1;
        }
    }
    counts
}

/// What the judge finds, in its words, which hold no values.
fn unexplained(exchange: &Exchange, judge: &Judge) -> Option<Difference> {
    let (operation, answer) = (exchange.operation.clone()?, exchange.handed_on.as_ref()?);
    let status = answer.status.as_u16();
    let violations = judge.answer(&operation, status, answer.content_type(), &answer.body);
    let kind = Kind::Other(violations.into_iter().next()?.message);
    Some(Difference { operation, status, place: "body".to_owned(), kind })
}

/// All that the judge finds in an answer, looked up in a contract, which is the judge's or a corrected one: what is
/// as that says is left out.
pub fn find<'a>(exchange: &'a Exchange, contract: &Value, judge: &Judge) -> Vec<Found<'a>> {
    let (Some(operation), Some(answer)) = (&exchange.operation, &exchange.handed_on) else {
        return Vec::new();
    };
    let status = answer.status.as_u16();
    let violations = judge.answer(operation, status, answer.content_type(), &answer.body);
    if violations.is_empty() {
        return Vec::new();
    }
    let about = |place: &str, kind| Difference {
        operation: operation.clone(),
        status,
        place: place.to_owned(),
        kind,
    };
    let whole = |pointer: &[String], kind| {
        vec![Found { difference: about("", kind), pointer: pointer.to_vec(), value: None, answer }]
    };
    let Some(responses) = responses(contract, operation) else { return Vec::new() };
    let Some(response) = response(contract, &responses, status) else {
        return whole(&responses, Kind::Status);
    };
    let content = at(contract, &response).and_then(|response| response["content"].as_object());
    let content = content.filter(|content| !content.is_empty());
    let (Some(content), false) = (content, answer.body.is_empty() && answer.content_type().is_none()) else {
        return match (content, answer.body.is_empty()) {
            (None, false) => whole(&response, Kind::Body),
            (Some(_), true) => whole(&response, Kind::NoBody),
            _ => Vec::new(),
        };
    };
    let media_type = essence(answer.content_type().unwrap_or("none"));
    let Some(range) = range(content.keys(), &media_type) else {
        return whole(&response, Kind::MediaType(media_type));
    };
    let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else {
        let kind = if answer.body.is_empty() { Kind::NoBody } else { Kind::NoJson };
        return whole(&response, kind);
    };
    let schema = extended(&response, &["content", range, "schema"]);
    let look = |path: &str, message: &str| look(contract, &schema, &body, path, message);
    let found = violations.iter().filter_map(|violation| look(&violation.property_path, &violation.message));
    let found = found.map(|(place, pointer, kind, value)| {
        let place = format!("body{place}");
        Found { difference: about(&place, kind), pointer, value, answer }
    });
    found.collect()
}

// ---- What is wrong with a value ----

type Looked = (String, Pointer, Kind, Option<Value>);

/// What is wrong at a path of a body: nothing, if the contract has come to allow it.
fn look(contract: &Value, schema: &[String], body: &Value, path: &str, message: &str) -> Option<Looked> {
    let other = |place: &str| (place.to_owned(), schema.to_vec(), Kind::Other(message.to_owned()), None);
    let Some(steps) = steps(body, path) else { return Some(other("")) };
    let (mut pointer, mut value, mut place) = (schema.to_vec(), Some(body), String::new());
    for (index, step) in steps.iter().enumerate() {
        let holder = resolved(contract, pointer.clone());
        let is_last = index + 1 == steps.len();
        match step {
            Step::Item(number) => {
                place.push_str("[]");
                pointer = item(contract, &holder)?;
                value = value.and_then(|value| value.get(number));
            }
            Step::Member(name) => {
                let inner = value.and_then(|value| value.get(name));
                let Some((known, is_listed)) = member(contract, &holder, name) else {
                    let Some(inner) = inner.filter(|_| is_last) else { return Some(other(&place)) };
                    let kind = Kind::Unknown { name: name.clone(), is: type_of(inner) };
                    return Some((place, holder, kind, Some(inner.clone())));
                };
                if inner.is_none() {
                    let holder = requiring(contract, &holder, name)?;
                    return Some((place, holder, Kind::Missing(name.clone()), None));
                }
                // The names in a map are anybody's.
                place += &if is_listed { format!(".{name}") } else { "{}".to_owned() };
                (pointer, value) = (known, inner);
            }
        }
    }
    let value = value?;
    let (pointer, kind) = wrong(contract, &resolved(contract, pointer), value)?;
    Some((place, pointer, kind, Some(value.clone())))
}

/// Why a schema does not take a value, and which of its parts that is.
pub fn wrong(contract: &Value, pointer: &[String], value: &Value) -> Option<(Pointer, Kind)> {
    let parts = parts(contract, pointer);
    let is_nullable = at(contract, pointer).is_some_and(|schema| schema["nullable"] == true);
    if value.is_null() && is_nullable {
        return None;
    }
    parts.into_iter().find_map(|part| {
        let kind = wrong_in_part(at(contract, &part)?, value)?;
        // What is said beside an `allOf` is said of all of it.
        Some((if kind == Kind::Null { pointer.to_vec() } else { part }, kind))
    })
}

fn wrong_in_part(schema: &Value, value: &Value) -> Option<Kind> {
    let listed = schema["enum"].as_array();
    let documented = schema["type"].as_str().unwrap_or_default();
    if value.is_null() {
        let takes_null = schema["nullable"] == true || (documented.is_empty() && listed.is_none());
        return (!takes_null).then_some(Kind::Null);
    }
    if let Some(listed) = listed {
        let told = value.as_str().filter(|value| is_token(value)).map(str::to_owned);
        return (!listed.contains(value)).then_some(Kind::Enumeration(told));
    }
    let is = type_of(value);
    let fits = is == documented || documented.is_empty() || (is, documented) == ("integer", "number");
    if !fits {
        return Some(Kind::Type { is, documented: documented.to_owned() });
    }
    let broken = broken_limits(schema, value);
    (!broken.is_empty()).then_some(Kind::Limits(broken))
}

/// The limits that a value does not keep. Asked where the judge has found something: if no size is wrong, it is one of
/// the others.
fn broken_limits(schema: &Value, value: &Value) -> Vec<String> {
    let size = match value {
        Value::String(text) => text.chars().count() as f64,
        Value::Array(items) => items.len() as f64,
        Value::Object(members) => members.len() as f64,
        Value::Number(number) => number.as_f64().unwrap_or_default(),
        _ => 0.0,
    };
    let (least, most) = match value {
        Value::String(_) => ("minLength", "maxLength"),
        Value::Array(_) => ("minItems", "maxItems"),
        Value::Object(_) => ("minProperties", "maxProperties"),
        _ => ("minimum", "maximum"),
    };
    let limit = |name: &str| schema[name].as_f64();
    let mut broken = Vec::new();
    broken.extend(limit(least).filter(|limit| size < *limit).map(|_| least.to_owned()));
    broken.extend(limit(most).filter(|limit| size > *limit).map(|_| most.to_owned()));
    if broken.is_empty() {
        let others = ["pattern", "multipleOf", "uniqueItems"].into_iter();
        broken.extend(others.filter(|name| !schema[*name].is_null()).map(str::to_owned));
    }
    broken
}

pub fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Whether a value is a word of a vocabulary, and so nobody's: capitals, as all enumerations here have them.
fn is_token(value: &str) -> bool {
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    value.starts_with(|c: char| c.is_ascii_uppercase()) && value.chars().all(plain) && is_short(value)
}

/// Whether a member's name is one that a programmer gave, and not a key that is somebody's.
pub fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(plain) && is_short(name)
}

/// No number of a person or a phone, and no key.
fn is_short(text: &str) -> bool {
    let longest = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
    text.len() <= 40 && longest.unwrap_or_default() < 5
}

fn shown(name: &str) -> &str {
    if is_name(name) { name } else { "(a name that is not shown)" }
}

/// A media type without its parameters, or a word on one that is none.
pub fn essence(content_type: &str) -> String {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/+.-".contains(c);
    match essence.chars().all(plain) && is_short(&essence) {
        true => essence,
        false => "(one that is not shown)".to_owned(),
    }
}

// ---- The contract ----

/// Where the answers of an operation stand.
pub fn responses(contract: &Value, operation_id: &str) -> Option<Pointer> {
    let paths = contract["paths"].as_object()?;
    paths.iter().find_map(|(path, item)| {
        let methods = item.as_object()?;
        let (method, _) = methods.iter().find(|(_, operation)| operation["operationId"] == operation_id)?;
        Some(["paths", path, method, "responses"].map(str::to_owned).to_vec())
    })
}

fn response(contract: &Value, responses: &[String], status: u16) -> Option<Pointer> {
    let keys = [status.to_string(), format!("{}XX", status / 100), "default".to_owned()];
    let documented = at(contract, responses)?;
    let key = keys.iter().find(|key| documented.get(key.as_str()).is_some())?;
    Some(resolved(contract, extended(responses, &[key])))
}

/// The documented media type that one is of; the closest goes first.
fn range<'c>(documented: impl Iterator<Item = &'c String>, media_type: &str) -> Option<&'c str> {
    let fits = |range: &&String| match essence(range).strip_suffix('*') {
        Some("*/") => true,
        Some(family) => media_type.starts_with(family),
        None => essence(range) == media_type,
    };
    documented.filter(fits).min_by_key(|range| range.matches('*').count()).map(String::as_str)
}

pub fn at<'c>(contract: &'c Value, pointer: &[String]) -> Option<&'c Value> {
    pointer.iter().try_fold(contract, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => value.get(step),
    })
}

pub fn extended(pointer: &[String], steps: &[&str]) -> Pointer {
    pointer.iter().cloned().chain(steps.iter().map(|step| (*step).to_owned())).collect()
}

/// Follows references to what they mean in the end.
pub fn resolved(contract: &Value, mut pointer: Pointer) -> Pointer {
    while let Some(target) = at(contract, &pointer).and_then(|value| value["$ref"].as_str()) {
        let unescaped = |step: &str| step.replace("~1", "/").replace("~0", "~");
        pointer = target.trim_start_matches("#/").split('/').map(unescaped).collect();
    }
    pointer
}

/// A schema and the parts of its `allOf`, at any depth.
pub fn parts(contract: &Value, schema: &[String]) -> Vec<Pointer> {
    let schema = resolved(contract, schema.to_vec());
    let count = at(contract, &schema).and_then(|schema| schema["allOf"].as_array()).map_or(0, Vec::len);
    let of_parts =
        (0..count).flat_map(|index| parts(contract, &extended(&schema, &["allOf", &index.to_string()])));
    let of_parts: Vec<_> = of_parts.collect();
    [schema].into_iter().chain(of_parts).collect()
}

/// The schema of a member, and whether it is listed by its name.
pub fn member(contract: &Value, schema: &[String], name: &str) -> Option<(Pointer, bool)> {
    let parts = parts(contract, schema);
    let there = |pointer: Pointer| at(contract, &pointer).is_some_and(Value::is_object).then_some(pointer);
    let listed = parts.iter().find_map(|part| there(extended(part, &["properties", name])));
    if let Some(listed) = listed {
        return Some((listed, true));
    }
    let any = parts.iter().find_map(|part| there(extended(part, &["additionalProperties"])));
    any.map(|any| (any, false))
}

pub fn item(contract: &Value, schema: &[String]) -> Option<Pointer> {
    let parts = parts(contract, schema);
    parts.iter().map(|part| extended(part, &["items"])).find(|items| at(contract, items).is_some())
}

/// The schema, of those that make up a whole, that requires a member.
fn requiring(contract: &Value, schema: &[String], name: &str) -> Option<Pointer> {
    let requires = |part: &Pointer| {
        let required = at(contract, part).and_then(|part| part["required"].as_array());
        required.is_some_and(|names| names.iter().any(|required| required == name))
    };
    parts(contract, schema).into_iter().find(requires)
}

// ---- Paths ----

enum Step {
    Member(String),
    Item(usize),
}

/// The steps of a path as the judge writes it. A name may hold a dot itself: the body tells which it is.
fn steps(value: &Value, path: &str) -> Option<Vec<Step>> {
    if path.is_empty() {
        return Some(Vec::new());
    }
    let with = |step: Step, rest: Vec<Step>| [step].into_iter().chain(rest).collect();
    if let Some((number, rest)) = path.strip_prefix('[').and_then(|path| path.split_once(']')) {
        let number = number.parse().ok()?;
        let rest = steps(value.get(number)?, rest.strip_prefix('.').unwrap_or(rest))?;
        return Some(with(Step::Item(number), rest));
    }
    for (name, inner) in value.as_object()? {
        let Some(rest) = path.strip_prefix(name.as_str()) else { continue };
        if !rest.is_empty() && !rest.starts_with(['.', '[']) {
            continue;
        }
        if let Some(rest) = steps(inner, rest.strip_prefix('.').unwrap_or(rest)) {
            return Some(with(Step::Member(name.clone()), rest));
        }
    }
    // What is missing is the last.
    (!path.contains(['.', '['])).then(|| vec![Step::Member(path.to_owned())])
}
