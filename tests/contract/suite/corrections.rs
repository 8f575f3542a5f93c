//! What would have to be said in `spec/overlay.yaml` for the contract to allow what the service answers.
//!
//! Each action is applied by the overlay's own engine before it is proposed, and the corrected contract judges again.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use signicat_sign::sandbox::judge::Judge;

use super::differences::{
    Difference, Found, Kind, Pointer, at, essence, extended, find, is_name, item, member, parts, responses,
    type_of, wrong,
};
use super::engine::Corrections;
use super::relay::{Answer, Exchange};
use super::yaml;

/// A correction can show what was hidden behind it: an answer of another status, and in it a null.
const PASSES: usize = 5;

#[derive(Clone, Debug)]
struct Action {
    target: Pointer,
    /// None removes it.
    update: Option<Value>,
    reason: String,
}

/// An overlay, and what no action can mend.
pub struct Proposal {
    pub overlay: Option<String>,
    pub contract: Value,
    pub unmended: BTreeSet<Difference>,
}

/// Proposes an overlay of a contract for these answers. `seen` says when they came.
pub fn propose(exchanges: &[Exchange], contract: &Value, judge: &Judge, seen: &str) -> Proposal {
    let mut proposer = Proposer { contract: contract.clone(), actions: Vec::new(), retyped: BTreeSet::new() };
    let mut unmended = BTreeSet::new();
    let mut newest = None;
    for _ in 0..PASSES {
        let judge = newest.as_ref().unwrap_or(judge);
        let count = proposer.actions.len();
        unmended = exchanges.iter().flat_map(|exchange| proposer.mend(exchange, judge, seen)).collect();
        if proposer.actions.len() == count {
            break;
        }
        newest = Some(Judge::new(&proposer.contract).expect("a contract that was corrected can be read"));
    }
    let overlay = (!proposer.actions.is_empty()).then(|| overlay(&proposer.actions, seen));
    Proposal { overlay, contract: proposer.contract, unmended }
}

struct Proposer {
    /// As corrected so far.
    contract: Value,
    actions: Vec<Action>,
    /// Where a type was changed: one that changes again is of any.
    retyped: BTreeSet<Pointer>,
}

impl Proposer {
    /// Corrects the contract for one answer, and says for what that could not be done.
    fn mend(&mut self, exchange: &Exchange, judge: &Judge, seen: &str) -> Vec<Difference> {
        let mut tried = BTreeSet::new();
        let mut unmended = Vec::new();
        let next = |contract: &Value, tried: &BTreeSet<Difference>| {
            find(exchange, contract, judge).into_iter().find(|found| !tried.contains(&found.difference))
        };
        while let Some(found) = next(&self.contract, &tried) {
            tried.insert(found.difference.clone());
            let actions = self.actions_for(&found).unwrap_or_default();
            let mut corrected = self.contract.clone();
            let applied = Corrections::parse(&overlay(&actions, seen))
                .and_then(|corrections| corrections.apply(&mut corrected));
            if actions.is_empty() || applied.is_err() {
                unmended.push(found.difference);
                continue;
            }
            self.contract = corrected;
            self.actions.extend(actions);
        }
        unmended
    }

    /// None: there is nothing that a description could say.
    fn actions_for(&mut self, found: &Found<'_>) -> Option<Vec<Action>> {
        let (pointer, answer) = (&found.pointer, found.answer);
        let reason = found.difference.to_string();
        let contract = &self.contract;
        let update = |target: Pointer, update: Value| {
            vec![Action { target, update: Some(update), reason: reason.clone() }]
        };
        Some(match &found.difference.kind {
            // That a service fails is no part of what it promises.
            Kind::Status if answer.status.is_server_error() => return None,
            Kind::Status => {
                let mut response = json!({ "description": "Seen on the service." });
                if !answer.body.is_empty() {
                    response["content"] = self.content(&found.difference.operation, answer)?;
                }
                update(pointer.clone(), json!({ answer.status.as_str(): response }))
            }
            Kind::MediaType(_) => {
                update(extended(pointer, &["content"]), self.content(&found.difference.operation, answer)?)
            }
            Kind::Body => {
                let content = self.content(&found.difference.operation, answer)?;
                update(pointer.clone(), json!({ "content": content }))
            }
            Kind::Unknown { name, .. } => {
                let parts = parts(contract, pointer);
                let lists =
                    |part: &&Pointer| at(contract, part).is_some_and(|part| part["properties"].is_object());
                let holder = parts.iter().find(lists).unwrap_or(pointer);
                match is_name(name) {
                    true => {
                        let schema = inferred(found.value.as_ref()?);
                        update(extended(holder, &["properties"]), json!({ name.as_str(): schema }))
                    }
                    // Such names are somebody's, and there may be any.
                    false => update(holder.clone(), json!({ "additionalProperties": true })),
                }
            }
            Kind::Null => update(pointer.clone(), json!({ "nullable": true })),
            Kind::Enumeration(Some(value)) => update(extended(pointer, &["enum"]), json!(value)),
            Kind::Type { .. } => {
                let schema = match self.retyped.insert(pointer.clone()) {
                    true => inferred(found.value.as_ref()?),
                    false => json!({ "description": "Of more than one type." }),
                };
                replaced(contract, pointer, schema, &reason)?
            }
            Kind::Missing(name) => {
                let required = extended(pointer, &["required"]);
                let mut names = at(contract, &required)?.as_array()?.clone();
                names.retain(|required| required != name);
                let mut actions = vec![Action { target: required, update: None, reason: reason.clone() }];
                if !names.is_empty() {
                    actions.extend(update(pointer.clone(), json!({ "required": names })));
                }
                actions
            }
            Kind::Limits(keywords) => {
                let mut schema = at(contract, pointer)?.as_object()?.clone();
                schema.retain(|keyword, _| !keywords.contains(keyword));
                replaced(contract, pointer, schema.into(), &reason)?
            }
            Kind::NoBody | Kind::NoJson | Kind::Enumeration(None) | Kind::Other(_) => return None,
        })
    }

    /// A body as the contract could describe it: by a schema that it has, where one fits.
    fn content(&self, operation: &str, answer: &Answer) -> Option<Value> {
        let media_type = essence(answer.content_type()?);
        if !media_type.contains('/') {
            return None;
        }
        let body = serde_json::from_slice::<Value>(&answer.body).ok();
        let schema = match body.filter(|_| media_type.ends_with("/json") || media_type.ends_with("+json")) {
            Some(body) => self.known(operation, &body).unwrap_or_else(|| inferred(&body)),
            None => json!({ "type": "string", "format": "binary" }),
        };
        Some(json!({ media_type: { "schema": schema } }))
    }

    /// A reference to a schema of answers that takes the body: the operation's own go first.
    fn known(&self, operation: &str, body: &Value) -> Option<Value> {
        let own = responses(&self.contract, operation)
            .and_then(|responses| at(&self.contract, &responses).cloned());
        let mut references = Vec::new();
        collect(&own.unwrap_or_default(), &mut references);
        collect(&self.contract["components"]["responses"], &mut references);
        let takes = |reference: &&String| {
            let pointer = reference.trim_start_matches("#/").split('/').map(str::to_owned).collect();
            takes(&self.contract, &pointer, body)
        };
        let is_empty = body.as_object().is_none_or(Map::is_empty);
        references.iter().filter(|_| !is_empty).find(takes).map(|reference| json!({ "$ref": reference }))
    }
}

/// The references to schemas in answers.
fn collect(responses: &Value, references: &mut Vec<String>) {
    for (_, response) in responses.as_object().into_iter().flatten() {
        for (_, content) in response["content"].as_object().into_iter().flatten() {
            references.extend(content["schema"]["$ref"].as_str().map(str::to_owned));
        }
    }
}

/// Whether a schema lists all that there is, and is kept.
fn takes(contract: &Value, schema: &Pointer, value: &Value) -> bool {
    if wrong(contract, schema, value).is_some() {
        return false;
    }
    match value {
        Value::Object(members) => {
            let takes_member = |(name, value): (&String, &Value)| {
                member(contract, schema, name).is_some_and(|(member, _)| {
                    takes(contract, &super::differences::resolved(contract, member), value)
                })
            };
            let required = parts(contract, schema)
                .into_iter()
                .filter_map(|part| Some(at(contract, &part)?["required"].as_array()?.clone()));
            let has = |name: &Value| name.as_str().is_some_and(|name| members.contains_key(name));
            members.iter().all(takes_member) && required.flatten().all(|name| has(&name))
        }
        Value::Array(items) => item(contract, schema).is_none_or(|schema| {
            let schema = super::differences::resolved(contract, schema);
            items.iter().all(|item| takes(contract, &schema, item))
        }),
        _ => true,
    }
}

/// In two actions, because an update can only add.
fn replaced(contract: &Value, pointer: &Pointer, schema: Value, reason: &str) -> Option<Vec<Action>> {
    let (last, holder) = pointer.split_last()?;
    if !at(contract, holder)?.is_object() {
        return None;
    }
    let action =
        |target: &[String], update| Action { target: target.to_vec(), update, reason: reason.to_owned() };
    Some(vec![action(pointer, None), action(holder, Some(json!({ last.as_str(): schema })))])
}

/// A schema by what a value is, and never by what it says.
fn inferred(value: &Value) -> Value {
    match value {
        Value::Null => json!({ "nullable": true }),
        Value::Array(items) => {
            let of_items = items.iter().map(inferred).reduce(common).unwrap_or(json!({}));
            json!({ "type": "array", "items": of_items })
        }
        Value::Object(members) if members.is_empty() => json!({ "type": "object" }),
        Value::Object(members) if members.keys().all(|name| is_name(name)) => {
            let properties: Map<_, _> =
                members.iter().map(|(name, value)| (name.clone(), inferred(value))).collect();
            json!({ "type": "object", "properties": properties })
        }
        Value::Object(_) => json!({ "type": "object", "additionalProperties": true }),
        scalar => json!({ "type": type_of(scalar) }),
    }
}

/// What takes both.
fn common(one: Value, other: Value) -> Value {
    if one == other {
        return one;
    }
    match (&one["type"], &other["type"]) {
        (Value::Null, _) if one["nullable"] == true => nullable(other),
        (_, Value::Null) if other["nullable"] == true => nullable(one),
        (mine, theirs)
            if mine == theirs && one["properties"].is_object() && other["properties"].is_object() =>
        {
            let mut whole = one.clone();
            for (name, schema) in other["properties"].as_object().into_iter().flatten() {
                let known = &mut whole["properties"][name];
                *known = if known.is_null() { schema.clone() } else { common(known.take(), schema.clone()) };
            }
            whole
        }
        _ => json!({}),
    }
}

fn nullable(mut schema: Value) -> Value {
    schema["nullable"] = true.into();
    schema
}

/// The text of `spec/overlay.yaml` with these actions.
fn overlay(actions: &[Action], seen: &str) -> String {
    let mut text =
        "overlay: 1.0.0\ninfo:\n  title: Proposed by the contract suite\n  version: 1.0.0\nactions:\n"
            .to_owned();
    for action in actions {
        let change = match &action.update {
            Some(update) => format!("update:{}", yaml::block(update, 6)),
            None => "remove: true".to_owned(),
        };
        let scalar = |text: &str| yaml::block(&text.into(), 0);
        text += &format!("  - target:{}\n    {change}\n", scalar(&json_path(&action.target)));
        text += &format!("    x-reason:{}\n", scalar(&action.reason));
        text += &format!("    x-evidence:{}\n", scalar(&format!("LIVE, {seen}")));
        text += "    x-remove-when: the description says so\n";
    }
    text
}

fn json_path(pointer: &[String]) -> String {
    let step = |step: &String| match step.parse::<usize>() {
        // An item of an `allOf`; a status is a name.
        Ok(index) if index < 100 => format!("[{index}]"),
        _ if step.starts_with(|c: char| c.is_ascii_alphabetic())
            && step.chars().all(|c| c.is_ascii_alphanumeric()) =>
        {
            format!(".{step}")
        }
        _ => format!("['{}']", step.replace('\\', "\\\\").replace('\'', "\\'")),
    };
    format!("${}", pointer.iter().map(step).collect::<String>())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, StatusCode, header};

    use super::super::differences::count;
    use super::super::relay::JUDGE;
    use super::*;
    use crate::support::documented::{contract, documented_answer};

    fn exchange(operation: &str, status: u16, media_type: &'static str, body: &[u8]) -> Exchange {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(media_type))]);
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: Bytes::copy_from_slice(body),
        };
        Exchange {
            operation: Some(operation.to_owned()),
            about: None,
            query: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            is_bad_input: false,
            from_service: Some(answer.clone()),
            handed_on: Some(answer),
        }
    }

    /// A contract that is the answers' is proposed, by actions that the engine takes, all of them at once.
    #[track_caller]
    fn mended(exchanges: &[Exchange], contract: &Value, judge: &Judge) -> (String, Value) {
        let proposal = propose(exchanges, contract, judge, "2030-01-02");
        assert_eq!(proposal.unmended, BTreeSet::new());
        let overlay = proposal.overlay.unwrap();
        let mut corrected = contract.clone();
        Corrections::parse(&overlay).unwrap().apply(&mut corrected).unwrap();
        assert_eq!(corrected, proposal.contract);
        let judge = Judge::new(&corrected).unwrap();
        for exchange in exchanges {
            let (operation, answer) =
                (exchange.operation.as_ref().unwrap(), exchange.handed_on.as_ref().unwrap());
            let violations =
                judge.answer(operation, answer.status.as_u16(), answer.content_type(), &answer.body);
            assert!(violations.is_empty(), "{operation}: {violations:?}\n{overlay}");
        }
        (overlay, corrected)
    }

    /// One way in which a service may answer otherwise than documented: for a value and whether it is the whole, what
    /// stands in its place.
    type Mutation = fn(&Value, bool) -> Vec<Value>;

    /// What hides nothing else: these are mended together, because a judge of a contract takes a while to make.
    const ADDITIONS: [(&str, Mutation); 5] = [
        ("null", |_, is_whole| if is_whole { vec![] } else { vec![Value::Null] }),
        ("an unknown member", |value, _| {
            let Some(mut members) = value.as_object().cloned() else { return vec![] };
            members.insert("more".to_owned(), json!({ "and": [{ "a": 1 }, { "b": null }], "of.it": 1.5 }));
            vec![members.into()]
        }),
        ("a missing member", |value, _| {
            let members = value.as_object().cloned().unwrap_or_default();
            let without = members.keys().map(|name| {
                let mut less = members.clone();
                less.remove(name);
                less.into()
            });
            without.collect()
        }),
        ("a new word", |value, _| if value.is_string() { vec!["NEW_ONE".into()] } else { vec![] }),
        ("an empty list", |value, _| if value.is_array() { vec![json!([])] } else { vec![] }),
    ];

    /// Each of these puts a schema in the place of one.
    const REPLACEMENTS: [(&str, Mutation); 2] = [
        ("another scalar", |value, _| match value {
            Value::String(_) => vec![7.into(), 0.5.into()],
            Value::Number(_) | Value::Bool(_) => vec!["text".into()],
            _ => vec![],
        }),
        ("another form", |value, is_whole| match value {
            Value::Array(_) | Value::Object(_) if !is_whole => vec![true.into()],
            _ => vec![],
        }),
    ];

    fn mutated(body: &Value, mutation: Mutation) -> Vec<Value> {
        let mut places = Vec::new();
        places_in(body, String::new(), &mut places);
        let of = |place: &String| {
            let values = mutation(body.pointer(place).unwrap(), place.is_empty());
            values.into_iter().map(|value| with(body, place, value)).collect::<Vec<_>>()
        };
        places.iter().flat_map(of).collect()
    }

    fn places_in(value: &Value, place: String, places: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                members.iter().for_each(|(name, inner)| places_in(inner, format!("{place}/{name}"), places));
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(index, inner)| {
                    places_in(inner, format!("{place}/{index}"), places);
                });
            }
            _ => {}
        }
        places.push(place);
    }

    fn with(body: &Value, place: &str, value: Value) -> Value {
        let mut body = body.clone();
        *body.pointer_mut(place).unwrap() = value;
        body
    }

    /// What is off the contract is found, and mended, but for the little that no action can say: a number in the place
    /// of a listed word.
    #[track_caller]
    fn all_are_mended(what: &str, exchanges: &[Exchange], contract: &Value) -> (String, Value) {
        let differences = |exchange: &Exchange| count(std::slice::from_ref(exchange), contract, &JUDGE);
        let can_be_said =
            |difference: &Difference| !matches!(difference.kind, Kind::Other(_) | Kind::Enumeration(None));
        let differing = exchanges.iter().filter(|exchange| !differences(exchange).is_empty()).count();
        let exchanges = exchanges.iter().filter(|exchange| differences(exchange).keys().all(can_be_said));
        let exchanges = &exchanges.cloned().collect::<Vec<_>>()[..];
        let mendable = exchanges.iter().filter(|exchange| !differences(exchange).is_empty()).count();
        assert!(mendable > 0 && mendable * 10 >= differing * 8, "{what}: {mendable} of {differing}");
        let (overlay, corrected) = mended(exchanges, contract, &JUDGE);
        let actions = overlay.matches("- target:").count();
        println!("{what}: {differing} answers off the contract, {mendable} mended by {actions} actions");
        (overlay, corrected)
    }

    #[test]
    fn whatever_is_done_to_a_documented_answer_an_overlay_says_so() {
        let contract = contract();
        let documented: Vec<_> = JUDGE
            .operation_ids()
            .filter_map(|operation| {
                let answer = documented_answer(&contract, operation);
                Some((operation, answer.status, serde_json::from_slice::<Value>(&answer.body).ok()?))
            })
            .collect();
        assert!(!documented.is_empty());
        let answers = |mutation: Mutation| {
            documented.iter().flat_map(move |(operation, status, body)| {
                let bodies = mutated(body, mutation).into_iter().map(|body| body.to_string());
                bodies.map(|body| exchange(operation, *status, "application/json", body.as_bytes()))
            })
        };
        let additions: Vec<_> = ADDITIONS.iter().flat_map(|(_, mutation)| answers(*mutation)).collect();
        all_are_mended(&ADDITIONS.map(|(what, _)| what).join(", "), &additions, &contract);
        for (what, mutation) in REPLACEMENTS {
            all_are_mended(what, &answers(mutation).collect::<Vec<_>>(), &contract);
        }
    }

    #[test]
    fn another_status_or_media_type_is_one_more_in_the_contract() {
        let contract = contract();
        let mut exchanges = Vec::new();
        for operation in JUDGE.operation_ids() {
            exchanges.push(exchange(operation, 418, "application/json", b"{\"title\": \"Teapot\"}"));
            exchanges.push(exchange(operation, 409, "text/plain; charset=utf-8", b"busy"));
            exchanges.push(exchange(operation, 401, "application/hal+json", b"{\"_links\": {}}"));
            exchanges.push(exchange(operation, 200, "application/x-new", b"..."));
        }
        let (overlay, corrected) = all_are_mended("other answers", &exchanges, &contract);
        assert!(overlay.contains("application/hal+json"), "{overlay}");
        // A schema that the contract has is taken where it fits.
        let paths = corrected["paths"].as_object().unwrap().values();
        let answers = paths.flat_map(|path| path.as_object().unwrap().values());
        let teapot =
            answers.map(|operation| &operation["responses"]["418"]).find(|answer| answer.is_object());
        assert!(teapot.unwrap()["content"]["application/json"]["schema"]["$ref"].is_string(), "{teapot:?}");
    }

    /// What a description can't say is told, and so is what may be somebody's; neither is proposed.
    #[test]
    fn what_no_action_can_say_is_told() {
        let contract = contract();
        let exchanges = [
            exchange("getTaskStatus", 503, "text/html", b"<html>Kari"),
            exchange("getTaskStatus", 200, "application/json", b"{ Kari"),
            exchange("getTaskStatus", 200, "application/json", b""),
            exchange("getTaskStatus", 200, "kari 01010199999", b"{}"),
        ];
        let differences = count(&exchanges, &contract, &JUDGE);
        let proposal = propose(&exchanges, &contract, &JUDGE, "2030-01-02");
        assert_eq!(proposal.overlay, None);
        assert_eq!(proposal.unmended, differences.keys().cloned().collect());
        let told: Vec<_> = differences.keys().map(Difference::to_string).collect();
        assert_eq!(
            told,
            [
                "getTaskStatus 200: the media type (one that is not shown) is not documented",
                "getTaskStatus 200: no body, where one is documented",
                "getTaskStatus 200: no JSON, where it is promised",
                "getTaskStatus 503: the status is not documented",
            ]
        );
    }

    /// As a person would write it, so that it can be read and taken over.
    #[test]
    fn an_overlay_is_as_the_repository_writes_it() {
        let actions = [
            Action {
                target: ["paths", "/orders/{orderId}", "get", "responses"].map(str::to_owned).to_vec(),
                update: Some(json!({ "409": { "description": "Busy." } })),
                reason: "getOrder 409: the status is not documented".to_owned(),
            },
            Action {
                target: ["components", "schemas", "Event", "required"].map(str::to_owned).to_vec(),
                update: None,
                reason: "it is missing".to_owned(),
            },
        ];
        let expected = "\
overlay: 1.0.0
info:
  title: Proposed by the contract suite
  version: 1.0.0
actions:
  - target: \"$.paths['/orders/{orderId}'].get.responses\"
    update:
      \"409\":
        description: Busy.
    x-reason: \"getOrder 409: the status is not documented\"
    x-evidence: LIVE, 2030-01-02
    x-remove-when: the description says so
  - target: $.components.schemas.Event.required
    remove: true
    x-reason: it is missing
    x-evidence: LIVE, 2030-01-02
    x-remove-when: the description says so
";
        assert_eq!(overlay(&actions, "2030-01-02"), expected);
    }
}
