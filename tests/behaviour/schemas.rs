//! Feature `schemars`: the schema of a model is that of the contract.

use std::collections::BTreeSet;

use schemars::schema_for;
use serde_json::Value;
use signicat_sign::types;

use crate::support::documented::{contract, operations};
use crate::support::sample::{all_properties, resolved};

macro_rules! schemas_of {
    (models: $($model:ident)*; enums: $($enum:ident)*) => {
        [
            $((stringify!($model), schema_for!(types::$model)),)*
            $((stringify!($enum), schema_for!(types::$enum)),)*
        ]
    };
}

/// The values of an enum, each once, however it is spelled. Where null is allowed it stands in the list, and is no
/// value.
fn spellings(values: &Value) -> BTreeSet<String> {
    let values = values.as_array().unwrap().iter().filter_map(Value::as_str);
    values.map(|value| value.to_uppercase().replace('-', "_")).collect()
}

#[test]
fn every_model_has_the_contract_s_members_and_values() {
    let models = signicat_sign::for_each_model!(schemas_of);
    let models = models.map(|(name, schema)| (name, schema.to_value()));
    let contract = contract();
    let schemas = contract["components"]["schemas"].as_object().unwrap();
    let used = used(&contract);
    let missing: Vec<_> =
        used.iter().filter(|used| !models.iter().any(|(name, _)| *name == **used)).collect();
    assert!(missing.is_empty(), "models are missing: {missing:?}");
    // What has no name in the contract got one from its place.
    for (name, model) in models.iter().filter(|(name, _)| schemas.contains_key(*name)) {
        let schema = &schemas[*name];
        if let values @ Value::Array(_) = &schema["enum"] {
            assert_eq!(spellings(&model["anyOf"][0]["enum"]), spellings(values), "{name}");
        } else {
            let keys = |whole: &Value, schema: &Value| -> BTreeSet<String> {
                all_properties(whole, schema).into_keys().cloned().collect()
            };
            assert_eq!(keys(model, model), keys(&contract, schema), "{name}");
        }
    }
}

/// The schemas that an operation takes, or answers with on success. What holds the members of one that is composed
/// has no model of its own.
fn used(contract: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, _, operation) in operations(contract) {
        let answers = operation["responses"].as_object().unwrap().iter();
        let successes = answers.filter(|(status, _)| status.starts_with('2')).map(|(_, answer)| answer);
        let parts = successes.chain(operation.get("requestBody"));
        parts.for_each(|part| collect(contract, resolved(contract, part), &mut found));
    }
    found
}

fn collect(contract: &Value, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let name = value["$ref"].as_str().and_then(|target| target.strip_prefix("#/components/schemas/"));
            if let Some(name) = name
                && found.insert(name.to_owned())
            {
                let schema = &contract["components"]["schemas"][name];
                let members = all_properties(contract, schema);
                members.values().for_each(|member| collect(contract, member, found));
                collect(contract, &schema["items"], found);
            }
            members.values().for_each(|value| collect(contract, value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(contract, item, found)),
        _ => {}
    }
}
