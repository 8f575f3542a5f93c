//! Finds our names for what the publisher's description calls otherwise: operations by method and path, schemas
//! by where they are used.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::names::{Names, Proposed, blanked, key};
use super::place::{BODY, Place, is_json};
use crate::generator::names::{pascal, snake};
use crate::generator::walk::{items, members, operations, referred, schema_pointer};

/// What the file of names lacks, so that the published description has the names of our contract.
pub fn propose(published: &Value, contract: &Value, names: &Names) -> Proposed {
    let mut walk = Walk { published, contract, seen: BTreeSet::new(), uses: Vec::new() };
    for (ours, theirs) in operation_pairs(published, contract, names) {
        walk.operation(&ours, &theirs);
    }
    Proposed {
        operations: operation_names(published, contract, names),
        schemas: schema_names(published, &walk.uses, names),
    }
}

/// Method and path of an operation.
type Operation<'a> = (&'a str, &'a str, &'a Value);

/// Each operation of ours with theirs.
fn operation_pairs<'a>(
    published: &'a Value,
    contract: &'a Value,
    names: &Names,
) -> Vec<(Operation<'a>, Operation<'a>)> {
    let ours: BTreeMap<_, _> = operations(contract)
        .map(|(_, path, method, operation)| (key(method, &blanked(path)), (method, path, operation)))
        .collect();
    let pairs = operations(published).filter_map(|(_, path, method, operation)| {
        let named = names.operation(&key(method, path)).and_then(|name| name.split_once(' '));
        let our_path = named.map_or(path, |(_, our_path)| our_path);
        Some((*ours.get(&key(method, &blanked(our_path)))?, (method, path, operation)))
    });
    pairs.collect()
}

/// The names of operations that ours have and theirs lack; and a name for those new ones that have none of their
/// own.
fn operation_names(published: &Value, contract: &Value, names: &Names) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let pairs = operation_pairs(published, contract, names);
    let mut taken: BTreeSet<String> =
        operations(contract).filter_map(|(.., ours)| Some(snake(id(ours)?))).collect();
    for ((_, our_path, ours), (method, path, theirs)) in &pairs {
        let Some(our_id) = id(ours) else { continue };
        if our_path != path {
            found.insert(key(method, path), format!("{our_id} {our_path}"));
        } else if id(theirs) != Some(our_id) {
            found.insert(key(method, path), our_id.to_owned());
        }
    }
    for (_, path, method, theirs) in operations(published) {
        if pairs.iter().any(|(_, pair)| (pair.0, pair.1) == (method, path)) {
            continue;
        }
        let our_path = with_our_parameters(path, contract);
        let has_name = id(theirs).is_some_and(|id| taken.insert(snake(id)));
        if !has_name || our_path != path {
            let steps = path.split('/').filter(|step| !step.starts_with('{'));
            let mut made = method.to_owned() + &steps.map(pascal_step).collect::<String>();
            while !has_name && !taken.insert(snake(&made)) {
                made.push('2');
            }
            let id = id(theirs).filter(|_| has_name).unwrap_or(&made);
            let id = if our_path == path { id.to_owned() } else { format!("{id} {our_path}") };
            found.insert(key(method, path), id);
        }
    }
    found.retain(|theirs, _| names.operation(theirs).is_none());
    found
}

fn id(operation: &Value) -> Option<&str> {
    operation["operationId"].as_str().filter(|id| !id.is_empty())
}

fn pascal_step(step: &str) -> String {
    if step.is_empty() { String::new() } else { pascal(step) }
}

/// A new path below one of ours has its parameters as far as they are the same.
fn with_our_parameters(path: &str, contract: &Value) -> String {
    let steps: Vec<_> = path.split('/').collect();
    let common = |ours: &str| {
        let pairs = ours.split('/').zip(&steps);
        pairs.take_while(|(ours, theirs)| blanked(ours) == blanked(theirs)).count()
    };
    let nearest =
        members(contract, "/paths").map(|(path, _)| (common(path), path)).max_by_key(|(count, _)| *count);
    let Some((count, nearest)) = nearest else { return path.to_owned() };
    let ours = nearest.split('/').take(count);
    let steps: Vec<_> = ours.chain(steps.into_iter().skip(count)).collect();
    let parameters: Vec<_> = steps.iter().filter(|step| step.starts_with('{')).collect();
    let has_twice = (1..parameters.len()).any(|n| parameters[..n].contains(&parameters[n]));
    if has_twice { path.to_owned() } else { steps.join("/") }
}

/// Goes through both documents side by side.
struct Walk<'a> {
    published: &'a Value,
    contract: &'a Value,
    seen: BTreeSet<(String, String)>,
    uses: Vec<Use>,
}

/// A schema of theirs where one of ours with a name is.
struct Use {
    /// Its place, and its name if it has one.
    place: Place,
    name: Option<String>,
    ours: String,
}

impl Walk<'_> {
    fn operation(&mut self, ours: &Operation, theirs: &Operation) {
        let (published, contract) = (self.published, self.contract);
        let (ours, of_theirs) = (exchanged(contract, ours), exchanged(published, theirs));
        let is_in_both = |part: &str| ours.iter().any(|(other, _)| other == part);
        let has_status = of_theirs.iter().any(|(part, _)| part != BODY && is_in_both(part));
        for (part, our_schema) in &ours {
            for (their_part, their_schema) in &of_theirs {
                // 200 and 201 are one answer to us, unless theirs has just the one of ours.
                let is_success = part != BODY && their_part != BODY && !has_status;
                if part == their_part || is_success {
                    let place = Place::exchange(theirs.0, theirs.1, their_part);
                    self.schema(our_schema, their_schema, &place);
                }
            }
        }
    }

    fn schema(&mut self, ours: &Value, theirs: &Value, place: &Place) {
        let Resolved { name: our_name, schema: ours, .. } = resolve(self.contract, ours, place);
        let Resolved { name, at, schema: theirs } = resolve(self.published, theirs, place);
        if let Some(our_name) = our_name {
            let name = name.map(str::to_owned);
            self.uses.push(Use { place: place.clone(), name, ours: our_name.to_owned() });
            if !self.seen.insert((our_name.to_owned(), at.to_string())) {
                return;
            }
        }
        let our_members = all_members(self.contract, ours, &at, DEEPEST);
        for Member { name, holder, schema } in all_members(self.published, theirs, &at, DEEPEST) {
            if let Some(ours) = our_members.iter().find(|ours| ours.name == name) {
                self.schema(ours.schema, schema, &holder.member(name));
            }
        }
        for (key, place) in [("items", at.items()), ("additionalProperties", at.values())] {
            if let (Some(ours), Some(theirs)) = (ours.get(key), theirs.get(key)) {
                self.schema(ours, theirs, &place);
            }
        }
    }
}

/// What an operation takes and answers as JSON, with the part of the operation.
fn exchanged<'a>(document: &'a Value, (_, _, operation): &Operation<'a>) -> Vec<(String, &'a Value)> {
    let operation: &'a Value = operation;
    let successes = members(operation, "/responses").filter(|(status, _)| status.starts_with('2'));
    let body = operation.get("requestBody").map(|body| (BODY.to_owned(), body));
    let parts = body.into_iter().chain(successes.map(|(status, answer)| (status.clone(), answer)));
    let parts = parts.flat_map(|(part, holder)| {
        let pointer = holder.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
        let holder = pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(holder);
        let json = members(holder, "/content").filter(|(media_type, content)| is_json(media_type, content));
        json.filter_map(move |(_, content)| Some((part.clone(), content.get("schema")?)))
    });
    parts.collect()
}

/// What is behind a reference.
struct Resolved<'a> {
    /// The name that is referred to.
    name: Option<&'a str>,
    /// Where the schema itself stands: behind a reference to a reference that is another name.
    at: Place,
    schema: &'a Value,
}

fn resolve<'a>(document: &'a Value, schema: &'a Value, place: &Place) -> Resolved<'a> {
    let mut found = Resolved { name: None, at: place.clone(), schema };
    for _ in 0..DEEPEST {
        let Some(name) = found.schema.as_object().and_then(referred) else { break };
        let Some(schema) = document.pointer(&schema_pointer(name)) else { break };
        found = Resolved { name: found.name.or(Some(name)), at: Place::root(name), schema };
    }
    found
}

/// How many references and compositions may stand in one another. More is a circle.
const DEEPEST: usize = 8;

struct Member<'a> {
    name: &'a str,
    /// Where it stands.
    holder: Place,
    schema: &'a Value,
}

/// The members of an object and of the parts that it is composed of.
fn all_members<'a>(document: &'a Value, schema: &'a Value, at: &Place, deepest: usize) -> Vec<Member<'a>> {
    let own = members(schema, "/properties");
    let mut found: Vec<_> = own.map(|(name, schema)| Member { name, holder: at.clone(), schema }).collect();
    for part in items(schema, "/allOf").filter(|_| deepest > 0) {
        let part = resolve(document, part, at);
        found.extend(all_members(document, part.schema, &part.at, deepest - 1));
    }
    found
}

/// A name of theirs that is always the same one of ours is renamed; all else is named by its places.
fn schema_names(published: &Value, uses: &[Use], names: &Names) -> BTreeMap<String, String> {
    let mut ours_of: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for Use { name, ours, .. } in uses {
        if let Some(name) = name {
            ours_of.entry(name).or_default().insert(ours);
        }
    }
    let mut theirs_of: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for Use { place, name, ours } in uses {
        let theirs = name.clone().unwrap_or_else(|| place.to_string());
        theirs_of.entry(ours).or_default().insert(theirs);
    }
    let mut found = BTreeMap::new();
    // Two places may be one, in a part that operations share; and not every member's name can be written in one.
    let mut named: BTreeSet<String> = BTreeSet::new();
    let mut can_be_named = |place: &Place| {
        let pointers = place.pointers(published);
        let is_read = Place::parse(&place.to_string(), published).as_ref() == Some(place);
        is_read && !pointers.is_empty() && pointers.into_iter().all(|pointer| named.insert(pointer))
    };
    for Use { place: at, name, ours } in uses {
        let place = at.to_string();
        let has_others = theirs_of.get(ours.as_str()).is_some_and(|theirs| theirs.len() > 1);
        let known = names.schema(&place).or_else(|| names.schema(name.as_deref()?));
        let several = name.as_deref().is_some_and(|name| ours_of.get(name).is_some_and(|all| all.len() > 1));
        match name {
            _ if known == Some(ours) => {}
            // It says so where others have the name too.
            Some(name) if name == ours && known.is_none() && !has_others => {}
            Some(name) if !several && known.is_none() => {
                found.insert(name.clone(), ours.clone());
            }
            // Who gave it another name meant it, unless it has several.
            Some(_) if !several => {}
            _ if names.schema(&place).is_none() && !found.contains_key(&place) && can_be_named(at) => {
                found.insert(place, ours.clone());
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::names::{Names, Proposed};
    use super::propose;

    fn reference(name: &str) -> Value {
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    fn document(paths: Value, schemas: Value) -> Value {
        json!({ "paths": paths, "components": { "schemas": schemas } })
    }

    fn answers(id: &str, status: &str, schema: Value) -> Value {
        let content = json!({ "application/json": { "schema": schema } });
        json!({ "get": { "operationId": id, "responses": { status: { "content": content } } } })
    }

    /// The names that bring the published document to ours. They are complete, and take it there.
    #[track_caller]
    fn proposed(published: &Value, contract: &Value) -> Vec<String> {
        let mut names = Names::default();
        names.proposed = propose(published, contract, &names);
        let mut named = published.clone();
        names.apply(&mut named).unwrap();
        assert_eq!(propose(published, contract, &names), Proposed::default());
        assert_eq!(propose(&named, contract, &Names::default()), Proposed::default(), "{named:#}");
        names
            .all_operations()
            .chain(names.all_schemas())
            .map(|(theirs, ours)| format!("{theirs} = {ours}"))
            .collect()
    }

    #[test]
    fn operations_are_known_by_method_and_path() {
        let contract = document(
            json!({ "/orders/{orderId}": answers("getOrder", "200", json!({})), "/gone": answers("gone", "200", json!({})) }),
            json!({}),
        );
        let published = document(
            json!({
                "/orders/{id}": answers("read_1", "200", json!({})),
                "/orders/{id}/notes/{note}": answers("read_1", "200", json!({})),
                "/new": answers("getOrder", "200", json!({})),
                "/named": answers("named", "200", json!({}))
            }),
            json!({}),
        );
        assert_eq!(
            proposed(&published, &contract),
            [
                "GET /new = getNew",
                "GET /orders/{id} = getOrder /orders/{orderId}",
                "GET /orders/{id}/notes/{note} = read_1 /orders/{orderId}/notes/{note}",
            ]
        );
        let same = document(json!({ "/orders/{orderId}": answers("getOrder", "201", json!({})) }), json!({}));
        assert_eq!(proposed(&same, &contract), [""; 0]);
    }

    #[test]
    fn schemas_are_known_by_where_they_are_used() {
        let contract = document(
            json!({ "/a": answers("a", "200", json!({ "type": "array", "items": reference("Task") })) }),
            json!({
                "Task": { "properties": {
                    "state": reference("State"), "of": { "additionalProperties": reference("Part") },
                    "same": reference("Same"), "next": reference("Task")
                } },
                "State": { "enum": ["ON"] }, "Part": { "properties": { "state": reference("State") } }, "Same": {}
            }),
        );
        let state = json!({ "type": "string", "enum": ["ON"] });
        let published = document(
            json!({ "/a": answers("a", "2XX", json!({ "items": reference("TaskDto") })) }),
            json!({
                "Base": { "properties": { "state": state } },
                "TaskDto": { "allOf": [reference("Base"), { "properties": {
                    "of": { "additionalProperties": { "properties": { "state": state } } }, "same": reference("Same"),
                    "next": { "allOf": [reference("TaskDto")], "description": "The next." }
                } }] },
                "Same": {}, "Unused": {}
            }),
        );
        assert_eq!(
            proposed(&published, &contract),
            ["Base.state = State", "TaskDto = Task", "TaskDto.of{} = Part", "TaskDto.of{}.state = State"]
        );
    }

    #[test]
    fn one_of_theirs_may_be_several_of_ours_and_several_one() {
        let members = json!({ "mail": reference("Mail"), "text": reference("Text") });
        let contract = document(
            json!({ "/a": answers("a", "200", reference("A")), "/b": answers("b", "200", reference("A")) }),
            json!({ "A": { "properties": members }, "Mail": {}, "Text": {} }),
        );
        let theirs = json!({ "properties": { "mail": reference("Note"), "text": reference("Note") } });
        let published = document(
            json!({ "/a": answers("a", "200", reference("A")), "/b": answers("b", "200", reference("A2")) }),
            json!({ "A": theirs, "A2": theirs, "Note": { "properties": { "x": { "type": "string" } } } }),
        );
        assert_eq!(
            proposed(&published, &contract),
            ["A = A", "A.mail = Mail", "A.text = Text", "A2 = A", "A2.mail = Mail", "A2.text = Text"]
        );
    }

    /// An answer of a status that ours does not have is another one.
    #[test]
    fn answers_of_the_same_status_go_first() {
        let contract = document(json!({ "/a": answers("a", "200", reference("A")) }), json!({ "A": {} }));
        let mut published = document(
            json!({ "/a": answers("a", "200", reference("Done")) }),
            json!({ "Done": {}, "Accepted": {} }),
        );
        let accepted = answers("a", "202", reference("Accepted"))["get"]["responses"]["202"].take();
        published["paths"]["/a"]["get"]["responses"]["202"] = accepted;
        assert_eq!(proposed(&published, &contract), ["Done = A"]);
    }

    #[test]
    fn a_name_that_a_person_gave_stays() {
        let contract = document(json!({ "/a": answers("a", "200", reference("A")) }), json!({ "A": {} }));
        let published =
            document(json!({ "/a": answers("a", "200", reference("Dto")) }), json!({ "Dto": {} }));
        let names = Names::parse("[schemas]\nDto = 'Mine'").unwrap();
        assert_eq!(propose(&published, &contract, &names), Proposed::default());
    }

    /// What can't be written in a line is not proposed: that line would match nothing.
    #[test]
    fn every_proposal_can_be_read() {
        let part = |inner: Value| json!({ "allOf": [{ "allOf": [inner] }] });
        let members = json!({ "a.b": reference("Odd"), "c": reference("Even") });
        let contract = document(
            json!({ "/a": answers("a", "200", reference("A")) }),
            json!({ "A": { "properties": members }, "Odd": {}, "Even": {} }),
        );
        let members = json!({ "properties": { "a.b": { "enum": ["X"] }, "c": { "enum": ["Y"] } } });
        let published =
            document(json!({ "/a": answers("a", "200", reference("A")) }), json!({ "A": part(members) }));
        let mut names = Names::default();
        names.proposed = propose(&published, &contract, &names);
        assert_eq!(names.all_schemas().collect::<Vec<_>>(), [(&"A.c".to_owned(), &"Even".to_owned())]);
        names.apply(&mut published.clone()).unwrap();
    }

    #[test]
    fn new_operations_get_names_and_parameters_of_their_own() {
        let contract =
            document(json!({ "/orders/{orderId}": answers("getOrder", "200", json!({})) }), json!({}));
        let mut paths = json!({
            "/orders/{id}/links/{orderId}": answers("getLink", "200", json!({})),
            "/a/b": answers("", "200", json!({})),
            "/aB": answers("", "200", json!({}))
        });
        paths["/orders/{orderId}"] = contract["paths"]["/orders/{orderId}"].clone();
        assert_eq!(
            proposed(&document(paths, json!({})), &contract),
            ["GET /a/b = getAB", "GET /aB = getAB2"]
        );
    }
}
