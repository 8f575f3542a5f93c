//! Tokens from the company's own token service, shared by two clients: one token request serves all calls.
//!
//! ```text
//! cargo run --example token_provider --features sandbox
//! ```
//!
//! It runs on a sandbox in this process: no account is needed. The sandbox's token endpoint plays the
//! company's token service; `-- --token-url URL` names another one.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use clap::Parser;
use futures_util::future::try_join_all;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use signicat_sign::sandbox::Sandbox;
use signicat_sign::{
    AccessToken, BoxFuture, Client, Credentials, ErrorKind, Result, Secret, TokenProvider, Upload,
};

/// The company's token service. Whatever it asks of its callers is kept here, and not in the Sign client.
#[derive(Debug)]
struct TokenService {
    http: reqwest::Client,
    url: String,
    user: String,
    password: Secret,
    /// How often it was asked.
    asked: AtomicU32,
}

/// What it answers.
#[derive(Deserialize)]
struct Answer {
    access_token: Secret,
    expires_in: u64,
}

impl TokenProvider for TokenService {
    /// Asked once, however many calls wait for a token; again shortly before its end, or when it was refused.
    fn token(&self) -> BoxFuture<'_, Result<AccessToken>> {
        Box::pin(self.fetch())
    }
}

impl TokenService {
    async fn fetch(&self) -> Result<AccessToken> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        // What is said here is shown as it is: no secrets. A kind that may pass is tried again.
        let failed = |kind, message: String| signicat_sign::Error::builder(kind).message(message).build();
        let request = self.http.post(&self.url).basic_auth(&self.user, Some(self.password.expose()));
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let sent = request.body("grant_type=client_credentials&scope=signicat-api").send().await;
        let answer = sent.map_err(|_| {
            failed(ErrorKind::Connect, format!("no answer from the token service at {}", self.url))
        })?;
        let status = answer.status();
        if !status.is_success() {
            let kind = if status.is_server_error() { ErrorKind::Server } else { ErrorKind::Auth };
            return Err(failed(kind, format!("the token service answers {status}")));
        }
        let told: Answer = answer
            .json()
            .await
            .map_err(|_| failed(ErrorKind::Decode, "the token service's answer can't be read".to_owned()))?;
        Ok(AccessToken::new(told.access_token, Duration::from_secs(told.expires_in)))
    }
}

/// Shares one token between two clients.
#[derive(Parser)]
struct Arguments {
    /// Where the token service is; the sandbox's, if not said.
    #[arg(long)]
    token_url: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start().await?;
    let service = Arc::new(TokenService {
        // What goes to this machine goes past proxies. Elsewhere leave that out.
        http: reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?,
        url: arguments.token_url.unwrap_or_else(|| sandbox.token_url().to_owned()),
        user: sandbox.client_id().to_owned(),
        password: sandbox.client_secret().into(),
        asked: AtomicU32::new(0),
    });

    // Clones of one `Credentials` share its tokens.
    let credentials = Credentials::from_provider(Arc::clone(&service));
    let client = |organization| {
        let builder = Client::builder().credentials(credentials.clone()).organization_id(organization);
        builder.base_url(sandbox.base_url()).build()
    };
    let (north, south) = (client("north")?, client("south")?);
    let twenty_each = async || {
        let upload = async |sign: &Client| {
            let pdf = Upload::from_bytes(&include_bytes!("contract.pdf")[..])?;
            sign.documents().upload(pdf).await
        };
        try_join_all([&north, &south].into_iter().cycle().take(40).map(upload)).await
    };

    let documents = twenty_each().await?;
    let asked = || service.asked.load(Ordering::Relaxed);
    println!("{} calls of two clients, token requests: {}", documents.len(), asked());

    // The service may end a token before its time. All calls that meet its 401 ask for one new token
    // together.
    sandbox.revoke_tokens();
    let documents = twenty_each().await?;
    println!("{} more after the token was revoked, token requests: {}", documents.len(), asked());
    Ok(())
}
