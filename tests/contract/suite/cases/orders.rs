//! Orders.

use signicat_sign::{Error, types};

use crate::suite::stage::{Stage, kari, nothing};
use crate::suite::{Ended, hold};

pub mod create_order {
    use super::*;

    pub async fn flow(stage: &Stage) -> Result<(), Ended> {
        let order = stage.order_of_two().await?;
        hold(order.tasks() == ["kari", "ola"], "the order's tasks are not those that were sent")?;
        hold(order.packaging_tasks() == ["sealed"], "its packaging tasks are not those that were sent")?;
        hold(order.signing_url(&kari()).is_ok(), "the order says nowhere that kari can sign")?;
        let found = stage.client.orders().get(order.id()).await?;
        hold(
            found.id() == order.id() && found.tasks() == order.tasks(),
            "what is found is not what was created",
        )
    }

    /// An attribute without a value is known to be refused, and where. The builder refuses it too, hence `raw`.
    pub async fn bad_input(stage: &Stage) -> Result<(), Ended> {
        let mut order = stage.new_order(stage.document().await?).build()?.model().clone();
        let mut attribute = types::SubjectAttribute::default();
        attribute.name = Some("national-id".to_owned());
        order.tasks[0].subject.get_or_insert_default().attributes.push(attribute);
        let raw = stage.client.raw().create_order(&order).await;
        let error = stage.refused("createOrder", raw.map(drop).map_err(Error::from))?;
        let is_named =
            |path: &str| error.violations().iter().any(|violation| violation.property_path() == path);
        hold(error.is_validation(), "the refusal is no validation")?;
        hold(is_named("tasks[0].subject.attributes[0].value"), "no violation names the attribute's value")?;

        let order = stage.new_order(&nothing()).build()?;
        match stage.client.orders().create(order).await {
            Ok(_) => stage.otherwise("takes an order of a document that is not stored"),
            Err(error) => {
                let error = stage.refused("createOrder", Err::<(), _>(error))?;
                let path = "tasks[0].documents[0].documentRef";
                match error.violations().iter().any(|violation| violation.property_path() == path) {
                    true => Ok(()),
                    false => stage.otherwise("names no `documentRef` where the document is not stored"),
                }
            }
        }
    }
}

pub mod get_order {
    use super::*;

    pub async fn flow(stage: &Stage) -> Result<(), Ended> {
        let order = stage.unsigned().await?;
        let found = stage.client.orders().get(order.id()).await?;
        hold(found.id() == order.id(), "the order that was found has another id")?;
        hold(found.tasks() == order.tasks(), "the order that was found has other tasks")
    }

    pub async fn bad_input(stage: &Stage) -> Result<(), Ended> {
        stage.not_found("getOrder", stage.client.orders().get(&nothing()).await)
    }
}

pub mod delete_order {
    use super::*;

    pub async fn flow(stage: &Stage) -> Result<(), Ended> {
        let order = stage.order_of_two().await?;
        // It looks whether the order is gone, and for how long that takes.
        Ok(stage.client.orders().delete_confirmed(order.id()).await?)
    }

    pub async fn bad_input(stage: &Stage) -> Result<(), Ended> {
        stage.not_found("deleteOrder", stage.client.orders().delete(&nothing()).await)
    }
}
