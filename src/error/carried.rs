//! An error of ours on its way through the generated client.

use std::error::Error as StdError;
use std::fmt::{self, Debug, Display, Formatter};
use std::sync::Mutex;

use super::Error;
use crate::lock::lock;

/// An error of ours on its way through the generated client, whose errors have no room for it: it travels as
/// the source of a `reqwest::Error`.
struct Carried(Mutex<Option<Error>>);

impl Debug for Carried {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl Display for Carried {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &*lock(&self.0) {
            Some(error) => Display::fmt(error, f),
            None => f.write_str("an error that was taken out"),
        }
    }
}

impl StdError for Carried {}

impl Error {
    /// The error as a boxed source, for a body stream to fail with.
    pub(crate) fn carried(self) -> Box<dyn StdError + Send + Sync> {
        Box::new(Carried(Mutex::new(Some(self))))
    }

    /// The error that travelled in another, if there is one.
    pub(crate) fn uncarry(error: &(dyn StdError + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(carried) = error.downcast_ref::<Carried>() {
                return lock(&carried.0).take();
            }
            next = error.source();
        }
        None
    }
}
