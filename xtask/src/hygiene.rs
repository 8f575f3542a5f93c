//! What holds for the whole repository and no compiler sees.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::root;

/// The two places where time is real: the default runtime, and a test that is run by hand against a server whose
/// tokens expire.
const REAL_TIME: [&str; 2] = ["src/runtime.rs", "tests/behaviour/oauth_server.rs"];

/// Time is injected, so that tests take none: nobody else may sleep.
pub fn nothing_sleeps() -> Result<()> {
    let mut sleeping = Vec::new();
    for folder in ["src", "tests", "examples", "xtask"] {
        for file in rust_files(&root().join(folder))? {
            let name = file.strip_prefix(root())?.to_string_lossy().replace('\\', "/");
            if !REAL_TIME.contains(&name.as_str()) {
                sleeping.extend(sleeps(&fs::read_to_string(&file)?).map(|line| format!("{name}:{line}")));
            }
        }
    }
    match sleeping.as_slice() {
        [] => Ok(()),
        places => bail!(
            "time is injected (ClientBuilder::runtime), and this sleeps for real: {}",
            places.join(", ")
        ),
    }
}

/// The lines, from 1, that call a sleep of the standard library's or of tokio's.
fn sleeps(text: &str) -> impl Iterator<Item = usize> {
    let calls =
        ["thread::sleep", "time::sleep", "park_timeout", "time::interval"].map(|call| format!("{call}("));
    let is_one = move |line: &str| calls.iter().any(|call| line.contains(call));
    text.lines().enumerate().filter(move |(_, line)| is_one(line)).map(|(index, _)| index + 1)
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("node_modules") {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_sleep_is_found_by_its_line() {
        let call = "sleep(second).await;";
        let text =
            format!("let a = 1;\ntokio::time::{call}\n// no sleep\nruntime.{call}\nstd::thread::{call}");
        assert_eq!(super::sleeps(&text).collect::<Vec<_>>(), [2, 5]);
    }
}
