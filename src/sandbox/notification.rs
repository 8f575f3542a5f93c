//! What people are told of an order, and when.

use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};

use super::order::Order;
use super::outbox::Message;
use super::placeholders::fill;
use super::sent::SentNotification;

/// Something that has happened to an order that notifications may be waiting for.
#[derive(Clone)]
pub(super) struct News {
    pub(super) about: About,
    /// As the API spells its triggers.
    pub(super) trigger: &'static str,
}

#[derive(Clone)]
pub(super) enum About {
    Order,
    Task(String),
    Packaging(String),
}

/// The notifications that wait for this, and how long after it they are sent.
pub(super) fn triggered<'o>(
    order: &'o Order,
    news: &News,
) -> impl Iterator<Item = (&'o SentNotification, TimeDelta)> + use<'o> {
    let listed = match &news.about {
        About::Order => &*order.notifications,
        About::Task(id) => order.task(id).map_or(&[][..], |task| &task.sent.notifications),
        About::Packaging(id) => {
            order.packaging(id).map_or(&[][..], |packaging| &packaging.sent.notifications)
        }
    };
    // A notification without a schedule is sent at the first moment that there is.
    let (trigger, unscheduled) = match news.about {
        About::Order => (news.trigger, true),
        About::Task(_) => (news.trigger, news.trigger == "CREATED"),
        About::Packaging(_) => (news.trigger, news.trigger == "COMPLETED"),
    };
    listed.iter().flat_map(move |notification| {
        let now = (notification.schedule.is_empty() && unscheduled).then(TimeDelta::zero);
        let scheduled = notification.schedule.iter().filter(move |moment| moment.is_on(trigger));
        now.into_iter()
            .chain(scheduled.map(|moment| moment.delay.length()))
            .map(move |delay| (notification, delay))
    })
}

/// Whether what has happened still holds, so that nobody is reminded of what they have done.
pub(super) fn still_holds(order: &Order, news: &News) -> bool {
    match (&news.about, news.trigger) {
        (About::Task(id), "CREATED" | "STARTED") => order.check_turn(id).is_ok(),
        _ => true,
    }
}

/// The message, as it is sent now. `signing_url` is that of the task that it is about.
pub(super) fn message(
    order: &Order,
    about: &About,
    notification: &SentNotification,
    signing_url: Option<&str>,
    now: DateTime<Utc>,
) -> Message {
    let mut values = vec![("orderId", order.id.as_str())];
    if let Some(url) = signing_url {
        values.extend([("taskUrl", url), ("signCodeUrl", url)]);
    }
    let (task_id, packaging_task_id) = match about {
        About::Order => (None, None),
        About::Task(id) => (Some(id.clone()), None),
        About::Packaging(id) => (None, Some(id.clone())),
    };
    Message {
        order_id: order.id.clone(),
        task_id,
        packaging_task_id,
        notification_id: notification.id.clone(),
        notification_type: notification.notification_type.clone().unwrap_or_default(),
        recipient: notification.recipient.clone().unwrap_or_default(),
        sender: notification.sender.clone(),
        header: notification.header.as_deref().map(|header| fill(header, &values)),
        text: fill(notification.message.as_deref().unwrap_or_default(), &values),
        sent_at: SystemTime::from(now),
        delivery: None,
    }
}
