//! What must not compile. After a change: `TRYBUILD=overwrite cargo test --test behaviour ui`, and read the difference.

#[test]
fn what_must_not_compile_does_not() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
