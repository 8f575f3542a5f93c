// Generated from spec/sign-v1.json (sha256 c4409113e19d95fc7f9f0d6edf600a16c877872dd0e99ffad5c6bd458d7618cd) by build.rs; do not edit.

#[allow(unused_imports)]
use crate::ids::encode_path;
#[allow(unused_imports)]
pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
#[allow(unused_imports)]
use progenitor_client::{ClientHooks, OperationInfo, RequestBuilderExt};
/// Types used as operation parameters and responses.
#[allow(clippy::all)]
pub mod types {
    /// How the signer signs on before the documents are shown.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct Authentication {
        /// Whether the service is to make an artifact, with which a user who is already signed on with the caller need not do so again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub artifact: ::std::option::Option<bool>,
        /// Names of the authentication methods that the signer may choose from, such as `nbid`, `ftn` or `scid-sms`.
        #[serde(
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::list"
        )]
        pub methods: ::std::vec::Vec<::std::string::String>,
    }

    impl ::std::fmt::Debug for Authentication {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "Authentication")
                .field("artifact", &self.artifact)
                .field("methods", &self.methods)
                .finish()
        }
    }

    impl crate::redact::Redact for Authentication {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// A new artifact for a task.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct AuthenticationArtifact {
        /// Value that signs on a user who is already known to the caller. It replaces the former one.
        #[serde(default, skip_serializing)]
        pub artifact: ::std::option::Option<crate::Secret>,
        /// Id of the order.
        #[serde(rename = "orderId")]
        pub order_id: crate::OrderId,
        /// Address at which the signer finds the task.
        #[serde(rename = "signingUrl", default, skip_serializing)]
        pub signing_url: ::std::option::Option<crate::SigningUrl>,
        /// Id of the task.
        #[serde(rename = "taskId")]
        pub task_id: crate::TaskId,
    }

    impl ::std::fmt::Debug for AuthenticationArtifact {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "AuthenticationArtifact")
                .field("artifact", &self.artifact)
                .field("order_id", &self.order_id)
                .field("signing_url", &self.signing_url)
                .field("task_id", &self.task_id)
                .finish()
        }
    }

    impl crate::redact::Redact for AuthenticationArtifact {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// Text that is shown to the signer with the task.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct Dialog {
        /// Text of the dialog.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: ::std::option::Option<::std::string::String>,
        /// Title of the dialog.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub title: ::std::option::Option<::std::string::String>,
    }

    impl ::std::fmt::Debug for Dialog {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "Dialog")
                .field("message", &self.message)
                .field("title", &self.title)
                .finish()
        }
    }

    impl crate::redact::Redact for Dialog {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// Something that happened to a task.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct Event {
        /// Details of the event as plain text. Not every event has any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub data: ::std::option::Option<::std::string::String>,
        /// When it happened: local time with an offset that has no colon, so this is not an RFC 3339 date-time.
        #[serde(rename = "eventTime", default, skip_serializing_if = "Option::is_none")]
        pub event_time: ::std::option::Option<crate::Timestamp>,
        #[serde(rename = "eventType", default, skip_serializing_if = "Option::is_none")]
        pub event_type: ::std::option::Option<crate::types::EventType>,
    }

    impl ::std::fmt::Debug for Event {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "Event")
                .field("data", &self.data)
                .field("event_time", &self.event_time)
                .field("event_type", &self.event_type)
                .finish()
        }
    }

    impl crate::redact::Redact for Event {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// How the form fields of a PDF document are treated.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct Form {
        /// Values that are given to the form's fields beforehand.
        #[serde(
            rename = "inputParams",
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::list"
        )]
        pub input_params: ::std::vec::Vec<FormParam>,
        /// Whether the form is interactive for the signer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub interactive: ::std::option::Option<bool>,
    }

    impl ::std::fmt::Debug for Form {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "Form")
                .field("input_params", &self.input_params)
                .field("interactive", &self.interactive)
                .finish()
        }
    }

    impl crate::redact::Redact for Form {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// Name and value of a form field.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct FormParam {
        /// Name of the field.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        /// Value of the field.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub value: ::std::option::Option<::std::string::String>,
    }

    impl ::std::fmt::Debug for FormParam {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "FormParam")
                .field("name", &self.name)
                .field("value", &self.value)
                .finish()
        }
    }

    impl crate::redact::Redact for FormParam {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// A named value that is handed to a method beforehand.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct LoginHint {
        /// Names of the methods to which the value is handed.
        #[serde(
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::list"
        )]
        pub methods: ::std::vec::Vec<::std::string::String>,
        /// Name of the value, such as `national-id`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        /// The value.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub value: ::std::option::Option<::std::string::String>,
    }

    impl ::std::fmt::Debug for LoginHint {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "LoginHint")
                .field("methods", &self.methods)
                .field("name", &self.name)
                .field("value", &self.value)
                .finish()
        }
    }

    impl crate::redact::Redact for LoginHint {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// How long the message waits after its trigger.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct NotificationDelay {
        /// Days to wait.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub days: ::std::option::Option<i32>,
        /// Hours to wait.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub hours: ::std::option::Option<i32>,
        /// Minutes to wait.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub minutes: ::std::option::Option<i32>,
    }

    impl ::std::fmt::Debug for NotificationDelay {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "NotificationDelay")
                .field("days", &self.days)
                .field("hours", &self.hours)
                .field("minutes", &self.minutes)
                .finish()
        }
    }

    impl crate::redact::Redact for NotificationDelay {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// A set of texts for the e-mail template of task notifications.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct NotificationTemplateParams {
        /// Label of the button that leads to the task.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub button: ::std::option::Option<::std::string::String>,
        /// Text at the foot of the e-mail.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub footer: ::std::option::Option<::std::string::String>,
        /// The caller's own name for the set. Task notifications refer to it through `notificationTemplateParamsId`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        /// Text beside the plain address of the task.
        #[serde(rename = "linkText", default, skip_serializing_if = "Option::is_none")]
        pub link_text: ::std::option::Option<::std::string::String>,
        /// Address of the logo in the e-mail.
        #[serde(rename = "logoUrl", default, skip_serializing_if = "Option::is_none")]
        pub logo_url: ::std::option::Option<::std::string::String>,
    }

    impl ::std::fmt::Debug for NotificationTemplateParams {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "NotificationTemplateParams")
                .field("button", &self.button)
                .field("footer", &self.footer)
                .field("id", &self.id)
                .field("link_text", &self.link_text)
                .field("logo_url", &self.logo_url)
                .finish()
        }
    }

    impl crate::redact::Redact for NotificationTemplateParams {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// Makes one file out of what was signed. It starts by itself when the last task has been completed, and takes some time.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct PackagingTask {
        /// The signed documents that go into the file.
        #[serde(
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::list"
        )]
        pub documents: ::std::vec::Vec<PackagingTaskDocument>,
        /// The caller's own name for the packaging task. It is part of the addresses of the packaging task.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "crate::lenient::optional_id"
        )]
        pub id: ::std::option::Option<crate::PackagingTaskId>,
        /// Name of the packaging method. `pades` makes a PDF that holds the signatures.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub method: ::std::option::Option<::std::string::String>,
        /// What is sent, and to whom, on changes of the packaging task.
        #[serde(
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::list"
        )]
        pub notifications: ::std::vec::Vec<PackagingTaskNotification>,
        /// Whether the file is put into the document archive.
        #[serde(
            rename = "sendToArchive",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub send_to_archive: ::std::option::Option<bool>,
    }

    impl ::std::fmt::Debug for PackagingTask {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "PackagingTask")
                .field("documents", &self.documents)
                .field("id", &self.id)
                .field("method", &self.method)
                .field("notifications", &self.notifications)
                .field("send_to_archive", &self.send_to_archive)
                .finish()
        }
    }

    impl crate::redact::Redact for PackagingTask {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// Signed documents of one task that go into a package.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct PackagingTaskDocument {
        /// Ids of documents of that task.
        #[serde(
            rename = "documentIds",
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::id_list"
        )]
        pub document_ids: ::std::vec::Vec<crate::TaskDocumentId>,
        /// Id of a task of the same order.
        #[serde(
            rename = "taskId",
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "crate::lenient::optional_id"
        )]
        pub task_id: ::std::option::Option<crate::TaskId>,
    }

    impl ::std::fmt::Debug for PackagingTaskDocument {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "PackagingTaskDocument")
                .field("document_ids", &self.document_ids)
                .field("task_id", &self.task_id)
                .finish()
        }
    }

    impl crate::redact::Redact for PackagingTaskDocument {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// A message that is sent when a packaging task reaches a certain state.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct PackagingTaskNotification {
        /// Subject line of the notification. May be null, for instance for the type URL.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub header: ::std::option::Option<::std::string::String>,
        /// The caller's own name for the notification.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        /// Text of the notification. Placeholders such as `${orderId}` are filled in by the service and must be sent as they are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: ::std::option::Option<::std::string::String>,
        /// Where the notification goes: an e-mail address, a phone number, or an https address for the type URL.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub recipient: ::std::option::Option<::std::string::String>,
        /// When the message is sent.
        #[serde(
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::list"
        )]
        pub schedule: ::std::vec::Vec<PackagingTaskNotificationSchedule>,
        /// Whom the notification is shown to come from. May be null, for instance for the type URL.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sender: ::std::option::Option<::std::string::String>,
        #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
        pub type_: ::std::option::Option<crate::types::NotificationType>,
    }

    impl ::std::fmt::Debug for PackagingTaskNotification {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "PackagingTaskNotification")
                .field("header", &self.header)
                .field("id", &self.id)
                .field("message", &self.message)
                .field("recipient", &self.recipient)
                .field("schedule", &self.schedule)
                .field("sender", &self.sender)
                .field("type_", &self.type_)
                .finish()
        }
    }

    impl crate::redact::Redact for PackagingTaskNotification {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// A moment at which a packaging task's message is sent.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct PackagingTaskNotificationSchedule {
        #[serde(
            rename = "triggerStatus",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub trigger_status: ::std::option::Option<crate::types::PackagingTriggerStatus>,
    }

    impl ::std::fmt::Debug for PackagingTaskNotificationSchedule {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "PackagingTaskNotificationSchedule")
                .field("trigger_status", &self.trigger_status)
                .finish()
        }
    }

    impl crate::redact::Redact for PackagingTaskNotificationSchedule {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// What has become of a packaging task.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct PackagingTaskStatusInfo {
        /// Id of the order.
        #[serde(rename = "orderId")]
        pub order_id: crate::OrderId,
        /// Id of the packaging task.
        #[serde(rename = "packagingTaskId")]
        pub packaging_task_id: crate::PackagingTaskId,
        /// Address of the packaged file. Absent or null until the packaging task is COMPLETED.
        #[serde(
            rename = "packagingTaskResultUri",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub packaging_task_result_uri: ::std::option::Option<::std::string::String>,
        #[serde(
            rename = "packagingTaskStatus",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub packaging_task_status: ::std::option::Option<
            crate::types::PackagingTaskStatus,
        >,
    }

    impl ::std::fmt::Debug for PackagingTaskStatusInfo {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "PackagingTaskStatusInfo")
                .field("order_id", &self.order_id)
                .field("packaging_task_id", &self.packaging_task_id)
                .field("packaging_task_result_uri", &self.packaging_task_result_uri)
                .field("packaging_task_status", &self.packaging_task_status)
                .finish()
        }
    }

    impl crate::redact::Redact for PackagingTaskStatusInfo {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// A method with which the signer may sign. Name and type may both be left out or null where `handwritten` is true: then the signer only draws a signature.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct SignatureMethod {
        /// Whether the signer draws a signature by hand.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub handwritten: ::std::option::Option<bool>,
        /// Name of the method as it is set up for the customer, such as `nbid-sign` or `sbid-sign`. Any name can be set up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
        pub type_: ::std::option::Option<crate::types::SignatureMethodType>,
    }

    impl ::std::fmt::Debug for SignatureMethod {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "SignatureMethod")
                .field("handwritten", &self.handwritten)
                .field("name", &self.name)
                .field("type_", &self.type_)
                .finish()
        }
    }

    impl crate::redact::Redact for SignatureMethod {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// One signing process: who signs or reads which documents, with which methods and in which sequence, and what is made of the result. The same form is sent to create an order and returned for an existing one; `id`, `artifact` and each task's `signingUrl` are set by the service.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct SigningOrder {
        /// One-time value for signing on a user who is already known to the caller. Given when a task has asked for one through `authentication.artifact`.
        #[serde(default, skip_serializing)]
        pub artifact: ::std::option::Option<crate::Secret>,
        /// The caller's own reference for the order. The service ignores it and hands it back.
        #[serde(
            rename = "clientReference",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub client_reference: ::std::option::Option<::std::string::String>,
        /// For how many days the order is kept after the days to live of all its tasks have run out. Then the order is removed together with every document that was not archived; archived documents stay.
        #[serde(
            rename = "daysUntilDeletion",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub days_until_deletion: ::std::option::Option<i32>,
        /// Id of the order, given by the service.
        #[serde(
            default,
            skip_serializing,
            deserialize_with = "crate::lenient::optional_id"
        )]
        pub id: ::std::option::Option<crate::OrderId>,
        /// Sets of texts for the e-mail template. A task notification of type EMAIL refers to one of them by its id.
        #[serde(
            rename = "notificationTemplateParams",
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::list"
        )]
        pub notification_template_params: ::std::vec::Vec<NotificationTemplateParams>,
        /// What is sent, and to whom, when every task of the order has been completed.
        #[serde(
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::list"
        )]
        pub notifications: ::std::vec::Vec<SigningOrderNotification>,
        /// What is packaged into one file when the tasks have been completed.
        #[serde(
            rename = "packagingTasks",
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::list"
        )]
        pub packaging_tasks: ::std::vec::Vec<PackagingTask>,
        /// The tasks of the order, as a rule one for each signer.
        #[serde(
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::list"
        )]
        pub tasks: ::std::vec::Vec<Task>,
    }

    impl ::std::fmt::Debug for SigningOrder {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "SigningOrder")
                .field("artifact", &self.artifact)
                .field("client_reference", &self.client_reference)
                .field("days_until_deletion", &self.days_until_deletion)
                .field("id", &self.id)
                .field(
                    "notification_template_params",
                    &self.notification_template_params,
                )
                .field("notifications", &self.notifications)
                .field("packaging_tasks", &self.packaging_tasks)
                .field("tasks", &self.tasks)
                .finish()
        }
    }

    impl crate::redact::Redact for SigningOrder {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// A message that is sent when the whole order has been completed.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct SigningOrderNotification {
        /// Subject line of the notification. May be null, for instance for the type URL.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub header: ::std::option::Option<::std::string::String>,
        /// The caller's own name for the notification.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        /// Text of the notification. Placeholders such as `${orderId}` are filled in by the service and must be sent as they are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: ::std::option::Option<::std::string::String>,
        /// Where the notification goes: an e-mail address, a phone number, or an https address for the type URL.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub recipient: ::std::option::Option<::std::string::String>,
        /// Whom the notification is shown to come from. May be null, for instance for the type URL.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sender: ::std::option::Option<::std::string::String>,
        #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
        pub type_: ::std::option::Option<crate::types::NotificationType>,
    }

    impl ::std::fmt::Debug for SigningOrderNotification {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "SigningOrderNotification")
                .field("header", &self.header)
                .field("id", &self.id)
                .field("message", &self.message)
                .field("recipient", &self.recipient)
                .field("sender", &self.sender)
                .field("type_", &self.type_)
                .finish()
        }
    }

    impl crate::redact::Redact for SigningOrderNotification {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// The person who is expected to carry out a task.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct Subject {
        /// What must be true of the person who signs.
        #[serde(
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::list"
        )]
        pub attributes: ::std::vec::Vec<SubjectAttribute>,
        /// The caller's own name for the person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        /// What is handed to a signature or authentication method beforehand, to spare the person from typing it.
        #[serde(
            rename = "loginHints",
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::list"
        )]
        pub login_hints: ::std::vec::Vec<LoginHint>,
    }

    impl ::std::fmt::Debug for Subject {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "Subject")
                .field("attributes", &self.attributes)
                .field("id", &self.id)
                .field("login_hints", &self.login_hints)
                .finish()
        }
    }

    impl crate::redact::Redact for Subject {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// A named value that must be true of the person who signs.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct SubjectAttribute {
        /// Names of the methods for which the attribute counts.
        #[serde(
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::list"
        )]
        pub methods: ::std::vec::Vec<::std::string::String>,
        /// Name of the attribute, such as `national-id`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        /// Value of the attribute.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub value: ::std::option::Option<::std::string::String>,
    }

    impl ::std::fmt::Debug for SubjectAttribute {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "SubjectAttribute")
                .field("methods", &self.methods)
                .field("name", &self.name)
                .field("value", &self.value)
                .finish()
        }
    }

    impl crate::redact::Redact for SubjectAttribute {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// What one person has to do: the documents to sign, view or upload, and how.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct Task {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub authentication: ::std::option::Option<Authentication>,
        /// Name of the sign-flow configuration that the service is to use. Configurations are set up with the service per customer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub configuration: ::std::option::Option<::std::string::String>,
        /// Number of days until a task that was not completed expires.
        #[serde(rename = "daysToLive", default, skip_serializing_if = "Option::is_none")]
        pub days_to_live: ::std::option::Option<i32>,
        /// Ids of the tasks of the same order that have to be completed before this one can be started.
        #[serde(
            rename = "dependsOnTasks",
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::id_list"
        )]
        pub depends_on_tasks: ::std::vec::Vec<crate::TaskId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub dialog: ::std::option::Option<Dialog>,
        /// The documents of the task.
        #[serde(
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::list"
        )]
        pub documents: ::std::vec::Vec<TaskDocument>,
        /// The caller's own name for the task, unique within the order. It is part of the addresses of the task.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "crate::lenient::optional_id"
        )]
        pub id: ::std::option::Option<crate::TaskId>,
        /// Language in which the task is shown, such as `nb`, `en`, `sv`, `da` or `fi`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub language: ::std::option::Option<::std::string::String>,
        /// What is sent, and to whom, on changes of the task.
        #[serde(
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::list"
        )]
        pub notifications: ::std::vec::Vec<TaskNotification>,
        /// Address to which the signer's browser is sent after completing the task. It may hold placeholders such as `${requestId}` (the order's id) and `${taskId}`.
        #[serde(
            rename = "onTaskComplete",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub on_task_complete: ::std::option::Option<::std::string::String>,
        /// Address to which the signer's browser is sent after putting the task off. Not necessarily a valid URI, because it may hold placeholders in the form `${name}` that the service fills in.
        #[serde(
            rename = "onTaskPostpone",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub on_task_postpone: ::std::option::Option<::std::string::String>,
        /// Address to which the signer's browser is sent after rejecting the task. It may hold the same placeholders as `onTaskComplete`.
        #[serde(
            rename = "onTaskReject",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub on_task_reject: ::std::option::Option<::std::string::String>,
        /// Name of the graphical profile in which the task is shown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub profile: ::std::option::Option<::std::string::String>,
        /// Text that is signed, with signature methods that support a text.
        #[serde(rename = "signText", default, skip_serializing_if = "Option::is_none")]
        pub sign_text: ::std::option::Option<::std::string::String>,
        /// The signature methods that the signer may choose from.
        #[serde(
            rename = "signatureMethods",
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::list"
        )]
        pub signature_methods: ::std::vec::Vec<SignatureMethod>,
        /// Address at which the signer finds the task. Given by the service in the answer to the creation of the order.
        #[serde(rename = "signingUrl", default, skip_serializing)]
        pub signing_url: ::std::option::Option<crate::SigningUrl>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub subject: ::std::option::Option<Subject>,
        /// Whether the documents are shown in the older document viewer.
        #[serde(
            rename = "useLegacyDocumentViewer",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub use_legacy_document_viewer: ::std::option::Option<bool>,
    }

    impl ::std::fmt::Debug for Task {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "Task")
                .field("authentication", &self.authentication)
                .field("configuration", &self.configuration)
                .field("days_to_live", &self.days_to_live)
                .field("depends_on_tasks", &self.depends_on_tasks)
                .field("dialog", &self.dialog)
                .field("documents", &self.documents)
                .field("id", &self.id)
                .field("language", &self.language)
                .field("notifications", &self.notifications)
                .field("on_task_complete", &self.on_task_complete)
                .field("on_task_postpone", &self.on_task_postpone)
                .field("on_task_reject", &self.on_task_reject)
                .field("profile", &self.profile)
                .field("sign_text", &self.sign_text)
                .field("signature_methods", &self.signature_methods)
                .field("signing_url", &self.signing_url)
                .field("subject", &self.subject)
                .field("use_legacy_document_viewer", &self.use_legacy_document_viewer)
                .finish()
        }
    }

    impl crate::redact::Redact for Task {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// A document as part of a task.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct TaskDocument {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub action: ::std::option::Option<crate::types::DocumentAction>,
        /// Title under which the signer sees the document. Every known client sends one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        /// Id of the uploaded document (`documentId` of the upload's answer) where the source is SESSION.
        #[serde(
            rename = "documentRef",
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "crate::lenient::optional_id"
        )]
        pub document_ref: ::std::option::Option<crate::DocumentId>,
        /// The caller's own reference for the document.
        #[serde(
            rename = "externalReference",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub external_reference: ::std::option::Option<::std::string::String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub form: ::std::option::Option<Form>,
        /// The caller's own name for the document. Status, downloads and packaging refer to it. It is not the id under which the document is stored; see `documentRef`.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "crate::lenient::optional_id"
        )]
        pub id: ::std::option::Option<crate::TaskDocumentId>,
        /// Whether the signed document is put into the document archive.
        #[serde(
            rename = "sendResultToArchive",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub send_result_to_archive: ::std::option::Option<bool>,
        /// A line for this document in the text that is signed. Not every signature method and document format supports it.
        #[serde(
            rename = "signTextEntry",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub sign_text_entry: ::std::option::Option<::std::string::String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub source: ::std::option::Option<crate::types::DocumentSource>,
    }

    impl ::std::fmt::Debug for TaskDocument {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "TaskDocument")
                .field("action", &self.action)
                .field("description", &self.description)
                .field("document_ref", &self.document_ref)
                .field("external_reference", &self.external_reference)
                .field("form", &self.form)
                .field("id", &self.id)
                .field("send_result_to_archive", &self.send_result_to_archive)
                .field("sign_text_entry", &self.sign_text_entry)
                .field("source", &self.source)
                .finish()
        }
    }

    impl crate::redact::Redact for TaskDocument {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// Who handed a task over to whom. The recipient carries out a task with an id of its own.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct TaskForwardDetails {
        /// E-mail address of the person who forwarded the task.
        #[serde(
            rename = "forwarderEmail",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub forwarder_email: ::std::option::Option<::std::string::String>,
        /// Name of the person who forwarded the task.
        #[serde(
            rename = "forwarderName",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub forwarder_name: ::std::option::Option<::std::string::String>,
        /// Id of the order.
        #[serde(rename = "orderId")]
        pub order_id: crate::OrderId,
        /// Id of the task that was forwarded.
        #[serde(
            rename = "originalTaskId",
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "crate::lenient::optional_id"
        )]
        pub original_task_id: ::std::option::Option<crate::TaskId>,
        /// E-mail address of the person to whom the task was forwarded.
        #[serde(
            rename = "recipientEmail",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub recipient_email: ::std::option::Option<::std::string::String>,
        /// Mobile phone number of the person to whom the task was forwarded.
        #[serde(
            rename = "recipientMobile",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub recipient_mobile: ::std::option::Option<::std::string::String>,
        /// Name of the person to whom the task was forwarded.
        #[serde(
            rename = "recipientName",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub recipient_name: ::std::option::Option<::std::string::String>,
        /// Id of the recipient's task.
        #[serde(rename = "taskId")]
        pub task_id: crate::TaskId,
    }

    impl ::std::fmt::Debug for TaskForwardDetails {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "TaskForwardDetails")
                .field("forwarder_email", &self.forwarder_email)
                .field("forwarder_name", &self.forwarder_name)
                .field("order_id", &self.order_id)
                .field("original_task_id", &self.original_task_id)
                .field("recipient_email", &self.recipient_email)
                .field("recipient_mobile", &self.recipient_mobile)
                .field("recipient_name", &self.recipient_name)
                .field("task_id", &self.task_id)
                .finish()
        }
    }

    impl crate::redact::Redact for TaskForwardDetails {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// A message that is sent when a task reaches a certain state.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct TaskNotification {
        /// Subject line of the notification. May be null, for instance for the type URL.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub header: ::std::option::Option<::std::string::String>,
        /// The caller's own name for the notification.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        /// Text of the notification. Placeholders such as `${orderId}` and `${taskUrl}` are filled in by the service and must be sent as they are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: ::std::option::Option<::std::string::String>,
        /// Id of the set of template texts to use, one of the order's `notificationTemplateParams`. Only for the type EMAIL.
        #[serde(
            rename = "notificationTemplateParamsId",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub notification_template_params_id: ::std::option::Option<
            ::std::string::String,
        >,
        /// Where the notification goes: an e-mail address, a phone number, or an https address for the type URL.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub recipient: ::std::option::Option<::std::string::String>,
        /// When the message is sent.
        #[serde(
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::list"
        )]
        pub schedule: ::std::vec::Vec<TaskNotificationSchedule>,
        /// Whom the notification is shown to come from. May be null, for instance for the type URL.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sender: ::std::option::Option<::std::string::String>,
        #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
        pub type_: ::std::option::Option<crate::types::NotificationType>,
    }

    impl ::std::fmt::Debug for TaskNotification {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "TaskNotification")
                .field("header", &self.header)
                .field("id", &self.id)
                .field("message", &self.message)
                .field(
                    "notification_template_params_id",
                    &self.notification_template_params_id,
                )
                .field("recipient", &self.recipient)
                .field("schedule", &self.schedule)
                .field("sender", &self.sender)
                .field("type_", &self.type_)
                .finish()
        }
    }

    impl crate::redact::Redact for TaskNotification {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// A moment at which a task's message is sent.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct TaskNotificationSchedule {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub delay: ::std::option::Option<NotificationDelay>,
        #[serde(
            rename = "triggerStatus",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub trigger_status: ::std::option::Option<crate::types::TaskTriggerStatus>,
    }

    impl ::std::fmt::Debug for TaskNotificationSchedule {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "TaskNotificationSchedule")
                .field("delay", &self.delay)
                .field("trigger_status", &self.trigger_status)
                .finish()
        }
    }

    impl crate::redact::Redact for TaskNotificationSchedule {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// What has become of a document of a task. The addresses belong to this API and need the same access token.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct TaskStatusDocument {
        /// What was entered into the form's fields.
        #[serde(
            rename = "formOutputParam",
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::list"
        )]
        pub form_output_param: ::std::vec::Vec<FormParam>,
        /// Address of the document that the service generated, where there is one.
        #[serde(
            rename = "generatedUri",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub generated_uri: ::std::option::Option<::std::string::String>,
        /// The caller's own name for the document.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "crate::lenient::optional_id"
        )]
        pub id: ::std::option::Option<crate::TaskDocumentId>,
        /// Address of the document as it was handed in.
        #[serde(
            rename = "originalUri",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub original_uri: ::std::option::Option<::std::string::String>,
        /// Address of the signed document, once it has been signed.
        #[serde(rename = "resultUri", default, skip_serializing_if = "Option::is_none")]
        pub result_uri: ::std::option::Option<::std::string::String>,
    }

    impl ::std::fmt::Debug for TaskStatusDocument {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "TaskStatusDocument")
                .field("form_output_param", &self.form_output_param)
                .field("generated_uri", &self.generated_uri)
                .field("id", &self.id)
                .field("original_uri", &self.original_uri)
                .field("result_uri", &self.result_uri)
                .finish()
        }
    }

    impl crate::redact::Redact for TaskStatusDocument {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// What has become of a task.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct TaskStatusInfo {
        /// The caller's own reference from the order.
        #[serde(
            rename = "clientReference",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub client_reference: ::std::option::Option<::std::string::String>,
        /// The caller's own status of the task. No operation of this API sets it, so it is usually absent.
        #[serde(
            rename = "clientStatus",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub client_status: ::std::option::Option<::std::string::String>,
        /// The documents of the task.
        #[serde(
            default,
            skip_serializing_if = "Vec::is_empty",
            deserialize_with = "crate::lenient::list"
        )]
        pub documents: ::std::vec::Vec<TaskStatusDocument>,
        /// Id of the order.
        #[serde(rename = "orderId")]
        pub order_id: crate::OrderId,
        /// Why the signer rejected the task, in the signer's own words.
        #[serde(
            rename = "rejectReason",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        pub reject_reason: ::std::option::Option<::std::string::String>,
        /// Id of the task.
        #[serde(rename = "taskId")]
        pub task_id: crate::TaskId,
        #[serde(rename = "taskStatus", default, skip_serializing_if = "Option::is_none")]
        pub task_status: ::std::option::Option<crate::types::TaskStatus>,
    }

    impl ::std::fmt::Debug for TaskStatusInfo {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "TaskStatusInfo")
                .field("client_reference", &self.client_reference)
                .field("client_status", &self.client_status)
                .field("documents", &self.documents)
                .field("order_id", &self.order_id)
                .field("reject_reason", &self.reject_reason)
                .field("task_id", &self.task_id)
                .field("task_status", &self.task_status)
                .finish()
        }
    }

    impl crate::redact::Redact for TaskStatusInfo {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    /// Where an uploaded document is found.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    pub struct UploadedDocument {
        /// Id under which the document is stored. An order refers to it through `documentRef`.
        #[serde(rename = "documentId")]
        pub document_id: crate::DocumentId,
    }

    impl ::std::fmt::Debug for UploadedDocument {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            crate::redact::Fields::new(f, "UploadedDocument")
                .field("document_id", &self.document_id)
                .finish()
        }
    }

    impl crate::redact::Redact for UploadedDocument {
        fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Debug::fmt(self, f)
        }
    }

    crate::enums::open_enum! {
        /// What the signer does with a document.
        pub enum DocumentAction {
            /// `SIGN`
            Sign = "SIGN",
            /// `VIEW`
            View = "VIEW",
            /// `UPLOAD`
            Upload = "UPLOAD",
        }
    }

    crate::enums::open_enum! {
        /// Where a document comes from: uploaded beforehand by the caller (SESSION), or by the signer while carrying out the task (UPLOAD).
        pub enum DocumentSource {
            /// `SESSION`
            Session = "SESSION",
            /// `UPLOAD`
            Upload = "UPLOAD",
        }
    }

    crate::enums::open_enum! {
        /// Kind of event.
        pub enum EventType {
            /// `TASK_CREATED`
            TaskCreated = "TASK_CREATED",
            /// `NOTIFICATION_SENT`
            NotificationSent = "NOTIFICATION_SENT",
            /// `TASK_STARTED`
            TaskStarted = "TASK_STARTED",
            /// `TASK_REJECTED`
            TaskRejected = "TASK_REJECTED",
            /// `TASK_COMPLETED`
            TaskCompleted = "TASK_COMPLETED",
            /// `ERROR`
            Error = "ERROR",
            /// `DOCUMENT_UPLOADED`
            DocumentUploaded = "DOCUMENT_UPLOADED",
            /// `DOCUMENT_SIGNED`
            DocumentSigned = "DOCUMENT_SIGNED",
            /// `DOCUMENT_VIEWED`
            DocumentViewed = "DOCUMENT_VIEWED",
            /// `DOCUMENT_SIGN_CANCELLED`
            DocumentSignCancelled = "DOCUMENT_SIGN_CANCELLED",
            /// `DOCUMENT_DELETED`
            DocumentDeleted = "DOCUMENT_DELETED",
            /// `USER_AUTHENTICATED`
            UserAuthenticated = "USER_AUTHENTICATED",
            /// `USER_AUTHENTICATION_CANCELLED`
            UserAuthenticationCancelled = "USER_AUTHENTICATION_CANCELLED",
            /// `PACKAGING_TASK_CREATED`
            PackagingTaskCreated = "PACKAGING_TASK_CREATED",
            /// `PACKAGING_TASK_COMPLETED`
            PackagingTaskCompleted = "PACKAGING_TASK_COMPLETED",
            /// `PACKAGING_TASK_FAILED`
            PackagingTaskFailed = "PACKAGING_TASK_FAILED",
            /// `INTERNAL`
            Internal = "INTERNAL",
        }
    }

    crate::enums::open_enum! {
        /// How a message is sent. URL calls the address that is given as the recipient.
        pub enum NotificationType {
            /// `SMS`
            Sms = "SMS",
            /// `EMAIL`
            Email = "EMAIL",
            /// `URL`
            Url = "URL",
        }
    }

    crate::enums::open_enum! {
        /// State of a packaging task. It is CREATED until the last task of the order has been completed and the file has been made.
        pub enum PackagingTaskStatus {
            /// `CREATED`
            Created = "CREATED",
            /// `COMPLETED`
            Completed = "COMPLETED",
            /// `FAILED`
            Failed = "FAILED",
        }
    }

    crate::enums::open_enum! {
        /// What a packaging task's message is sent on.
        pub enum PackagingTriggerStatus {
            /// `CREATED`
            Created = "CREATED",
            /// `COMPLETED`
            Completed = "COMPLETED",
        }
    }

    crate::enums::open_enum! {
        /// Kind of signature. The same method name can serve more than one kind.
        pub enum SignatureMethodType {
            /// `AUTHENTICATION_BASED`
            AuthenticationBased = "AUTHENTICATION_BASED",
            /// `SIGNED_STATEMENT`
            SignedStatement = "SIGNED_STATEMENT",
            /// `THIRD_PARTY`
            ThirdParty = "THIRD_PARTY",
        }
    }

    crate::enums::open_enum! {
        /// State of a task. All but CREATED are final.
        pub enum TaskStatus {
            /// `CREATED`
            Created = "CREATED",
            /// `COMPLETED`
            Completed = "COMPLETED",
            /// `REJECTED`
            Rejected = "REJECTED",
            /// `EXPIRED`
            Expired = "EXPIRED",
            /// `DELETED`
            Deleted = "DELETED",
        }
    }

    crate::enums::open_enum! {
        /// What a task's message is sent on. STARTED and FORWARDED are no states of a task; they only trigger messages.
        pub enum TaskTriggerStatus {
            /// `CREATED`
            Created = "CREATED",
            /// `COMPLETED`
            Completed = "COMPLETED",
            /// `REJECTED`
            Rejected = "REJECTED",
            /// `EXPIRED`
            Expired = "EXPIRED",
            /// `FORWARDED`
            Forwarded = "FORWARDED",
            /// `STARTED`
            Started = "STARTED",
        }
    }
}

#[derive(Clone, Debug)]
/// Client for Signicat Sign API
///
/// Upload documents, have them signed through signing orders, and fetch and archive what was signed.
///
/// Version: 1.0
pub struct Client {
    pub(crate) baseurl: String,
    pub(crate) client: reqwest::Client,
    pub(crate) inner: crate::transport::Transport,
}

impl Client {
    /// Construct a new client with an existing `reqwest::Client`,
    /// allowing more control over its configuration.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub(crate) fn new_with_client(
        baseurl: &str,
        client: reqwest::Client,
        inner: crate::transport::Transport,
    ) -> Self {
        Self {
            baseurl: baseurl.to_string(),
            client,
            inner,
        }
    }
}

impl ClientInfo<crate::transport::Transport> for Client {
    fn api_version() -> &'static str {
        "1.0"
    }

    fn baseurl(&self) -> &str {
        self.baseurl.as_str()
    }

    fn client(&self) -> &reqwest::Client {
        &self.client
    }

    fn inner(&self) -> &crate::transport::Transport {
        &self.inner
    }
}

const _: () = {
    #[allow(dead_code)]
    fn assert_client_hooks()
    where
        Client: ClientHooks<crate::transport::Transport>,
    {}
};
#[allow(clippy::all)]
impl Client {
    /// Get archived document
    ///
    /// Returns the bytes of a document that is kept in the document archive.
    ///
    /// Other answers:
    ///
    /// * 401: The access token is missing or not valid.
    /// * 403: The API client has no permission for the Signature API.
    /// * 404: There is nothing under this id.
    ///
    /// Sends a `GET` request to `/archive-documents/{archiveId}`
    ///
    /// Arguments:
    /// - `archive_id`: Id of the document in the document archive.
    pub async fn get_archived_document<'a>(
        &'a self,
        archive_id: &'a crate::ArchiveId,
    ) -> Result<ResponseValue<ByteStream>, Error<()>> {
        let url = format!(
            "{}/archive-documents/{}", self.baseurl, encode_path(archive_id.as_ref()),
        );
        #[allow(unused_mut)]
        let mut request = self.client.get(url).build()?;
        let info = OperationInfo {
            operation_id: "get_archived_document",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::stream(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }

    /// Delete archived document
    ///
    /// Removes a document from the document archive.
    ///
    /// Other answers:
    ///
    /// * 401: The access token is missing or not valid.
    /// * 403: The API client has no permission for the Signature API.
    /// * 404: There is nothing under this id.
    ///
    /// Sends a `DELETE` request to `/archive-documents/{archiveId}`
    ///
    /// Arguments:
    /// - `archive_id`: Id of the document in the document archive.
    pub async fn delete_archived_document<'a>(
        &'a self,
        archive_id: &'a crate::ArchiveId,
    ) -> Result<ResponseValue<()>, Error<()>> {
        let url = format!(
            "{}/archive-documents/{}", self.baseurl, encode_path(archive_id.as_ref()),
        );
        #[allow(unused_mut)]
        let mut request = self.client.delete(url).build()?;
        let info = OperationInfo {
            operation_id: "delete_archived_document",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }

    /// Upload session document
    ///
    /// Stores a document for a short time, so that an order can refer to it. The body is the document itself, not a form. Every call stores another document.
    ///
    /// Other answers:
    ///
    /// * 400: The Sign service found the request to be invalid.
    /// * 401: The access token is missing or not valid.
    /// * 403: The API client has no permission for the Signature API.
    ///
    /// Sends a `POST` request to `/documents`
    ///
    /// Arguments:
    /// - `body`: The bytes of the document.
    pub async fn upload_document<'a, B: Into<reqwest::Body>>(
        &'a self,
        body: B,
    ) -> Result<ResponseValue<types::UploadedDocument>, Error<()>> {
        let url = format!("{}/documents", self.baseurl,);
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .header(
                ::reqwest::header::CONTENT_TYPE,
                ::reqwest::header::HeaderValue::from_static("application/octet-stream"),
            )
            .body(body)
            .build()?;
        let info = OperationInfo {
            operation_id: "upload_document",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => crate::answer::value(response),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }

    /// Get document
    ///
    /// Returns the bytes of a document that was uploaded.
    ///
    /// Other answers:
    ///
    /// * 401: The access token is missing or not valid.
    /// * 403: The API client has no permission for the Signature API.
    /// * 404: There is nothing under this id.
    ///
    /// Sends a `GET` request to `/documents/{documentId}`
    ///
    /// Arguments:
    /// - `document_id`: Id of the document in the session document storage, from the answer to its upload.
    pub async fn get_document<'a>(
        &'a self,
        document_id: &'a crate::DocumentId,
    ) -> Result<ResponseValue<ByteStream>, Error<()>> {
        let url = format!(
            "{}/documents/{}", self.baseurl, encode_path(document_id.as_ref()),
        );
        #[allow(unused_mut)]
        let mut request = self.client.get(url).build()?;
        let info = OperationInfo {
            operation_id: "get_document",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::stream(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }

    /// Delete document
    ///
    /// Removes a document that was uploaded from the session document storage.
    ///
    /// Other answers:
    ///
    /// * 401: The access token is missing or not valid.
    /// * 403: The API client has no permission for the Signature API.
    /// * 404: There is nothing under this id.
    ///
    /// Sends a `DELETE` request to `/documents/{documentId}`
    ///
    /// Arguments:
    /// - `document_id`: Id of the document in the session document storage, from the answer to its upload.
    pub async fn delete_document<'a>(
        &'a self,
        document_id: &'a crate::DocumentId,
    ) -> Result<ResponseValue<()>, Error<()>> {
        let url = format!(
            "{}/documents/{}", self.baseurl, encode_path(document_id.as_ref()),
        );
        #[allow(unused_mut)]
        let mut request = self.client.delete(url).build()?;
        let info = OperationInfo {
            operation_id: "delete_document",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }

    /// Create signing order
    ///
    /// Creates an order and starts it: its tasks can be carried out and its notifications are sent. An order cannot be changed afterwards. Every call creates another order.
    ///
    /// Other answers:
    ///
    /// * 400: The Sign service found the request to be invalid.
    /// * 401: The access token is missing or not valid.
    /// * 403: The API client has no permission for the Signature API.
    ///
    /// Sends a `POST` request to `/orders`
    ///
    /// Arguments:
    /// - `body`: The order to create.
    pub async fn create_order<'a>(
        &'a self,
        body: &'a types::SigningOrder,
    ) -> Result<ResponseValue<types::SigningOrder>, Error<()>> {
        let url = format!("{}/orders", self.baseurl,);
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_order",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => crate::answer::value(response),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }

    /// Get signing order
    ///
    /// Returns an order. How far the signing has come is told by the status of each task and packaging task.
    ///
    /// Other answers:
    ///
    /// * 401: The access token is missing or not valid.
    /// * 403: The API client has no permission for the Signature API.
    /// * 404: There is nothing under this id.
    ///
    /// Sends a `GET` request to `/orders/{orderId}`
    ///
    /// Arguments:
    /// - `order_id`: Id of the signing order, from the answer to its creation.
    pub async fn get_order<'a>(
        &'a self,
        order_id: &'a crate::OrderId,
    ) -> Result<ResponseValue<types::SigningOrder>, Error<()>> {
        let url = format!("{}/orders/{}", self.baseurl, encode_path(order_id.as_ref()),);
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .build()?;
        let info = OperationInfo {
            operation_id: "get_order",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => crate::answer::value(response),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }

    /// Delete signing order
    ///
    /// Removes an order before its time.
    ///
    /// Other answers:
    ///
    /// * 401: The access token is missing or not valid.
    /// * 403: The API client has no permission for the Signature API.
    /// * 404: There is nothing under this id.
    ///
    /// Sends a `DELETE` request to `/orders/{orderId}`
    ///
    /// Arguments:
    /// - `order_id`: Id of the signing order, from the answer to its creation.
    pub async fn delete_order<'a>(
        &'a self,
        order_id: &'a crate::OrderId,
    ) -> Result<ResponseValue<()>, Error<()>> {
        let url = format!("{}/orders/{}", self.baseurl, encode_path(order_id.as_ref()),);
        #[allow(unused_mut)]
        let mut request = self.client.delete(url).build()?;
        let info = OperationInfo {
            operation_id: "delete_order",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }

    /// Get the result of a packaging task
    ///
    /// Returns the packaged file, a PDF for the method `pades`. There is none until the status of the packaging task is COMPLETED. The service may answer with a redirect to the place where the file is found.
    ///
    /// Other answers:
    ///
    /// * 302: The packaged file is found elsewhere.
    /// * 401: The access token is missing or not valid.
    /// * 403: The API client has no permission for the Signature API.
    /// * 404: There is nothing under this id.
    ///
    /// Sends a `GET` request to `/orders/{orderId}/packaging-tasks/{packagingTaskId}/result`
    ///
    /// Arguments:
    /// - `order_id`: Id of the signing order, from the answer to its creation.
    /// - `packaging_task_id`: Id of the packaging task, as the caller named it in the order.
    pub async fn get_packaging_task_result<'a>(
        &'a self,
        order_id: &'a crate::OrderId,
        packaging_task_id: &'a crate::PackagingTaskId,
    ) -> Result<ResponseValue<ByteStream>, Error<()>> {
        let url = format!(
            "{}/orders/{}/packaging-tasks/{}/result", self.baseurl, encode_path(order_id
            .as_ref()), encode_path(packaging_task_id.as_ref()),
        );
        #[allow(unused_mut)]
        let mut request = self.client.get(url).build()?;
        let info = OperationInfo {
            operation_id: "get_packaging_task_result",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::stream(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }

    /// Get the status of a packaging task
    ///
    /// Tells whether the packaged file has been made and, if so, where it is found.
    ///
    /// Other answers:
    ///
    /// * 401: The access token is missing or not valid.
    /// * 403: The API client has no permission for the Signature API.
    /// * 404: There is nothing under this id.
    ///
    /// Sends a `GET` request to `/orders/{orderId}/packaging-tasks/{packagingTaskId}/status`
    ///
    /// Arguments:
    /// - `order_id`: Id of the signing order, from the answer to its creation.
    /// - `packaging_task_id`: Id of the packaging task, as the caller named it in the order.
    pub async fn get_packaging_task_status<'a>(
        &'a self,
        order_id: &'a crate::OrderId,
        packaging_task_id: &'a crate::PackagingTaskId,
    ) -> Result<ResponseValue<types::PackagingTaskStatusInfo>, Error<()>> {
        let url = format!(
            "{}/orders/{}/packaging-tasks/{}/status", self.baseurl, encode_path(order_id
            .as_ref()), encode_path(packaging_task_id.as_ref()),
        );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .build()?;
        let info = OperationInfo {
            operation_id: "get_packaging_task_status",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => crate::answer::value(response),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }

    /// Generate authentication artifact
    ///
    /// Makes a new artifact, the value with which a user who is already known to the caller is signed on to the task. It takes the place of the former one.
    ///
    /// Other answers:
    ///
    /// * 401: The access token is missing or not valid.
    /// * 403: The API client has no permission for the Signature API.
    /// * 404: There is nothing under this id.
    ///
    /// Sends a `POST` request to `/orders/{orderId}/tasks/{taskId}/artifact`
    ///
    /// Arguments:
    /// - `order_id`: Id of the signing order, from the answer to its creation.
    /// - `task_id`: Id of the task, as the caller named it in the order.
    pub async fn generate_artifact<'a>(
        &'a self,
        order_id: &'a crate::OrderId,
        task_id: &'a crate::TaskId,
    ) -> Result<ResponseValue<types::AuthenticationArtifact>, Error<()>> {
        let url = format!(
            "{}/orders/{}/tasks/{}/artifact", self.baseurl, encode_path(order_id
            .as_ref()), encode_path(task_id.as_ref()),
        );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .build()?;
        let info = OperationInfo {
            operation_id: "generate_artifact",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => crate::answer::value(response),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }

    /// Get the generated document of a task
    ///
    /// Returns the document that the service generated from a document of the task, where it generated one.
    ///
    /// Other answers:
    ///
    /// * 401: The access token is missing or not valid.
    /// * 403: The API client has no permission for the Signature API.
    /// * 404: There is nothing under this id.
    ///
    /// Sends a `GET` request to `/orders/{orderId}/tasks/{taskId}/documents/{documentId}/generated`
    ///
    /// Arguments:
    /// - `order_id`: Id of the signing order, from the answer to its creation.
    /// - `task_id`: Id of the task, as the caller named it in the order.
    /// - `document_id`: Id of the document, as the caller named it in the task. Not the id under which it was uploaded.
    pub async fn get_generated_document<'a>(
        &'a self,
        order_id: &'a crate::OrderId,
        task_id: &'a crate::TaskId,
        document_id: &'a crate::TaskDocumentId,
    ) -> Result<ResponseValue<ByteStream>, Error<()>> {
        let url = format!(
            "{}/orders/{}/tasks/{}/documents/{}/generated", self.baseurl,
            encode_path(order_id.as_ref()), encode_path(task_id.as_ref()),
            encode_path(document_id.as_ref()),
        );
        #[allow(unused_mut)]
        let mut request = self.client.get(url).build()?;
        let info = OperationInfo {
            operation_id: "get_generated_document",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::stream(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }

    /// Get the original document of a task
    ///
    /// Returns a document of the task as it was handed in.
    ///
    /// Other answers:
    ///
    /// * 401: The access token is missing or not valid.
    /// * 403: The API client has no permission for the Signature API.
    /// * 404: There is nothing under this id.
    ///
    /// Sends a `GET` request to `/orders/{orderId}/tasks/{taskId}/documents/{documentId}/original`
    ///
    /// Arguments:
    /// - `order_id`: Id of the signing order, from the answer to its creation.
    /// - `task_id`: Id of the task, as the caller named it in the order.
    /// - `document_id`: Id of the document, as the caller named it in the task. Not the id under which it was uploaded.
    pub async fn get_original_document<'a>(
        &'a self,
        order_id: &'a crate::OrderId,
        task_id: &'a crate::TaskId,
        document_id: &'a crate::TaskDocumentId,
    ) -> Result<ResponseValue<ByteStream>, Error<()>> {
        let url = format!(
            "{}/orders/{}/tasks/{}/documents/{}/original", self.baseurl,
            encode_path(order_id.as_ref()), encode_path(task_id.as_ref()),
            encode_path(document_id.as_ref()),
        );
        #[allow(unused_mut)]
        let mut request = self.client.get(url).build()?;
        let info = OperationInfo {
            operation_id: "get_original_document",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::stream(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }

    /// Get the signed document of a task
    ///
    /// Returns the evidence file of one signer's signature on one document: an LTV-SDO, which is XML and not a PDF. For a PDF with the signatures, use a packaging task.
    ///
    /// Other answers:
    ///
    /// * 401: The access token is missing or not valid.
    /// * 403: The API client has no permission for the Signature API.
    /// * 404: There is nothing under this id.
    ///
    /// Sends a `GET` request to `/orders/{orderId}/tasks/{taskId}/documents/{documentId}/result`
    ///
    /// Arguments:
    /// - `order_id`: Id of the signing order, from the answer to its creation.
    /// - `task_id`: Id of the task, as the caller named it in the order.
    /// - `document_id`: Id of the document, as the caller named it in the task. Not the id under which it was uploaded.
    pub async fn get_result_document<'a>(
        &'a self,
        order_id: &'a crate::OrderId,
        task_id: &'a crate::TaskId,
        document_id: &'a crate::TaskDocumentId,
    ) -> Result<ResponseValue<ByteStream>, Error<()>> {
        let url = format!(
            "{}/orders/{}/tasks/{}/documents/{}/result", self.baseurl,
            encode_path(order_id.as_ref()), encode_path(task_id.as_ref()),
            encode_path(document_id.as_ref()),
        );
        #[allow(unused_mut)]
        let mut request = self.client.get(url).build()?;
        let info = OperationInfo {
            operation_id: "get_result_document",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::stream(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }

    /// Get the events of a task
    ///
    /// Returns what has happened to a task so far.
    ///
    /// Other answers:
    ///
    /// * 401: The access token is missing or not valid.
    /// * 403: The API client has no permission for the Signature API.
    /// * 404: There is nothing under this id.
    ///
    /// Sends a `GET` request to `/orders/{orderId}/tasks/{taskId}/events`
    ///
    /// Arguments:
    /// - `order_id`: Id of the signing order, from the answer to its creation.
    /// - `task_id`: Id of the task, as the caller named it in the order.
    pub async fn get_task_events<'a>(
        &'a self,
        order_id: &'a crate::OrderId,
        task_id: &'a crate::TaskId,
    ) -> Result<ResponseValue<crate::lenient::List<types::Event>>, Error<()>> {
        let url = format!(
            "{}/orders/{}/tasks/{}/events", self.baseurl, encode_path(order_id.as_ref()),
            encode_path(task_id.as_ref()),
        );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .build()?;
        let info = OperationInfo {
            operation_id: "get_task_events",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => crate::answer::value(response),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }

    /// Get the forwards of a task
    ///
    /// Returns by whom and to whom a task was forwarded. The task that the recipient carries out has another id.
    ///
    /// Other answers:
    ///
    /// * 401: The access token is missing or not valid.
    /// * 403: The API client has no permission for the Signature API.
    /// * 404: There is nothing under this id.
    ///
    /// Sends a `GET` request to `/orders/{orderId}/tasks/{taskId}/forwards`
    ///
    /// Arguments:
    /// - `order_id`: Id of the signing order, from the answer to its creation.
    /// - `task_id`: Id of the task, as the caller named it in the order.
    pub async fn get_task_forwards<'a>(
        &'a self,
        order_id: &'a crate::OrderId,
        task_id: &'a crate::TaskId,
    ) -> Result<
        ResponseValue<crate::lenient::List<types::TaskForwardDetails>>,
        Error<()>,
    > {
        let url = format!(
            "{}/orders/{}/tasks/{}/forwards", self.baseurl, encode_path(order_id
            .as_ref()), encode_path(task_id.as_ref()),
        );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .build()?;
        let info = OperationInfo {
            operation_id: "get_task_forwards",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => crate::answer::value(response),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }

    /// Get the status of a task
    ///
    /// Tells how far a task has come and where its documents are found.
    ///
    /// Other answers:
    ///
    /// * 401: The access token is missing or not valid.
    /// * 403: The API client has no permission for the Signature API.
    /// * 404: There is nothing under this id.
    ///
    /// Sends a `GET` request to `/orders/{orderId}/tasks/{taskId}/status`
    ///
    /// Arguments:
    /// - `order_id`: Id of the signing order, from the answer to its creation.
    /// - `task_id`: Id of the task, as the caller named it in the order.
    pub async fn get_task_status<'a>(
        &'a self,
        order_id: &'a crate::OrderId,
        task_id: &'a crate::TaskId,
    ) -> Result<ResponseValue<types::TaskStatusInfo>, Error<()>> {
        let url = format!(
            "{}/orders/{}/tasks/{}/status", self.baseurl, encode_path(order_id.as_ref()),
            encode_path(task_id.as_ref()),
        );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .build()?;
        let info = OperationInfo {
            operation_id: "get_task_status",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => crate::answer::value(response),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
}

/// Where the API is.
pub(crate) const SERVER_URL: &str = "https://api.signicat.com/enterprise/sign";
/// Where access tokens are got.
pub(crate) const TOKEN_URL: &str = "https://api.signicat.com/auth/open/connect/token";
/// The scope to ask an access token for.
pub(crate) const SCOPE: &str = "signicat-api";
/// The header that says on whose behalf a call is made.
pub(crate) const ORGANIZATION_ID_HEADER: &str = "Signicat-OrganizationId";
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_model {
    ($call:ident) => {
        $call ! { models : Authentication AuthenticationArtifact Dialog Event Form
        FormParam LoginHint NotificationDelay NotificationTemplateParams PackagingTask
        PackagingTaskDocument PackagingTaskNotification PackagingTaskNotificationSchedule
        PackagingTaskStatusInfo SignatureMethod SigningOrder SigningOrderNotification
        Subject SubjectAttribute Task TaskDocument TaskForwardDetails TaskNotification
        TaskNotificationSchedule TaskStatusDocument TaskStatusInfo UploadedDocument;
        enums : DocumentAction DocumentSource EventType NotificationType
        PackagingTaskStatus PackagingTriggerStatus SignatureMethodType TaskStatus
        TaskTriggerStatus }
    };
}

/// The contract's operations.
pub(crate) static OPERATIONS: &[crate::contract::Operation] = &[
    crate::contract::Operation {
        id: "delete_archived_document",
        method: "DELETE",
        template: "/archive-documents/{archiveId}",
        idempotent: true,
        request: crate::contract::Body::None,
        request_types: &[],
        answer: crate::contract::Body::None,
        answer_types: &[],
    },
    crate::contract::Operation {
        id: "get_archived_document",
        method: "GET",
        template: "/archive-documents/{archiveId}",
        idempotent: true,
        request: crate::contract::Body::None,
        request_types: &[],
        answer: crate::contract::Body::Binary,
        answer_types: &["application/pdf", "application/octet-stream"],
    },
    crate::contract::Operation {
        id: "upload_document",
        method: "POST",
        template: "/documents",
        idempotent: false,
        request: crate::contract::Body::Binary,
        request_types: &["application/pdf", "text/plain", "application/x-ltv-sdo"],
        answer: crate::contract::Body::Json,
        answer_types: &["application/json"],
    },
    crate::contract::Operation {
        id: "delete_document",
        method: "DELETE",
        template: "/documents/{documentId}",
        idempotent: true,
        request: crate::contract::Body::None,
        request_types: &[],
        answer: crate::contract::Body::None,
        answer_types: &[],
    },
    crate::contract::Operation {
        id: "get_document",
        method: "GET",
        template: "/documents/{documentId}",
        idempotent: true,
        request: crate::contract::Body::None,
        request_types: &[],
        answer: crate::contract::Body::Binary,
        answer_types: &["application/pdf", "application/octet-stream"],
    },
    crate::contract::Operation {
        id: "create_order",
        method: "POST",
        template: "/orders",
        idempotent: false,
        request: crate::contract::Body::Json,
        request_types: &["application/json"],
        answer: crate::contract::Body::Json,
        answer_types: &["application/json"],
    },
    crate::contract::Operation {
        id: "delete_order",
        method: "DELETE",
        template: "/orders/{orderId}",
        idempotent: true,
        request: crate::contract::Body::None,
        request_types: &[],
        answer: crate::contract::Body::None,
        answer_types: &[],
    },
    crate::contract::Operation {
        id: "get_order",
        method: "GET",
        template: "/orders/{orderId}",
        idempotent: true,
        request: crate::contract::Body::None,
        request_types: &[],
        answer: crate::contract::Body::Json,
        answer_types: &["application/json"],
    },
    crate::contract::Operation {
        id: "get_packaging_task_result",
        method: "GET",
        template: "/orders/{orderId}/packaging-tasks/{packagingTaskId}/result",
        idempotent: true,
        request: crate::contract::Body::None,
        request_types: &[],
        answer: crate::contract::Body::Binary,
        answer_types: &["application/pdf"],
    },
    crate::contract::Operation {
        id: "get_packaging_task_status",
        method: "GET",
        template: "/orders/{orderId}/packaging-tasks/{packagingTaskId}/status",
        idempotent: true,
        request: crate::contract::Body::None,
        request_types: &[],
        answer: crate::contract::Body::Json,
        answer_types: &["application/json"],
    },
    crate::contract::Operation {
        id: "generate_artifact",
        method: "POST",
        template: "/orders/{orderId}/tasks/{taskId}/artifact",
        idempotent: false,
        request: crate::contract::Body::None,
        request_types: &[],
        answer: crate::contract::Body::Json,
        answer_types: &["application/json"],
    },
    crate::contract::Operation {
        id: "get_generated_document",
        method: "GET",
        template: "/orders/{orderId}/tasks/{taskId}/documents/{documentId}/generated",
        idempotent: true,
        request: crate::contract::Body::None,
        request_types: &[],
        answer: crate::contract::Body::Binary,
        answer_types: &["application/pdf", "application/octet-stream"],
    },
    crate::contract::Operation {
        id: "get_original_document",
        method: "GET",
        template: "/orders/{orderId}/tasks/{taskId}/documents/{documentId}/original",
        idempotent: true,
        request: crate::contract::Body::None,
        request_types: &[],
        answer: crate::contract::Body::Binary,
        answer_types: &["application/pdf", "application/octet-stream"],
    },
    crate::contract::Operation {
        id: "get_result_document",
        method: "GET",
        template: "/orders/{orderId}/tasks/{taskId}/documents/{documentId}/result",
        idempotent: true,
        request: crate::contract::Body::None,
        request_types: &[],
        answer: crate::contract::Body::Binary,
        answer_types: &["application/x-ltv-sdo", "application/octet-stream"],
    },
    crate::contract::Operation {
        id: "get_task_events",
        method: "GET",
        template: "/orders/{orderId}/tasks/{taskId}/events",
        idempotent: true,
        request: crate::contract::Body::None,
        request_types: &[],
        answer: crate::contract::Body::Json,
        answer_types: &["application/json"],
    },
    crate::contract::Operation {
        id: "get_task_forwards",
        method: "GET",
        template: "/orders/{orderId}/tasks/{taskId}/forwards",
        idempotent: true,
        request: crate::contract::Body::None,
        request_types: &[],
        answer: crate::contract::Body::Json,
        answer_types: &["application/json"],
    },
    crate::contract::Operation {
        id: "get_task_status",
        method: "GET",
        template: "/orders/{orderId}/tasks/{taskId}/status",
        idempotent: true,
        request: crate::contract::Body::None,
        request_types: &[],
        answer: crate::contract::Body::Json,
        answer_types: &["application/json"],
    },
];

/// The schemas of what is sent, as local validation reads them.
pub(crate) static SCHEMAS: &[crate::contract::Schema] = &[
    crate::contract::Schema {
        name: "Authentication",
        members: &[
            crate::contract::Member {
                name: "artifact",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Boolean,
            },
            crate::contract::Member {
                name: "methods",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::List {
                    min: Some(1),
                    max: None,
                    items: &crate::contract::Kind::String {
                        min: None,
                        max: None,
                    },
                },
            },
        ],
    },
    crate::contract::Schema {
        name: "Dialog",
        members: &[
            crate::contract::Member {
                name: "message",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "title",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
        ],
    },
    crate::contract::Schema {
        name: "Form",
        members: &[
            crate::contract::Member {
                name: "inputParams",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::List {
                    min: Some(1),
                    max: None,
                    items: &crate::contract::Kind::Object("FormParam"),
                },
            },
            crate::contract::Member {
                name: "interactive",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Boolean,
            },
        ],
    },
    crate::contract::Schema {
        name: "FormParam",
        members: &[
            crate::contract::Member {
                name: "name",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "value",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
        ],
    },
    crate::contract::Schema {
        name: "LoginHint",
        members: &[
            crate::contract::Member {
                name: "methods",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::List {
                    min: Some(1),
                    max: None,
                    items: &crate::contract::Kind::String {
                        min: None,
                        max: None,
                    },
                },
            },
            crate::contract::Member {
                name: "name",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "value",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
        ],
    },
    crate::contract::Schema {
        name: "NotificationDelay",
        members: &[
            crate::contract::Member {
                name: "days",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Integer {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "hours",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Integer {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "minutes",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Integer {
                    min: None,
                    max: None,
                },
            },
        ],
    },
    crate::contract::Schema {
        name: "NotificationTemplateParams",
        members: &[
            crate::contract::Member {
                name: "button",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "footer",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "id",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "linkText",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "logoUrl",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
        ],
    },
    crate::contract::Schema {
        name: "PackagingTask",
        members: &[
            crate::contract::Member {
                name: "documents",
                required: true,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::List {
                    min: Some(1),
                    max: None,
                    items: &crate::contract::Kind::Object("PackagingTaskDocument"),
                },
            },
            crate::contract::Member {
                name: "id",
                required: true,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "method",
                required: true,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "notifications",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::List {
                    min: Some(1),
                    max: None,
                    items: &crate::contract::Kind::Object("PackagingTaskNotification"),
                },
            },
            crate::contract::Member {
                name: "sendToArchive",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Boolean,
            },
        ],
    },
    crate::contract::Schema {
        name: "PackagingTaskDocument",
        members: &[
            crate::contract::Member {
                name: "documentIds",
                required: true,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::List {
                    min: Some(1),
                    max: None,
                    items: &crate::contract::Kind::String {
                        min: None,
                        max: None,
                    },
                },
            },
            crate::contract::Member {
                name: "taskId",
                required: true,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
        ],
    },
    crate::contract::Schema {
        name: "PackagingTaskNotification",
        members: &[
            crate::contract::Member {
                name: "header",
                required: false,
                nullable: true,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "id",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "message",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "recipient",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "schedule",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::List {
                    min: Some(1),
                    max: None,
                    items: &crate::contract::Kind::Object(
                        "PackagingTaskNotificationSchedule",
                    ),
                },
            },
            crate::contract::Member {
                name: "sender",
                required: false,
                nullable: true,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "type",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Enum(types::NotificationType::KNOWN),
            },
        ],
    },
    crate::contract::Schema {
        name: "PackagingTaskNotificationSchedule",
        members: &[
            crate::contract::Member {
                name: "triggerStatus",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Enum(types::PackagingTriggerStatus::KNOWN),
            },
        ],
    },
    crate::contract::Schema {
        name: "SignatureMethod",
        members: &[
            crate::contract::Member {
                name: "handwritten",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Boolean,
            },
            crate::contract::Member {
                name: "name",
                required: false,
                nullable: true,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "type",
                required: false,
                nullable: true,
                read_only: false,
                kind: crate::contract::Kind::Enum(types::SignatureMethodType::KNOWN),
            },
        ],
    },
    crate::contract::Schema {
        name: "SigningOrder",
        members: &[
            crate::contract::Member {
                name: "artifact",
                required: false,
                nullable: false,
                read_only: true,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "clientReference",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: Some(1),
                    max: Some(255),
                },
            },
            crate::contract::Member {
                name: "daysUntilDeletion",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Integer {
                    min: Some(1),
                    max: Some(30),
                },
            },
            crate::contract::Member {
                name: "id",
                required: false,
                nullable: false,
                read_only: true,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "notificationTemplateParams",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::List {
                    min: Some(1),
                    max: None,
                    items: &crate::contract::Kind::Object("NotificationTemplateParams"),
                },
            },
            crate::contract::Member {
                name: "notifications",
                required: false,
                nullable: true,
                read_only: false,
                kind: crate::contract::Kind::List {
                    min: Some(1),
                    max: None,
                    items: &crate::contract::Kind::Object("SigningOrderNotification"),
                },
            },
            crate::contract::Member {
                name: "packagingTasks",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::List {
                    min: Some(1),
                    max: None,
                    items: &crate::contract::Kind::Object("PackagingTask"),
                },
            },
            crate::contract::Member {
                name: "tasks",
                required: true,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::List {
                    min: Some(1),
                    max: None,
                    items: &crate::contract::Kind::Object("Task"),
                },
            },
        ],
    },
    crate::contract::Schema {
        name: "SigningOrderNotification",
        members: &[
            crate::contract::Member {
                name: "header",
                required: false,
                nullable: true,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "id",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "message",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "recipient",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "sender",
                required: false,
                nullable: true,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "type",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Enum(types::NotificationType::KNOWN),
            },
        ],
    },
    crate::contract::Schema {
        name: "Subject",
        members: &[
            crate::contract::Member {
                name: "attributes",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::List {
                    min: Some(1),
                    max: None,
                    items: &crate::contract::Kind::Object("SubjectAttribute"),
                },
            },
            crate::contract::Member {
                name: "id",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "loginHints",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::List {
                    min: Some(1),
                    max: None,
                    items: &crate::contract::Kind::Object("LoginHint"),
                },
            },
        ],
    },
    crate::contract::Schema {
        name: "SubjectAttribute",
        members: &[
            crate::contract::Member {
                name: "methods",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::List {
                    min: Some(1),
                    max: None,
                    items: &crate::contract::Kind::String {
                        min: None,
                        max: None,
                    },
                },
            },
            crate::contract::Member {
                name: "name",
                required: true,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "value",
                required: true,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
        ],
    },
    crate::contract::Schema {
        name: "Task",
        members: &[
            crate::contract::Member {
                name: "authentication",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Object("Authentication"),
            },
            crate::contract::Member {
                name: "configuration",
                required: false,
                nullable: true,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "daysToLive",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Integer {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "dependsOnTasks",
                required: false,
                nullable: true,
                read_only: false,
                kind: crate::contract::Kind::List {
                    min: Some(1),
                    max: None,
                    items: &crate::contract::Kind::String {
                        min: None,
                        max: None,
                    },
                },
            },
            crate::contract::Member {
                name: "dialog",
                required: false,
                nullable: true,
                read_only: false,
                kind: crate::contract::Kind::Object("Dialog"),
            },
            crate::contract::Member {
                name: "documents",
                required: true,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::List {
                    min: Some(1),
                    max: None,
                    items: &crate::contract::Kind::Object("TaskDocument"),
                },
            },
            crate::contract::Member {
                name: "id",
                required: true,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "language",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "notifications",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::List {
                    min: Some(1),
                    max: None,
                    items: &crate::contract::Kind::Object("TaskNotification"),
                },
            },
            crate::contract::Member {
                name: "onTaskComplete",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "onTaskPostpone",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "onTaskReject",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "profile",
                required: false,
                nullable: true,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "signText",
                required: false,
                nullable: true,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "signatureMethods",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::List {
                    min: Some(1),
                    max: None,
                    items: &crate::contract::Kind::Object("SignatureMethod"),
                },
            },
            crate::contract::Member {
                name: "signingUrl",
                required: false,
                nullable: true,
                read_only: true,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "subject",
                required: false,
                nullable: true,
                read_only: false,
                kind: crate::contract::Kind::Object("Subject"),
            },
            crate::contract::Member {
                name: "useLegacyDocumentViewer",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Boolean,
            },
        ],
    },
    crate::contract::Schema {
        name: "TaskDocument",
        members: &[
            crate::contract::Member {
                name: "action",
                required: true,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Enum(types::DocumentAction::KNOWN),
            },
            crate::contract::Member {
                name: "description",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "documentRef",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "externalReference",
                required: false,
                nullable: true,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "form",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Object("Form"),
            },
            crate::contract::Member {
                name: "id",
                required: true,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "sendResultToArchive",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Boolean,
            },
            crate::contract::Member {
                name: "signTextEntry",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "source",
                required: true,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Enum(types::DocumentSource::KNOWN),
            },
        ],
    },
    crate::contract::Schema {
        name: "TaskNotification",
        members: &[
            crate::contract::Member {
                name: "header",
                required: false,
                nullable: true,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "id",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "message",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "notificationTemplateParamsId",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "recipient",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "schedule",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::List {
                    min: Some(1),
                    max: None,
                    items: &crate::contract::Kind::Object("TaskNotificationSchedule"),
                },
            },
            crate::contract::Member {
                name: "sender",
                required: false,
                nullable: true,
                read_only: false,
                kind: crate::contract::Kind::String {
                    min: None,
                    max: None,
                },
            },
            crate::contract::Member {
                name: "type",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Enum(types::NotificationType::KNOWN),
            },
        ],
    },
    crate::contract::Schema {
        name: "TaskNotificationSchedule",
        members: &[
            crate::contract::Member {
                name: "delay",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Object("NotificationDelay"),
            },
            crate::contract::Member {
                name: "triggerStatus",
                required: false,
                nullable: false,
                read_only: false,
                kind: crate::contract::Kind::Enum(types::TaskTriggerStatus::KNOWN),
            },
        ],
    },
];
