//! The rows of `spec/PROVENANCE.md`: every operation and every schema of the contract has one.

use serde_json::Value;

use super::PROVENANCE;
use super::names::key;
use crate::generator::walk::{operations, schemas};

/// The source tag of what the publisher's description itself says.
const PUBLISHED: &str = "P";

/// An operation or a schema without a row.
#[derive(Debug, PartialEq)]
pub struct Missing {
    what: &'static str,
    pub name: String,
    row: String,
}

impl Missing {
    pub fn problem(&self) -> String {
        let Self { what, name, row } = self;
        format!("{PROVENANCE} has no row for the {what} {name}: add its source, as in `{row}`")
    }
}

/// What has no row of its own in the tables.
pub fn missing(contract: &Value, provenance: &str) -> Vec<Missing> {
    let rows: Vec<_> =
        provenance.lines().filter_map(|line| line.strip_prefix('|')?.split('|').next()).collect();
    let has_row = |name: &str| rows.iter().any(|cell| cell.trim().trim_matches('`') == name);
    let operations = operations(contract).filter_map(|(_, path, method, operation)| {
        let name = operation["operationId"].as_str()?.to_owned();
        let row = format!("| {name} | `{}` | {PUBLISHED} | high | nothing |", key(method, path));
        Some(Missing { what: "operation", name, row })
    });
    let schemas = schemas(contract).map(|(name, _)| {
        let row = format!("| {name} | {PUBLISHED} | high | nothing |");
        Missing { what: "schema", name: name.clone(), row }
    });
    operations.chain(schemas).filter(|missing| !has_row(&missing.name)).collect()
}

/// The text with the missing rows at the end of their tables. Only for what the publisher's description has.
pub fn with_rows(provenance: &str, missing: &[Missing]) -> String {
    let mut lines: Vec<&str> = provenance.lines().collect();
    for (what, heading) in [("operation", "## Operations"), ("schema", "## Schemas")] {
        let table = lines.iter().position(|line| *line == heading).and_then(|heading| {
            let first = heading + lines[heading..].iter().position(|line| line.starts_with('|'))?;
            Some(first + lines[first..].iter().take_while(|line| line.starts_with('|')).count())
        });
        let end = table.unwrap_or(lines.len());
        let rows = missing.iter().filter(|missing| missing.what == what).map(|missing| missing.row.as_str());
        lines.splice(end..end, rows);
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{missing, with_rows};

    #[test]
    fn every_operation_and_schema_needs_a_row() {
        let contract = json!({
            "paths": { "/tasks": { "parameters": [], "get": { "operationId": "getTask" } } },
            "components": { "schemas": { "Task": {}, "TaskStatus": {} } }
        });
        let provenance = "TaskStatus\n\n## Operations\n\n| name | source |\n|---|---|\n\ntext\n\
                          ## Schemas\n\n| name |\n|---|\n| Task | S |\n| Other | TaskStatus |\n\n## More\n";
        let found = missing(&contract, provenance);
        assert_eq!(
            found.iter().map(super::Missing::problem).collect::<Vec<_>>(),
            [
                "spec/PROVENANCE.md has no row for the operation getTask: add its source, as in `| getTask | `GET \
                 /tasks` | P | high | nothing |`",
                "spec/PROVENANCE.md has no row for the schema TaskStatus: add its source, as in `| TaskStatus | P | \
                 high | nothing |`",
            ]
        );
        let completed = with_rows(provenance, &found);
        assert_eq!(
            completed,
            "TaskStatus\n\n## Operations\n\n| name | source |\n|---|---|\n\
             | getTask | `GET /tasks` | P | high | nothing |\n\ntext\n\
             ## Schemas\n\n| name |\n|---|\n| Task | S |\n| Other | TaskStatus |\n\
             | TaskStatus | P | high | nothing |\n\n## More\n"
        );
        assert_eq!(missing(&contract, &completed), []);
        assert_eq!(missing(&contract, "").len(), 3);
    }
}
