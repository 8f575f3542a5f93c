//! Feature `schemars`: the schema of a model is that of the contract.

use std::collections::BTreeSet;

use serde_json::Value;
use signicat_sign::types;

use crate::support::contract;

macro_rules! schemas_of {
    ($($name:ident),+ $(,)?) => {
        [$((stringify!($name), serde_json::to_value(schemars::schema_for!(types::$name)).unwrap())),+]
    };
}

#[test]
fn every_model_has_the_contract_s_members_and_values() {
    let models = schemas_of![
        Authentication,
        AuthenticationArtifact,
        ClientProblem,
        Dialog,
        DocumentAction,
        DocumentSource,
        Event,
        EventType,
        Form,
        FormParam,
        GatewayProblem,
        InvalidParam,
        LoginHint,
        NotificationDelay,
        NotificationTemplateParams,
        NotificationType,
        PackagingTask,
        PackagingTaskDocument,
        PackagingTaskNotification,
        PackagingTaskNotificationSchedule,
        PackagingTaskStatus,
        PackagingTaskStatusInfo,
        PackagingTriggerStatus,
        SignatureMethod,
        SignatureMethodType,
        SigningOrder,
        SigningOrderNotification,
        Subject,
        SubjectAttribute,
        Task,
        TaskDocument,
        TaskForwardDetails,
        TaskNotification,
        TaskNotificationSchedule,
        TaskStatus,
        TaskStatusDocument,
        TaskStatusInfo,
        TaskTriggerStatus,
        UploadedDocument,
        ValidationProblem,
        Violation,
    ];
    let contract = contract();
    let schemas = contract["components"]["schemas"].as_object().unwrap();
    let named: BTreeSet<&str> = schemas.keys().map(String::as_str).collect();
    assert_eq!(named, models.iter().map(|(name, _)| *name).collect(), "a model is missing here");
    for (name, model) in &models {
        let schema = &schemas[*name];
        if let Some(values) = schema["enum"].as_array() {
            // Where null is allowed it stands in the list, and is no value.
            let values: Vec<_> = values.iter().filter(|value| !value.is_null()).cloned().collect();
            assert_eq!(model["anyOf"][0]["enum"], Value::Array(values), "{name}");
        } else {
            let keys = |schema: &Value| -> BTreeSet<String> {
                schema["properties"].as_object().unwrap().keys().cloned().collect()
            };
            assert_eq!(keys(model), keys(schema), "{name}");
        }
    }
}
