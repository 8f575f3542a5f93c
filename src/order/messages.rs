//! All notifications of an order in one form: the API has three kinds, of which each may be a little more.

use std::collections::HashSet;
use std::fmt::Display;

use crate::ids::{PackagingTaskId, TaskId};
use crate::types;

/// A notification, whoever it is about.
pub(super) struct Message<'o> {
    pub(super) path: String,
    pub(super) about: About<'o>,
    pub(super) id: Option<&'o String>,
    pub(super) kind: Option<&'o types::NotificationType>,
    pub(super) recipient: Option<&'o String>,
    pub(super) header: Option<&'o String>,
    pub(super) text: Option<&'o String>,
    pub(super) template: Option<&'o String>,
    /// On what it is sent, and how long after that.
    pub(super) schedule: Vec<(Option<&'o str>, Option<&'o types::NotificationDelay>)>,
}

#[derive(Clone, Copy)]
pub(super) enum About<'o> {
    Order,
    Task(&'o TaskId),
    Packaging(&'o PackagingTaskId),
}

/// Gives those that have no id one that none of the others has: the prefix, and the next number that is free.
pub(super) fn name<'o>(ids: impl Iterator<Item = &'o mut Option<String>>, prefix: impl Display) {
    let mut ids: Vec<_> = ids.collect();
    if ids.iter().all(|id| id.is_some()) {
        return;
    }
    let given: HashSet<String> = ids.iter().filter_map(|id| (**id).clone()).collect();
    let mut free = (1..).map(|number| format!("{prefix}-{number}")).filter(|id| !given.contains(id));
    for id in ids.iter_mut().filter(|id| id.is_none()) {
        **id = free.next();
    }
}

macro_rules! message {
    ($notification:expr, $path:expr, $about:expr, $template:expr, $schedule:expr) => {
        Message {
            path: $path,
            about: $about,
            id: $notification.id.as_ref(),
            kind: $notification.type_.as_ref(),
            recipient: $notification.recipient.as_ref(),
            header: $notification.header.as_ref(),
            text: $notification.message.as_ref(),
            template: $template,
            schedule: $schedule,
        }
    };
}

/// Those of the order, of its tasks and of its packaging tasks.
pub(super) fn of(order: &types::SigningOrder) -> Vec<Message<'_>> {
    let mut messages = Vec::new();
    for (n, notification) in order.notifications.iter().enumerate() {
        messages.push(message!(notification, format!("notifications[{n}]"), About::Order, None, Vec::new()));
    }
    for (t, task) in order.tasks.iter().enumerate() {
        let Some(id) = &task.id else { continue };
        for (n, notification) in task.notifications.iter().enumerate() {
            let schedule = notification.schedule.iter().map(|schedule| {
                (schedule.trigger_status.as_ref().map(|trigger| trigger.as_str()), schedule.delay.as_ref())
            });
            messages.push(message!(
                notification,
                format!("tasks[{t}].notifications[{n}]"),
                About::Task(id),
                notification.notification_template_params_id.as_ref(),
                schedule.collect()
            ));
        }
    }
    for (p, packaging) in order.packaging_tasks.iter().enumerate() {
        let Some(id) = &packaging.id else { continue };
        for (n, notification) in packaging.notifications.iter().enumerate() {
            let schedule = notification
                .schedule
                .iter()
                .map(|schedule| (schedule.trigger_status.as_ref().map(|trigger| trigger.as_str()), None));
            messages.push(message!(
                notification,
                format!("packagingTasks[{p}].notifications[{n}]"),
                About::Packaging(id),
                None,
                schedule.collect()
            ));
        }
    }
    messages
}
