//! The sealed file that is to be made when all have signed.

use crate::ids::{PackagingTaskId, TaskDocumentId, TaskId};
use crate::types;

use super::messages;

/// A packaging task: what is sealed into one file, and how.
///
/// Where no document is named, it is every document that is signed in the order.
///
/// ```
/// use signicat_sign::NewPackaging;
///
/// let sealed = NewPackaging::pades("sealed").send_to_archive();
/// let karis = NewPackaging::pades("karis").document("kari", "loan-kari");
/// ```
///
/// ```
/// use signicat_sign::types::PackagingTriggerStatus;
/// use signicat_sign::{NewPackaging, Notification};
///
/// let made = Notification::email("desk@example.com").on(PackagingTriggerStatus::Completed);
/// let sealed = NewPackaging::new("sealed", "pades")
///     .notification(made)
///     .with(|packaging| packaging.send_to_archive = Some(true));
/// ```
#[derive(Clone, Debug)]
#[must_use = "give it to NewOrderBuilder::packaging"]
pub struct NewPackaging {
    id: String,
    documents: Vec<(String, Vec<String>)>,
    packaging_task: types::PackagingTask,
}

impl NewPackaging {
    /// A packaging task by its id, the caller's own, and the name of its method at the service.
    pub fn new(id: impl Into<String>, method: impl Into<String>) -> Self {
        let packaging_task = types::PackagingTask { method: Some(method.into()), ..Default::default() };
        Self { id: id.into(), documents: Vec::new(), packaging_task }
    }

    /// A PDF with everybody's signatures in it (PAdES).
    pub fn pades(id: impl Into<String>) -> Self {
        Self::new(id, "pades")
    }

    /// Seals this document of this task, and no others than those that are named.
    pub fn document(mut self, task: impl Into<String>, document: impl Into<String>) -> Self {
        let (task, document) = (task.into(), document.into());
        match self.documents.iter_mut().find(|(known, _)| *known == task) {
            Some((_, documents)) => documents.push(document),
            None => self.documents.push((task, vec![document])),
        }
        self
    }

    /// Keeps the sealed file in the archive.
    pub fn send_to_archive(mut self) -> Self {
        self.packaging_task.send_to_archive = Some(true);
        self
    }

    /// A message about the packaging: a [`Notification`](crate::Notification) that says
    /// [when](crate::Notification::on), or one in the API's own terms. One without an id gets one.
    pub fn notification(mut self, notification: impl Into<types::PackagingTaskNotification>) -> Self {
        self.packaging_task.notifications.push(notification.into());
        self
    }

    /// Sets whatever else the API takes of a packaging task. The documents are not in it yet; those that are put
    /// there are sealed, and no others than those that are named. An id that is put there is not taken.
    pub fn with(mut self, change: impl FnOnce(&mut types::PackagingTask)) -> Self {
        change(&mut self.packaging_task);
        self
    }

    /// The packaging task for these tasks, with ids that are still to be verified.
    pub(super) fn finish(mut self, tasks: &[types::Task]) -> types::PackagingTask {
        let mut documents: Vec<_> = self.documents.into_iter().map(by_name).collect();
        documents.append(&mut self.packaging_task.documents);
        if documents.is_empty() {
            documents = tasks.iter().filter_map(all_signed).collect();
        }
        let ids = self.packaging_task.notifications.iter_mut().map(|notification| &mut notification.id);
        messages::name(ids, format_args!("{}-seal-message", self.id));
        let id = Some(PackagingTaskId::unverified(self.id));
        types::PackagingTask { id, documents, ..self.packaging_task }
    }
}

/// All that is signed in a task, if anything is.
fn all_signed(task: &types::Task) -> Option<types::PackagingTaskDocument> {
    let signed =
        task.documents.iter().filter(|document| document.action == Some(types::DocumentAction::Sign));
    let document_ids: Vec<_> = signed.filter_map(|document| document.id.clone()).collect();
    let documents =
        types::PackagingTaskDocument { task_id: task.id.clone(), document_ids, ..Default::default() };
    (!documents.document_ids.is_empty()).then_some(documents)
}

fn by_name((task, documents): (String, Vec<String>)) -> types::PackagingTaskDocument {
    types::PackagingTaskDocument {
        task_id: Some(TaskId::unverified(task)),
        document_ids: documents.into_iter().map(TaskDocumentId::unverified).collect(),
        ..Default::default()
    }
}
