//! What holds for the whole repository and no compiler sees.

use std::fs;
use std::path::{Path, PathBuf};

use crate::root;

/// The two places where time is real: the default runtime, and a test that is run by hand against a server whose
/// tokens expire.
const REAL_TIME: [&str; 2] = ["src/runtime.rs", "tests/behaviour/oauth_server.rs"];

/// Time is injected (`ClientBuilder::runtime`), so that tests take none: nobody else may sleep.
#[test]
fn nothing_sleeps_for_real() {
    let files = ["src", "tests", "examples", "xtask"].map(|folder| rust_files(&root().join(folder)));
    let name = |file: &Path| file.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
    let mut sleeping = Vec::new();
    for file in files.iter().flatten().filter(|file| !REAL_TIME.contains(&name(file).as_str())) {
        let lines = sleeps(&fs::read_to_string(file).unwrap());
        sleeping.extend(lines.into_iter().map(|line| format!("{}:{line}", name(file))));
    }
    assert!(files.iter().all(|files| !files.is_empty()));
    assert_eq!(sleeping, [""; 0], "time is injected, and this sleeps for real");
}

#[test]
fn a_sleep_is_found_by_its_line() {
    let call = "sleep(second).await;";
    let text = format!("let a = 1;\ntokio::time::{call}\n// no sleep\nruntime.{call}\nstd::thread::{call}");
    assert_eq!(sleeps(&text), [2, 5]);
}

/// The lines, from 1, that call a sleep of the standard library's or of tokio's.
fn sleeps(text: &str) -> Vec<usize> {
    let calls =
        ["thread::sleep", "time::sleep", "park_timeout", "time::interval"].map(|call| format!("{call}("));
    let is_one = |line: &str| calls.iter().any(|call| line.contains(call));
    text.lines().enumerate().filter(|(_, line)| is_one(line)).map(|(index, _)| index + 1).collect()
}

/// What a user can keep in their head: client, document, order with its signers, sealed file.
#[test]
fn the_readme_s_program_is_the_example_and_has_a_dozen_statements() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let example = fs::read_to_string(root().join("examples/whole_job.rs")).unwrap();
    let (_, program) = readme.split_once("```rust,no_run\n").unwrap();
    let (program, _) = program.split_once("```").unwrap();
    assert_eq!(
        example.split_once("\n\n").unwrap().1,
        program,
        "examples/whole_job.rs is not the README's program"
    );

    let main = syn::parse_file(program).unwrap().items.into_iter().find_map(|item| match item {
        syn::Item::Fn(main) if main.sig.ident == "main" => Some(main),
        _ => None,
    });
    let statements = main.unwrap().block.stmts;
    assert!((2..=12).contains(&statements.len()), "{} statements", statements.len());
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("node_modules") {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
