//! The exchanges that are measured, each made by the client and by hand.

use anyhow::{Result, ensure};
use clap::ValueEnum;
use serde_json::json;
use signicat_sign::{Client, Credentials, DocumentId, NewOrder, OrderId, ResumeToken, Signer, TaskId};

use crate::by_hand::{ByHand, Order};
use crate::service::{MANY, ORDER};

/// One exchange with the service.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Exchange {
    /// How far a task is.
    Status,
    /// An order of one signer: put together, sent, and the answer read.
    CreateSmall,
    /// An order of fifty signers.
    CreateLarge,
    /// Reading that.
    GetLarge,
}

/// Who makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Who {
    Client,
    ByHand,
}

/// Both who can make an exchange.
pub struct Work {
    pub client: Client,
    pub by_hand: ByHand,
    order: OrderId,
    document: DocumentId,
    task: TaskId,
    names: Vec<String>,
}

impl Work {
    /// The client has its token.
    pub async fn at(address: &str) -> Result<Self> {
        let client = Client::builder()
            .credentials(Credentials::new("id", "secret"))
            .base_url(address)
            .token_url(format!("{address}/token"))
            .build()?;
        let work = Self {
            client,
            by_hand: ByHand::new(address)?,
            order: ORDER.parse()?,
            document: "0".repeat(60).parse()?,
            task: "signer-0".parse()?,
            names: (0..MANY).map(|number| format!("signer-{number}")).collect(),
        };
        work.run(Who::Client, Exchange::Status).await?;
        Ok(work)
    }

    pub async fn run(&self, who: Who, exchange: Exchange) -> Result<()> {
        match who {
            Who::Client => self.by_client(exchange).await,
            Who::ByHand => self.by_hand(exchange).await,
        }
    }

    async fn by_client(&self, exchange: Exchange) -> Result<()> {
        let tasks = match exchange {
            Exchange::Status => {
                let status = self.client.tasks(&self.order).status(&self.task).await?;
                ensure!(status.order_id == self.order, "the status is of another order");
                return Ok(());
            }
            Exchange::CreateSmall => self.client.orders().create(self.new_order(1)?).await?,
            Exchange::CreateLarge => self.client.orders().create(self.new_order(MANY)?).await?,
            Exchange::GetLarge => self.client.orders().get(&self.order).await?,
        };
        self.ensure_whole(exchange, tasks.details().tasks.len())
    }

    async fn by_hand(&self, exchange: Exchange) -> Result<()> {
        let document = self.document.as_str();
        let order = match exchange {
            Exchange::Status => {
                self.by_hand.status(self.order.as_str(), self.task.as_str()).await?;
                return Ok(());
            }
            Exchange::CreateSmall => self.by_hand.create(&Order::of(&self.names[..1], document)).await?,
            Exchange::CreateLarge => self.by_hand.create(&Order::of(&self.names, document)).await?,
            Exchange::GetLarge => self.by_hand.get(self.order.as_str()).await?,
        };
        ensure!(order.id.as_deref() == Some(ORDER), "the order is another one");
        ensure!(order.tasks.iter().all(|task| task.signing_url.is_some()), "a signer has no address");
        self.ensure_whole(exchange, order.tasks.len())
    }

    fn new_order(&self, signers: usize) -> Result<NewOrder> {
        let order = NewOrder::builder().client_reference("case-42").document(
            "loan",
            &self.document,
            "Loan agreement",
        );
        let signers = self.names[..signers].iter().map(|name| {
            Signer::new(name)
                .signed_statement("nbid-sign")
                .days_to_live(14)
                .language("nb")
                .on_complete("https://shop.example/done?order=${requestId}&task=${taskId}")
        });
        Ok(signers.fold(order, |order, signer| order.signer(signer)).seal_as_pades("sealed").build()?)
    }

    fn ensure_whole(&self, exchange: Exchange, tasks: usize) -> Result<()> {
        let expected = if matches!(exchange, Exchange::CreateSmall) { 1 } else { MANY };
        ensure!(tasks == expected, "{tasks} tasks came back, and not {expected}");
        Ok(())
    }
}

/// Waits for orders as most are, put away: two signers, one sealed file, ids as long as the service's.
pub fn resume_tokens(count: usize) -> Result<Vec<ResumeToken>> {
    let token = |number| {
        serde_json::from_value(json!({
            "version": 1, "order": format!("0502{number:060}"),
            "tasks": [{ "id": "signer-1" }, { "id": "signer-2" }], "packaging_tasks": [{ "id": "sealed" }],
        }))
    };
    Ok((0..count).map(token).collect::<Result<_, _>>()?)
}
