//! What `build/` makes of the contract: the client (`Client`), the models (`types`) and the tables that the
//! engine room reads. Private; `lib.rs` shows the models as `types` and the client as `raw`.
//!
//! With the feature `codegen` it is generated while building, without it the checked-in `spec/generated.rs`
//! is taken. Both are the same text.

// Not ours to write, so not ours to lint.
#![allow(missing_docs, unused_imports, unreachable_patterns, unreachable_pub, dead_code)]
#![allow(clippy::all, clippy::pedantic, clippy::nursery, rustdoc::all)]

#[cfg(feature = "codegen")]
include!(concat!(env!("OUT_DIR"), "/generated.rs"));

#[cfg(not(feature = "codegen"))]
include!(concat!(env!("CARGO_MANIFEST_DIR"), "/spec/generated.rs"));
