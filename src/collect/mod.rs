//! All that there is of an order, in one folder.

mod manifest;
mod names;

use std::collections::{BTreeSet, VecDeque};
use std::io::{self, BufReader};
use std::path::{Component, Path, PathBuf};

use serde::Serialize;

use crate::client::Client;
use crate::download::Download;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::ids::{OrderId, PackagingTaskId, TaskId};
use crate::orders::Order;
use crate::pdf::is_of_type;
use crate::saved::{Partial, Saved, cannot_write, off_the_runtime};
use crate::state::MAX_FORWARDS;
use crate::timestamp::Timestamp;
use crate::types::{PackagingTaskStatus, TaskStatusDocument};

pub use manifest::{CollectedFile, FileSource, Manifest, MissingFile};
use names::Names;

const FORMAT_VERSION: u32 = 1;
const MANIFEST: &str = "manifest.json";
/// The manifest of the collection before, while this one is being made: what is interrupted is taken up by it.
const PREVIOUS: &str = "manifest.previous.json";
const JSON: &str = "application/json";

/// An order's collection in a folder. From [`CompletedOrder::collect_to`](crate::CompletedOrder::collect_to) and
/// [`Orders::collect_to`](crate::Orders::collect_to).
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(folder; sandbox, sign, pdf, order =>
/// let collected = sign.orders().collect_to(order.id(), folder).await?;
/// assert!(collected.is_whole() && collected.folder() == folder);
/// for file in &collected.manifest().files {
///     println!("{}: {} bytes, by {}", file.name, file.size, file.source.operation);
/// }
/// // Nobody has signed: there is no evidence and no sealed file, and none is expected.
/// assert!(collected.missing().iter().all(|missing| !missing.is_expected));
/// # );
/// ```
#[derive(Clone, Debug)]
#[must_use = "something may be missing"]
pub struct Collected {
    folder: PathBuf,
    manifest: Manifest,
}

impl Collected {
    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What `manifest.json` says.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Whether all that the service says it has is there. What it does not have may be missing all the same: an
    /// order that was rejected has no sealed file.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.manifest.is_whole()
    }

    /// What could not be fetched, and why.
    #[must_use]
    pub fn missing(&self) -> &[MissingFile] {
        &self.manifest.missing
    }
}

/// Collects an order, with these tasks and packaging tasks and those that the service names.
pub(crate) async fn collect(
    client: Client,
    id: &OrderId,
    tasks: impl Iterator<Item = TaskId> + Send,
    packaging_tasks: impl Iterator<Item = PackagingTaskId> + Send,
    folder: &Path,
) -> Result<Collected> {
    let started_at = now(&client);
    let previous = prepare(folder.to_owned(), id.clone()).await?;
    let order_file = Partial::beside(&folder.join("order.json"))?;
    let order = client.orders().get(id).await?;
    if order.id() != id {
        let message = format!("cannot read the answer at id: it is of another order, {}", order.id());
        return Err(Error::new(ErrorKind::Decode, Outcome::Accepted, message).with_operation("get_order"));
    }
    let tasks: VecDeque<_> = tasks.chain(order.tasks().iter().cloned()).collect();
    let packaging_tasks: Vec<_> = packaging_tasks.chain(order.packaging_tasks().iter().cloned()).collect();
    let manifest = Manifest {
        format_version: FORMAT_VERSION,
        crate_version: env!("CARGO_PKG_VERSION").to_owned(),
        order_id: id.clone(),
        client_reference: order.details().client_reference.clone(),
        finished_at: started_at.clone(),
        started_at,
        files: Vec::new(),
        missing: Vec::new(),
    };
    let unfetched = Vec::new();
    let collection = Collection { client, order, folder: folder.to_owned(), manifest, unfetched };
    let collected = collection.make(order_file, tasks, packaging_tasks, previous).await;
    // The calls went well: it is this side that failed.
    collected.map_err(|error| error.with_outcome(Outcome::Accepted))
}

/// Makes the folder, and reads the manifest that it has, or had before it was interrupted: it must be of the same
/// order.
async fn prepare(folder: PathBuf, id: OrderId) -> Result<Option<Manifest>> {
    let path = folder.join(MANIFEST);
    let at = folder.clone();
    let present = off_the_runtime(move || {
        std::fs::create_dir_all(&at)?;
        match read_manifest(&at.join(MANIFEST))? {
            None => read_manifest(&at.join(PREVIOUS)),
            present => Ok(present),
        }
    });
    match present.await.map_err(|error| cannot_write(&folder, error))? {
        None => Ok(None),
        Some(Ok(manifest)) if manifest.format_version != FORMAT_VERSION => Err(Error::invalid(format!(
            "{} was written by another release of signicat-sign: give this collection a folder of its own",
            path.display()
        ))),
        Some(Ok(manifest)) if manifest.order_id == id => Ok(Some(manifest)),
        Some(Ok(manifest)) => Err(Error::invalid(format!(
            "{} is of another order, {}: give each order a folder of its own",
            path.display(),
            manifest.order_id,
        ))),
        Some(Err(_)) => Err(Error::invalid(format!(
            "{} can't be read as a collection's: give each order a folder of its own",
            path.display()
        ))),
    }
}

fn read_manifest(path: &Path) -> io::Result<Option<serde_json::Result<Manifest>>> {
    match std::fs::metadata(path) {
        // Opening a pipe would wait for somebody at its other end.
        Ok(present) if !present.is_file() => Err(io::ErrorKind::Unsupported.into()),
        Ok(_) => Ok(Some(serde_json::from_reader(BufReader::new(std::fs::File::open(path)?)))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A collection in the making.
struct Collection {
    client: Client,
    order: Order,
    folder: PathBuf,
    manifest: Manifest,
    /// What the service may well have, and did not give this time.
    unfetched: Vec<FileSource>,
}

impl Collection {
    async fn make(
        mut self,
        order_file: Partial,
        tasks: VecDeque<TaskId>,
        packaging_tasks: Vec<PackagingTaskId>,
        previous: Option<Manifest>,
    ) -> Result<Collected> {
        // First, so that it never speaks of files that are not its own.
        self.set_aside().await?;
        let details = self.order.details().clone();
        let saved = write_json(order_file, &details).await?;
        self.keep("order.json".to_owned(), source("get_order"), Some(JSON.to_owned()), saved);
        self.tasks(tasks).await?;
        self.packaging(packaging_tasks).await?;
        self.settle_what_is_old(previous).await?;
        self.manifest.finished_at = now(&self.client);
        // Last: a folder with a manifest is a finished collection.
        write_json(Partial::beside(&self.folder.join(MANIFEST))?, &self.manifest).await?;
        self.remove(PREVIOUS).await?;
        Ok(Collected { folder: self.folder, manifest: self.manifest })
    }

    /// The tasks, and those that they were forwarded to.
    async fn tasks(&mut self, mut open: VecDeque<TaskId>) -> Result<()> {
        let most = open.len() + MAX_FORWARDS;
        let (mut names, mut seen) = (Names::default(), BTreeSet::new());
        while let Some(task) = open.pop_front() {
            if !seen.insert(task.clone()) {
                continue;
            }
            let of_task = |operation| FileSource { task_id: Some(task.clone()), ..source(operation) };
            if seen.len() > most {
                let error =
                    Error::new(ErrorKind::Decode, Outcome::Accepted, "tasks are forwarded without end");
                return self.miss(of_task("get_task_status"), true, error);
            }
            let folder = format!("tasks/{}", names.of(task.as_str()));
            let tasks = self.client.tasks(self.order.id());
            let status = tasks.status(&task).await;
            let status =
                self.json(format!("{folder}/status.json"), of_task("get_task_status"), status).await?;
            let events = tasks.events(&task).await;
            self.json(format!("{folder}/events.json"), of_task("get_task_events"), events).await?;
            let forwards = tasks.forwards(&task).await;
            let forwards =
                self.json(format!("{folder}/forwards.json"), of_task("get_task_forwards"), forwards).await?;
            open.extend(forwards.into_iter().flatten().map(|forward| forward.task_id));

            let told = status.map(|status| status.documents).unwrap_or_default();
            self.documents(&task, &folder, &told).await?;
        }
        Ok(())
    }

    /// The documents that the task's status tells of, and those that the order gave it.
    async fn documents(&mut self, task: &TaskId, folder: &str, told: &[TaskStatusDocument]) -> Result<()> {
        let tasks = self.client.tasks(self.order.id());
        let ordered = self.order.details().tasks.iter().filter(|ordered| ordered.id.as_ref() == Some(task));
        let ordered =
            ordered.flat_map(|ordered| &ordered.documents).filter_map(|document| document.id.clone());
        let ids: Vec<_> = told.iter().filter_map(|document| document.id.clone()).chain(ordered).collect();
        let (mut names, mut seen) = (Names::default(), BTreeSet::new());
        for id in ids.into_iter().filter(|id| seen.insert(id.clone())) {
            let stem = format!("{folder}/documents/{}", names.of(id.as_str()));
            let document = tasks.document(task, &id);
            let told = told.iter().find(|told| told.id.as_ref() == Some(&id));
            let has = |uri: fn(&TaskStatusDocument) -> &Option<String>| {
                told.is_some_and(|told| uri(told).is_some())
            };
            for (name, download, is_told) in [
                ("original", document.original(), has(|told| &told.original_uri)),
                ("generated", document.generated(), has(|told| &told.generated_uri)),
                ("result", document.result(), has(|told| &told.result_uri)),
            ] {
                let source = FileSource {
                    task_id: Some(task.clone()),
                    document_id: Some(id.clone()),
                    ..source(download.operation())
                };
                self.document(format!("{stem}/{name}"), source, is_told, download).await?;
            }
        }
        Ok(())
    }

    async fn packaging(&mut self, packaging_tasks: Vec<PackagingTaskId>) -> Result<()> {
        let (mut names, mut seen) = (Names::default(), BTreeSet::new());
        for id in packaging_tasks.into_iter().filter(|id| seen.insert(id.clone())) {
            let of_task = |operation| FileSource { packaging_task_id: Some(id.clone()), ..source(operation) };
            let folder = format!("packaging/{}", names.of(id.as_str()));
            let packaging = self.client.packaging(self.order.id());
            let status = packaging.status(&id).await;
            let of_status = of_task("get_packaging_task_status");
            let status = self.json(format!("{folder}/status.json"), of_status, status).await?;
            let is_done = status
                .is_some_and(|status| status.packaging_task_status == Some(PackagingTaskStatus::Completed));
            let result = packaging.result(&id);
            let of_result = of_task(result.operation());
            self.document(format!("{folder}/result"), of_result, is_done, result).await?;
        }
        Ok(())
    }

    /// Keeps an answer, and gives it back.
    async fn json<T: Serialize + Send + Sync>(
        &mut self,
        name: String,
        source: FileSource,
        answer: Result<T>,
    ) -> Result<Option<T>> {
        match answer {
            Ok(answer) => {
                let path = self.place(&name).await?;
                let saved = write_json(Partial::beside(&path)?, &answer).await?;
                self.keep(name, source, Some(JSON.to_owned()), saved);
                Ok(Some(answer))
            }
            Err(error) => self.miss(source, true, error).map(|()| None),
        }
    }

    /// Keeps a document, under a name that its media type completes.
    async fn document(
        &mut self,
        stem: String,
        source: FileSource,
        is_told: bool,
        download: Download,
    ) -> Result<()> {
        let stream = match download.stream().await {
            Ok(stream) => stream,
            Err(error) => {
                let is_expected = is_told || !error.is_not_found();
                return self.miss(source, is_expected, error);
            }
        };
        let media_type = stream.content_type().map(str::to_owned);
        let name = format!("{stem}.{}", extension(media_type.as_deref().unwrap_or_default()));
        let path = self.place(&name).await?;
        match stream.save(Partial::beside(&path)?).await {
            Ok(saved) => {
                self.keep(name, source, media_type, saved);
                Ok(())
            }
            Err(error) => self.miss(source, true, error),
        }
    }

    fn keep(&mut self, name: String, source: FileSource, media_type: Option<String>, saved: Saved) {
        self.manifest.files.push(CollectedFile {
            name,
            source,
            size: saved.length(),
            sha256: saved.sha256_hex(),
            fetched_at: now(&self.client),
            media_type,
        });
    }

    /// Notes what can't be fetched. What can't be written is another matter.
    fn miss(&mut self, source: FileSource, is_expected: bool, error: Error) -> Result<()> {
        if error.kind() == ErrorKind::Io {
            return Err(error);
        }
        if is_expected {
            self.unfetched.push(source.clone());
        }
        self.manifest.missing.push(MissingFile { source, error: error.to_string(), is_expected });
        Ok(())
    }

    /// Where a file of this name goes, with the folders that it is in.
    async fn place(&self, name: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        let (folder, parts) = (self.folder.clone(), name.to_owned());
        let made = off_the_runtime(move || folders(folder, &parts, true)).await;
        made.map(|_| path.clone()).map_err(|error| cannot_write(&path, error))
    }

    /// Removes a file, if it is there.
    async fn remove(&self, name: &str) -> Result<()> {
        let (folder, at) = (self.folder.clone(), name.to_owned());
        let removed = off_the_runtime(move || {
            folders(folder.clone(), &at, false)?;
            std::fs::remove_file(folder.join(at))
        });
        match removed.await {
            Err(error) if is_nowhere(&error) => Ok(()),
            removed => removed.map_err(|error| cannot_write(&self.folder.join(name), error)),
        }
    }

    /// Sets the manifest of the collection before aside.
    async fn set_aside(&self) -> Result<()> {
        let (from, to) = (self.folder.join(MANIFEST), self.folder.join(PREVIOUS));
        match off_the_runtime(move || std::fs::rename(from, to)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(cannot_write(&self.folder.join(MANIFEST), error))
            }
            _ => Ok(()),
        }
    }

    /// Removes the files of the collection that was here before. What was replaced stays, and so does what could not
    /// be fetched this time: it may be the last copy.
    async fn settle_what_is_old(&mut self, previous: Option<Manifest>) -> Result<()> {
        // As a system compares them that takes `a` and `A` for one name.
        let mut kept: BTreeSet<_> = self.manifest.files.iter().map(|file| file.name.to_lowercase()).collect();
        for mut file in previous.into_iter().flat_map(|previous| previous.files) {
            // Anybody may have written that manifest.
            let Some(name) = plain(&file.name) else { continue };
            if !kept.insert(name.to_lowercase()) {
                continue;
            }
            file.name = name;
            if !self.unfetched.contains(&file.source) {
                self.remove(&file.name).await?;
            } else if self.is_there(&file).await {
                self.manifest.files.push(file);
            }
        }
        Ok(())
    }

    async fn is_there(&self, file: &CollectedFile) -> bool {
        let (folder, name, size) = (self.folder.clone(), file.name.clone(), file.size);
        let there = off_the_runtime(move || {
            folders(folder.clone(), &name, false)?;
            std::fs::symlink_metadata(folder.join(name))
        });
        there.await.is_ok_and(|present| present.is_file() && present.len() == size)
    }
}

/// There is no such file, or something that is none.
fn is_nowhere(error: &io::Error) -> bool {
    use io::ErrorKind::{IsADirectory, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | IsADirectory)
}

/// A name of parts that are names, with `/` between them.
fn plain(name: &str) -> Option<String> {
    let part = |part: Component<'_>| match part {
        Component::Normal(part) => part.to_str().map(str::to_owned),
        _ => None,
    };
    let parts: Option<Vec<_>> = Path::new(name).components().map(part).collect();
    parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join("/"))
}

/// Goes down the folders that a file is in, and makes those that are not there. None of them may lead elsewhere.
fn folders(mut folder: PathBuf, name: &str, make: bool) -> io::Result<()> {
    for part in Path::new(name).parent().into_iter().flat_map(Path::components) {
        folder.push(part);
        match std::fs::symlink_metadata(&folder) {
            Ok(present) if present.is_dir() => {}
            Ok(_) => return Err(io::ErrorKind::NotADirectory.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound && make => std::fs::create_dir(&folder)?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn write_json(file: Partial, value: &(impl Serialize + Sync)) -> Result<Saved> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|error| file.cannot_write(error.into()))?;
    text.push(b'\n');
    file.append(vec![text.into()]).await?.keep().await
}

fn source(operation: &str) -> FileSource {
    FileSource { operation: operation.to_owned(), ..FileSource::default() }
}

fn now(client: &Client) -> Timestamp {
    Timestamp::of(client.shared().runtime.wall_clock())
}

fn extension(media_type: &str) -> &'static str {
    let known = [
        ("application/pdf", "pdf"),
        ("application/xml", "xml"),
        ("text/xml", "xml"),
        ("application/x-ltv-sdo", "xml"),
        ("application/json", "json"),
        ("text/plain", "txt"),
    ];
    let known = known.into_iter().find(|(known, _)| is_of_type(media_type, known));
    known.map_or("bin", |(_, extension)| extension)
}
