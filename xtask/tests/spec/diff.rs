//! `spec diff` as a maintainer or a workflow calls it.

use serde_json::Value;

use crate::repository::{Repository, fixture};

/// The contract, and the same without an operation.
fn pair(repository: &Repository) -> [String; 2] {
    let mut contract: Value = serde_json::from_str(&repository.read("spec/sign-v1.json")).unwrap();
    contract["paths"]["/orders/{orderId}"].as_object_mut().unwrap().shift_remove("delete").unwrap();
    repository.write("new.json", contract.to_string());
    ["spec/sign-v1.json", "new.json"].map(|name| repository.path(name).to_str().unwrap().to_owned())
}

#[test]
fn it_fails_if_it_is_told_to() {
    let repository = Repository::new();
    let [old, new] = pair(&repository);
    let fails = [
        (&old, &new, "breaking", true),
        (&old, &new, "additive", true),
        (&new, &old, "breaking", false),
        (&new, &old, "additive", true),
        (&old, &old, "documentation", false),
    ];
    for (old, new, class, fails) in fails {
        let ran = repository.spec(&["diff", old, new, "--fail-on", class]);
        assert_eq!(ran.success, !fails, "{class}: {}", ran.report);
        assert_eq!(ran.errors.is_empty(), !fails, "{}", ran.errors);
    }
    assert!(repository.spec(&["diff", &old, &new]).success);
}

#[test]
fn it_speaks_text_markdown_and_json() {
    let repository = Repository::new();
    let [old, new] = pair(&repository);
    let in_format = |format| repository.spec(&["diff", &old, &new, "--format", format]).report;
    let (text, markdown) = (in_format("text"), in_format("markdown"));
    assert!(text.starts_with("breaking   -      DELETE /orders/{orderId}: operation removed\n"), "{text}");
    assert!(text.ends_with("asks for: a breaking release (0.1.0 -> 0.2.0)\n"), "{text}");
    assert!(
        markdown.starts_with("### Breaking (1)\n\n- `DELETE /orders/{orderId}` (-): operation removed<br>"),
        "{markdown}"
    );
    let json: Value = serde_json::from_str(&in_format("json")).unwrap();
    assert_eq!(json["changes"][0]["path"], "DELETE /orders/{orderId}");
    assert_eq!(json["asks_for"]["step"], "major");
}

#[test]
fn yaml_is_read_too_and_what_is_no_document_is_one_line() {
    let repository = Repository::new();
    let yaml = fixture("changed.yaml");
    let yaml = yaml.to_str().unwrap();
    assert_eq!(repository.spec(&["diff", yaml, yaml]).report, "no change\n");
    let ran = repository.spec(&["diff", yaml, "nowhere.yaml"]);
    assert_eq!((ran.success, ran.report.as_str()), (false, ""));
    assert_eq!(ran.errors, "error: can't read nowhere.yaml: No such file or directory (os error 2)\n");
}
