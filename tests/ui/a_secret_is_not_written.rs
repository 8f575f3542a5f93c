//! A secret can't be serialised, and nor can a signing address.

use signicat_sign::{Secret, SigningUrl};

fn written(secret: Secret, url: SigningUrl) {
    _ = serde_json::to_string(&secret);
    _ = serde_json::to_string(&url);
}

fn main() {}
