//! A secret has no Display, and nor has a signing address.

use signicat_sign::{Secret, SigningUrl};

fn shown(secret: Secret, url: SigningUrl) {
    println!("{secret}");
    println!("{url}");
}

fn main() {}
