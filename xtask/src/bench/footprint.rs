//! What it costs to depend on the crate: the build of an empty program, and the size of one that makes a call, beside
//! the same with reqwest alone.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Instant, SystemTime};

use anyhow::{Context, Result, bail};

use super::figure::{Amount, Figure, Limit, Unit};
use crate::package::Package;
use crate::process::output;
use crate::{cargo, root};

/// What a program depends on.
#[derive(Clone, Copy)]
enum Upon {
    Us { codegen: bool, tls: &'static str },
    Reqwest { tls: &'static str },
}

/// The crate as it is published, and a folder for programs that depend on it.
pub(crate) struct Footprint {
    folder: PathBuf,
    package: PathBuf,
}

/// What a build took.
struct Took {
    /// Of all cores together.
    cpu: f64,
    clock: f64,
}

impl Footprint {
    pub(crate) fn prepare() -> Result<Self> {
        let folder = cargo::target_folder()?.join("footprint");
        let package = Package::unpack_into(&folder)?.folder;
        Ok(Self { folder, package })
    }

    /// Clean dev builds of an empty program, a second build after a touch, and the size of a program.
    pub(crate) fn measure(&self) -> Result<Vec<Figure>> {
        let mut figures = Vec::new();
        for (tls, codegens) in [("rustls", &[(true, 1.8), (false, 1.3)][..]), ("native-tls", &[(false, 1.3)])]
        {
            let floor = self.clean_build(&self.program(Upon::Reqwest { tls }, EMPTY)?)?;
            for &(codegen, target) in codegens {
                let program = self.program(Upon::Us { codegen, tls }, EMPTY)?;
                let ours = self.clean_build(&program)?;
                let codegen_is = if codegen { "on" } else { "off" };
                let what = format!("clean dev build, {tls}, codegen {codegen_is}: CPU");
                let figure =
                    Figure::beside(what, Amount(ours.cpu, Unit::Seconds), Amount(floor.cpu, Unit::Seconds));
                figures.push(match tls {
                    "rustls" => figure.ratio_is(Limit::AtMost(target)),
                    _ => figure,
                });
                let what = format!("clean dev build, {tls}, codegen {codegen_is}: clock");
                figures.push(Figure::beside(
                    what,
                    Amount(ours.clock, Unit::Seconds),
                    Amount(floor.clock, Unit::Seconds),
                ));
                if tls == "rustls" {
                    let again = self.build_after_touch(&program)?;
                    let what =
                        format!("build after a touch of src/documents.rs, codegen {codegen_is}: clock");
                    figures.push(Figure::alone(what, Amount(again.clock, Unit::Seconds)));
                }
            }
        }
        let ours = self.size(Upon::Us { codegen: false, tls: "rustls" }, CALL)?;
        let floor = self.size(Upon::Reqwest { tls: "rustls" }, CALL_BY_HAND)?;
        figures.push(Figure::beside("stripped release program that makes one call", ours, floor));
        Ok(figures)
    }

    /// A program of its own workspace, with the versions of our Cargo.lock.
    fn program(&self, upon: Upon, source: &str) -> Result<PathBuf> {
        let folder = self.folder.join("program");
        fs::create_dir_all(folder.join("src"))?;
        fs::write(folder.join("Cargo.toml"), format!("{PROGRAM}{}", upon.dependencies(&self.package)))?;
        fs::write(folder.join("src/main.rs"), source)?;
        fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
        // So that nothing is downloaded while it is measured.
        output(
            Command::new("cargo").args(["fetch", "--quiet"]).arg("--manifest-path").arg(manifest(&folder)),
        )?;
        Ok(folder)
    }

    fn clean_build(&self, program: &Path) -> Result<Took> {
        let target = self.target();
        if target.exists() {
            fs::remove_dir_all(target)?;
        }
        self.build(program, &[])
    }

    fn build_after_touch(&self, program: &Path) -> Result<Took> {
        fs::File::options()
            .write(true)
            .open(self.package.join("src/documents.rs"))?
            .set_modified(SystemTime::now())?;
        self.build(program, &[])
    }

    fn build(&self, program: &Path, arguments: &[&str]) -> Result<Took> {
        let (began, spent) = (Instant::now(), cpu_of_children()?);
        let mut build = Command::new("cargo");
        build.args(["build", "--quiet", "--offline"]).args(arguments).arg("--manifest-path");
        output(build.arg(manifest(program)).env("CARGO_TARGET_DIR", self.target()))?;
        Ok(Took { cpu: cpu_of_children()? - spent, clock: began.elapsed().as_secs_f64() })
    }

    fn size(&self, upon: Upon, source: &str) -> Result<Amount> {
        let program = self.program(upon, source)?;
        self.build(&program, &["--release"])?;
        let size = fs::metadata(self.target().join("release/program"))?.len();
        Ok(Amount(size as f64 / 1024.0, Unit::KiB))
    }

    fn target(&self) -> PathBuf {
        self.folder.join("target")
    }

    /// How many crates are built for a program, and how many of them are there in more than one version.
    pub(crate) fn crates(&self) -> Result<Vec<Figure>> {
        let tls = "rustls";
        let floor = self.packages(Upon::Reqwest { tls })?;
        let lean = self.packages(Upon::Us { codegen: false, tls })?;
        let whole = self.packages(Upon::Us { codegen: true, tls })?;
        let count = |packages: &BTreeSet<String>| Amount(packages.len() as f64, Unit::Count);
        Ok(vec![
            Figure::beside("crates, codegen off", count(&lean), count(&floor))
                .above_floor_is(Limit::AtMost(25.0))
                .holds(Limit::AtMost(120.0)),
            Figure::beside("crates, codegen on", count(&whole), count(&floor)).holds(Limit::AtMost(146.0)),
            Figure::alone("crates in two versions, codegen off", twice(&lean)).holds(Limit::AtMost(0.0)),
            Figure::alone("crates in two versions, codegen on", twice(&whole)).holds(Limit::AtMost(1.0)),
        ])
    }

    /// Name and version of all that is built for a program.
    fn packages(&self, upon: Upon) -> Result<BTreeSet<String>> {
        let program = self.program(upon, EMPTY)?;
        let mut tree = Command::new("cargo");
        tree.args([
            "tree",
            "--prefix",
            "none",
            "--edges",
            "normal,build",
            "--format",
            "{p}",
            "--manifest-path",
        ]);
        let tree = output(tree.arg(manifest(&program)))?;
        let name_and_version = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
        let packages: BTreeSet<_> =
            tree.lines().map(name_and_version).filter(|package| !package.starts_with("program ")).collect();
        if packages.len() < 2 {
            bail!("cargo tree tells of no dependencies");
        }
        Ok(packages)
    }
}

fn twice(packages: &BTreeSet<String>) -> Amount {
    let names: BTreeSet<_> = packages.iter().filter_map(|package| package.split(' ').next()).collect();
    Amount((packages.len() - names.len()) as f64, Unit::Count)
}

fn manifest(program: &Path) -> PathBuf {
    program.join("Cargo.toml")
}

impl Upon {
    fn dependencies(self, package: &Path) -> String {
        match self {
            Self::Us { codegen, tls } => {
                let codegen = if codegen { ", \"codegen\"" } else { "" };
                let path = package.display();
                format!(
                    "signicat-sign = {{ path = \"{path}\", default-features = false, features = [\"{tls}\"{codegen}] }}\n\
                     tokio = {{ version = \"1\", default-features = false, features = [\"rt\", \"time\"] }}\n"
                )
            }
            Self::Reqwest { tls } => format!(
                "reqwest = {{ version = \"0.13\", default-features = false, features = [\"json\", \"query\", \"stream\", \"{tls}\"] }}\n\
                 serde = {{ version = \"1\", features = [\"derive\"] }}\n\
                 serde_json = \"1\"\n\
                 tokio = {{ version = \"1\", default-features = false, features = [\"rt\", \"time\"] }}\n"
            ),
        }
    }
}

/// Seconds that processes which were waited for, and theirs, have spent on all cores. Linux tells it in hundredths.
fn cpu_of_children() -> Result<f64> {
    let told =
        fs::read_to_string("/proc/self/stat").context("processor time is read where Linux tells it")?;
    // The name of the program may have spaces in it, and ends with the last parenthesis.
    let fields = told.rsplit_once(") ").map(|(_, fields)| fields).unwrap_or_default();
    let mut fields = fields.split(' ').skip(13).map(|field| field.parse::<f64>());
    match (fields.next(), fields.next()) {
        (Some(Ok(user)), Some(Ok(system))) => Ok((user + system) / 100.0),
        _ => bail!("/proc/self/stat is unreadable"),
    }
}

const PROGRAM: &str = r#"[package]
name = "program"
version = "0.0.0"
edition = "2024"

[workspace]

[profile.release]
strip = true

[dependencies]
"#;

const EMPTY: &str = "fn main() {}\n";

const CALL: &str = r#"use signicat_sign::Client;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let order = runtime.block_on(async {
        let id = std::env::args().nth(1).unwrap_or_default().parse()?;
        Client::from_env()?.orders().get(&id).await
    })?;
    println!("{} signers", order.tasks().len());
    Ok(())
}
"#;

const CALL_BY_HAND: &str = r#"#[derive(serde::Deserialize)]
struct Token {
    access_token: String,
}

#[derive(serde::Deserialize)]
struct Order {
    tasks: Vec<Task>,
}

#[derive(serde::Deserialize)]
struct Task {
    id: String,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let order: Order = runtime.block_on(async {
        let http = reqwest::Client::new();
        let variable = |name| std::env::var(name).unwrap_or_default();
        let form = format!("grant_type=client_credentials&scope={}", variable("SIGNICAT_SCOPE"));
        let token = http
            .post(variable("SIGNICAT_TOKEN_URL"))
            .basic_auth(variable("SIGNICAT_CLIENT_ID"), Some(variable("SIGNICAT_CLIENT_SECRET")))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        let token: Token = token.send().await?.error_for_status()?.json().await?;
        let id = std::env::args().nth(1).unwrap_or_default();
        let order = http.get(format!("{}/orders/{id}", variable("SIGNICAT_BASE_URL")));
        order.bearer_auth(token.access_token).send().await?.error_for_status()?.json().await
    })?;
    println!("{} signers", order.tasks.iter().filter(|task| !task.id.is_empty()).count());
    Ok::<(), Box<dyn std::error::Error>>(())
}
"#;
