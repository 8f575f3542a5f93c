//! A copy of the small repository in `fixtures/`, under git.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use tempfile::TempDir;

/// A document as a publisher might write it.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec/fixtures").join(name)
}

/// The code of the repository's contract. It is not checked in: it changes with the generator.
static GENERATED: LazyLock<String> = LazyLock::new(|| {
    let repository = Repository::with_generated("");
    assert_eq!(repository.spec(&["generate"]).errors, "");
    repository.read("spec/generated.rs")
});

pub struct Repository(TempDir);

impl Repository {
    pub fn new() -> Self {
        let new = Self::with_generated(&GENERATED);
        new.git(&["init", "--quiet"]);
        new.commit();
        new
    }

    fn with_generated(code: &str) -> Self {
        let new = Self(TempDir::new().unwrap());
        copy(&fixture("repository"), new.0.path());
        new.write("spec/generated.rs", code);
        new
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    /// Replaces a text, which must be there.
    pub fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} has no {from:?}");
        self.write(name, text.replacen(from, to, 1));
    }

    pub fn commit(&self) {
        self.git(&["add", "--all"]);
        let author = ["-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "commit.gpgsign=false"];
        self.git(&[&author[..], &["commit", "--quiet", "--allow-empty", "-m", "x"]].concat());
    }

    /// What git sees as changed, one a line.
    pub fn status(&self) -> String {
        self.git(&["status", "--porcelain", "--untracked-files=all"])
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git").current_dir(self.0.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs `cargo xtask spec` with these arguments.
    pub fn spec(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("spec").args(arguments).arg("--root").arg(self.0.path());
        // A proxy would be asked for what is on loopback.
        Ran::of(command.env("HTTP_PROXY", "http://127.0.0.1:1").output().unwrap())
    }

    /// Refreshes from a file, and takes the names that it proposes.
    pub fn refresh(&self, from: &Path) -> Ran {
        let ran = self.spec(&["refresh", "--from", from.to_str().unwrap()]);
        assert_eq!(ran.errors, "");
        if self.path("spec/names.toml").exists() {
            assert_eq!(self.spec(&["confirm"]).errors, "");
        }
        ran
    }
}

/// What a command said.
pub struct Ran {
    pub success: bool,
    pub report: String,
    pub errors: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            success: output.status.success(),
            report: String::from_utf8(output.stdout).unwrap(),
            errors: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}
