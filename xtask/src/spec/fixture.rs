//! The small repository that the tests are about. What is checked in here changes with each refresh, and is not
//! for them to judge.

use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

use super::{CONTRACT, document};

pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/spec/fixtures/repository"))
}

/// Its contract, written by hand. What `build/rust_types.rs` names has to be in it as well.
pub fn contract() -> &'static Value {
    static READ: LazyLock<Value> = LazyLock::new(|| document::read(&root().join(CONTRACT)).unwrap());
    &READ
}
