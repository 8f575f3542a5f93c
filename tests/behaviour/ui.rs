//! What must not compile. After a change: `TRYBUILD=overwrite cargo test --all-features --test behaviour ui::`, and read the difference.
//!
//! The crate and what it needs are checked anew for it, in `target/tests`, which takes minutes the first time. No
//! feature makes a difference, so it is done with one set of them.

#[test]
fn what_must_not_compile_does_not() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
