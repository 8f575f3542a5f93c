//! The contract suite: on the sandbox, or on a real service with the environment's credentials.

use std::env;
use std::path::{PathBuf, absolute};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::root;

/// What the client takes from the environment, and can't do without.
const CREDENTIALS: [(&str, &str); 2] = [
    ("SIGNICAT_CLIENT_ID", "the id of your API client"),
    ("SIGNICAT_CLIENT_SECRET", "its secret; the API client needs the permission \"Signature API\""),
];

#[derive(Args)]
pub struct Contract {
    /// Run it on a real service, with the credentials of the environment, and clean up. Without it: on the sandbox.
    #[arg(long)]
    live: bool,
    /// Ask a person to sign, at the address that is told on stderr. Without it, what needs a signature is not run.
    #[arg(long, requires = "live")]
    sign: bool,
    /// How long that person has, in seconds.
    #[arg(long, requires = "sign", default_value_t = 900)]
    sign_within: u64,
    /// The signature method, as the account has it, such as nbid-sign [default: by hand].
    #[arg(long, requires = "live")]
    method: Option<String>,
    /// A document in the archive that may be read and deleted: the API does not tell the id of one.
    #[arg(long, requires = "live")]
    archived_id: Option<String>,
    /// Write the report to this file too. It is an overlay, with comments.
    #[arg(long, requires = "live", value_name = "FILE")]
    out: Option<PathBuf>,
    /// Fail if the service differs from the contract.
    #[arg(long, requires = "live")]
    deny_differences: bool,
}

/// Runs the suite.
pub fn run(arguments: &Contract) -> Result<()> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command.args(["test", "--package", "signicat-sign", "--features", "sandbox", "--test", "contract"]);
    if arguments.live {
        // Before anything is built.
        check_credentials(|name| env::var(name).ok())?;
        command.args(["--", "suite::live::live", "--exact", "--ignored", "--nocapture"]);
        command.envs(options(arguments)?);
    }
    let status = command.status().context("can't run cargo")?;
    if status.success() { Ok(()) } else { bail!("the contract suite failed") }
}

/// What the suite takes from its environment. One that is empty is not set.
fn options(arguments: &Contract) -> Result<Vec<(&'static str, String)>> {
    let Contract { sign, sign_within, method, archived_id, out, deny_differences, .. } = arguments;
    // The suite runs in another folder than the command.
    let out = out.as_ref().map(|path| absolute(path).context("--out is no path")).transpose()?;
    let out = out.map(|path| path.to_str().map(str::to_owned).context("--out is no text")).transpose()?;
    Ok(vec![
        ("CONTRACT_SIGN_WITHIN", if *sign { sign_within.to_string() } else { String::new() }),
        ("CONTRACT_METHOD", method.clone().unwrap_or_default()),
        ("CONTRACT_ARCHIVED_ID", archived_id.clone().unwrap_or_default()),
        ("CONTRACT_OUT", out.unwrap_or_default()),
        ("CONTRACT_DENY_DIFFERENCES", if *deny_differences { "1".to_owned() } else { String::new() }),
    ])
}

fn check_credentials(variable: impl Fn(&str) -> Option<String>) -> Result<()> {
    let missing = CREDENTIALS.iter().filter(|(name, _)| variable(name).is_none_or(|value| value.is_empty()));
    let missing: Vec<_> = missing.map(|(name, what)| format!("\n  {name}: {what}")).collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "a real service asks who calls; set{}\nand SIGNICAT_BASE_URL, SIGNICAT_TOKEN_URL and SIGNICAT_SCOPE where they \
         are not the usual ones",
        missing.concat()
    )
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        contract: Contract,
    }

    fn parsed(arguments: &str) -> Result<Contract, clap::Error> {
        let all = ["contract"].into_iter().chain(arguments.split_whitespace());
        Command::try_parse_from(all).map(|command| command.contract)
    }

    #[test]
    fn without_credentials_it_says_what_to_set() {
        let told = |set: &[&str]| {
            let checked = check_credentials(|name| {
                set.iter().find(|line| line.starts_with(name)).map(|line| line[name.len() + 1..].to_owned())
            });
            checked.err().map(|error| error.to_string())
        };
        let none = told(&[]).unwrap();
        assert!(none.contains("SIGNICAT_CLIENT_ID: ") && none.contains("SIGNICAT_CLIENT_SECRET: "), "{none}");
        let one = told(&["SIGNICAT_CLIENT_ID=me", "SIGNICAT_CLIENT_SECRET="]).unwrap();
        assert!(!one.contains("SIGNICAT_CLIENT_ID") && one.contains("SIGNICAT_CLIENT_SECRET: "), "{one}");
        assert_eq!(told(&["SIGNICAT_CLIENT_ID=me", "SIGNICAT_CLIENT_SECRET=s"]), None);
    }

    #[test]
    fn options_are_handed_over() {
        let of = |arguments| {
            let set = options(&parsed(arguments).unwrap()).unwrap().into_iter();
            set.filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>()
        };
        assert_eq!(of("--live"), []);
        let out = absolute("r.yaml").unwrap().to_str().unwrap().to_owned();
        assert_eq!(
            of(
                "--live --sign --sign-within 60 --method nbid-sign --archived-id 0101 --out r.yaml --deny-differences"
            ),
            [
                ("CONTRACT_SIGN_WITHIN", "60".to_owned()),
                ("CONTRACT_METHOD", "nbid-sign".to_owned()),
                ("CONTRACT_ARCHIVED_ID", "0101".to_owned()),
                ("CONTRACT_OUT", out),
                ("CONTRACT_DENY_DIFFERENCES", "1".to_owned()),
            ]
        );
        assert_eq!(of("--live --sign")[0].1, "900");
        assert!(parsed("--out r.yaml").is_err() && parsed("--live --sign-within 60").is_err());
    }
}
