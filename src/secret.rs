//! Values whose holder can act as somebody else.

use std::fmt::{self, Debug, Formatter};

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use crate::redact::{Redact, shown_as_they_are};

/// A secret: a client secret, a token or an authentication artifact.
///
/// It has no Display and no Serialize, its Debug says how long it is, it is compared in constant time and
/// wiped when it is dropped. Reading it is an act that can be searched for: [`Secret::expose`].
///
/// ```
/// let secret = signicat_sign::Secret::from("hunter2");
/// assert_eq!(format!("{secret:?}"), "Secret(len:7)");
/// assert_eq!(secret.expose(), "hunter2");
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret itself. Do not log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<S: Into<String>> From<S> for Secret {
    fn from(secret: S) -> Self {
        Self(Zeroizing::new(secret.into()))
    }
}

impl Debug for Secret {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Secret(len:{})", self.0.len())
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.0.as_bytes(), other.0.as_bytes());
        let difference = a.iter().zip(b).fold(0, |seen, (a, b)| std::hint::black_box(seen | (a ^ b)));
        a.len() == b.len() && difference == 0
    }
}

impl Eq for Secret {}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// The address where a signer signs: whoever has it can sign as them.
///
/// Its Debug says the host alone, and it has no Display and no Serialize. Hand it to the signer, and to
/// nobody else, by [`SigningUrl::expose`].
///
/// ```
/// let url: signicat_sign::SigningUrl = serde_json::from_str("\"https://sign.example.com/s/k9f2\"")?;
/// assert_eq!(format!("{url:?}"), "SigningUrl(https://sign.example.com/…)");
/// assert_eq!(url.expose(), "https://sign.example.com/s/k9f2");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SigningUrl(Secret);

impl SigningUrl {
    /// The address itself, as the service wrote it. Do not log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl Debug for SigningUrl {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match reqwest::Url::parse(self.expose()) {
            Ok(url) => write!(f, "SigningUrl({}://{}/…)", url.scheme(), url.host_str().unwrap_or_default()),
            Err(_) => f.write_str("SigningUrl(…)"),
        }
    }
}

impl<'de> Deserialize<'de> for SigningUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Secret::deserialize(deserializer).map(Self)
    }
}

shown_as_they_are!(Secret, SigningUrl);

#[cfg(feature = "schemars")]
crate::schema::string_schema!(Secret);
#[cfg(feature = "schemars")]
crate::schema::string_schema!(SigningUrl);
