//! A person's walk: a browser opens the signing URL, and the wait in the client ends.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use signicat_sign::sandbox::Sandbox;
use signicat_sign::{NewOrder, Signer};

use crate::sandbox::upload;
use crate::support::{Answer, Service};

/// Where the screenshots go, for people to look at.
const PICTURES: &str = env!("CARGO_TARGET_TMPDIR");

/// A browser without a window, driven by the WebDriver protocol.
struct Browser {
    driver: Child,
    client: reqwest::Client,
    session: String,
}

impl Browser {
    async fn start() -> Self {
        let mut command = Command::new("chromedriver");
        let mut driver =
            command.arg("--port=0").stdout(Stdio::piped()).spawn().expect("chromedriver is installed");
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines
            .map_while(Result::ok)
            .find_map(|line| {
                line.split_once("successfully on port ")?.1.trim_end_matches('.').parse::<u16>().ok()
            })
            .expect("it says on which port it listens");
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut browser = Self { driver, client, session: format!("http://127.0.0.1:{port}/session") };
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-proxy-server",
            "--window-size=900,900",
        ];
        let options = json!({ "browserName": "chrome", "goog:chromeOptions": { "args": arguments } });
        let started = browser.does("", json!({ "capabilities": { "alwaysMatch": options } })).await;
        browser.session += &format!("/{}", started["sessionId"].as_str().unwrap());
        browser
    }

    async fn does(&self, command: &str, parameters: Value) -> Value {
        let url = format!("{}{command}", self.session);
        let request = self.client.post(url).header("content-type", "application/json");
        let answer = request.body(parameters.to_string()).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        assert!(answer["value"]["error"].is_null(), "{command}: {answer}");
        answer["value"].clone()
    }

    async fn asks(&self, command: &str) -> Value {
        let url = format!("{}{command}", self.session);
        let answer: Value = self.client.get(url).send().await.unwrap().json().await.unwrap();
        answer["value"].clone()
    }

    async fn opens(&self, url: &str) {
        self.does("/url", json!({ "url": url })).await;
    }

    async fn clicks(&self, xpath: &str) {
        let found = self.does("/element", json!({ "using": "xpath", "value": xpath })).await;
        let element = found.as_object().unwrap().values().next().unwrap().as_str().unwrap();
        self.does(&format!("/element/{element}/click"), json!({})).await;
    }

    async fn photographs(&self, name: &str) {
        let picture = self.asks("/screenshot").await;
        let path = Path::new(PICTURES).join(name);
        std::fs::write(&path, STANDARD.decode(picture.as_str().unwrap()).unwrap()).unwrap();
        println!("{}", path.display());
    }

    async fn ends(self) {
        let _ = self.client.delete(&self.session).send().await;
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        _ = self.driver.kill();
        _ = self.driver.wait();
    }
}

#[tokio::test]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver"]
async fn a_click_on_sign_ends_the_wait() {
    let sandbox = Sandbox::start().await.unwrap();
    let shop = Service::answering(Answer::bytes(200, "text/html", b"<h1>Thank you, Kari</h1>")).await;
    let sign = sandbox.client();
    let pdf = upload(&sign).await;
    let order = NewOrder::builder()
        .client_reference("case-42")
        .document("loan", &pdf, "Loan agreement")
        .document("terms", &pdf, "General terms")
        .signer(
            Signer::new("kari")
                .signed_statement("nbid-sign")
                .dialog(
                    "Your loan agreement",
                    "Example Bank asks you to read these documents and to sign them.",
                )
                .on_complete(format!("{}/done?task=${{taskId}}&order=${{requestId}}", shop.base_url())),
        )
        .seal_as_pades("sealed")
        .build()
        .unwrap();
    let order = sign.orders().create(order).await.unwrap();
    let wait = tokio::spawn(sign.orders().wait(&order).into_future());

    let browser = Browser::start().await;
    browser.opens(order.signing_url("kari").unwrap().expose()).await;
    browser.photographs("signing-page.png").await;
    browser.clicks("//button[.='Sign']").await;

    let led_to = browser.asks("/url").await;
    assert_eq!(led_to, *format!("{}/done?task=kari&order={}", shop.base_url(), order.id()));
    assert!(browser.asks("/source").await.as_str().unwrap().contains("Thank you, Kari"));
    let done = wait.await.unwrap().unwrap();
    assert_eq!(done.state().to_string(), "1 of 1 signed; packaging task sealed completed");
    browser.opens(sandbox.origin()).await;
    browser.photographs("overview.png").await;
    browser.ends().await;
}
