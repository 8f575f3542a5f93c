//! A document of an order, with all that can be said of it.

use std::fmt;

use crate::ids::{DocumentId, TaskDocumentId};
use crate::redact::Fields;
use crate::types;

/// A document and what is done with it: signed, viewed, or brought by the signer.
///
/// Given to an order by [`add_document`](crate::NewOrderBuilder::add_document) it is for every signer, and has the id
/// `<document>-<signer>` in each one's task; given to one signer it is theirs alone. In a task it has the id that it
/// says.
///
/// ```
/// use signicat_sign::{DocumentId, NewDocument, NewOrder, Signer};
///
/// let (loan, terms): (DocumentId, DocumentId) = ("0502…1".parse()?, "0502…2".parse()?);
/// let order = NewOrder::builder()
///     .add_document(NewDocument::sign("loan", &loan, "Loan agreement").form_field("amount", "250 000"))
///     .add_document(NewDocument::view("terms", &terms, "Terms"))
///     .signer(Signer::new("kari").handwritten().add_document(NewDocument::upload("payslip", "Your payslip")))
///     .build()?;
/// let ids: Vec<_> = order.model().tasks[0].documents.iter().map(|document| document.id.as_ref().unwrap().as_str()).collect();
/// assert_eq!(ids, ["loan-kari", "terms-kari", "payslip-kari"]);
/// # Ok::<(), signicat_sign::Error>(())
/// ```
///
/// ```
/// use signicat_sign::{DocumentId, NewDocument};
///
/// let pdf: DocumentId = "0502…".parse()?;
/// let loan = NewDocument::sign("loan", &pdf, "Loan agreement")
///     .external_reference("loan-2026-17")
///     .sign_text_entry("The loan agreement")
///     .send_result_to_archive()
///     .form_field("amount", "250 000")
///     .interactive_form(false)
///     .with(|document| document.description = Some("The loan agreement".to_owned()));
/// # Ok::<(), signicat_sign::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "give it to NewOrderBuilder::add_document"]
pub struct NewDocument {
    pub(super) key: String,
    document: types::TaskDocument,
}

impl NewDocument {
    /// A document to sign: a short key of your own, the id that the upload gave, and what the signer reads of it.
    pub fn sign(key: impl Into<String>, id: &DocumentId, description: impl Into<String>) -> Self {
        Self::stored(key, types::DocumentAction::Sign, id, description)
    }

    /// A document to read.
    pub fn view(key: impl Into<String>, id: &DocumentId, description: impl Into<String>) -> Self {
        Self::stored(key, types::DocumentAction::View, id, description)
    }

    /// A document that the signer brings.
    pub fn upload(key: impl Into<String>, description: impl Into<String>) -> Self {
        let document = types::TaskDocument {
            action: Some(types::DocumentAction::Upload),
            source: Some(types::DocumentSource::Upload),
            description: Some(description.into()),
            ..Default::default()
        };
        Self { key: key.into(), document }
    }

    fn stored(
        key: impl Into<String>,
        action: types::DocumentAction,
        id: &DocumentId,
        description: impl Into<String>,
    ) -> Self {
        let document = types::TaskDocument {
            action: Some(action),
            source: Some(types::DocumentSource::Session),
            document_ref: Some(id.clone()),
            description: Some(description.into()),
            ..Default::default()
        };
        Self { key: key.into(), document }
    }

    /// The caller's own reference for the document.
    pub fn external_reference(mut self, reference: impl Into<String>) -> Self {
        self.document.external_reference = Some(reference.into());
        self
    }

    /// The document's line in the text that is signed. Not every signature method and document takes one.
    pub fn sign_text_entry(mut self, line: impl Into<String>) -> Self {
        self.document.sign_text_entry = Some(line.into());
        self
    }

    /// Keeps the signed document in the archive.
    pub fn send_result_to_archive(mut self) -> Self {
        self.document.send_result_to_archive = Some(true);
        self
    }

    /// Fills in a field of the document's form beforehand.
    pub fn form_field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let field =
            types::FormParam { name: Some(name.into()), value: Some(value.into()), ..Default::default() };
        self.document.form.get_or_insert_default().input_params.push(field);
        self
    }

    /// Says whether the signer can fill in the document's form.
    pub fn interactive_form(mut self, interactive: bool) -> Self {
        self.document.form.get_or_insert_default().interactive = Some(interactive);
        self
    }

    /// Sets whatever else the API takes of a document. An id that is put there is not taken.
    pub fn with(mut self, change: impl FnOnce(&mut types::TaskDocument)) -> Self {
        change(&mut self.document);
        self
    }

    /// The document by that id, which is still to be verified.
    pub(super) fn finish(self, id: String) -> types::TaskDocument {
        types::TaskDocument { id: Some(TaskDocumentId::unverified(id)), ..self.document }
    }
}

impl fmt::Debug for NewDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Fields::new(f, "NewDocument").field("key", &self.key).field("document", &self.document).finish()
    }
}
