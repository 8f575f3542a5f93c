//! The session with curl that the README shows, as it is shown there.

use std::path::Path;
use std::process::{Command, Stdio};

use signicat_sign::sandbox::Sandbox;
use tempfile::tempdir;

const README: &str = include_str!("../../README.md");
const NEXT: &str = "the next command";

/// The commands and what each of them prints.
fn session() -> Vec<(String, String)> {
    let (_, session) = README.split_once("```console\n").unwrap();
    let (session, _) = session.split_once("```").unwrap();
    let mut steps: Vec<(String, String)> = Vec::new();
    for line in session.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push((command.to_owned(), String::new()));
        } else if let Some(more) = line.strip_prefix('>') {
            let (command, _) = steps.last_mut().unwrap();
            *command += &format!("\n{}", more.strip_prefix(' ').unwrap_or(more));
        } else {
            let (_, output) = steps.last_mut().unwrap();
            *output += &format!("{line}\n");
        }
    }
    steps
}

/// Ids and secrets differ each time: they are those of fifty digits and more.
fn without_ids(text: &str) -> String {
    let words = text.trim().split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() >= 50);
    words.fold(text.trim().to_owned(), |text, word| text.replace(word, "ID"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
#[ignore = "needs sh and curl"]
async fn a_client_without_this_crate_goes_from_token_to_sealed_file() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = tempdir().unwrap();
    std::fs::create_dir(folder.path().join("examples")).unwrap();
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/contract.pdf");
    std::fs::copy(contract, folder.path().join("examples/contract.pdf")).unwrap();
    let steps = session();
    assert!(steps.len() > 8, "the README's session is found: {steps:?}");
    let script: String = steps.iter().map(|(command, _)| format!("{command}\necho; echo {NEXT}\n")).collect();

    let mut command = Command::new("sh");
    command.arg("-euc").arg(script).current_dir(&folder).envs(sandbox.env()).env("NO_PROXY", "127.0.0.1");
    let output = command.stderr(Stdio::inherit()).output().unwrap();

    let said = String::from_utf8(output.stdout).unwrap();
    let said: Vec<_> = said.split(NEXT).map(without_ids).collect();
    for ((command, expected), said) in steps.iter().zip(&said) {
        assert_eq!(without_ids(expected), *said, "{command}");
    }
    assert!(output.status.success(), "{said:?}");
    assert!(folder.path().join("sealed.pdf").is_file());
}
