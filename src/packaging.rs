//! The packaging tasks of an order: the sealed files that are made when all have signed.

use crate::client::Client;
use crate::download::Download;
use crate::error::Result;
use crate::ids::{OrderId, PackagingTaskId};
use crate::types;

/// The packaging tasks of an order. From [`Client::packaging`].
#[derive(Clone, Debug)]
pub struct Packaging {
    client: Client,
    order: OrderId,
}

impl Packaging {
    pub(crate) fn new(client: Client, order: OrderId) -> Self {
        Self { client, order }
    }

    /// How far a packaging task is. It begins when the last task has completed; if one is rejected or expires,
    /// it stays in CREATED for good.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order, done =>
    /// let status = sign.packaging(order.id()).status(&"sealed".parse()?).await?;
    /// assert_eq!(status.packaging_task_status, Some(types::PackagingTaskStatus::Completed));
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`](crate::Error::is_not_found) if there is no such packaging task.
    pub async fn status(&self, packaging_task: &PackagingTaskId) -> Result<types::PackagingTaskStatusInfo> {
        let call = self.client.call();
        call.read(
            "get_packaging_task_status",
            call.raw.get_packaging_task_status(&self.order, packaging_task).await,
        )
    }

    /// What a packaging task made: for `pades`, a PDF with everybody's signatures. It is there once the
    /// packaging task has completed. It may come by a redirect (TE; medium), which is followed.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(folder; sandbox, sign, pdf, order, done =>
    /// let saved = sign.packaging(order.id()).result(&"sealed".parse()?).save_to(folder.join("sealed.pdf")).await?;
    /// assert!(SignatureStructure::of_file(saved.path()).await?.looks_signed());
    /// # );
    /// ```
    pub fn result(&self, packaging_task: &PackagingTaskId) -> Download {
        let (order, packaging_task) = (self.order.clone(), packaging_task.clone());
        Download::new(self.client.clone(), "get_packaging_task_result", move |raw| {
            Box::pin(async move { raw.get_packaging_task_result(&order, &packaging_task).await })
        })
    }
}

impl types::PackagingTaskStatus {
    /// Whether the packaging task will stay as it is. A status that nobody knows is not final.
    ///
    /// ```
    /// use signicat_sign::types::PackagingTaskStatus;
    ///
    /// assert!(PackagingTaskStatus::Failed.is_final());
    /// assert!(!PackagingTaskStatus::Created.is_final());
    /// ```
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }
}
