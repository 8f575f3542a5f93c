//! The crate as it is published: what is in it, and whether somebody who has nothing else can build with it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::process::{git, output};
use crate::{cargo, root};

/// The most that a packed crate may weigh, in bytes. It is some 380 KB.
const LIMIT: u64 = 500_000;

/// What has to be in it to be built, used and understood.
const NEEDED: [&str; 11] = [
    "CHANGELOG.md",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "api.md",
    "build.rs",
    "build/mod.rs",
    "spec/PROVENANCE.md",
    "spec/generated.rs",
    "spec/sign-v1.json",
];

/// What may be in it besides: what is compiled, and what it is made of. No tests, no tools, no workflows.
const FOLDERS: [&str; 4] = ["build/", "examples/", "spec/", "src/"];
const CARGO_S: [&str; 3] = [".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml.orig"];
/// Of the refresh, and for nobody else.
const REFRESH_S: [&str; 4] = ["spec/upstream", "spec/names.toml", "spec/overlay.yaml", "spec/target"];

#[derive(Args)]
pub struct Arguments {
    /// Build with the oldest versions of the direct dependencies that Cargo.toml allows, too. What these depend on is taken
    /// as it is published today, so a failure may be somebody else's: CI looks once a week.
    #[arg(long)]
    pub oldest: bool,
}

/// A packed crate, unpacked.
pub(crate) struct Package {
    /// Where it is unpacked.
    pub(crate) folder: PathBuf,
    packed: PathBuf,
}

impl Package {
    /// Packs the crate as the work tree has it, and unpacks it into a folder that is emptied before.
    pub(crate) fn unpack_into(folder: &Path) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        cargo::output("package --package signicat-sign --no-verify --allow-dirty --quiet")?;
        let name = format!("signicat-sign-{}", version()?);
        let packed = cargo::target_folder()?.join("package").join(format!("{name}.crate"));
        output(Command::new("tar").arg("xzf").arg(&packed).arg("-C").arg(folder))?;
        Ok(Self { folder: folder.join(name), packed })
    }
}

/// Of the library.
pub(crate) fn version() -> Result<String> {
    let id = cargo::output("pkgid --package signicat-sign")?;
    let version = id.trim().rsplit(['#', '@']).next().map(str::to_owned);
    version.context("cargo pkgid tells no version")
}

/// Packs the crate, looks what is in it, and does with it what a new user does.
pub fn run(arguments: &Arguments) -> Result<()> {
    let target = cargo::target_folder()?.join("newcomer");
    let package = Package::unpack_into(&target.join("crate"))?;
    contents(&package)?;
    let readme = fs::read_to_string(package.folder.join("README.md"))?;
    let program = program_on_the_sandbox(&readme)?;
    for features in [r#""rustls", "codegen", "sandbox""#, r#""rustls", "sandbox""#] {
        println!("-- a new program, offline, with the features {features}");
        let newcomer = Newcomer::new(&target, &package, features, program)?;
        fs::copy(root().join("Cargo.lock"), newcomer.0.join("Cargo.lock"))?;
        newcomer.cargo("fetch --quiet")?;
        newcomer.cargo("run --quiet --offline")?;
    }
    if arguments.oldest {
        println!("-- the oldest versions that Cargo.toml allows");
        let features = r#""rustls", "codegen", "sandbox", "schemars""#;
        Newcomer::new(&target, &package, features, program)?.with_the_oldest_direct_dependencies(&package)?;
    }
    Ok(())
}

/// What is in the packed crate, and how much that is.
pub(crate) fn contents(package: &Package) -> Result<()> {
    let list = cargo::output("package --package signicat-sign --list --allow-dirty --quiet")?;
    let files: BTreeSet<&str> = list.lines().collect();
    fits(&files)?;
    // cargo packs what it finds, also what git ignores: the result of an example, say.
    let known = git(root(), &["ls-files"])?;
    let known: BTreeSet<&str> = known.lines().collect();
    if let Some(file) = files.iter().find(|file| !CARGO_S.contains(file) && !known.contains(*file)) {
        bail!("the packed crate has {file}, which is not in the repository");
    }
    let bytes = fs::metadata(&package.packed)?.len();
    for folder in FOLDERS {
        println!("  {folder}: {} files", files.iter().filter(|file| file.starts_with(folder)).count());
    }
    println!("  {}", files.iter().filter(|file| !file.contains('/')).copied().collect::<Vec<_>>().join(", "));
    println!("{}: {} files, {:.1} KB packed", name_of(&package.packed), files.len(), bytes as f64 / 1000.0);
    if bytes > LIMIT {
        bail!("the packed crate has {bytes} bytes, and {LIMIT} are the most: what came into it?");
    }
    Ok(())
}

fn fits(files: &BTreeSet<&str>) -> Result<()> {
    if let Some(missing) = NEEDED.iter().find(|needed| !files.contains(**needed)) {
        bail!("the packed crate has no {missing}: see `include` in Cargo.toml");
    }
    let is_meant = |file: &str| {
        NEEDED.contains(&file)
            || CARGO_S.contains(&file)
            || (FOLDERS.iter().any(|folder| file.starts_with(folder))
                && !REFRESH_S.iter().any(|start| file.starts_with(start)))
    };
    match files.iter().find(|file| !is_meant(file)) {
        Some(file) => {
            bail!("the packed crate has {file}, which nobody who uses it needs: see `include` in Cargo.toml")
        }
        None => Ok(()),
    }
}

/// The README's program for tests, which needs nothing but the sandbox.
fn program_on_the_sandbox(readme: &str) -> Result<&str> {
    let mut programs = readme.split("```rust\n").skip(1).filter_map(|block| block.split("```").next());
    let program =
        programs.find(|program| program.contains("Sandbox::start()") && program.contains("fn main()"));
    program.context("README.md has no program on the sandbox")
}

/// A program of somebody who has the packed crate and a tool chain, and nothing else of ours.
struct Newcomer(PathBuf);

impl Newcomer {
    fn new(target: &Path, package: &Package, features: &str, program: &str) -> Result<Self> {
        let folder = target.join("program");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(folder.join("src"))?;
        // TOML takes a backslash for an escape.
        let path = package.folder.display().to_string().replace('\\', "/");
        let manifest = format!(
            "[package]\nname = \"program\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
             signicat-sign = {{ path = \"{path}\", default-features = false, features = [{features}] }}\n\
             tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n"
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::write(folder.join("src/main.rs"), program)?;
        Ok(Self(folder))
    }

    /// cargo in its folder, with its own target folder and none of our settings.
    fn cargo(&self, arguments: &str) -> Result<String> {
        let mut command = Command::new("cargo");
        command.current_dir(&self.0).args(arguments.split(' '));
        command.env("CARGO_TARGET_DIR", self.0.with_file_name("target")).env("CARGO_PROFILE_DEV_DEBUG", "0");
        for variable in ["RUSTFLAGS", "RUSTDOCFLAGS"] {
            command.env_remove(variable);
        }
        output(&mut command).with_context(|| format!("cargo {arguments}, in {}", self.0.display()))
    }

    /// Builds with the lowest version of each dependency of the crate that its Cargo.toml allows.
    fn with_the_oldest_direct_dependencies(&self, package: &Package) -> Result<()> {
        // cargo can resolve so in what is built itself, hence there, and only with its unstable options allowed.
        // The lock that comes of it is then the program's, with a cargo that is as it always is.
        let manifest = package.folder.join("Cargo.toml");
        let alone = fs::read_to_string(&manifest)? + "\n[workspace]\n";
        fs::write(manifest, alone)?;
        let resolve = ["update", "--quiet", "-Z", "direct-minimal-versions"];
        output(Command::new("cargo").args(resolve).current_dir(&package.folder).env("RUSTC_BOOTSTRAP", "1"))?;
        fs::copy(package.folder.join("Cargo.lock"), self.0.join("Cargo.lock"))?;
        self.cargo("check --quiet")?;
        Ok(())
    }
}

fn name_of(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_and_what_nobody_needs_is_named() {
        let whole: BTreeSet<_> = NEEDED.into_iter().chain(CARGO_S).chain(["src/lib.rs"]).collect();
        fits(&whole).unwrap();
        for missing in NEEDED {
            let mut files = whole.clone();
            files.remove(missing);
            assert!(fits(&files).unwrap_err().to_string().contains(missing));
        }
        for needless in
            ["tests/behaviour/main.rs", ".ci/run", "spec/overlay.yaml", "deny.toml", "xtask/src/main.rs"]
        {
            let mut files = whole.clone();
            files.insert(needless);
            assert!(fits(&files).unwrap_err().to_string().contains(needless));
        }
    }

    #[test]
    fn the_program_for_tests_is_found() {
        let readme = "```rust,no_run\nfn main() {}\n```\n```rust\nlet a = 1;\n```\n```rust\nfn main() { Sandbox::start() }\n```\n";
        assert_eq!(program_on_the_sandbox(readme).unwrap(), "fn main() { Sandbox::start() }\n");
        assert!(program_on_the_sandbox("```rust\nfn main() {}\n```").is_err());
    }
}
