//! Feature `schemars`: the schema of a model is that of the contract.

use std::collections::BTreeSet;

use schemars::schema_for;
use serde_json::Value;
use signicat_sign::types;

use crate::support::contract;

macro_rules! schemas_of {
    (models: $($model:ident)*; enums: $($enum:ident)*) => {
        [
            $((stringify!($model), schema_for!(types::$model)),)*
            $((stringify!($enum), schema_for!(types::$enum)),)*
        ]
    };
}

#[test]
fn every_model_has_the_contract_s_members_and_values() {
    let models = signicat_sign::for_each_model!(schemas_of);
    let models = models.map(|(name, schema)| (name, schema.to_value()));
    let contract = contract();
    let schemas = contract["components"]["schemas"].as_object().unwrap();
    let named: BTreeSet<&str> = schemas.keys().map(String::as_str).collect();
    assert_eq!(named, models.iter().map(|(name, _)| *name).collect(), "a model is missing");
    for (name, model) in &models {
        let schema = &schemas[*name];
        if let Some(values) = schema["enum"].as_array() {
            // Where null is allowed it stands in the list, and is no value.
            let values: Vec<_> = values.iter().filter(|value| !value.is_null()).cloned().collect();
            assert_eq!(model["anyOf"][0]["enum"], Value::Array(values), "{name}");
        } else {
            let keys = |schema: &Value| -> BTreeSet<String> {
                schema["properties"].as_object().unwrap().keys().cloned().collect()
            };
            assert_eq!(keys(model), keys(schema), "{name}");
        }
    }
}
