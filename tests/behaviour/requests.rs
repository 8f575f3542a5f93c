//! How often the service is asked: no request more than a job needs.

use futures_util::StreamExt;
use signicat_sign::sandbox::Sandbox;
use signicat_sign::{NewOrder, Signer};

use crate::sandbox::{in_virtual_time, upload};

/// What was asked since the last time, by operation.
fn asked(sandbox: &Sandbox, before: &mut usize) -> Vec<String> {
    let requests = sandbox.requests();
    let since = requests[*before..].iter();
    let names = since.map(|request| request.operation_id.clone().unwrap_or_else(|| "token".to_owned()));
    *before = requests.len();
    names.collect()
}

#[tokio::test]
async fn the_main_job_makes_no_request_more_than_it_needs() {
    let sandbox = Sandbox::builder().packaging_delay(0).start().await.unwrap();
    let client = in_virtual_time(&sandbox);
    let mut before = 0;
    let pdf = upload(&client).await;
    let order = NewOrder::builder()
        .document("loan", &pdf, "Loan agreement")
        .signer(Signer::new("kari").signed_statement("nbid-sign"))
        .signer(Signer::new("ola").signed_statement("sbid-sign").after("kari"))
        .seal_as_pades("sealed");
    let order = client.orders().create(order.build().unwrap()).await.unwrap();
    assert_eq!(asked(&sandbox, &mut before), ["token", "uploadDocument", "createOrder"]);

    for signer in ["kari", "ola"] {
        sandbox.signer(order.id(), signer).signs().unwrap();
    }
    let done = client.orders().wait(&order).await.unwrap();
    let look = ["getTaskStatus", "getTaskStatus", "getPackagingTaskStatus"];
    assert_eq!(asked(&sandbox, &mut before), look);

    let folder = tempfile::tempdir().unwrap();
    done.sealed("sealed").unwrap().save_to(folder.path().join("sealed.pdf")).await.unwrap();
    assert_eq!(asked(&sandbox, &mut before), ["getPackagingTaskResult"]);
}

#[tokio::test]
async fn a_look_at_an_open_order_asks_for_what_is_open_and_no_more() {
    let sandbox = Sandbox::builder().packaging_delay(0).start().await.unwrap();
    let client = in_virtual_time(&sandbox);
    let pdf = upload(&client).await;
    let order = NewOrder::builder()
        .document("loan", &pdf, "Loan agreement")
        .signer(Signer::new("kari").signed_statement("nbid-sign"))
        .signer(Signer::new("ola").signed_statement("sbid-sign"))
        .seal_as_pades("sealed");
    let order = client.orders().create(order.build().unwrap()).await.unwrap();
    sandbox.signer(order.id(), "kari").signs().unwrap();
    let mut before = 0;
    asked(&sandbox, &mut before);

    let mut changes = client.orders().wait(&order).changes();
    changes.next().await.unwrap().unwrap();
    let mut first = asked(&sandbox, &mut before);
    first.sort();
    // Of the one who has signed, the status; of the other, whether it was handed on, too.
    assert_eq!(first, ["getTaskForwards", "getTaskStatus", "getTaskStatus"]);
}
