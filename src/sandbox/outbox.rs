//! The messages that a sandbox sends: kept for a test to read, and delivered where they go to an address.

use std::collections::VecDeque;
use std::fmt;
use std::time::SystemTime;

use tokio::sync::{mpsc, watch};

use super::journal::REMEMBERED;

/// One notification that the sandbox has sent. [`Sandbox::messages`](super::Sandbox::messages) lists them.
///
/// E-mail and text messages go no further than this. One of the type `URL` is also delivered, to an address on this
/// machine.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign, pdf =>
/// let mail = Notification::email("kari@example.com").sender("The bank").on(types::TaskTriggerStatus::Created);
/// let kari = Signer::new("kari").signed_statement("nbid-sign").notification(mail.message("Please sign."));
/// let order = NewOrder::builder().document("loan", &pdf, "Loan agreement").signer(kari).build()?;
/// sign.orders().create(order).await?;
/// let message = &sandbox.messages()[0];
/// assert_eq!((message.notification_type.as_str(), message.text.as_str()), ("EMAIL", "Please sign."));
/// assert_eq!((message.task_id.as_deref(), message.sender.as_deref()), (Some("kari"), Some("The bank")));
/// # );
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// The order.
    pub order_id: String,
    /// The task that it is about.
    pub task_id: Option<String>,
    /// The packaging task that it is about. One about neither is about the whole order.
    pub packaging_task_id: Option<String>,
    /// The notification's own id.
    pub notification_id: Option<String>,
    /// `EMAIL`, `SMS` or `URL`.
    pub notification_type: String,
    /// An e-mail address, a phone number, or the address that was called.
    pub recipient: String,
    /// Whom it is shown to come from.
    pub sender: Option<String>,
    /// The subject line, its placeholders filled in.
    pub header: Option<String>,
    /// The text, its placeholders filled in.
    pub text: String,
    /// When it was sent, by the sandbox's clock.
    pub sent_at: SystemTime,
    /// How the address took it, for the type `URL`.
    pub delivery: Option<Delivery>,
}

/// How far the delivery of a message to an address is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// On its way.
    Pending,
    /// The address has answered, with this status.
    Answered(u16),
    /// Nobody has answered, or the address is none that a sandbox calls: the sentence says which.
    Failed(String),
    /// The fault [`lost`](super::Fault::lost) has kept it from being delivered.
    Lost,
}

impl fmt::Debug for Message {
    /// Without who it was sent to and what it says: it may hold a signing URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("order_id", &self.order_id)
            .field("task_id", &self.task_id)
            .field("packaging_task_id", &self.packaging_task_id)
            .field("notification_id", &self.notification_id)
            .field("notification_type", &self.notification_type)
            .field("delivery", &self.delivery)
            .finish_non_exhaustive()
    }
}

/// A message on its way to an address.
pub(super) struct Posting {
    /// By which the outbox knows it again.
    pub(super) number: usize,
    pub(super) address: String,
    pub(super) text: String,
}

pub(super) struct Outbox {
    /// The latest.
    messages: VecDeque<Message>,
    /// How many there were before these.
    forgotten: usize,
    post: mpsc::UnboundedSender<Posting>,
    /// How many are on their way.
    under_way: watch::Sender<usize>,
}

impl Outbox {
    pub(super) fn new(post: mpsc::UnboundedSender<Posting>) -> Outbox {
        Outbox { messages: VecDeque::new(), forgotten: 0, post, under_way: watch::Sender::new(0) }
    }

    pub(super) fn send(&mut self, mut message: Message) {
        if message.notification_type == "URL" {
            let number = self.forgotten + self.messages.len();
            let posting = Posting { number, address: message.recipient.clone(), text: message.text.clone() };
            // Without a receiver the sandbox is being stopped.
            message.delivery = Some(match self.post.send(posting) {
                Ok(()) => {
                    self.under_way.send_modify(|count| *count += 1);
                    Delivery::Pending
                }
                Err(_) => Delivery::Failed("the sandbox is stopped".to_owned()),
            });
        }
        if self.messages.len() == REMEMBERED {
            self.messages.pop_front();
            self.forgotten += 1;
        }
        self.messages.push_back(message);
    }

    /// What has become of a message on its way.
    pub(super) fn delivered(&mut self, number: usize, delivery: Delivery) {
        let message = number.checked_sub(self.forgotten).and_then(|index| self.messages.get_mut(index));
        if let Some(message) = message {
            message.delivery = Some(delivery);
        }
        self.under_way.send_modify(|count| *count -= 1);
    }

    pub(super) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter()
    }

    /// How many are on their way, now and later.
    pub(super) fn under_way(&self) -> watch::Receiver<usize> {
        self.under_way.subscribe()
    }
}
