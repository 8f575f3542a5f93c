//! The contract, what is generated from it, and where it comes from.

use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{generator, root};

const CONTRACT: &str = "spec/sign-v1.json";
const GENERATED: &str = "spec/generated.rs";
const PROVENANCE: &str = "spec/PROVENANCE.md";

/// Writes the generated code that is checked in.
pub fn generate() -> Result<()> {
    let text = generator::generate(&read(CONTRACT)?).context(CONTRACT)?;
    fs::write(root().join(GENERATED), text).with_context(|| format!("can't write {GENERATED}"))
}

/// Says everything that is not up to date, a line each.
pub fn check() -> Result<()> {
    let contract = read(CONTRACT)?;
    let generated = generator::generate(&contract).context(CONTRACT)?;
    let parsed = serde_json::from_str(&contract).context(CONTRACT)?;

    let mut failures = without_provenance(&parsed, &read(PROVENANCE)?);
    if read(GENERATED)? != generated {
        failures.push(format!(
            "{GENERATED} is not what build/ makes of {CONTRACT}: run `cargo xtask spec generate`"
        ));
    }
    for failure in &failures {
        eprintln!("{failure}");
    }
    match failures.len() {
        0 => Ok(()),
        count => bail!("spec/ is not up to date ({count} of the above)"),
    }
}

/// The operations and schemas that have no row of their own in the tables of the provenance.
fn without_provenance(contract: &Value, provenance: &str) -> Vec<String> {
    let rows: Vec<_> =
        provenance.lines().filter_map(|line| line.strip_prefix('|')?.split('|').next()).collect();
    let has_row = |name: &str| rows.iter().any(|cell| cell.trim().trim_matches('`') == name);
    let missing = named_parts(contract).into_iter().filter(|(_, name)| !has_row(name));
    missing
        .map(|(what, name)| format!("{PROVENANCE} has no row for the {what} {name}: add its source"))
        .collect()
}

fn named_parts(contract: &Value) -> Vec<(&'static str, &str)> {
    let methods = members(&contract["paths"]).flat_map(|(_, path_item)| members(path_item));
    let operations = methods.filter_map(|(_, operation)| operation.get("operationId")?.as_str());
    let schemas = members(&contract["components"]["schemas"]).map(|(name, _)| name.as_str());
    operations.map(|name| ("operation", name)).chain(schemas.map(|name| ("schema", name))).collect()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn read(name: &str) -> Result<String> {
    fs::read_to_string(root().join(name)).with_context(|| format!("can't read {name}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::without_provenance;

    #[test]
    fn every_operation_and_schema_needs_a_row() {
        let contract = json!({
            "paths": { "/tasks": { "parameters": [], "get": { "operationId": "getTask" } } },
            "components": { "schemas": { "Task": {}, "TaskStatus": {} } }
        });
        let provenance =
            "TaskStatus\n| name | source |\n| `getTask` | S |\n| Task | S |\n| Other | TaskStatus |\n";
        let expected = ["spec/PROVENANCE.md has no row for the schema TaskStatus: add its source"];
        assert_eq!(without_provenance(&contract, provenance), expected);
        assert_eq!(without_provenance(&contract, "").len(), 3);
    }
}
