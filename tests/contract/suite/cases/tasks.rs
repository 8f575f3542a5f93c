//! The tasks of an order, and their documents.

use signicat_sign::TaskDocument;
use signicat_sign::types::{EventType, TaskStatus};

use crate::suite::stage::{DOCUMENT, LIMIT, Stage, kari, loan, nothing};
use crate::suite::{Ended, hold};

pub mod get_task_status {
    use super::*;

    pub async fn flow(stage: &Stage) -> Result<(), Ended> {
        let order = stage.unsigned().await?;
        let status = stage.client.tasks(order.id()).status(&kari()).await?;
        hold(status.order_id == *order.id(), "the status is of another order")?;
        hold(status.task_id == kari(), "the status is of another task")?;
        hold(status.task_status == Some(TaskStatus::Created), "a task that nobody has touched is not CREATED")
    }

    pub async fn bad_input(stage: &Stage) -> Result<(), Ended> {
        let order = stage.unsigned().await?;
        stage.not_found("getTaskStatus", stage.client.tasks(order.id()).status(&nothing()).await)?;
        stage.not_found("getTaskStatus", stage.client.tasks(&nothing()).status(&kari()).await)
    }
}

pub mod get_task_events {
    use super::*;

    pub async fn flow(stage: &Stage) -> Result<(), Ended> {
        let order = stage.unsigned().await?;
        let events = stage.client.tasks(order.id()).events(&kari()).await?;
        hold(!events.is_empty(), "nothing has happened to a task that was created")?;
        hold(events.iter().all(|event| event.event_time.is_some()), "an event has no time")?;
        match events[0].event_type == Some(EventType::TaskCreated) {
            true => Ok(()),
            false => stage.otherwise("gives as the first event another one than TASK_CREATED"),
        }
    }

    pub async fn bad_input(stage: &Stage) -> Result<(), Ended> {
        let order = stage.unsigned().await?;
        stage.not_found("getTaskEvents", stage.client.tasks(order.id()).events(&nothing()).await)?;
        stage.not_found("getTaskEvents", stage.client.tasks(&nothing()).events(&kari()).await)
    }
}

pub mod get_task_forwards {
    use super::*;

    pub async fn flow(stage: &Stage) -> Result<(), Ended> {
        let order = stage.order_of_two().await?;
        let tasks = stage.client.tasks(order.id());
        hold(tasks.forwards(&kari()).await?.is_empty(), "a task was forwarded that nobody has touched")?;
        // At the service nobody does, and the empty list is all that there is to see.
        if !stage.forwards(&order)? {
            return Ok(());
        }
        let forwards = tasks.forwards(&kari()).await?;
        hold(forwards.len() == 1, "a task was forwarded once, and that is not what it says")?;
        hold(forwards[0].order_id == *order.id(), "the forward is of another order")?;
        let recipient = tasks.status(&forwards[0].task_id).await?;
        hold(recipient.task_status == Some(TaskStatus::Created), "the recipient's task is not CREATED")
    }

    pub async fn bad_input(stage: &Stage) -> Result<(), Ended> {
        let order = stage.unsigned().await?;
        stage.not_found("getTaskForwards", stage.client.tasks(order.id()).forwards(&nothing()).await)?;
        stage.not_found("getTaskForwards", stage.client.tasks(&nothing()).forwards(&kari()).await)
    }
}

pub mod generate_artifact {
    use super::*;

    pub async fn flow(stage: &Stage) -> Result<(), Ended> {
        let order = stage.unsigned().await?;
        let tasks = stage.client.tasks(order.id());
        let (first, second) =
            (tasks.generate_artifact(&kari()).await?, tasks.generate_artifact(&kari()).await?);
        hold(first.order_id == *order.id() && first.task_id == kari(), "the artifact is of another task")?;
        hold(first.artifact.is_some() && second.artifact.is_some(), "there is no artifact")?;
        hold(first.artifact != second.artifact, "the new artifact is the old one")
    }

    pub async fn bad_input(stage: &Stage) -> Result<(), Ended> {
        let order = stage.unsigned().await?;
        stage.not_found(
            "generateArtifact",
            stage.client.tasks(order.id()).generate_artifact(&nothing()).await,
        )?;
        stage.not_found("generateArtifact", stage.client.tasks(&nothing()).generate_artifact(&kari()).await)
    }
}

pub mod get_original_document {
    use super::*;

    pub async fn flow(stage: &Stage) -> Result<(), Ended> {
        let order = stage.unsigned().await?;
        let document = stage.client.tasks(order.id()).document(&kari(), &loan());
        let original = document.original().bytes(LIMIT).await?;
        hold(original == DOCUMENT, "the original is not the document that was uploaded")
    }

    pub async fn bad_input(stage: &Stage) -> Result<(), Ended> {
        let (no_document, no_order) = missing(stage).await?;
        stage.not_found("getOriginalDocument", no_document.original().bytes(LIMIT).await)?;
        stage.not_found("getOriginalDocument", no_order.original().bytes(LIMIT).await)
    }
}

pub mod get_generated_document {
    use super::*;

    /// When the service generates one, and what, is not known; that it is none without content is.
    pub async fn flow(stage: &Stage) -> Result<(), Ended> {
        let order = stage.unsigned().await?;
        let document = stage.client.tasks(order.id()).document(&kari(), &loan());
        match document.generated().bytes(LIMIT).await {
            Ok(generated) => hold(!generated.is_empty(), "the generated document is empty"),
            Err(error) if error.is_not_found() => stage.otherwise("has no document before it is signed"),
            Err(error) => Err(error.into()),
        }
    }

    pub async fn bad_input(stage: &Stage) -> Result<(), Ended> {
        let (no_document, no_order) = missing(stage).await?;
        stage.not_found("getGeneratedDocument", no_document.generated().bytes(LIMIT).await)?;
        stage.not_found("getGeneratedDocument", no_order.generated().bytes(LIMIT).await)
    }
}

pub mod get_result_document {
    use super::*;

    pub async fn flow(stage: &Stage) -> Result<(), Ended> {
        let order = stage.signed().await?;
        let document = stage.client.tasks(order.id()).document(&kari(), &loan());
        let evidence = document.result().bytes(LIMIT).await?;
        hold(!evidence.is_empty() && evidence != DOCUMENT, "the evidence of the signature is none")
    }

    pub async fn bad_input(stage: &Stage) -> Result<(), Ended> {
        let (no_document, no_order) = missing(stage).await?;
        stage.not_found("getResultDocument", no_document.result().bytes(LIMIT).await)?;
        stage.not_found("getResultDocument", no_order.result().bytes(LIMIT).await)
    }
}

/// A document that a task does not have, and one of an order that is none.
async fn missing(stage: &Stage) -> Result<(TaskDocument, TaskDocument), Ended> {
    let order = stage.unsigned().await?;
    let of_no_order = stage.client.tasks(&nothing()).document(&kari(), &loan());
    Ok((stage.client.tasks(order.id()).document(&kari(), &nothing()), of_no_order))
}
