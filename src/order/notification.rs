//! Messages that the service sends: e-mails, SMS, calls of an address.

use crate::types;

/// A message that the service sends: an e-mail, an SMS, or a call of an address.
///
/// Given to an order it is sent when the whole order is complete. A signer's and a packaging task's are sent on what
/// happens to them: [`on`](Notification::on). Each has an id, the caller's own; one that is not set is made of the
/// task's, as in `kari-message-1`.
///
/// ```
/// use signicat_sign::types::{PackagingTriggerStatus, TaskTriggerStatus};
/// use signicat_sign::{Delay, NewPackaging, Notification, Placeholder, Signer};
///
/// let kari = Signer::new("kari").signed_statement("nbid-sign").notification(
///     Notification::email("kari@example.com")
///         .header("A loan agreement is waiting for you")
///         .message(format!("Please sign it here: {}", Placeholder::TASK_URL))
///         .on(TaskTriggerStatus::Created)
///         .after(TaskTriggerStatus::Created, Delay::days(2)),
/// );
/// let sealed = NewPackaging::pades("sealed").notification(
///     Notification::url("https://shop.example/hooks/4e1f").on(PackagingTriggerStatus::Completed),
/// );
/// ```
///
/// What the service sends to the address of a URL notification is not known, and nothing in it proves who sent it:
/// take it as a hint to look.
#[derive(Clone, Debug)]
#[must_use = "give it to the `notification` of an order, a signer, a task or a packaging task"]
pub struct Notification<S = ()> {
    message: types::SigningOrderNotification,
    template: Option<String>,
    schedule: Vec<S>,
}

impl Notification {
    /// An e-mail to that address.
    pub fn email(recipient: impl Into<String>) -> Self {
        Self::new(types::NotificationType::Email, recipient)
    }

    /// An SMS to that number.
    ///
    /// ```
    /// use signicat_sign::types::TaskTriggerStatus;
    /// use signicat_sign::{Delay, Notification, Placeholder};
    ///
    /// let reminder = Notification::sms("+47 999 99 999")
    ///     .id("reminder")
    ///     .sender("The bank")
    ///     .message(format!("Do you remember? {}", Placeholder::TASK_URL))
    ///     .after(TaskTriggerStatus::Created, Delay::days(1) + Delay::minutes(30));
    /// ```
    pub fn sms(recipient: impl Into<String>) -> Self {
        Self::new(types::NotificationType::Sms, recipient)
    }

    /// A call of that address, which should be https and one that nobody guesses.
    pub fn url(address: impl Into<String>) -> Self {
        Self::new(types::NotificationType::Url, address)
    }

    fn new(kind: types::NotificationType, recipient: impl Into<String>) -> Self {
        let message = types::SigningOrderNotification {
            type_: Some(kind),
            recipient: Some(recipient.into()),
            ..Default::default()
        };
        Self { message, template: None, schedule: Vec::new() }
    }

    /// Sends it when that happens to the task, or to the packaging task.
    pub fn on<T: Trigger>(self, trigger: T) -> Notification<T::Schedule> {
        let Self { message, template, .. } = self;
        Notification { message, template, schedule: vec![trigger.schedule()] }
    }

    /// Sends it some time after that has happened to the task.
    pub fn after(
        self,
        trigger: types::TaskTriggerStatus,
        delay: Delay,
    ) -> Notification<types::TaskNotificationSchedule> {
        let Self { message, template, .. } = self;
        let unscheduled =
            Notification::<types::TaskNotificationSchedule> { message, template, schedule: Vec::new() };
        unscheduled.after(trigger, delay)
    }
}

impl<S> Notification<S> {
    /// Its id, the caller's own.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.message.id = Some(id.into());
        self
    }

    /// Whom it is shown to come from.
    pub fn sender(mut self, sender: impl Into<String>) -> Self {
        self.message.sender = Some(sender.into());
        self
    }

    /// Its subject line.
    pub fn header(mut self, header: impl Into<String>) -> Self {
        self.message.header = Some(header.into());
        self
    }

    /// Its text. A [`Placeholder`](crate::Placeholder) in it is filled in by the service.
    pub fn message(mut self, text: impl Into<String>) -> Self {
        self.message.message = Some(text.into());
        self
    }
}

impl Notification<types::TaskNotificationSchedule> {
    /// Sends it again when that happens to the task.
    pub fn on(mut self, trigger: types::TaskTriggerStatus) -> Self {
        self.schedule.push(trigger.schedule());
        self
    }

    /// Sends it again some time after that has happened to the task.
    pub fn after(mut self, trigger: types::TaskTriggerStatus, delay: Delay) -> Self {
        let schedule = trigger.schedule();
        self.schedule.push(types::TaskNotificationSchedule { delay: Some(delay.0), ..schedule });
        self
    }

    /// Puts an e-mail to a signer into the frame of that [`NotificationTemplate`] of the order; said after
    /// [`on`](Notification::on) or [`after`](Notification::after), because messages about a task alone have one.
    ///
    /// ```
    /// use signicat_sign::Notification;
    /// use signicat_sign::types::TaskTriggerStatus;
    ///
    /// let mail = Notification::email("kari@example.com").on(TaskTriggerStatus::Created).template("friendly");
    /// ```
    pub fn template(mut self, id: impl Into<String>) -> Self {
        self.template = Some(id.into());
        self
    }
}

impl Notification<types::PackagingTaskNotificationSchedule> {
    /// Sends it again when that happens to the packaging task.
    pub fn on(mut self, trigger: types::PackagingTriggerStatus) -> Self {
        self.schedule.push(trigger.schedule());
        self
    }
}

/// What a notification is sent on: something that happens to a task, or to a packaging task.
///
/// ```
/// use signicat_sign::types::{PackagingTriggerStatus, TaskTriggerStatus};
/// use signicat_sign::{Notification, Trigger};
///
/// assert_eq!(TaskTriggerStatus::Created.schedule().trigger_status, Some(TaskTriggerStatus::Created));
/// let on_the_task = Notification::email("kari@example.com").on(TaskTriggerStatus::Created);
/// let on_the_seal = Notification::email("desk@example.com").on(PackagingTriggerStatus::Completed);
/// ```
pub trait Trigger: sealed::Sealed {
    /// When a notification is sent, in the API's own terms.
    type Schedule;

    /// At once when it happens.
    fn schedule(self) -> Self::Schedule;
}

mod sealed {
    use crate::types;

    #[allow(unnameable_types, reason = "it is there so that nobody else can implement it")]
    pub trait Sealed {}
    impl Sealed for types::TaskTriggerStatus {}
    impl Sealed for types::PackagingTriggerStatus {}
}

macro_rules! triggers {
    ($($trigger:ident => $schedule:ident),+) => {$(
        impl Trigger for types::$trigger {
            type Schedule = types::$schedule;

            fn schedule(self) -> Self::Schedule {
                types::$schedule { trigger_status: Some(self), ..Default::default() }
            }
        }
    )+};
}
triggers! {
    TaskTriggerStatus => TaskNotificationSchedule,
    PackagingTriggerStatus => PackagingTaskNotificationSchedule
}

/// How long after its trigger a notification is sent, in days, hours and minutes as the API counts.
///
/// ```
/// use signicat_sign::Delay;
///
/// let delay = Delay::days(1) + Delay::hours(12) + Delay::minutes(30);
/// assert_eq!(delay.model().hours, Some(12));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Delay(types::NotificationDelay);

impl Delay {
    /// So many days.
    #[must_use]
    pub fn days(days: i32) -> Self {
        Self(types::NotificationDelay { days: Some(days), ..Default::default() })
    }

    /// So many hours.
    #[must_use]
    pub fn hours(hours: i32) -> Self {
        Self(types::NotificationDelay { hours: Some(hours), ..Default::default() })
    }

    /// So many minutes.
    #[must_use]
    pub fn minutes(minutes: i32) -> Self {
        Self(types::NotificationDelay { minutes: Some(minutes), ..Default::default() })
    }

    /// What is sent.
    #[must_use]
    pub fn model(&self) -> &types::NotificationDelay {
        &self.0
    }
}

/// Each unit by itself: the service is sent 36 hours as 36 hours.
impl std::ops::Add for Delay {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let sum = |a: Option<i32>, b: Option<i32>| match (a, b) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (one, other) => one.or(other),
        };
        Self(types::NotificationDelay {
            days: sum(self.0.days, other.0.days),
            hours: sum(self.0.hours, other.0.hours),
            minutes: sum(self.0.minutes, other.0.minutes),
            ..self.0
        })
    }
}

/// Sent when the whole order is complete.
impl From<Notification> for types::SigningOrderNotification {
    fn from(notification: Notification) -> Self {
        notification.message
    }
}

/// The three kinds of notifications have these members in common, and their schemas nothing.
macro_rules! scheduled {
    ($model:ident, $schedule:ident, $($template:ident)?) => {
        impl From<Notification<types::$schedule>> for types::$model {
            fn from(notification: Notification<types::$schedule>) -> Self {
                let Notification { message, schedule, .. } = notification;
                $(let $template = notification.template;)?
                let types::SigningOrderNotification { id, recipient, sender, header, message, type_, .. } = message;
                Self {
                    id, recipient, sender, header, message, type_, schedule,
                    $(notification_template_params_id: $template,)?
                    ..Default::default()
                }
            }
        }
    };
}
scheduled!(TaskNotification, TaskNotificationSchedule, template);
scheduled!(PackagingTaskNotification, PackagingTaskNotificationSchedule,);

/// One that does not say when: then the service decides.
impl From<Notification> for types::PackagingTaskNotification {
    fn from(notification: Notification) -> Self {
        let Notification { message, template, .. } = notification;
        Notification::<types::PackagingTaskNotificationSchedule> { message, template, schedule: Vec::new() }
            .into()
    }
}

/// A frame for e-mails to signers, which [`Notification::template`] refers to by its id.
///
/// ```
/// use signicat_sign::NotificationTemplate;
///
/// let friendly = NotificationTemplate::new("friendly")
///     .button("Read and sign")
///     .link_text("Or by this address:")
///     .footer("You get this because you have applied for a loan.")
///     .logo_url("https://cdn.example/logo.png");
/// ```
#[derive(Clone, Debug)]
#[must_use = "give it to NewOrderBuilder::notification_template"]
pub struct NotificationTemplate(types::NotificationTemplateParams);

impl NotificationTemplate {
    /// A template by its id, the caller's own.
    pub fn new(id: impl Into<String>) -> Self {
        Self(types::NotificationTemplateParams { id: Some(id.into()), ..Default::default() })
    }

    /// The text at the foot of the e-mail.
    pub fn footer(mut self, text: impl Into<String>) -> Self {
        self.0.footer = Some(text.into());
        self
    }

    /// The label of the button that leads to the task.
    pub fn button(mut self, label: impl Into<String>) -> Self {
        self.0.button = Some(label.into());
        self
    }

    /// The text beside the plain address of the task.
    pub fn link_text(mut self, text: impl Into<String>) -> Self {
        self.0.link_text = Some(text.into());
        self
    }

    /// The address of the logo.
    pub fn logo_url(mut self, url: impl Into<String>) -> Self {
        self.0.logo_url = Some(url.into());
        self
    }
}

impl From<NotificationTemplate> for types::NotificationTemplateParams {
    fn from(template: NotificationTemplate) -> Self {
        template.0
    }
}
