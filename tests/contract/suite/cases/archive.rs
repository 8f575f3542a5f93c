//! Documents in the archive.

use crate::suite::stage::{LIMIT, Stage, nothing};
use crate::suite::{Ended, hold};

pub mod get_archived_document {
    use super::*;

    pub async fn flow(stage: &Stage) -> Result<(), Ended> {
        let id = stage.archived().await?;
        let archived = stage.client.archive().download(&id).bytes(LIMIT).await?;
        if !stage.is_sandbox() {
            // Whose it is, and of what kind, is not known.
            return Ok(());
        }
        let order = stage.signed().await?;
        let sealed = &order.packaging_tasks()[0];
        let sealed = stage.client.packaging(order.id()).result(sealed).bytes(LIMIT).await?;
        hold(archived == sealed, "what was archived is not what was sealed")
    }

    pub async fn bad_input(stage: &Stage) -> Result<(), Ended> {
        let missing = stage.client.archive().download(&nothing()).bytes(LIMIT).await;
        stage.not_found("getArchivedDocument", missing)
    }
}

pub mod delete_archived_document {
    use super::*;

    pub async fn flow(stage: &Stage) -> Result<(), Ended> {
        let id = stage.archived().await?;
        let archive = stage.client.archive();
        archive.delete(&id).await?;
        let is_gone = archive.download(&id).bytes(LIMIT).await.is_err_and(|error| error.is_not_found());
        hold(is_gone, "it is not seen that the document is gone from the archive")
    }

    pub async fn bad_input(stage: &Stage) -> Result<(), Ended> {
        stage.not_found("deleteArchivedDocument", stage.client.archive().delete(&nothing()).await)
    }
}
