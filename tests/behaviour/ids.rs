//! Ids arrive as they are, or not at all.

use signicat_sign::{ArchiveId, DocumentId, OrderId, Outcome, PackagingTaskId, TaskDocumentId, TaskId};

use crate::support::{Answer, Service};

const REFUSED: [&str; 6] = ["", ".", "..", "a\nb", "\u{7f}", "a\0"];
const TAKEN: [&str; 12] = [
    "a/b",
    "a b",
    "å%2F?#",
    "%2e%2e",
    "..\\..",
    "a\\b",
    "a;b=c",
    "...",
    "~!$&'()*+,:@[]^`{|}<>\"",
    "日本",
    "task1",
    "\u{85ff}",
];

#[test]
fn what_is_no_id_is_refused_for_every_type() {
    for id in REFUSED {
        let errors = [
            OrderId::new(id).unwrap_err(),
            TaskId::new(id).unwrap_err(),
            PackagingTaskId::new(id).unwrap_err(),
            DocumentId::new(id).unwrap_err(),
            TaskDocumentId::new(id).unwrap_err(),
            id.parse::<ArchiveId>().unwrap_err(),
        ];
        for error in errors {
            assert!(error.is_validation(), "{id:?}");
            assert_eq!(error.outcome(), Outcome::NotSent);
        }
        assert!(serde_json::from_value::<OrderId>(id.into()).is_err(), "{id:?}");
    }
}

#[tokio::test]
async fn every_other_id_arrives_as_it_was() {
    let service = Service::answering(Answer { status: 204, ..Default::default() }).await;
    let client = service.client();
    for id in TAKEN {
        client.orders().delete(&id.parse().unwrap()).await.unwrap();
    }
    let arrived: Vec<String> = service
        .received()
        .iter()
        .map(|request| {
            assert_eq!(request.query, "");
            let segments: Vec<_> = request.path.split('/').collect();
            assert_eq!(segments[..2], ["", "orders"], "{}", request.path);
            assert_eq!(segments.len(), 3, "{}", request.path);
            percent_decode(segments[2])
        })
        .collect();
    assert_eq!(arrived, TAKEN);
}

fn percent_decode(segment: &str) -> String {
    // Of the form-encoded, only `+` is decoded otherwise; it does not stand bare in a segment that we wrote.
    assert!(!segment.contains('+'));
    let pair = format!("{segment}=");
    form_urlencoded::parse(pair.as_bytes()).next().unwrap().0.into_owned()
}

#[test]
fn an_optional_id_that_is_empty_reads_as_absent() {
    let task: signicat_sign::types::Task = serde_json::from_str(r#"{"id": ""}"#).unwrap();
    assert_eq!(task.id, None);
    assert!(serde_json::from_str::<signicat_sign::types::Task>(r#"{"id": ".."}"#).is_err());
}
