//! What comes after an order: its evidence, its collection in a folder, its deletion.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use signicat_sign::{Client, Collected, CompletedOrder, Error, ErrorKind, Manifest, OrderId, Outcome};
use tempfile::tempdir;

use crate::support::virtual_time::VirtualTime;
use crate::support::{Answer, Received, Service, TOKEN, files_in};

const SIGNING_URL: &str = "https://sign.example.com/s/planted";
const ARTIFACT: &str = "planted-artifact";

fn id() -> OrderId {
    "1".parse().unwrap()
}

/// A service with one order that was completed: of kari, who signed the loan, and the packaging task "sealed".
async fn service(other: impl Fn(&Received) -> Option<Answer> + Send + Sync + 'static) -> Service {
    Service::start(move |request| other(request).unwrap_or_else(|| usual(&request.path))).await
}

fn usual(path: &str) -> Answer {
    let api = "https://api.signicat.com/enterprise/sign";
    let ids = |list: &str, member: &str| {
        let id = path.split('/').skip_while(|part| *part != list).nth(1).unwrap_or_default();
        json!({ "orderId": "1", member: id })
    };
    let with = |mut value: Value, more: Value| {
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Answer::json(200, &value)
    };
    match path.rsplit('/').next().unwrap() {
        "1" => Answer::json(
            200,
            &json!({ "id": "1", "artifact": ARTIFACT, "clientReference": "case-42",
                "tasks": [{ "id": "kari", "signingUrl": SIGNING_URL, "documents": [{ "id": "loan" }] }],
                "packagingTasks": [{ "id": "sealed" }] }),
        ),
        "status" if path.contains("packaging") => {
            let done = json!({ "packagingTaskStatus": "COMPLETED", "packagingTaskResultUri": format!("{api}{path}") });
            with(ids("packaging-tasks", "packagingTaskId"), done)
        }
        "status" => {
            let uri =
                |what: &str| format!("{api}{}", path.replace("status", &format!("documents/loan/{what}")));
            let loan = json!({ "id": "loan", "originalUri": uri("original"), "generatedUri": uri("generated"),
                "resultUri": uri("result") });
            with(ids("tasks", "taskId"), json!({ "taskStatus": "COMPLETED", "documents": [loan] }))
        }
        "events" => Answer::json(200, &json!([{ "eventType": "TASK_CREATED" }])),
        "forwards" => Answer::json(200, &json!([])),
        "result" if path.contains("documents") => Answer::bytes(200, "application/x-ltv-sdo", b"<sdo/>"),
        _ => Answer::bytes(200, "application/pdf", b"%PDF-1.7 a document"),
    }
}

/// One whose pauses take no time.
fn client(service: &Service, time: &VirtualTime) -> Client {
    service.builder().runtime(Arc::new(time.clone())).build().unwrap()
}

async fn collect(service: &Service, folder: &Path) -> Result<Collected, Error> {
    client(service, &VirtualTime::default()).orders().collect_to(&id(), folder).await
}

async fn completed(client: &Client) -> CompletedOrder {
    let order = client.orders().get(&id()).await.unwrap();
    client.orders().wait(&order).await.unwrap()
}

/// Every file below a folder, by its path in it.
fn all_files(folder: &Path) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    for name in files_in(folder) {
        let path = folder.join(&name);
        if path.is_dir() {
            files.extend(all_files(&path).into_iter().map(|below| format!("{name}/{below}")));
        } else {
            files.insert(name);
        }
    }
    files
}

/// The manifest is what is there, byte for byte, and nothing else is there.
fn check(collected: &Collected) {
    let folder = collected.folder();
    let text = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: Manifest = serde_json::from_str(&text).unwrap();
    assert_eq!(&manifest, collected.manifest());
    assert_eq!((manifest.format_version, manifest.crate_version.as_str()), (1, env!("CARGO_PKG_VERSION")));
    for file in &manifest.files {
        let bytes = std::fs::read(folder.join(&file.name)).unwrap();
        let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((bytes.len() as u64, sha256), (file.size, file.sha256.clone()), "{}", file.name);
        assert!(file.fetched_at.to_system_time() >= manifest.started_at.to_system_time());
        assert!(file.fetched_at.to_system_time() <= manifest.finished_at.to_system_time());
    }
    let mut named: BTreeSet<_> = manifest.files.iter().map(|file| file.name.clone()).collect();
    assert_eq!(named.len(), manifest.files.len(), "each name once");
    named.insert("manifest.json".to_owned());
    assert_eq!(named, all_files(folder));
}

/// What is missing, as operation and ids.
fn missing(collected: &Collected) -> Vec<String> {
    let ids = |missing: &signicat_sign::MissingFile| {
        let source = &missing.source;
        let ids = [
            source.task_id.as_ref().map(|id| id.to_string()),
            source.document_id.as_ref().map(|id| id.to_string()),
            source.packaging_task_id.as_ref().map(|id| id.to_string()),
        ];
        [vec![source.operation.clone()], ids.into_iter().flatten().collect()].concat().join(" ")
    };
    collected.missing().iter().map(ids).collect()
}

const WHOLE: [&str; 10] = [
    "manifest.json",
    "order.json",
    "packaging/sealed/result.pdf",
    "packaging/sealed/status.json",
    "tasks/kari/documents/loan/generated.pdf",
    "tasks/kari/documents/loan/original.pdf",
    "tasks/kari/documents/loan/result.xml",
    "tasks/kari/events.json",
    "tasks/kari/forwards.json",
    "tasks/kari/status.json",
];

#[tokio::test]
async fn all_that_there_is_of_an_order_is_in_one_folder() {
    let service = service(|_| None).await;
    let folder = tempdir().unwrap();
    // A folder that is not there is made.
    let folder = folder.path().join("cases").join("42");
    let done = completed(&client(&service, &VirtualTime::default())).await;
    let collected = done.collect_to(&folder).await.unwrap();
    check(&collected);
    assert!(collected.is_whole() && collected.missing().is_empty());
    assert_eq!(Vec::from_iter(all_files(&folder)), WHOLE);
    let manifest = collected.manifest();
    assert_eq!((manifest.order_id.as_str(), manifest.client_reference.as_deref()), ("1", Some("case-42")));
    let evidence = manifest.files.iter().find(|file| file.name.ends_with("result.xml")).unwrap();
    assert_eq!(
        serde_json::to_value(evidence).unwrap(),
        json!({ "name": "tasks/kari/documents/loan/result.xml", "operation": "get_result_document",
            "taskId": "kari", "documentId": "loan", "size": 6, "mediaType": "application/x-ltv-sdo",
            "sha256": evidence.sha256, "fetchedAt": evidence.fetched_at })
    );
}

#[tokio::test]
async fn no_file_holds_what_its_reader_could_sign_with() {
    let service = service(|_| None).await;
    let folder = tempdir().unwrap();
    let collected = collect(&service, folder.path()).await.unwrap();
    assert!(collected.is_whole());
    for file in all_files(folder.path()) {
        let text = String::from_utf8_lossy(&std::fs::read(folder.path().join(&file)).unwrap()).into_owned();
        for secret in [SIGNING_URL, "planted", ARTIFACT, TOKEN] {
            assert!(!text.contains(secret), "{file} holds {secret}");
        }
    }
}

/// It is written last, and goes first.
#[tokio::test]
async fn a_folder_with_a_manifest_is_a_finished_collection() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("manifest.json");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (looks, at) = (seen.clone(), path.clone());
    let service = service(move |request| {
        looks.lock().unwrap().push((request.path.clone(), at.exists()));
        None
    })
    .await;
    for time in 0..2 {
        assert!(collect(&service, folder.path()).await.unwrap().is_whole());
        let seen = std::mem::take(&mut *seen.lock().unwrap());
        let with_manifest: Vec<_> =
            seen.iter().filter(|(_, is_there)| *is_there).map(|(path, _)| path).collect();
        // The second time, the order itself is read first: without it, all stays as it was.
        assert_eq!(with_manifest, Vec::from_iter((time == 1).then_some("/orders/1")));
        assert!(seen.len() > 5 && path.exists());
    }
}

#[tokio::test]
async fn what_can_not_be_fetched_is_told_and_what_else_there_is_is_there() {
    for (fails, words, answer) in [
        ("/original", "get original document: 503", Answer { status: 503, ..Default::default() }),
        ("/result", "a web page or JSON came", Answer::bytes(200, "text/html", b"<html>sorry</html>")),
        (
            "/documents/loan/generated",
            "get generated document: 404",
            Answer { status: 404, ..Default::default() },
        ),
        ("kari/events", "cannot read the answer", Answer::bytes(200, "application/json", b"[{")),
    ] {
        let is_failing = Arc::new(Mutex::new(true));
        let failing = is_failing.clone();
        let service = service(move |request| {
            let is_it = *failing.lock().unwrap()
                && request.path.ends_with(fails)
                && request.path.contains("tasks/kari");
            is_it.then(|| answer.clone())
        })
        .await;
        let folder = tempdir().unwrap();
        let collected = collect(&service, folder.path()).await.unwrap();
        check(&collected);
        // The status says that each of these is there.
        assert!(!collected.is_whole(), "{fails}");
        let [missing] = collected.missing() else { panic!("{fails}: {collected:?}") };
        assert!(missing.error.contains(words), "{}", missing.error);
        assert_eq!(all_files(folder.path()).len(), WHOLE.len() - 1);

        *is_failing.lock().unwrap() = false;
        let collected = collect(&service, folder.path()).await.unwrap();
        check(&collected);
        assert!(collected.is_whole());
        assert_eq!(Vec::from_iter(all_files(folder.path())), WHOLE);
    }
}

#[tokio::test]
async fn a_second_collection_replaces_the_first() {
    let is_first = Arc::new(Mutex::new(true));
    let first = is_first.clone();
    let service = service(move |request| {
        let is_first = *first.lock().unwrap();
        match request.path.rsplit('/').next().unwrap() {
            "generated" if !is_first => Some(Answer { status: 404, ..Default::default() }),
            "original" if is_first => Some(Answer::bytes(200, "text/plain; x=y", b"a text")),
            _ => None,
        }
    })
    .await;
    let around = tempdir().unwrap();
    let folder = around.path().join("collection");
    let collected = collect(&service, &folder).await.unwrap();
    check(&collected);
    assert!(folder.join("tasks/kari/documents/loan/original.txt").exists());
    // What is not the collection's own stays, whatever a manifest says.
    let outside = around.path().join("outside");
    std::fs::write(&outside, b"outside").unwrap();
    let path = folder.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    for name in [json!("../outside"), json!(outside)] {
        let mut file = manifest["files"][0].clone();
        file["name"] = name;
        manifest["files"].as_array_mut().unwrap().push(file);
    }
    std::fs::write(&path, manifest.to_string()).unwrap();

    *is_first.lock().unwrap() = false;
    let collected = collect(&service, &folder).await.unwrap();
    check(&collected);
    assert_eq!(missing(&collected), ["get_generated_document kari loan"]);
    assert_eq!(std::fs::read(&outside).unwrap(), b"outside");
}

#[tokio::test]
async fn the_folder_of_another_order_is_refused_before_anything_is_sent() {
    let first = service(|_| None).await;
    let folder = tempdir().unwrap();
    assert!(collect(&first, folder.path()).await.unwrap().is_whole());
    let before = all_files(folder.path());
    let path = folder.path().join("manifest.json");
    let manifest = std::fs::read(&path).unwrap();

    let service = service(|_| None).await;
    let client = client(&service, &VirtualTime::default());
    let error = client.orders().collect_to(&"2".parse().unwrap(), folder.path()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Validation, Outcome::NotSent));
    assert!(
        error.to_string().contains("is of another order, 1: give each order a folder of its own"),
        "{error}"
    );
    for no_manifest in ["", "{}", "[]", "{\"orderId\": \"1\""] {
        std::fs::write(&path, no_manifest).unwrap();
        let error = client.orders().collect_to(&id(), folder.path()).await.unwrap_err();
        assert!(error.is_validation() && error.to_string().contains("can't be read"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), no_manifest);
    }
    std::fs::write(&path, manifest).unwrap();
    assert!(service.received().is_empty() && service.token_requests().is_empty());
    assert_eq!(all_files(folder.path()), before);
}

#[tokio::test]
async fn an_order_that_can_not_be_read_is_the_error_and_the_old_collection_stays() {
    let is_gone = Arc::new(Mutex::new(false));
    let gone = is_gone.clone();
    let service =
        service(move |_| gone.lock().unwrap().then(|| Answer { status: 404, ..Default::default() })).await;
    let folder = tempdir().unwrap();
    let collected = collect(&service, folder.path()).await.unwrap();
    *is_gone.lock().unwrap() = true;
    assert!(collect(&service, folder.path()).await.unwrap_err().is_not_found());
    check(&collected);
}

#[tokio::test]
async fn a_place_that_can_not_be_written_is_an_error() {
    let service = service(|_| None).await;
    for (in_the_way, asks) in
        [("", false), ("order.json/x", false), ("tasks", true), ("tasks/kari/events.json/x", true)]
    {
        let folder = tempdir().unwrap();
        let root = folder.path().join("collection");
        let path = root.join(in_the_way);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(root.join(in_the_way).components().as_path(), b"in the way").unwrap();
        let asked = service.received().len();
        let error = collect(&service, &root).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        assert!(error.to_string().contains(&*root.display().to_string()), "{error}");
        assert_eq!(service.received().len() > asked, asks, "{in_the_way}");
        assert!(!root.join("manifest.json").exists());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn no_link_leads_out_of_the_folder() {
    let service = service(|_| None).await;
    let elsewhere = tempdir().unwrap();
    for link in ["tasks", "tasks/kari", "tasks/kari/documents"] {
        let folder = tempdir().unwrap();
        let link = folder.path().join(link);
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), &link).unwrap();
        assert_eq!(collect(&service, folder.path()).await.unwrap_err().kind(), ErrorKind::Io);
        assert!(files_in(elsewhere.path()).is_empty());
    }
    // A link in a file's place is replaced.
    let folder = tempdir().unwrap();
    let file = elsewhere.path().join("file");
    std::fs::write(&file, b"elsewhere").unwrap();
    std::os::unix::fs::symlink(&file, folder.path().join("order.json")).unwrap();
    check(&collect(&service, folder.path()).await.unwrap());
    assert_eq!(std::fs::read(file).unwrap(), b"elsewhere");
}

#[tokio::test]
async fn forwarding_without_end_ends() {
    let next = AtomicUsize::new(0);
    let service = service(move |request| {
        let recipient = format!("t{}", next.fetch_add(1, Ordering::Relaxed));
        let forward = json!([{ "orderId": "1", "taskId": recipient }]);
        match request.path.rsplit('/').next().unwrap() {
            "forwards" => Some(Answer::json(200, &forward)),
            "status" if !request.path.contains("packaging") => {
                Some(Answer::json(200, &json!({ "orderId": "1", "taskId": "x", "taskStatus": "CREATED" })))
            }
            _ => None,
        }
    })
    .await;
    let folder = tempdir().unwrap();
    let collected = collect(&service, folder.path()).await.unwrap();
    let last = collected.missing().last().unwrap();
    assert!(!collected.is_whole() && last.error.contains("forwarded without end"), "{last:?}");
}

#[tokio::test]
async fn evidence_is_each_signed_document_of_the_task_that_decides() {
    let service = service(|request| match request.path.as_str() {
        "/orders/1/tasks/kari/status" => {
            Some(Answer::json(200, &json!({ "orderId": "1", "taskId": "kari", "taskStatus": "CREATED" })))
        }
        "/orders/1/tasks/kari/forwards" => Some(Answer::json(200, &json!([{ "orderId": "1", "taskId": "per" }]))),
        "/orders/1/tasks/per/status" => Some(Answer::json(
            200,
            &json!({ "orderId": "1", "taskId": "per", "taskStatus": "COMPLETED", "documents": [
                { "id": "terms", "originalUri": "https://a" }, { "id": "loan", "resultUri": "https://b" }, {}] }),
        )),
        _ => None,
    })
    .await;
    let done = completed(&client(&service, &VirtualTime::default())).await;
    let evidence = done.evidence().await.unwrap();
    let ids: Vec<_> =
        evidence.iter().map(|document| (document.task().as_str(), document.id().as_str())).collect();
    assert_eq!(ids, [("per", "loan")]);
    assert_eq!(evidence[0].result().bytes(100).await.unwrap(), "<sdo/>");
    assert_eq!(service.received().last().unwrap().path, "/orders/1/tasks/per/documents/loan/result");
    let kari = done.state().tasks()[0].id();
    assert_eq!(done.events(kari).await.unwrap().len(), 1);
    assert_eq!(done.forwards(kari).await.unwrap()[0].task_id, "per");
}

/// Deletes the order, which is there for so many looks more, each of which is answered so. The pauses, too.
async fn delete(looks: usize, status: u16) -> (Result<(), Error>, usize, Vec<Duration>) {
    let looked = Arc::new(AtomicUsize::new(0));
    let (count, is_deleted) = (looked.clone(), Mutex::new(false));
    let service = service(move |request| {
        let mut is_deleted = is_deleted.lock().unwrap();
        if request.method == "DELETE" {
            *is_deleted = true;
            return Some(Answer { status: 204, ..Default::default() });
        }
        if !*is_deleted {
            return None;
        }
        let is_there = count.fetch_add(1, Ordering::Relaxed) < looks;
        (!is_there || status != 200)
            .then(|| Answer { status: if is_there { status } else { 404 }, ..Default::default() })
    })
    .await;
    let time = VirtualTime::default();
    let client = client(&service, &time).with_retry(signicat_sign::RetryPolicy::default().attempts(1));
    let result = completed(&client).await.delete().await;
    (result, looked.load(Ordering::Relaxed), time.pauses())
}

#[tokio::test]
async fn a_deletion_is_looked_after() {
    let seconds = |seconds: &[u64]| seconds.iter().copied().map(Duration::from_secs).collect::<Vec<_>>();
    let (result, looks, pauses) = delete(0, 200).await;
    result.unwrap();
    assert_eq!((looks, pauses), (1, vec![]));

    let (result, looks, pauses) = delete(3, 200).await;
    result.unwrap();
    assert_eq!((looks, pauses), (4, seconds(&[1, 2, 4])));

    // A look that fails for a while is no answer.
    let (result, looks, _) = delete(2, 503).await;
    result.unwrap();
    assert_eq!(looks, 3);

    let (result, looks, pauses) = delete(usize::MAX, 200).await;
    let error = result.unwrap_err();
    assert_eq!((looks, pauses), (6, seconds(&[1, 2, 4, 8, 16])));
    assert!(error.is_timeout() && error.outcome() == Outcome::Accepted, "{error:?}");
    let line = "delete order: 204 the deletion was taken, and after 6 looks the order is still there [";
    assert!(error.to_string().starts_with(line), "{error}");

    let (result, looks, _) = delete(usize::MAX, 503).await;
    let error = result.unwrap_err();
    assert_eq!((looks, error.kind(), error.outcome()), (6, ErrorKind::Server, Outcome::Accepted));
    assert!(error.to_string().contains("the deletion is not confirmed: "), "{error}");

    // What will not pass is not asked again.
    let (result, looks, _) = delete(usize::MAX, 403).await;
    assert_eq!((looks, result.unwrap_err().kind()), (1, ErrorKind::Forbidden));
}

#[cfg(feature = "sandbox")]
mod sandbox {
    use signicat_sign::sandbox::Sandbox;
    use signicat_sign::{NewOrder, NewPackaging, NewTask};

    use super::*;
    use crate::sandbox::{in_virtual_time, order_of_two, upload};

    #[tokio::test]
    async fn an_order_that_was_forwarded_and_completed() {
        let sandbox = Sandbox::start().await.unwrap();
        let client = in_virtual_time(&sandbox);
        let order = order_of_two(&client).await;
        let per = sandbox.signer(order.id(), "kari").forwards_to("Per", "per@example.com").unwrap();
        per.signs().unwrap();
        sandbox.signer(order.id(), "ola").signs().unwrap();
        let done = client.orders().wait(&order).await.unwrap();
        let evidence = done.evidence().await.unwrap();
        let ids: Vec<_> = evidence.iter().map(|document| document.task().as_str()).collect();
        assert_eq!(ids, [per.task_id(), "ola"]);

        let folder = tempdir().unwrap();
        let collected = done.collect_to(folder.path()).await.unwrap();
        check(&collected);
        // Kari has signed nothing herself.
        assert_eq!(missing(&collected), ["get_result_document kari loan-kari"]);
        assert!(collected.is_whole());
        let forwards: Value =
            serde_json::from_slice(&std::fs::read(folder.path().join("tasks/kari/forwards.json")).unwrap())
                .unwrap();
        assert_eq!(forwards[0]["taskId"], per.task_id());
        let of_per = folder.path().join("tasks").join(per.task_id()).join("documents/loan-kari");
        assert_eq!(files_in(&of_per), ["generated.pdf", "original.pdf", "result.xml"]);
        assert!(
            std::fs::read(folder.path().join("packaging/sealed/result.pdf")).unwrap().starts_with(b"%PDF-")
        );

        done.delete().await.unwrap();
        assert!(client.orders().delete_confirmed(done.id()).await.unwrap_err().is_not_found());
    }

    #[tokio::test]
    async fn an_order_that_was_rejected_or_has_expired() {
        for expires in [false, true] {
            let sandbox = Sandbox::start().await.unwrap();
            let client = in_virtual_time(&sandbox);
            let order = order_of_two(&client).await;
            let kari = sandbox.signer(order.id(), "kari");
            if expires { kari.expires() } else { kari.rejects("wrong amount") }.unwrap();
            let folder = tempdir().unwrap();
            let collected = client.orders().collect_to(order.id(), folder.path()).await.unwrap();
            check(&collected);
            assert_eq!(
                missing(&collected),
                [
                    "get_result_document kari loan-kari",
                    "get_result_document ola loan-ola",
                    "get_packaging_task_result sealed"
                ]
            );
            assert!(collected.is_whole() && collected.missing()[0].error.contains("404"));
            let status = std::fs::read_to_string(folder.path().join("tasks/kari/status.json")).unwrap();
            assert!(status.contains(if expires { "EXPIRED" } else { "wrong amount" }), "{status}");
            client.orders().delete_confirmed(order.id()).await.unwrap();
        }
    }

    #[tokio::test]
    async fn ids_may_hold_anything() {
        let sandbox = Sandbox::builder().signs_by_themselves().packaging_delay(0).start().await.unwrap();
        let client = in_virtual_time(&sandbox);
        let pdf = upload(&client).await;
        let long = "x".repeat(250);
        let ids = [
            "../../escape",
            "..\\up",
            "C:\\x",
            ".hidden",
            "CON",
            "con",
            "Con",
            "a b",
            "kåri",
            "100%",
            "...",
            "a~b",
            &long,
            &format!("{long}y"),
            "manifest.json",
            "/etc/passwd",
        ];
        let mut order = NewOrder::builder();
        for id in ids {
            let mut task = NewTask::new(id).handwritten();
            for document in ids {
                task = task.sign(document, &pdf, "Loan");
            }
            order = order.task(task);
        }
        let order = order.packaging(NewPackaging::pades("..\\sealed")).build().unwrap();
        let order = client.orders().create(order).await.unwrap();
        let folder = tempdir().unwrap();
        let root = folder.path().join("collection");
        let collected = client.orders().collect_to(order.id(), &root).await.unwrap();
        check(&collected);
        assert!(collected.is_whole() && collected.missing().is_empty(), "{:?}", missing(&collected));
        assert_eq!(files_in(folder.path()), ["collection"]);
        assert_eq!(files_in(&root), ["manifest.json", "order.json", "packaging", "tasks"]);
        let files = &collected.manifest().files;
        assert_eq!(files.len(), 1 + ids.len() * (3 + ids.len() * 3) + 2);
        // On a system that does not tell case apart, too.
        let names: BTreeSet<_> = files.iter().map(|file| file.name.to_lowercase()).collect();
        assert_eq!(names.len(), files.len());
        for part in names.iter().flat_map(|name| name.split('/')) {
            assert!(
                part.len() <= 100 && part.is_ascii() && !part.starts_with('.') && !part.contains(['\\', ':'])
            );
        }
    }
}

/// It may be the last copy: the order is deleted some days after its end.
#[tokio::test]
async fn what_is_not_given_this_time_stays_from_the_time_before() {
    let fails = Arc::new(AtomicUsize::new(0));
    let failing = fails.clone();
    let service = service(move |request| {
        let is_sealed = request.path.ends_with("packaging-tasks/sealed/result");
        (is_sealed && failing.load(Ordering::Relaxed) == 1)
            .then(|| Answer { status: 503, ..Default::default() })
    })
    .await;
    let folder = tempdir().unwrap();
    let first = collect(&service, folder.path()).await.unwrap();
    let sealed = |collected: &Collected| {
        collected.manifest().files.iter().find(|file| file.name == "packaging/sealed/result.pdf").cloned()
    };
    fails.store(1, Ordering::Relaxed);
    let second = collect(&service, folder.path()).await.unwrap();
    assert!(!second.is_whole());
    assert_eq!(sealed(&second).unwrap(), sealed(&first).unwrap());
    check(&second);
    // A manifest does not speak of what somebody has taken away.
    std::fs::remove_file(folder.path().join("packaging/sealed/result.pdf")).unwrap();
    let third = collect(&service, folder.path()).await.unwrap();
    assert_eq!(sealed(&third), None);
    check(&third);
}

/// Whatever was interrupted is known to the next one.
#[tokio::test]
async fn an_interrupted_collection_is_taken_up() {
    let service = service(|_| None).await;
    let folder = tempdir().unwrap();
    let whole = collect(&service, folder.path()).await.unwrap();
    let aside = folder.path().join("manifest.previous.json");
    std::fs::rename(folder.path().join("manifest.json"), &aside).unwrap();
    let client = client(&service, &VirtualTime::default());
    let other = client.orders().collect_to(&"2".parse().unwrap(), folder.path()).await.unwrap_err();
    assert!(other.is_validation() && other.to_string().contains("of another order, 1"), "{other}");
    let again = collect(&service, folder.path()).await.unwrap();
    assert_eq!(again.manifest().files.len(), whole.manifest().files.len());
    assert!(!aside.exists());
    check(&again);
}

/// Names that mean files which are there, or nothing at all.
#[tokio::test]
async fn a_manifest_that_lies_costs_nothing() {
    let service = service(|_| None).await;
    let folder = tempdir().unwrap();
    let collected = collect(&service, folder.path()).await.unwrap();
    let path = folder.path().join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let file = manifest["files"][0].clone();
    for name in [
        "tasks//kari/status.json",
        "tasks/./kari/events.json",
        "",
        ".",
        "tasks/kari",
        "order.json/x",
        "order.json/",
    ] {
        let mut lie = file.clone();
        lie["name"] = json!(name);
        manifest["files"].as_array_mut().unwrap().push(lie);
    }
    std::fs::write(&path, manifest.to_string()).unwrap();
    let again = collect(&service, folder.path()).await.unwrap();
    assert_eq!(again.manifest().files.len(), collected.manifest().files.len());
    check(&again);
}

#[tokio::test]
async fn an_answer_of_another_order_is_no_answer() {
    let other = json!({ "id": "2", "tasks": [{ "id": "kari" }] });
    let service =
        service(move |request| request.path.ends_with("/1").then(|| Answer::json(200, &other))).await;
    let folder = tempdir().unwrap();
    let error = collect(&service, folder.path()).await.unwrap_err();
    assert!(error.is_decode() && error.to_string().contains("of another order, 2"), "{error}");
    assert_eq!(all_files(folder.path()), BTreeSet::new());
}

#[tokio::test]
async fn a_manifest_of_another_release_is_left_alone() {
    let service = service(|_| None).await;
    let folder = tempdir().unwrap();
    _ = collect(&service, folder.path()).await.unwrap();
    let path = folder.path().join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    manifest["formatVersion"] = json!(2);
    std::fs::write(&path, manifest.to_string()).unwrap();
    let error = collect(&service, folder.path()).await.unwrap_err();
    assert!(error.is_validation() && error.to_string().contains("another release"), "{error}");
}

/// A gateway that does not know the way says nothing of the order.
#[tokio::test]
async fn a_web_page_confirms_no_deletion() {
    let service = service(|request| match request.method.as_str() {
        "DELETE" => Some(Answer { status: 204, ..Default::default() }),
        _ => Some(Answer::bytes(404, "text/html", b"\n<html>no such page</html>")),
    })
    .await;
    let client = client(&service, &VirtualTime::default());
    let error = client.orders().delete_confirmed(&id()).await.unwrap_err();
    assert!(error.to_string().contains("not confirmed"), "{error}");
}
