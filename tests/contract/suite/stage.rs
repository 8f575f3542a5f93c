//! What the cases of a run share: the client, the people who sign, and an order of each sort, made when first needed.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use signicat_sign::sandbox::Sandbox;
use signicat_sign::types::TaskStatus;
use signicat_sign::{
    ArchiveId, Client, DocumentId, Error, NewOrder, NewPackaging, Order, Outcome, Signer, TaskDocumentId,
    TaskId, TaskState, Upload,
};
use tokio::sync::OnceCell;

use super::made::{Made, Thing};
use super::relay::{Exchange, Relay};
use super::{Case, Ended, Kind, camel};

/// What is signed.
pub const DOCUMENT: &[u8] = include_bytes!("../../../examples/contract.pdf");

/// More than any document here, in bytes.
pub const LIMIT: u64 = 64 << 20;

/// Who signs.
pub enum Signers {
    Sandbox(Arc<Sandbox>),
    /// Somebody who is asked to, on stderr, and given this long.
    Person(Duration),
    Nobody,
}

/// What depends on the account.
#[derive(Clone, Default)]
pub struct Account {
    /// The signature method; none is by hand.
    pub method: Option<String>,
    /// A document in the archive that may be read and deleted. The API does not tell how a client learns its id.
    pub archived: Option<ArchiveId>,
}

pub struct Stage {
    pub client: Client,
    relay: Relay,
    signers: Signers,
    account: Account,
    case: Mutex<&'static str>,
    notes: Mutex<Vec<String>>,
    // What came of each: nothing is made twice, and nobody is asked twice.
    document: OnceCell<Result<DocumentId, Ended>>,
    unsigned: OnceCell<Result<Order, Ended>>,
    signed: OnceCell<Result<Order, Ended>>,
}

impl Stage {
    pub fn new(client: Client, relay: Relay, signers: Signers, account: Account) -> Stage {
        Stage {
            client,
            relay,
            signers,
            account,
            case: Mutex::default(),
            notes: Mutex::default(),
            document: OnceCell::new(),
            unsigned: OnceCell::new(),
            signed: OnceCell::new(),
        }
    }

    pub fn begins(&self, case: &Case) {
        *self.case.lock().unwrap() = case.operation;
        self.relay.expects_bad_input(case.kind == Kind::BadInput);
    }

    /// What is only known of the sandbox is not asked of the service.
    pub fn is_sandbox(&self) -> bool {
        matches!(self.signers, Signers::Sandbox(_))
    }

    // ---- What there is to work with ----

    /// A document of its own.
    pub async fn upload(&self) -> Result<DocumentId, Ended> {
        Ok(self.client.documents().upload(Upload::from_bytes(DOCUMENT)?).await?)
    }

    /// The document that all orders are of.
    pub async fn document(&self) -> Result<&DocumentId, Ended> {
        self.document.get_or_init(|| self.upload()).await.as_ref().map_err(Ended::clone)
    }

    /// An order that nobody signs: kari's turn, and ola after her.
    pub async fn unsigned(&self) -> Result<&Order, Ended> {
        self.unsigned.get_or_init(|| self.order_of_two()).await.as_ref().map_err(Ended::clone)
    }

    pub async fn order_of_two(&self) -> Result<Order, Ended> {
        let order = self.new_order(self.document().await?).signer(self.signer("ola").after("kari"));
        Ok(self.client.orders().create(order.seal_as_pades("sealed").build()?).await?)
    }

    /// An order of kari's, by the account's settings, that is gone by itself in some days.
    pub fn new_order(&self, document: &DocumentId) -> signicat_sign::NewOrderBuilder {
        NewOrder::builder()
            .client_reference("contract suite of signicat-sign")
            .document("loan", document, "Contract suite of signicat-sign")
            .signer(self.signer("kari"))
            .days_until_deletion(1)
    }

    fn signer(&self, id: &str) -> Signer {
        let signer = Signer::new(id).days_to_live(1);
        match &self.account.method {
            Some(method) => signer.signed_statement(method),
            None => signer.handwritten(),
        }
    }

    /// An order that kari has signed and that is sealed.
    pub async fn signed(&self) -> Result<&Order, Ended> {
        self.signed.get_or_init(|| self.sign()).await.as_ref().map_err(Ended::clone)
    }

    async fn sign(&self) -> Result<Order, Ended> {
        if matches!(self.signers, Signers::Nobody) {
            return Err(Ended::not_run("needs a signer (--sign)"));
        }
        let sealed = NewPackaging::pades("sealed");
        // On the service nobody could find it there, and so nobody could delete it.
        let sealed = if self.is_sandbox() { sealed.send_to_archive() } else { sealed };
        let order = self.new_order(self.document().await?).packaging(sealed).build()?;
        let order = self.client.orders().create(order).await?;
        let patience = match &self.signers {
            Signers::Sandbox(sandbox) => {
                let signs = sandbox.signer(order.id(), "kari").signs();
                signs.map_err(|_| Ended::failed("the sandbox's signer can't sign"))?;
                Duration::from_secs(60)
            }
            Signers::Person(patience) => {
                eprintln!(
                    "\nPlease sign within {} s:\n{}\n",
                    patience.as_secs(),
                    order.signing_url("kari")?.expose()
                );
                *patience
            }
            Signers::Nobody => unreachable!("it was asked above"),
        };
        match self.client.orders().wait(&order).deadline(patience).await {
            Ok(_) => Ok(order),
            Err(error)
                if matches!(self.signers, Signers::Person(_))
                    && error.is_timeout()
                    && error.order_state().is_none_or(|state| state.task("kari").is_none_or(is_waiting)) =>
            {
                Err(Ended::not_run("nobody signed in time"))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Kari hands her task of an order over, where somebody plays her: whether she did.
    pub fn forwards(&self, order: &Order) -> Result<bool, Ended> {
        let Signers::Sandbox(sandbox) = &self.signers else { return Ok(false) };
        let forwarded = sandbox.signer(order.id(), "kari").forwards_to("Per", "per@example.com");
        forwarded.map(|_| true).map_err(|_| Ended::failed("the sandbox's signer can't forward"))
    }

    /// A document in the archive that may be deleted.
    pub async fn archived(&self) -> Result<ArchiveId, Ended> {
        match &self.signers {
            Signers::Sandbox(sandbox) => {
                self.signed().await?;
                let ids = sandbox.archive_ids();
                let id = ids.last().ok_or_else(|| Ended::failed("nothing was archived"))?;
                Ok(parsed(id))
            }
            _ => self.account.archived.clone().ok_or_else(|| {
                Ended::not_run(
                    "needs a document in the archive (--archived-id), whose id the API does not tell",
                )
            }),
        }
    }

    // ---- What is said of it ----

    /// It was refused, and said so: the error, for a closer look. What the service says in which words is not known,
    /// that it is no 2xx is.
    pub fn refused<T>(&self, operation: &str, result: Result<T, Error>) -> Result<Error, Ended> {
        let Err(error) = result else { return Err(Ended::failed("what it had to refuse was taken")) };
        let is_of = error.operation().map(camel).as_deref() == Some(operation);
        let is_refusal = error.status().is_some_and(|status| status.is_client_error());
        // These are not about the input.
        let is_other =
            error.is_auth() || error.is_forbidden() || error.is_timeout() || error.is_rate_limited();
        if !is_refusal || is_other {
            return Err(error.into());
        }
        super::hold(is_of, "the error is told of another operation")?;
        super::hold(error.outcome() == Outcome::Rejected, "the refusal's outcome is not `rejected`")?;
        Ok(error)
    }

    /// It was refused because there is no such thing. A service that says so otherwise is noted.
    pub fn not_found<T>(&self, operation: &str, result: Result<T, Error>) -> Result<(), Ended> {
        let error = self.refused(operation, result)?;
        if !error.is_not_found() {
            self.otherwise(&format!("answers {} where there is no such thing", status(&error)))?;
        }
        Ok(())
    }

    /// What is certain of the sandbox alone: there it fails, at the service it is told at the end.
    pub fn otherwise(&self, what: &str) -> Result<(), Ended> {
        if self.is_sandbox() {
            return Err(Ended::failed(what));
        }
        let note = format!("{} {what}", self.case.lock().unwrap());
        let mut notes = self.notes.lock().unwrap();
        if !notes.contains(&note) {
            notes.push(note);
        }
        Ok(())
    }

    pub fn notes(&self) -> Vec<String> {
        self.notes.lock().unwrap().clone()
    }

    // ---- What is left of it ----

    pub async fn exchanges(&self) -> Vec<Exchange> {
        self.relay.exchanges().await
    }

    /// Deletes all that was made, and says what is left.
    pub async fn clean_up(&self) -> Vec<String> {
        self.relay.expects_bad_input(false);
        let made = Made::of(&self.exchanges().await);
        // What can't be deleted is found by looking at what is left.
        for id in made.orders.iter().filter_map(|id| id.parse().ok()) {
            let _ = self.client.orders().delete(&id).await;
        }
        for id in made.documents.iter().filter_map(|id| id.parse().ok()) {
            let _ = self.client.documents().delete(&id).await;
        }
        for id in self.archived_here() {
            let _ = self.client.archive().delete(&id).await;
        }
        self.left().await
    }

    fn archived_here(&self) -> Vec<ArchiveId> {
        let Signers::Sandbox(sandbox) = &self.signers else { return Vec::new() };
        sandbox.archive_ids().iter().map(parsed).collect()
    }

    /// What was made and not deleted.
    pub async fn left(&self) -> Vec<String> {
        let made = Made::of(&self.exchanges().await);
        let orders = made.orders.iter().map(|id| format!("order {id}"));
        let documents = made.documents.iter().map(|id| format!("document {id}"));
        let archived = self.archived_here().into_iter().map(|id| format!("archived document {id}"));
        let nameless = made.nameless.iter().map(|thing| match thing {
            Thing::Order => {
                "perhaps an order: the answer to createOrder did not come, or named none".to_owned()
            }
            Thing::Document => {
                "perhaps a document: the answer to uploadDocument did not come, or named none".to_owned()
            }
        });
        orders.chain(documents).chain(archived).chain(nameless).collect()
    }
}

fn is_waiting(task: &TaskState) -> bool {
    task.status() == Some(&TaskStatus::Created)
}

pub fn kari() -> TaskId {
    parsed("kari")
}

/// Kari's copy of the document.
pub fn loan() -> TaskDocumentId {
    parsed("loan-kari")
}

/// An id that nothing has.
pub fn nothing<T: FromStr<Err: std::fmt::Debug>>() -> T {
    parsed("0101nothing")
}

fn parsed<T: FromStr<Err: std::fmt::Debug>>(id: impl Display) -> T {
    id.to_string().parse().expect("it is an id")
}

fn status(error: &Error) -> u16 {
    error.status().map_or(0, |status| status.as_u16())
}
