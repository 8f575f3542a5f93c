//! A whole contract, changed at one place after the other: each change is told, at its place, and nothing else is.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::compare::compare;
use super::kind::Kind;
use super::view::{self, View};
use super::{Change, Class};
use crate::generator::walk::{members, operations, schema_pointer, schemas};
use crate::spec::fixture::contract;

/// The contract as it is compared. Read once, because hundreds of others are compared with it.
static CONTRACT: LazyLock<View> = LazyLock::new(|| view::read(contract()));

/// The contract after a change.
fn changed(change: impl FnOnce(&mut Value)) -> Value {
    let mut contract = contract().clone();
    change(&mut contract);
    contract
}

fn remove(document: &mut Value, holder: &str, name: &str) {
    document.pointer_mut(holder).unwrap().as_object_mut().unwrap().shift_remove(name).unwrap();
}

fn pointer_of(path: &str) -> String {
    format!("/paths/{}", path.replace('/', "~1"))
}

/// What follows where a schema is sent no longer, or for the first time: its ids are plain fields then, or not. And
/// the types go and come with what takes or gives them.
fn is_consequence(change: &Change) -> bool {
    matches!(change.kind, Kind::PlainField(_) | Kind::SchemaAdded | Kind::SchemaRemoved)
}

fn without_consequences(mut changes: Vec<Change>) -> Vec<Change> {
    changes.retain(|change| !is_consequence(change));
    changes
}

fn told(changes: &[Change]) -> Vec<(Class, &str, &str)> {
    changes.iter().map(|change| (change.class, change.path.as_str(), change.what.as_str())).collect()
}

#[track_caller]
fn assert_told(new: &Value, expected: &[(Class, &str, &str)]) {
    assert_eq!(told(&compare(&CONTRACT, &view::read(new))), expected);
}

/// The members of the schemas that the client has types of.
fn all_members() -> impl Iterator<Item = (&'static str, &'static str)> {
    let used = schemas(contract()).filter(|(schema, _)| CONTRACT.schemas.contains_key(*schema));
    used.flat_map(|(schema, described)| {
        members(described, "/properties").map(|(member, _)| (schema.as_str(), member.as_str()))
    })
}

#[test]
fn the_contract_does_not_differ_from_itself() {
    assert_told(contract(), &[]);
    assert_told(&changed(Value::sort_all_objects), &[]);
}

#[test]
fn every_operation_that_goes_or_comes_is_told() {
    for (_, path, method, _) in operations(contract()) {
        let without = view::read(&changed(|new| remove(new, &pointer_of(path), method)));
        let place = format!("{} {path}", method.to_uppercase());
        let removed = without_consequences(compare(&CONTRACT, &without));
        assert_eq!(told(&removed), [(Class::Breaking, place.as_str(), "operation removed")]);
        let added = without_consequences(compare(&without, &CONTRACT));
        assert_eq!(told(&added), [(Class::Additive, place.as_str(), "operation added")]);
    }
}

#[test]
fn what_is_sent_no_longer_has_its_ids_in_every_answer() {
    let new = changed(|new| remove(new, "/paths/~1orders", "post"));
    let now = |place| (Class::Breaking, place, "is in every answer now");
    let expected = [
        (Class::Breaking, "POST /orders", "operation removed"),
        now("PackagingTask.id"),
        now("PackagingTaskDocument.taskId"),
        now("Task.id"),
        now("TaskDocument.id"),
    ];
    assert_told(&new, &expected);
}

#[test]
fn every_operation_that_is_renamed_is_told() {
    for (_, path, method, operation) in operations(contract()) {
        let new = changed(|new| {
            *new.pointer_mut(&format!("{}/{method}/operationId", pointer_of(path))).unwrap() = "other".into();
        });
        let place = format!("{} {path}", method.to_uppercase());
        let what =
            format!("operationId changed from `{}` to `other`", operation["operationId"].as_str().unwrap());
        assert_told(&new, &[(Class::Breaking, &place, &what)]);
    }
}

#[test]
fn every_member_that_goes_or_comes_is_told_once_and_at_its_place() {
    for (schema, member) in all_members() {
        let properties = format!("{}/properties", schema_pointer(schema));
        let without = view::read(&changed(|new| remove(new, &properties, member)));
        let place = format!("{schema}.{member}");
        let removed = without_consequences(compare(&CONTRACT, &without));
        assert_eq!(told(&removed), [(Class::Breaking, place.as_str(), "member removed")]);

        let added = without_consequences(compare(&without, &CONTRACT));
        let [added] = added.as_slice() else { panic!("{place}: {added:?}") };
        let required = contract().pointer(&schema_pointer(schema)).unwrap()["required"]
            .as_array()
            .is_some_and(|required| required.contains(&json!(member)));
        let breaks = required && added.direction.is_sent();
        let class = if breaks { Class::Breaking } else { Class::Additive };
        assert_eq!((added.path.as_str(), added.class), (place.as_str(), class));
    }
}

#[test]
fn every_member_of_another_type_is_told_at_its_place() {
    for (schema, member) in all_members() {
        let new = changed(|new| {
            let member = &mut new.pointer_mut(&schema_pointer(schema)).unwrap()["properties"][member];
            let member = member.as_object_mut().unwrap();
            member.retain(|key, _| !["$ref", "allOf", "items", "format"].contains(&key.as_str()));
            member.insert("type".to_owned(), "number".into());
        });
        let changes = without_consequences(compare(&CONTRACT, &view::read(&new)));
        let [change] = changes.as_slice() else { panic!("{schema}.{member}: {changes:?}") };
        assert_eq!((&change.path, change.class), (&format!("{schema}.{member}"), Class::Breaking));
        assert!(change.what.starts_with("type changed from ") && change.what.ends_with(" to `number`"));
    }
}

#[test]
fn every_member_whose_text_changes_is_told() {
    for (schema, member) in all_members() {
        let new = changed(|new| {
            let members = &mut new.pointer_mut(&schema_pointer(schema)).unwrap()["properties"];
            members[member]["description"] = "Other.".into();
        });
        assert_told(&new, &[(Class::Documentation, &format!("{schema}.{member}"), "text changed")]);
    }
}

#[test]
fn every_schema_that_is_renamed_is_told_once() {
    for schema in CONTRACT.schemas.keys() {
        let text = contract().to_string();
        let text = text.replace(&format!("schemas/{schema}\""), "schemas/Other\"");
        let mut new: Value = serde_json::from_str(&text).unwrap();
        let schemas = new["components"]["schemas"].as_object_mut().unwrap();
        let moved = schemas.remove(schema).unwrap();
        schemas.insert("Other".to_owned(), moved);
        let what = format!("schema renamed `{schema}` -> `Other`");
        assert_told(&new, &[(Class::Breaking, schema, &what)]);
    }
}

#[test]
fn every_schema_that_comes_is_told_once() {
    let new = changed(|new| {
        let schema = json!({ "properties": { "a": { "type": "string" }, "b": { "enum": ["C"] } } });
        new["components"]["schemas"]["Other"] = schema;
        let other = json!({ "$ref": "#/components/schemas/Other" });
        new["components"]["schemas"]["Task"]["properties"]["other"] = other;
    });
    assert_told(
        &new,
        &[
            (Class::Additive, "Other", "schema added"),
            (Class::Additive, "Task.other", "optional member added"),
        ],
    );
}

#[test]
fn every_value_that_goes_or_comes_is_told() {
    for (schema, described) in schemas(contract()) {
        for value in described["enum"].as_array().into_iter().flatten() {
            let new = changed(|new| {
                let values =
                    new.pointer_mut(&schema_pointer(schema)).unwrap()["enum"].as_array_mut().unwrap();
                values.retain(|other| other != value);
            });
            let Some(value) = value.as_str() else {
                // That null is listed says what `nullable` says.
                assert_told(&new, &[]);
                continue;
            };
            assert_told(&new, &[(Class::Breaking, schema, &format!("value `{value}` removed"))]);
            let added = compare(&view::read(&new), &CONTRACT);
            let what = format!("value `{value}` added");
            assert_eq!(told(&added), [(Class::Additive, schema.as_str(), what.as_str())]);
        }
    }
}

#[test]
fn every_required_member_that_is_so_no_more_is_told() {
    let mut seen = BTreeSet::new();
    for (schema, described) in schemas(contract()) {
        for (n, member) in described["required"].as_array().into_iter().flatten().enumerate() {
            let new = changed(|new| {
                let schema = new.pointer_mut(&schema_pointer(schema)).unwrap();
                schema["required"].as_array_mut().unwrap().remove(n);
            });
            let changes = compare(&CONTRACT, &view::read(&new));
            let place = format!("{schema}.{}", member.as_str().unwrap());
            assert_eq!(changes.iter().map(|change| &change.path).collect::<Vec<_>>(), [&place]);
            seen.insert((changes[0].class, changes[0].what.clone()));
        }
    }
    let seen: Vec<_> = seen.iter().map(|(class, what)| (*class, what.as_str())).collect();
    let expected = [
        (Class::Breaking, "is not in every answer any more"),
        (Class::Additive, "is optional now"),
        (Class::Documentation, "is optional now"),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn the_settings_of_the_client_are_told_once() {
    let new = changed(|new| {
        new["components"]["parameters"]["OrganizationId"]["name"] = "Other".into();
    });
    assert_told(
        &new,
        &[
            (
                Class::Breaking,
                "every operation header Signicat-OrganizationId",
                "setting of the client removed",
            ),
            (Class::Additive, "every operation header Other", "setting of the client added"),
        ],
    );
}
