//! Building a signing order, and telling what is wrong with it before it is sent.

mod builder;
mod packaging;
mod task;
mod validate;

pub use builder::{NewOrder, NewOrderBuilder};
pub use packaging::NewPackaging;
pub use task::{NewTask, Signer};
