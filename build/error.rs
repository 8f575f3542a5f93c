//! The one error of the generation.

use std::fmt;

pub type Result<T> = std::result::Result<T, Error>;

/// What is wrong, and where in the contract, in one line.
#[derive(Debug, PartialEq)]
pub struct Error(String);

impl Error {
    pub fn new(place: impl fmt::Display, problem: impl fmt::Display) -> Self {
        let text = format!("{place}: {problem}");
        Self(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn an_error_is_one_line() {
        assert_eq!(Error::new("a", "b\n    c").to_string(), "a: b c");
    }
}
