//! The cases, a file a resource and a module an operation.

mod archive;
mod documents;
mod orders;
mod packaging;
mod tasks;

use super::{Case, Kind};

macro_rules! cases {
    ($($operation:literal $resource:ident::$name:ident)+) => {
        /// In the order in which they are run: what is read is read before it is deleted.
        pub static CASES: &[Case] = &[$(
            Case {
                operation: $operation,
                kind: Kind::Flow,
                run: |stage| Box::pin($resource::$name::flow(stage)),
            },
            Case {
                operation: $operation,
                kind: Kind::BadInput,
                run: |stage| Box::pin($resource::$name::bad_input(stage)),
            },
        )+];

        $(
            mod $name {
                use super::super::on_sandbox::holds;
                use super::super::Kind;

                #[tokio::test]
                async fn flow() {
                    holds($operation, Kind::Flow).await;
                }

                #[tokio::test]
                async fn bad_input() {
                    holds($operation, Kind::BadInput).await;
                }
            }
        )+
    };
}

cases! {
    "uploadDocument" documents::upload_document
    "getDocument" documents::get_document
    "deleteDocument" documents::delete_document
    "createOrder" orders::create_order
    "getOrder" orders::get_order
    "deleteOrder" orders::delete_order
    "getTaskStatus" tasks::get_task_status
    "getTaskEvents" tasks::get_task_events
    "getTaskForwards" tasks::get_task_forwards
    "generateArtifact" tasks::generate_artifact
    "getOriginalDocument" tasks::get_original_document
    "getGeneratedDocument" tasks::get_generated_document
    "getPackagingTaskStatus" packaging::get_packaging_task_status
    "getResultDocument" tasks::get_result_document
    "getPackagingTaskResult" packaging::get_packaging_task_result
    "getArchivedDocument" archive::get_archived_document
    "deleteArchivedDocument" archive::delete_archived_document
}
