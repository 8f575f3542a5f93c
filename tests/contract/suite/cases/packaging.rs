//! What is packaged when all have signed.

use signicat_sign::SignatureStructure;
use signicat_sign::types::PackagingTaskStatus;

use crate::suite::stage::{LIMIT, Stage, nothing};
use crate::suite::{Ended, hold};

pub mod get_packaging_task_status {
    use super::*;

    pub async fn flow(stage: &Stage) -> Result<(), Ended> {
        let order = stage.unsigned().await?;
        let sealed = &order.packaging_tasks()[0];
        let status = stage.client.packaging(order.id()).status(sealed).await?;
        hold(status.order_id == *order.id(), "the status is of another order")?;
        hold(status.packaging_task_id == *sealed, "the status is of another packaging task")?;
        let is_created = status.packaging_task_status == Some(PackagingTaskStatus::Created);
        hold(is_created, "packaging that can't have begun is not CREATED")
    }

    pub async fn bad_input(stage: &Stage) -> Result<(), Ended> {
        let order = stage.unsigned().await?;
        let sealed = &order.packaging_tasks()[0];
        stage.not_found(
            "getPackagingTaskStatus",
            stage.client.packaging(order.id()).status(&nothing()).await,
        )?;
        stage.not_found("getPackagingTaskStatus", stage.client.packaging(&nothing()).status(sealed).await)
    }
}

pub mod get_packaging_task_result {
    use super::*;

    pub async fn flow(stage: &Stage) -> Result<(), Ended> {
        let order = stage.signed().await?;
        let result = stage.client.packaging(order.id()).result(&order.packaging_tasks()[0]);
        let sealed = result.bytes(LIMIT).await?;
        hold(SignatureStructure::of_bytes(&sealed).looks_signed(), "the sealed file does not look signed")
    }

    pub async fn bad_input(stage: &Stage) -> Result<(), Ended> {
        let order = stage.unsigned().await?;
        let sealed = &order.packaging_tasks()[0];
        let (here, nowhere) = (stage.client.packaging(order.id()), stage.client.packaging(&nothing()));
        stage.not_found("getPackagingTaskResult", here.result(&nothing()).bytes(LIMIT).await)?;
        stage.not_found("getPackagingTaskResult", nowhere.result(sealed).bytes(LIMIT).await)?;
        match here.result(sealed).bytes(LIMIT).await {
            Ok(_) => Err(Ended::failed("there is a result before anybody has signed")),
            early => stage.not_found("getPackagingTaskResult", early),
        }
    }
}
