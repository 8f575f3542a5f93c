//! What the benchmarks share: the service that they talk to, and the same work done by hand.

mod by_hand;
pub mod process;
mod service;
mod work;

pub use by_hand::ByHand;
pub use service::{Service, serve};
pub use work::{Exchange, Who, Work, resume_tokens};

/// A result of one program, read by `cargo xtask bench`: one line of JSON.
pub fn tell(result: &impl serde::Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string(result)?);
    Ok(())
}
