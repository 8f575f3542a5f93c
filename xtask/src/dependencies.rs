//! What those who depend on the crate get with each feature, and what they never do.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::cargo;

/// What makes the client from the contract.
const GENERATOR: [&str; 5] = ["openapiv3", "prettyplease", "progenitor", "progenitor-impl", "typify"];
/// TLS, by whichever library.
const TLS: [&str; 5] = ["aws-lc-rs", "native-tls", "openssl", "ring", "rustls"];
const SANDBOX: [&str; 4] = ["axum", "jsonschema", "lopdf", "maud"];

/// What is linked with some features, on any target, and what is not.
struct Linked {
    features: &'static str,
    there: &'static [&'static str],
    absent: &'static [&'static [&'static str]],
}

const LINKED: [Linked; 6] = [
    Linked { features: "", there: &["reqwest"], absent: &[&GENERATOR, &TLS, &SANDBOX, &["schemars"]] },
    Linked {
        features: "rustls,codegen",
        there: &["rustls", "aws-lc-rs"],
        absent: &[&GENERATOR, &["ring", "openssl", "native-tls"], &SANDBOX, &["schemars"]],
    },
    Linked {
        features: "native-tls",
        there: &["native-tls"],
        absent: &[&GENERATOR, &["rustls", "aws-lc-rs", "ring"], &SANDBOX],
    },
    Linked { features: "codegen", there: &["reqwest"], absent: &[&GENERATOR, &TLS, &SANDBOX] },
    Linked { features: "schemars", there: &["schemars"], absent: &[&GENERATOR, &TLS, &SANDBOX] },
    Linked { features: "sandbox", there: &SANDBOX, absent: &[&GENERATOR, &TLS, &["schemars"]] },
];

pub fn check() -> Result<()> {
    for Linked { features, there, absent } in LINKED {
        held(&format!("with the features `{features}`"), &packages(features, "normal")?, there, absent)?;
    }
    let built = packages("rustls", "normal,build")?;
    held("for building without `codegen`", &built, &["reqwest"], &[&GENERATOR])?;
    let metadata = serde_json::from_str(&cargo::output("metadata --format-version 1 --locked")?)?;
    let compilers = need_another_rust(&metadata)?;
    if !compilers.is_empty() {
        bail!("Cargo.lock has packages that need another Rust than `rust-version`: {}", compilers.join(", "));
    }
    println!("{} combinations of features, and the Rust that each locked package needs", LINKED.len());
    Ok(())
}

/// The names of all packages of a tree.
fn packages(features: &str, edges: &str) -> Result<BTreeSet<String>> {
    let features = if features.is_empty() { String::new() } else { format!(" --features {features}") };
    let tree = cargo::output(&format!(
        "tree -p signicat-sign --no-default-features{features} --edges {edges} --target all --prefix none --format {{p}}"
    ))?;
    Ok(tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect())
}

fn held(when: &str, packages: &BTreeSet<String>, there: &[&str], absent: &[&[&str]]) -> Result<()> {
    if let Some(missing) = there.iter().find(|name| !packages.contains(**name)) {
        bail!("{when}, {missing} is no dependency");
    }
    if let Some(found) = absent.iter().copied().flatten().find(|name| packages.contains(**name)) {
        bail!("{when}, {found} is a dependency");
    }
    Ok(())
}

/// The packages that say that they need a newer Rust than the library does.
fn need_another_rust(metadata: &Value) -> Result<Vec<String>> {
    let packages = metadata["packages"].as_array().context("cargo metadata tells of no packages")?;
    let ours = packages.iter().find(|package| package["name"] == "signicat-sign");
    let ours = version(ours.and_then(|ours| ours["rust_version"].as_str()).context("no rust-version")?)?;
    let mut newer = Vec::new();
    for package in packages {
        let Some(needed) = package["rust_version"].as_str() else { continue };
        if version(needed)? > ours {
            let (name, version) = (package["name"].as_str(), package["version"].as_str());
            newer.push(format!("{} {} ({needed})", name.unwrap_or("?"), version.unwrap_or("?")));
        }
    }
    Ok(newer)
}

/// 1.88 and 1.88.0 are the same.
fn version(text: &str) -> Result<[u32; 3]> {
    let mut version = [0; 3];
    for (part, number) in version.iter_mut().zip(text.split('.')) {
        *part = number.parse().with_context(|| format!("{text} is no version of Rust"))?;
    }
    Ok(version)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_package_is_known_by_its_whole_name() {
        let packages = ["progenitor-client", "reqwest"].map(str::to_owned).into();
        held("here", &packages, &["reqwest"], &[&GENERATOR]).unwrap();
        let found = held("here", &packages, &[], &[&["serde"], &["reqwest"]]).unwrap_err();
        assert_eq!(found.to_string(), "here, reqwest is a dependency");
        let missing = held("here", &packages, &["serde"], &[]).unwrap_err();
        assert_eq!(missing.to_string(), "here, serde is no dependency");
    }

    #[test]
    fn what_needs_a_newer_rust_is_named() {
        let package =
            |name: &str, rust: Option<&str>| json!({"name": name, "version": "1.0.0", "rust_version": rust});
        let metadata = json!({"packages": [
            package("signicat-sign", Some("1.88")), package("same", Some("1.88.0")), package("old", Some("1.9")),
            package("silent", None), package("new", Some("1.88.1")),
        ]});
        assert_eq!(need_another_rust(&metadata).unwrap(), ["new 1.0.0 (1.88.1)"]);
    }
}
