//! Documents in session storage.

use signicat_sign::Error;

use crate::suite::stage::{DOCUMENT, LIMIT, Stage, nothing};
use crate::suite::{Ended, hold};

pub mod upload_document {
    use super::*;

    pub async fn flow(stage: &Stage) -> Result<(), Ended> {
        let id = stage.upload().await?;
        let stored = match stage.client.documents().download(&id).bytes(LIMIT).await {
            Err(error) if error.is_not_found() => {
                return Err(Ended::failed("what was uploaded is not there"));
            }
            stored => stored?,
        };
        hold(stored == DOCUMENT, "what is stored is not what was uploaded")?;
        hold(stage.upload().await? != id, "two documents have one id")
    }

    /// The wrapper sends no empty document, hence `raw`.
    pub async fn bad_input(stage: &Stage) -> Result<(), Ended> {
        let empty = stage.client.raw().upload_document(reqwest::Body::default()).await;
        stage.refused("uploadDocument", empty.map(drop).map_err(Error::from)).map(drop)
    }
}

pub mod get_document {
    use super::*;

    pub async fn flow(stage: &Stage) -> Result<(), Ended> {
        let stored = stage.client.documents().download(stage.document().await?).bytes(LIMIT).await?;
        hold(stored == DOCUMENT, "the document is not the one that was uploaded")
    }

    pub async fn bad_input(stage: &Stage) -> Result<(), Ended> {
        stage.not_found("getDocument", stage.client.documents().download(&nothing()).bytes(LIMIT).await)
    }
}

pub mod delete_document {
    use super::*;

    pub async fn flow(stage: &Stage) -> Result<(), Ended> {
        let id = stage.upload().await?;
        let documents = stage.client.documents();
        documents.delete(&id).await?;
        let is_gone = documents.download(&id).bytes(LIMIT).await.is_err_and(|error| error.is_not_found());
        hold(is_gone, "it is not seen that the document is gone")
    }

    pub async fn bad_input(stage: &Stage) -> Result<(), Ended> {
        stage.not_found("deleteDocument", stage.client.documents().delete(&nothing()).await)
    }
}
