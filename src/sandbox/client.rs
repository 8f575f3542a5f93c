//! A client of a sandbox.

use super::Sandbox;
use crate::{Client, ClientBuilder, Credentials};

impl Sandbox {
    /// Sets up a client of this sandbox.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    ///
    /// let sandbox = signicat_sign::sandbox::Sandbox::start().await?;
    /// let sign = sandbox.client_builder().attempt_timeout(Duration::from_secs(1)).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn client_builder(&self) -> ClientBuilder {
        Client::builder()
            .credentials(Credentials::new(self.client_id(), self.client_secret()))
            .base_url(self.base_url())
            .token_url(self.token_url())
    }

    /// A client of this sandbox.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use signicat_sign::{Upload, sandbox::Sandbox};
    ///
    /// let sandbox = Sandbox::start().await?;
    /// let id = sandbox.client().documents().upload(Upload::from_bytes(&b"%PDF-1.7"[..])?).await?;
    /// assert_eq!(sandbox.requests().last().unwrap().operation_id.as_deref(), Some("uploadDocument"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    /// Never: all that a builder refuses is of the caller's making.
    #[must_use]
    #[allow(clippy::expect_used, reason = "they are on loopback, and credentials are there")]
    pub fn client(&self) -> Client {
        self.client_builder().build().expect("the sandbox's own addresses are on loopback")
    }
}
