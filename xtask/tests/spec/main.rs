//! The commands of `cargo xtask spec`, run as a maintainer runs them, on copies of a small repository.

mod check;
mod diff;
mod fetched;
mod refresh;
mod refused;
mod repository;
