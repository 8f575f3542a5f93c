//! The version of this crate, and the next one.

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;
use toml_edit::DocumentMut;

use super::change::Class;

/// How far a version has to go, in semver's sense.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    Major,
    Minor,
    Patch,
    None,
}

impl Step {
    pub fn of(worst: Option<Class>) -> Self {
        match worst {
            Some(Class::Breaking) => Self::Major,
            Some(Class::Additive) => Self::Minor,
            Some(Class::Documentation) => Self::Patch,
            None => Self::None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(into = "String")]
pub struct Version([u64; 3]);

impl Version {
    pub fn of_crate(root: &Path) -> Result<Self> {
        let manifest = fs::read_to_string(root.join("Cargo.toml")).context("can't read Cargo.toml")?;
        let manifest: DocumentMut = manifest.parse().context("Cargo.toml")?;
        let version = manifest.get("package").and_then(|package| package.get("version")?.as_str());
        let version = version.context("Cargo.toml has no `package.version`")?;
        Self::parse(version).with_context(|| format!("`{version}` in Cargo.toml is no version"))
    }

    pub fn parse(text: &str) -> Option<Self> {
        let numbers = text.split(['-', '+']).next()?.split('.').map(|number| number.parse().ok());
        let numbers: Option<Vec<u64>> = numbers.collect();
        Some(Self(numbers?.try_into().ok()?))
    }

    /// By cargo's rule the first number that is not zero is the breaking one.
    pub fn next(self, step: Step) -> Self {
        let Self([major, minor, patch]) = self;
        Self(match (step, major, minor) {
            (Step::None, ..) => self.0,
            (Step::Major, 0, 0) => [0, 0, patch + 1],
            (Step::Major, 0, _) => [0, minor + 1, 0],
            (Step::Major, ..) => [major + 1, 0, 0],
            (Step::Minor, 1.., _) => [major, minor + 1, 0],
            (Step::Minor | Step::Patch, ..) => [major, minor, patch + 1],
        })
    }
}

impl Display for Version {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self([major, minor, patch]) = self;
        write!(f, "{major}.{minor}.{patch}")
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::{Step, Version};
    use crate::spec::fixture::root;

    #[test]
    fn versions_go_on_as_cargo_takes_them() {
        let steps = [Step::Major, Step::Minor, Step::Patch, Step::None];
        for (version, next) in [
            ("0.0.3", ["0.0.4", "0.0.4", "0.0.4", "0.0.3"]),
            ("0.1.2", ["0.2.0", "0.1.3", "0.1.3", "0.1.2"]),
            ("1.2.3", ["2.0.0", "1.3.0", "1.2.4", "1.2.3"]),
            ("2.0.0-rc.1+x", ["3.0.0", "2.1.0", "2.0.1", "2.0.0"]),
        ] {
            let version = Version::parse(version).unwrap();
            assert_eq!(steps.map(|step| version.next(step).to_string()), next, "{version}");
        }
    }

    #[test]
    fn what_is_no_version_is_none() {
        for text in ["", "1", "1.2", "1.2.3.4", "1.x.3", "-1.2.3"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_version_of_the_crate_is_read() {
        assert_eq!(Version::of_crate(root()).unwrap().to_string(), "0.1.0");
    }
}
