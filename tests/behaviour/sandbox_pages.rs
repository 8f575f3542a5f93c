//! The sandbox's pages for people, as a browser has them.

use std::time::{Duration, SystemTime};

use reqwest::{Response, StatusCode, redirect};
use signicat_sign::sandbox::Sandbox;
use signicat_sign::{NewOrder, Order, Signer, types};

use crate::sandbox::{in_virtual_time, upload};

fn browser() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(redirect::Policy::none()).build().unwrap()
}

async fn order(sandbox: &Sandbox) -> Order {
    let client = in_virtual_time(sandbox);
    let pdf = upload(&client).await;
    let order = NewOrder::builder()
        .document("loan", &pdf, "Loan <script>alert(1)</script> & terms")
        .signer(
            Signer::new("kari")
                .signed_statement("nbid-sign")
                .on_complete("http://127.0.0.1:9/done?task=${taskId}&order=${requestId}")
                .on_postpone("http://127.0.0.1:9/later"),
        )
        .signer(Signer::new("ola").handwritten().after("kari"))
        .build()
        .unwrap();
    client.orders().create(order).await.unwrap()
}

async fn send(browser: &reqwest::Client, url: &str, form: &str) -> Response {
    let request = browser.post(url).header("content-type", "application/x-www-form-urlencoded");
    request.body(form.to_owned()).send().await.unwrap()
}

async fn status(sandbox: &Sandbox, order: &Order, task: usize) -> types::TaskStatusInfo {
    in_virtual_time(sandbox).tasks(order.id()).status(&order.tasks()[task]).await.unwrap()
}

#[tokio::test]
async fn a_person_signs_on_the_page_and_is_led_on() {
    let sandbox = Sandbox::start().await.unwrap();
    let (browser, order) = (browser(), order(&sandbox).await);
    let url = order.signing_url("kari").unwrap().expose().to_owned();

    let page = browser.get(&url).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    for (name, value) in [("cache-control", "no-store"), ("referrer-policy", "no-referrer")] {
        assert_eq!(page.headers()[name], value);
    }
    assert!(page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    let page = page.text().await.unwrap();
    // What an order says is text, never part of the page.
    assert!(page.contains("Loan &lt;script&gt;alert(1)&lt;/script&gt; &amp; terms"), "{page}");
    assert!(page.contains("nbid-sign") && !page.contains("<script"), "{page}");
    assert!(page.contains("Not a legal signature"), "{page}");

    let document = browser.get(format!("{url}/documents/0")).send().await.unwrap();
    assert_eq!(document.headers()["content-type"], "application/pdf");
    assert!(document.bytes().await.unwrap().starts_with(b"%PDF-"));

    let later = send(&browser, &url, "action=postpone").await;
    assert_eq!(
        (later.status(), &later.headers()["location"]),
        (StatusCode::SEE_OTHER, &"http://127.0.0.1:9/later".parse().unwrap())
    );
    assert_eq!(status(&sandbox, &order, 0).await.task_status, Some(types::TaskStatus::Created));

    let done = send(&browser, &url, "action=sign").await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let location = format!("http://127.0.0.1:9/done?task=kari&order={}", order.id());
    assert_eq!(done.headers()["location"], *location);
    assert_eq!(status(&sandbox, &order, 0).await.task_status, Some(types::TaskStatus::Completed));

    let secret = url.rsplit_once('/').unwrap().1;
    assert!(sandbox.log().contains("/sign-here") && !sandbox.log().contains(secret), "{}", sandbox.log());

    // The same click twice.
    let again = send(&browser, &url, "action=sign").await;
    assert_eq!(again.status(), StatusCode::CONFLICT);
    assert!(again.text().await.unwrap().contains("It is signed"));
}

#[tokio::test]
async fn a_person_rejects_in_their_own_words() {
    let sandbox = Sandbox::start().await.unwrap();
    let (browser, order) = (browser(), order(&sandbox).await);
    let url = order.signing_url("ola").unwrap().expose().to_owned();
    let page = browser.get(&url).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("It is not your turn yet"));
    assert_eq!(send(&browser, &url, "action=reject&reason=no").await.status(), StatusCode::CONFLICT);

    sandbox.signer(order.id(), "kari").signs().unwrap();
    let rejected = send(&browser, &url, "action=reject&reason=wrong+amount%3A+50%C3%B8").await;
    // No address was given to lead them to.
    assert_eq!(rejected.status(), StatusCode::OK);
    assert!(rejected.text().await.unwrap().contains("You have rejected it"));
    assert_eq!(status(&sandbox, &order, 1).await.reject_reason.as_deref(), Some("wrong amount: 50ø"));
}

#[tokio::test]
async fn a_link_that_is_wrong_leads_nowhere() {
    let sandbox = Sandbox::start().await.unwrap();
    let (browser, order) = (browser(), order(&sandbox).await);
    let url = order.signing_url("kari").unwrap().expose().to_owned();
    let get = async |url: String| browser.get(url).send().await.unwrap().status();
    for wrong in [
        format!("{url}x"),
        format!("{url}/documents/9"),
        format!("{url}/documents/x"),
        format!("{url}/more"),
        sandbox.origin().to_owned() + "/sign-here",
    ] {
        assert_eq!(get(wrong.clone()).await, StatusCode::NOT_FOUND, "{wrong}");
    }
    assert_eq!(send(&browser, &url, "action=dance").await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(send(&browser, &url, "").await.status(), StatusCode::BAD_REQUEST);
    let put = browser.put(&url).send().await.unwrap();
    assert_eq!(
        (put.status(), &put.headers()["allow"]),
        (StatusCode::METHOD_NOT_ALLOWED, &"GET, POST".parse().unwrap())
    );

    // An artifact is good until there is a new one.
    let tasks = in_virtual_time(&sandbox).tasks(order.id());
    let first =
        tasks.generate_artifact(&order.tasks()[0]).await.unwrap().signing_url.unwrap().expose().to_owned();
    assert_eq!(get(first.clone()).await, StatusCode::OK);
    let second =
        tasks.generate_artifact(&order.tasks()[0]).await.unwrap().signing_url.unwrap().expose().to_owned();
    assert_eq!(get(first.clone()).await, StatusCode::FORBIDDEN);
    assert_eq!(send(&browser, &first, "action=sign").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(send(&browser, &second, "action=sign").await.status(), StatusCode::SEE_OTHER);

    in_virtual_time(&sandbox).orders().delete(order.id()).await.unwrap();
    assert_eq!(get(url).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_overview_shows_what_there_is_and_lets_time_pass() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_900_000_000);
    let sandbox = Sandbox::builder().clock(move || now).start().await.unwrap();
    let (browser, order) = (browser(), order(&sandbox).await);
    let show = async || browser.get(sandbox.origin()).send().await.unwrap().text().await.unwrap();
    let page = show().await;
    assert!(page.contains(order.id().as_str()) && page.contains("2030-03-17 17:46:40"), "{page}");
    assert!(page.contains(order.signing_url("kari").unwrap().expose()), "{page}");
    // It is not his turn.
    assert!(!page.contains(order.signing_url("ola").unwrap().expose()), "{page}");

    let time = format!("{}/time", sandbox.origin());
    assert_eq!(send(&browser, &time, "days=2&hours=1").await.status(), StatusCode::SEE_OTHER);
    assert!(show().await.contains("2030-03-19 18:46:40"));
    assert_eq!(browser.get(&time).send().await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
}
