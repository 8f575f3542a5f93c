//! Replaces files of a folder all at once: whatever happens, even SIGKILL, the folder is as it was or as it was
//! to be.
//!
//! A folder beside it is filled with what is to be there, and then the two change places in one step of the
//! file system. Nothing else would do: several files can't be renamed in one step.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use tempfile::TempDir;

/// A file's name and its new content; none to remove it.
pub type NewFile = (String, Option<Vec<u8>>);

/// Gives the folder these files and keeps all others. The staging folder is made in `workshop`, which is on the
/// same file system.
pub fn replace(folder: &Path, workshop: &Path, files: &[NewFile]) -> Result<()> {
    replace_step_by_step(folder, workshop, files, &mut |_| {})
}

/// Calls `after` with the name of each step once it is done.
fn replace_step_by_step(
    folder: &Path,
    workshop: &Path,
    files: &[NewFile],
    after: &mut dyn FnMut(&str),
) -> Result<()> {
    // Of a link it is the folder behind it that changes.
    let folder = &folder.canonicalize().with_context(|| format!("can't find {}", folder.display()))?;
    fs::create_dir_all(workshop).with_context(|| format!("can't make {}", workshop.display()))?;
    let staging = TempDir::with_prefix_in("spec-", workshop).context("can't make a staging folder")?;
    let new = staging.path().join("new");
    fs::create_dir(&new)?;
    fs::set_permissions(&new, fs::metadata(folder)?.permissions())?;
    after("made the staging folder");
    for (name, content) in files {
        if let Some(content) = content {
            write(&new.join(name), content).with_context(|| format!("can't write {name}"))?;
            if let Ok(replaced) = fs::metadata(folder.join(name)) {
                fs::set_permissions(new.join(name), replaced.permissions())?;
            }
            after("wrote a file");
        }
    }
    for entry in fs::read_dir(folder).with_context(|| format!("can't read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        if files.iter().any(|(replaced, _)| name == replaced.as_str()) {
            continue;
        }
        if !entry.file_type()?.is_file() {
            bail!("{} is no plain file; take it elsewhere", entry.path().display());
        }
        // The same file, so that it counts as unchanged for whoever watches it.
        fs::hard_link(entry.path(), new.join(&name)).with_context(|| {
            format!(
                "can't keep {name:?}; {} has to be on the file system of {}",
                workshop.display(),
                folder.display()
            )
        })?;
        after("kept a file");
    }
    sync(&new)?;
    renameat_with(CWD, &new, CWD, folder, RenameFlags::EXCHANGE).with_context(|| {
        format!(
            "this file system can't exchange two folders in one step, so {} is as it was",
            folder.display()
        )
    })?;
    after("exchanged the folders");
    folder.parent().map_or(Ok(()), sync)
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    let mut file = fs::File::create_new(path)?;
    file.write_all(content)?;
    Ok(file.sync_all()?)
}

fn sync(folder: &Path) -> Result<()> {
    Ok(fs::File::open(folder)?.sync_all()?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;
    use std::process::Command;
    use std::{env, fs};

    use super::{NewFile, replace, replace_step_by_step};

    fn files() -> [NewFile; 3] {
        [
            ("changed".to_owned(), Some(b"new".to_vec())),
            ("added".to_owned(), Some(b"new".to_vec())),
            ("removed".to_owned(), None),
        ]
    }

    fn folder(root: &Path) -> std::path::PathBuf {
        let folder = root.join("spec");
        fs::create_dir(&folder).unwrap();
        for name in ["changed", "removed", "kept"] {
            fs::write(folder.join(name), "old").unwrap();
        }
        folder
    }

    fn content(folder: &Path) -> BTreeMap<String, String> {
        let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
        entries
            .map(|entry| {
                (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap())
            })
            .collect()
    }

    fn expected(pairs: [(&str, &str); 3]) -> BTreeMap<String, String> {
        pairs.map(|(name, text)| (name.to_owned(), text.to_owned())).into()
    }

    #[test]
    fn files_are_replaced_added_removed_and_kept() {
        let root = tempfile::tempdir().unwrap();
        let folder = folder(root.path());
        let kept = fs::metadata(folder.join("kept")).unwrap().modified().unwrap();
        replace(&folder, &root.path().join("target"), &files()).unwrap();
        assert_eq!(content(&folder), expected([("changed", "new"), ("added", "new"), ("kept", "old")]));
        assert_eq!(fs::metadata(folder.join("kept")).unwrap().modified().unwrap(), kept);
        assert_eq!(content(&root.path().join("target")), BTreeMap::new());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_one_and_modes_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let root = tempfile::tempdir().unwrap();
        let folder = folder(root.path());
        fs::set_permissions(folder.join("changed"), fs::Permissions::from_mode(0o600)).unwrap();
        let link = root.path().join("link");
        symlink(&folder, &link).unwrap();
        replace(&link, &root.path().join("target"), &files()).unwrap();
        assert!(link.is_symlink());
        assert_eq!(content(&folder), expected([("changed", "new"), ("added", "new"), ("kept", "old")]));
        assert_eq!(fs::metadata(folder.join("changed")).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_failure_changes_nothing() {
        let root = tempfile::tempdir().unwrap();
        let folder = folder(root.path());
        fs::create_dir(folder.join("below")).unwrap();
        let error = replace(&folder, &root.path().join("target"), &files()).unwrap_err();
        assert!(error.to_string().ends_with("below is no plain file; take it elsewhere"), "{error}");
        fs::remove_dir(folder.join("below")).unwrap();
        assert_eq!(content(&folder), expected([("changed", "old"), ("removed", "old"), ("kept", "old")]));
    }

    /// The name of the variable that tells the killed process where to work and after which step to die.
    const KILLED: &str = "SWAP_TEST_KILLED";

    #[test]
    #[ignore = "is run by the test below, in a process of its own"]
    fn dies_in_the_middle() {
        let Ok(told) = env::var(KILLED) else { return };
        let (step, root) = told.split_once(' ').unwrap();
        let (mut left, root) = (step.parse::<u32>().unwrap(), Path::new(root));
        replace_step_by_step(&root.join("spec"), &root.join("target"), &files(), &mut |_| {
            if left == 0 {
                Command::new("kill").args(["-KILL", &std::process::id().to_string()]).status().unwrap();
            }
            left = left.wrapping_sub(1);
        })
        .unwrap();
    }

    #[test]
    fn a_kill_after_any_step_leaves_the_old_or_the_new() {
        let old = expected([("changed", "old"), ("removed", "old"), ("kept", "old")]);
        let new = expected([("changed", "new"), ("added", "new"), ("kept", "old")]);
        let mut seen = Vec::new();
        for step in 0.. {
            let root = tempfile::tempdir().unwrap();
            let folder = folder(root.path());
            let status = Command::new(env::current_exe().unwrap())
                .args(["--exact", "spec::swap::tests::dies_in_the_middle", "--ignored"])
                .env(KILLED, format!("{step} {}", root.path().display()))
                .output()
                .unwrap()
                .status;
            let found = content(&folder);
            assert!(found == old || found == new, "after step {step}: {found:?}");
            seen.push(found == new);
            if status.success() {
                break;
            }
        }
        // One folder, two files, one kept; then the exchange, the only step that shows; then a run to the end.
        assert_eq!(seen, [false, false, false, false, true, true]);
    }
}
