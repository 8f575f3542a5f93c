//! Documents in session storage.

use crate::client::Client;
use crate::download::Download;
use crate::error::Result;
use crate::ids::DocumentId;
use crate::upload::Upload;

/// The documents in session storage, where they wait, short-term, to be signed. From [`Client::documents`].
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign =>
/// let documents = sign.documents();
/// let loan = documents.upload(Upload::from_bytes(&b"%PDF-1.7 ..."[..])?).await?;
/// assert_eq!(documents.download(&loan).bytes(100).await?, "%PDF-1.7 ...");
/// documents.delete(&loan).await?;
/// # );
/// ```
#[derive(Clone, Debug)]
pub struct Documents {
    client: Client,
}

impl Documents {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Uploads a document and gives the id that an order refers to it by.
    ///
    /// Each upload makes a new document: it is not tried again where the service may have had it whole. What is sent are
    /// the bytes, no form, as `application/pdf` unless it is set otherwise: so do NT, TE, SW and RB.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign =>
    /// let pdf = sign.documents().upload(Upload::from_path("examples/contract.pdf").await?).await?;
    /// println!("an order refers to it as {pdf}");
    ///
    /// let error = sign.documents().upload(Upload::from_bytes(&b"<html>"[..])?).await.unwrap_err();
    /// assert!(error.is_validation()); // nothing was sent
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_validation`](crate::Error::is_validation) if it is said to be a PDF and is none, before
    /// anything is sent, or if the service does not take it.
    /// [`outcome`](crate::Error::outcome) says whether a document may have been made.
    pub async fn upload(&self, upload: Upload) -> Result<DocumentId> {
        upload.check()?;
        let call = self.client.with_upload(upload).call();
        // The body itself is opened for each attempt.
        let answer = call.raw.upload_document(reqwest::Body::default()).await;
        call.read("upload_document", answer).map(|uploaded| uploaded.document_id)
    }

    /// A document as it was uploaded.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(folder; sandbox, sign, pdf =>
    /// let saved = sign.documents().download(&pdf).save_to(folder.join("loan.pdf")).await?;
    /// assert_eq!(saved.length(), std::fs::metadata(saved.path())?.len());
    /// # );
    /// ```
    pub fn download(&self, id: &DocumentId) -> Download {
        let id = id.clone();
        Download::new(self.client.clone(), "get_document", move |raw| {
            Box::pin(async move { raw.get_document(&id).await })
        })
    }

    /// Deletes a document.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// sign.documents().delete(&pdf).await?;
    /// assert!(sign.documents().delete(&pdf).await.unwrap_err().is_not_found());
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`](crate::Error::is_not_found) if there is none of that id, unless an earlier
    /// attempt of this call deleted it.
    pub async fn delete(&self, id: &DocumentId) -> Result<()> {
        let call = self.client.call();
        call.deleted(call.raw.delete_document(id).await)
    }
}
