//! Documents in the archive.

use crate::client::Client;
use crate::download::Download;
use crate::error::Result;
use crate::ids::ArchiveId;

/// The documents in the archive, which stay until they are deleted. From [`Client::archive`].
///
/// Which answer of the API tells the id that a document has in the archive is not known
/// (`spec/PROVENANCE.md`).
#[derive(Clone, Debug)]
pub struct Archive {
    client: Client,
}

impl Archive {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// A document of the archive.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(folder; sandbox, sign, pdf, order, done =>
    /// let kept: ArchiveId = sandbox.archive_ids()[0].parse()?;
    /// sign.archive().download(&kept).save_to(folder.join("sealed.pdf")).await?;
    /// # );
    /// ```
    pub fn download(&self, id: &ArchiveId) -> Download {
        let id = id.clone();
        Download::new(self.client.clone(), "get_archived_document", move |raw| {
            Box::pin(async move { raw.get_archived_document(&id).await })
        })
    }

    /// Deletes a document from the archive, for good.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order, done =>
    /// let kept: ArchiveId = sandbox.archive_ids()[0].parse()?;
    /// sign.archive().delete(&kept).await?;
    /// assert!(sandbox.archive_ids().is_empty());
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`](crate::Error::is_not_found) if there is none of that id, unless an earlier
    /// attempt of this call deleted it.
    pub async fn delete(&self, id: &ArchiveId) -> Result<()> {
        let call = self.client.call();
        call.deleted(call.raw.delete_archived_document(id).await)
    }
}
