//! Other programs, called from here.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// What a command prints, if it ends well.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("can't run {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What git says of the repository in this folder.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> Result<String> {
    let mut git = Command::new("git");
    // A hook of git's is told of its repository so, and it is not always this one.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        git.env_remove(variable);
    }
    output(git.current_dir(folder).args(arguments))
}
