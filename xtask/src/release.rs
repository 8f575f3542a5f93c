//! A release by one command: what has to be so, everything that CI checks, and then the steps that can't be undone.

use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;
use semver::Version;

use crate::package::{self, Package};
use crate::process::git;
use crate::{api, cargo};

const CHANGELOG: &str = "CHANGELOG.md";
const PUBLIC_API: &str = "public-api.txt";
/// What stands behind the version of the section that is being written.
const OPEN: &str = " (not released)";

#[derive(Args)]
pub struct Arguments {
    /// Check everything and say what would be done: nothing is written, tagged or published.
    #[arg(long)]
    dry_run: bool,
    /// There is no release before. Else one that is missing as a tag would be overlooked.
    #[arg(long)]
    first: bool,
}

/// A version that may be released.
#[derive(PartialEq)]
struct Release {
    /// What is released.
    commit: String,
    version: Version,
    /// The tag of the version before, if there is one.
    before: Option<Version>,
    /// How the public API differs from that one's.
    api: Step,
    /// What has changed, as the changelog tells it.
    changes: String,
}

/// How far a change goes, for those who depend on the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    First,
    Same,
    Additions(usize),
    Breaking { gone: usize, added: usize },
}

pub fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    // First what takes no time.
    let release = Release::ready(root, arguments.first)?;
    println!("{release}");
    // With another rustc's JSON the checks of the public API and of its examples are skipped: not here.
    api::describe()?;
    let checked =
        Command::new("bash").arg(".ci/run").current_dir(root).status().context("can't run .ci/run")?;
    if !checked.success() {
        bail!(".ci/run ({checked})");
    }
    package::contents(&Package::unpack_into(&cargo::target_folder()?.join("release-package"))?)?;
    let (version, today) = (&release.version, chrono::Local::now().format("%Y-%m-%d").to_string());
    if arguments.dry_run {
        println!("{version} can be released. It would be:");
        println!("  cargo {ADVISORIES}");
        println!(
            "  {CHANGELOG}: `## {version}{OPEN}` becomes `## {version} ({today})`, committed as `Release {version}`"
        );
        println!("  git tag v{version}, with what the changelog says");
        println!("  cargo {PUBLISH}");
        return Ok(());
    }
    if !cargo::command(ADVISORIES).status().context("can't run cargo")?.success() {
        bail!("cargo {ADVISORIES}: what is told there is mended first, or it can't be looked at");
    }
    if Release::ready(root, arguments.first)? != release {
        bail!("something was committed while the checks ran: start again");
    }
    let changelog = fs::read_to_string(root.join(CHANGELOG))?;
    let dated = changelog.replacen(&format!("## {version}{OPEN}"), &format!("## {version} ({today})"), 1);
    fs::write(root.join(CHANGELOG), dated)?;
    git(root, &["commit", "--quiet", "--message", &format!("Release {version}"), "--", CHANGELOG])
        .with_context(|| {
            format!("nothing is released. To take back the date: git checkout -- {CHANGELOG}")
        })?;
    let tag = format!("v{version}");
    git(root, &["tag", "--annotate", &tag, "--cleanup", "whitespace", "--message", &release.changes])
        .context("nothing is released. To take back the commit: git reset --keep HEAD~1")?;
    let published = cargo::command(PUBLISH).status().context("can't run cargo")?;
    if !published.success() {
        bail!(
            "v{version} is committed and tagged here. Look whether it is published all the same; if not, run \
             `cargo {PUBLISH}` once it can be, or take it back: git tag --delete v{version}, git reset --keep HEAD~1"
        );
    }
    println!("{version} is published. What is left: git push --follow-tags");
    Ok(())
}

/// What became known of the dependencies meanwhile: asked on the network, hence last.
const ADVISORIES: &str = "deny check advisories";
/// It has been built from its package by then.
const PUBLISH: &str = "publish -p signicat-sign --locked --no-verify";

impl Release {
    /// The version in Cargo.toml, if nothing stands against its release.
    fn ready(root: &Path, first: bool) -> Result<Self> {
        let branch = git(root, &["branch", "--show-current"])?;
        if branch.trim() != "main" {
            bail!("releases are made of main, and this is {}", branch.trim());
        }
        let commit = git(root, &["rev-parse", "HEAD"])?;
        let open = git(root, &["status", "--porcelain"])?;
        if !open.is_empty() {
            bail!("the work tree has changes that are not committed:\n{}", open.trim_end());
        }
        let manifest: toml_edit::DocumentMut = fs::read_to_string(root.join("Cargo.toml"))?.parse()?;
        let version = manifest["package"]["version"].as_str().context("Cargo.toml has no version")?;
        let version: Version = version.parse().with_context(|| format!("{version} is no version"))?;
        let tags = git(root, &["tag", "--list", "v*"])?;
        let released = tags.lines().filter_map(|tag| tag.strip_prefix('v')?.parse::<Version>().ok());
        let before = released.max();
        match (&before, first) {
            (None, false) => {
                bail!("no release is tagged here: git fetch --tags. If there is none yet: --first")
            }
            (Some(before), true) => bail!("{before} is tagged: it is not the first"),
            _ => {}
        }
        let api = match &before {
            None => Step::First,
            Some(before) => {
                let old = git(root, &["show", &format!("v{before}:{PUBLIC_API}")])?;
                Step::between(&old, &fs::read_to_string(root.join(PUBLIC_API))?)
            }
        };
        if let Some(before) = &before {
            let least = api.least_after(before);
            if version <= *before {
                bail!("{before} is released, and Cargo.toml says {version}: raise it to {least} at least");
            }
            if version < least {
                bail!(
                    "the public API since {before}: {api}. Cargo.toml says {version}: it has to be {least} at least"
                );
            }
        }
        let changes = changes(&fs::read_to_string(root.join(CHANGELOG))?, &version)?;
        Ok(Self { commit, version, before, api, changes })
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.before {
            Some(before) => writeln!(f, "{}, after {before}: {}", self.version, self.api)?,
            None => writeln!(f, "{}, {}", self.version, self.api)?,
        }
        write!(f, "{}", self.changes)
    }
}

impl Step {
    /// By two texts of the public API, an item a line.
    fn between(old: &str, new: &str) -> Self {
        // `raw` is outside of what a version promises.
        let promised = |text: &str| -> String {
            text.lines().filter(|line| !line.contains("::raw::")).flat_map(|line| [line, "\n"]).collect()
        };
        let (old, new) = (promised(old), promised(new));
        match (api::beyond(&old, &new).len(), api::beyond(&new, &old).len()) {
            (0, 0) => Self::Same,
            (0, added) => Self::Additions(added),
            (gone, added) => Self::Breaking { gone, added },
        }
    }

    /// The lowest version that may follow. Below 1.0 the minor version is the one that breaks, as cargo has it.
    fn least_after(self, before: &Version) -> Version {
        let Version { major, minor, patch, .. } = *before;
        match self {
            Self::Breaking { .. } if major > 0 => Version::new(major + 1, 0, 0),
            Self::Breaking { .. } => Version::new(0, minor + 1, 0),
            Self::Additions(_) if major > 0 => Version::new(major, minor + 1, 0),
            _ => Version::new(major, minor, patch + 1),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First => write!(f, "the first release"),
            Self::Same => write!(f, "the public API is the same"),
            Self::Additions(added) => write!(f, "{added} public items are new, and none is gone"),
            Self::Breaking { gone, added } => {
                write!(f, "{gone} public items are gone or changed, and {added} are new: that breaks users")
            }
        }
    }
}

/// What the changelog tells of a version that is not released yet. It is the newest, and so the first.
fn changes(changelog: &str, version: &Version) -> Result<String> {
    let mut sections = changelog.split("\n## ").skip(1);
    let title = format!("{version}{OPEN}");
    let newest = sections.next().and_then(|section| section.split_once('\n'));
    match newest {
        Some((head, text)) if head.trim() == title && !text.trim().is_empty() => Ok(text.trim().to_owned()),
        Some((head, _)) if head.trim() == title => bail!("{CHANGELOG} says nothing of {version}"),
        _ => bail!("{CHANGELOG} does not begin with `## {title}`"),
    }
}

#[cfg(test)]
mod tests {
    use tempfile::{TempDir, tempdir};

    use super::*;

    /// A repository of a crate that was released as 0.1.0, with the version that is to follow.
    fn repository(version: &str, api: &str, changelog: &str) -> TempDir {
        let folder = tempdir().unwrap();
        let root = folder.path();
        let write = |version: &str, api: &str, changelog: &str| {
            fs::write(root.join("Cargo.toml"), format!("[package]\nversion = \"{version}\"\n")).unwrap();
            fs::write(root.join(PUBLIC_API), api).unwrap();
            fs::write(root.join(CHANGELOG), changelog).unwrap();
            git(root, &["add", "."]).unwrap();
            let author =
                ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgSign=false"];
            git(root, &[&author[..], &["commit", "--quiet", "--allow-empty", "--message", version]].concat())
                .unwrap();
        };
        git(root, &["init", "--quiet", "--initial-branch", "main"]).unwrap();
        write("0.1.0", "fn a\nfn b\n", "# Changelog\n\n## 0.1.0 (2026-01-01)\n\nThe first.\n");
        git(root, &["-c", "tag.gpgSign=false", "tag", "v0.1.0"]).unwrap();
        write(version, api, changelog);
        folder
    }

    const NEXT: &str =
        "# Changelog\n\n## 0.1.1 (not released)\n\nA thing.\n\n## 0.1.0 (2026-01-01)\n\nThe first.\n";

    fn refusal(version: &str, api: &str, changelog: &str) -> String {
        match Release::ready(repository(version, api, changelog).path(), false) {
            Ok(release) => panic!("it can be released: {release}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_ready() {
        let release =
            Release::ready(repository("0.1.1", "fn a\nfn b\nfn x::raw::c\nfn c\n", NEXT).path(), false)
                .unwrap();
        assert_eq!(
            release.to_string(),
            "0.1.1, after 0.1.0: 1 public items are new, and none is gone\nA thing."
        );
    }

    #[test]
    fn what_stands_against_a_release() {
        let api = "fn a\nfn b\n";
        let breaking = refusal("0.1.1", "fn a\n", NEXT);
        assert!(breaking.ends_with("it has to be 0.2.0 at least"), "{breaking}");
        let released = refusal("0.1.0", api, NEXT);
        assert!(released.ends_with("raise it to 0.1.1 at least"), "{released}");
        let silent =
            refusal("0.1.1", api, "# Changelog\n\n## 0.1.1 (not released)\n\n## 0.1.0 (2026-01-01)\n\nx\n");
        assert_eq!(silent, "CHANGELOG.md says nothing of 0.1.1");
        let untold = refusal("0.1.1", api, "# Changelog\n\n## 0.1.0 (2026-01-01)\n\nx\n");
        assert_eq!(untold, "CHANGELOG.md does not begin with `## 0.1.1 (not released)`");

        let open = repository("0.1.1", api, NEXT);
        fs::write(open.path().join("left.txt"), "").unwrap();
        let error = Release::ready(open.path(), false).err().unwrap().to_string();
        assert!(error.contains("left.txt"), "{error}");
        git(open.path(), &["switch", "--quiet", "--create", "other"]).unwrap();
        let error = Release::ready(open.path(), false).err().unwrap().to_string();
        assert_eq!(error, "releases are made of main, and this is other");
        let untagged = repository("0.1.1", api, NEXT);
        git(untagged.path(), &["tag", "--delete", "v0.1.0"]).unwrap();
        let error = Release::ready(untagged.path(), false).err().unwrap().to_string();
        assert!(error.contains("git fetch --tags"), "{error}");
        assert_eq!(Release::ready(untagged.path(), true).unwrap().api, Step::First);
    }

    #[test]
    fn the_version_that_has_to_follow() {
        let least = |step: Step, before: &str| step.least_after(&before.parse().unwrap()).to_string();
        let breaking = Step::Breaking { gone: 1, added: 0 };
        assert_eq!(least(breaking, "0.1.4"), "0.2.0");
        assert_eq!(least(breaking, "1.2.3"), "2.0.0");
        assert_eq!(least(Step::Additions(1), "0.1.4"), "0.1.5");
        assert_eq!(least(Step::Additions(1), "1.2.3"), "1.3.0");
        assert_eq!(least(Step::Same, "1.2.3"), "1.2.4");
    }
}
