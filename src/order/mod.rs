//! Building a signing order, telling what is wrong with it before it is sent, and what it will do.

mod advice;
mod builder;
mod conform;
mod document;
mod messages;
mod notification;
mod origin;
mod packaging;
mod place;
mod plan;
mod stored;
mod task;
mod validate;
mod vocabulary;

pub use advice::Advice;
pub use builder::{NewOrder, NewOrderBuilder};
pub use document::NewDocument;
pub use notification::{Delay, Notification, NotificationTemplate, Trigger};
pub use packaging::NewPackaging;
pub use plan::{Plan, PlannedDocument, PlannedMessage, PlannedSeal, PlannedSigning, PlannedTime};
pub use task::{NewTask, Signer};
pub use vocabulary::Placeholder;
