//! The sandbox's own part of an order's life: what is sent to whom, what time brings, where signers are led.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use signicat_sign::sandbox::{Delivery, Fault, Message, Sandbox, SandboxBuilder};
use signicat_sign::types::{EventType, PackagingTaskStatus, PackagingTriggerStatus, TaskTriggerStatus};
use signicat_sign::{Delay, NewOrder, NewPackaging, Notification, Order, Placeholder, Signer, types};

use crate::sandbox::{in_virtual_time, upload};
use crate::support::{Answer, Service};

const DAY: Duration = Duration::from_secs(86_400);

/// Of virtual time: a wait that does not end must not take for ever to say so.
const MINUTE: Duration = Duration::from_secs(60);

/// A sandbox whose clock stands still until it is told.
fn at_rest() -> SandboxBuilder {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_900_000_000);
    Sandbox::builder().clock(move || now).packaging_delay(0)
}

async fn order(sandbox: &Sandbox, signers: impl IntoIterator<Item = Signer>) -> Order {
    let client = in_virtual_time(sandbox);
    let pdf = upload(&client).await;
    let order = NewOrder::builder().client_reference("case-42").document("loan", &pdf, "Loan agreement");
    let order = signers.into_iter().fold(order, |order, signer| order.signer(signer));
    client.orders().create(order.build().unwrap()).await.unwrap()
}

fn kari() -> Signer {
    Signer::new("kari").signed_statement("nbid-sign")
}

/// Which notifications were sent, about which task.
fn sent(messages: &[Message]) -> Vec<(&str, Option<&str>)> {
    messages
        .iter()
        .map(|message| (message.notification_id.as_deref().unwrap(), message.task_id.as_deref()))
        .collect()
}

#[tokio::test]
async fn people_are_told_what_they_are_to_be_told_when_it_happens() {
    let sandbox = at_rest().start().await.unwrap();
    let client = in_virtual_time(&sandbox);
    let pdf = upload(&client).await;
    let invitation = |signer: &str| {
        Notification::email(format!("{signer}@example.com"))
            .id(format!("invite-{signer}"))
            .header(format!("Order {}", Placeholder::ORDER_ID))
            .message(format!("Sign at {} today", Placeholder::TASK_URL))
            .on(TaskTriggerStatus::Created)
    };
    let reminder = Notification::sms("+4799999999")
        .id("remind-kari")
        .message("Please")
        .after(TaskTriggerStatus::Created, Delay::days(2))
        .after(TaskTriggerStatus::Created, Delay::days(4));
    let order = NewOrder::builder()
        .document("loan", &pdf, "Loan agreement")
        .signer(kari().notification(invitation("kari")).notification(reminder))
        .signer(
            Signer::new("ola").signed_statement("sbid-sign").after("kari").notification(invitation("ola")),
        )
        .packaging(
            NewPackaging::pades("sealed").notification(
                Notification::email("desk@example.com")
                    .id("sealed-ready")
                    .message("Order ${orderId} ${taskUrl}")
                    .on(PackagingTriggerStatus::Completed),
            ),
        )
        .notification(Notification::email("desk@example.com").id("all-signed").message("All have signed"))
        .build()
        .unwrap();
    let order = client.orders().create(order).await.unwrap();

    // Ola's turn has not come.
    assert_eq!(sent(&sandbox.messages()), [("invite-kari", Some("kari"))]);
    let message = &sandbox.messages()[0];
    assert_eq!(message.recipient, "kari@example.com");
    assert_eq!(message.header.as_deref(), Some(&*format!("Order {}", order.id())));
    assert_eq!(message.text, format!("Sign at {} today", order.signing_url("kari").unwrap().expose()));
    let events = client.tasks(order.id()).events(&order.tasks()[0]).await.unwrap();
    assert_eq!(events.last().unwrap().event_type, Some(EventType::NotificationSent));
    assert_eq!(
        events.last().unwrap().data.as_deref(),
        Some("Notification by EMAIL was sent to kari@example.com")
    );

    sandbox.advance(2 * DAY - Duration::from_secs(1));
    assert_eq!(sandbox.messages().len(), 1);
    sandbox.advance(Duration::from_secs(1));
    assert_eq!(sent(&sandbox.messages())[1..], [("remind-kari", Some("kari"))]);
    let apart = sandbox.messages()[1].sent_at.duration_since(sandbox.messages()[0].sent_at).unwrap();
    assert_eq!(apart, 2 * DAY);

    sandbox.signer(order.id(), "kari").signs().unwrap();
    // Nobody is reminded of what they have done.
    sandbox.advance(9 * DAY);
    assert_eq!(sent(&sandbox.messages())[2..], [("invite-ola", Some("ola"))]);

    sandbox.signer(order.id(), "ola").signs().unwrap();
    let messages = sandbox.messages();
    assert_eq!(sent(&messages)[3..], [("all-signed", None), ("sealed-ready", None)]);
    assert_eq!(messages[4].packaging_task_id.as_deref(), Some("sealed"));
    // Who asks again tells nobody anew.
    client.packaging(order.id()).status(&order.packaging_tasks()[0]).await.unwrap();
    assert_eq!(sandbox.messages().len(), 5);
    // There is no task that its address could be of.
    assert_eq!(messages[4].text, format!("Order {} ${{taskUrl}}", order.id()));
    for secret in ["desk@example.com", "All have signed"] {
        assert!(!format!("{messages:?}").contains(secret), "{messages:?}");
    }
}

#[tokio::test]
async fn each_thing_that_happens_to_a_task_has_its_message() {
    let sandbox = at_rest().start().await.unwrap();
    let on = |trigger: TaskTriggerStatus| {
        Notification::email("desk@example.com").id(trigger.to_string()).message("").on(trigger)
    };
    let told = |verb: fn(&signicat_sign::sandbox::Signer)| {
        let sandbox = &sandbox;
        async move {
            use TaskTriggerStatus::{Completed, Expired, Forwarded, Rejected, Started};
            let signer = [Completed, Rejected, Expired, Forwarded, Started]
                .into_iter()
                .fold(kari(), |signer, trigger| signer.notification(on(trigger)));
            let order = order(sandbox, [signer]).await;
            let before = sandbox.messages().len();
            verb(&sandbox.signer(order.id(), "kari"));
            let messages = sandbox.messages();
            messages[before..]
                .iter()
                .filter_map(|message| message.notification_id.clone())
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(told(|kari| kari.signs().unwrap()).await, ["STARTED", "COMPLETED"]);
    assert_eq!(told(|kari| kari.rejects("no").unwrap()).await, ["STARTED", "REJECTED"]);
    assert_eq!(told(|kari| kari.expires().unwrap()).await, ["EXPIRED"]);
    assert_eq!(told(|kari| kari.postpones().unwrap()).await, ["STARTED"]);
    assert_eq!(told(|kari| kari.opens().unwrap()).await, ["STARTED"]);
    let forwarded = told(|kari| drop(kari.forwards_to("Per", "per@example.com").unwrap())).await;
    assert_eq!(forwarded, ["STARTED", "FORWARDED"]);
}

#[tokio::test]
async fn who_takes_over_a_task_is_told_in_the_other_s_place() {
    let sandbox = at_rest().start().await.unwrap();
    let message = format!("{}", Placeholder::TASK_URL);
    let mail = Notification::email("kari@example.com").id("mail").message(&message);
    let text = Notification::sms("+4799999999").id("text").message("a");
    let created = TaskTriggerStatus::Created;
    let signer = kari().days_to_live(7).notification(mail.on(created.clone())).notification(text.on(created));
    let order = order(&sandbox, [signer]).await;
    sandbox.advance(3 * DAY);
    let per = sandbox.signer(order.id(), "kari").forwards_to("Per", "per@example.com").unwrap();

    let messages = sandbox.messages();
    assert_eq!(messages.len(), 3, "{messages:?}");
    assert_eq!(
        (&*messages[2].recipient, messages[2].task_id.as_deref()),
        ("per@example.com", Some(per.task_id()))
    );
    assert_eq!(messages[2].text, per.signing_url().unwrap());
    assert_ne!(messages[2].text, messages[0].text);

    // The days of the task were counted from its beginning.
    sandbox.advance(4 * DAY);
    let error = in_virtual_time(&sandbox).orders().wait(&order).deadline(MINUTE).await.unwrap_err();
    assert!(error.is_order_ended());
    assert!(per.signs().unwrap_err().to_string().contains("EXPIRED"));
}

#[tokio::test]
async fn an_address_on_this_machine_is_called_and_no_other() {
    let hook = Service::answering(Answer { status: 204, ..Answer::default() }).await;
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let sandbox = at_rest().start().await.unwrap();
    let call = |id: &str, address: String| {
        Notification::url(address).id(id).message("${orderId} is there").on(TaskTriggerStatus::Created)
    };
    let signer = kari()
        .notification(call("hook", format!("{}/hook?secret=4e1f", hook.base_url())))
        .notification(call("gone", format!("http://{gone}/")))
        .notification(call("far", "https://shop.example/hook".to_owned()))
        .notification(call("odd", "not an address".to_owned()));
    let order = order(&sandbox, [signer]).await;
    sandbox.delivered().await;

    let received = hook.received();
    assert_eq!(received.len(), 1, "{received:?}");
    let call = &received[0];
    assert_eq!((&*call.method, &*call.path, &*call.query), ("POST", "/hook", "secret=4e1f"));
    assert_eq!(call.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(call.body, format!("{} is there", order.id()).as_bytes());

    let deliveries: Vec<_> =
        sandbox.messages().into_iter().map(|message| message.delivery.unwrap()).collect();
    let why = |delivery: &Delivery| match delivery {
        Delivery::Failed(why) => why.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(deliveries[0], Delivery::Answered(204));
    assert!(why(&deliveries[1]).contains("can't be reached"));
    assert!(why(&deliveries[2]).contains("not on this machine"));
    assert!(why(&deliveries[3]).contains("no address"));
}

#[tokio::test]
async fn a_fault_has_a_notification_come_twice_or_never() {
    let hook = Service::answering(Answer { status: 204, ..Answer::default() }).await;
    let sandbox = at_rest().start().await.unwrap();
    sandbox.inject(Fault::duplicate().on("notification").nth(1));
    sandbox.inject(Fault::lost().on("notification").nth(2));
    for times in [2, 2, 3] {
        let call = Notification::url(hook.base_url()).message("look").on(TaskTriggerStatus::Created);
        order(&sandbox, [kari().notification(call)]).await;
        sandbox.delivered().await;
        assert_eq!(hook.received().len(), times);
    }
    let deliveries: Vec<_> = sandbox.messages().into_iter().filter_map(|message| message.delivery).collect();
    assert_eq!(deliveries, [Delivery::Answered(204), Delivery::Lost, Delivery::Answered(204)]);
}

#[tokio::test]
async fn days_pass_and_with_them_tasks_and_orders() {
    let sandbox = at_rest().start().await.unwrap();
    let client = in_virtual_time(&sandbox);
    let pdf = upload(&client).await;
    let order = |reference: &str| {
        NewOrder::builder()
            .client_reference(reference)
            .document("loan", &pdf, "Loan agreement")
            .signer(kari().days_to_live(2))
            .signer(Signer::new("ola").signed_statement("sbid-sign").after("kari").days_to_live(5))
            .packaging(NewPackaging::pades("sealed").send_to_archive())
            .days_until_deletion(3)
            .build()
            .unwrap()
    };
    let (signed, forgotten) = (
        client.orders().create(order("signed")).await.unwrap(),
        client.orders().create(order("forgotten")).await.unwrap(),
    );
    for signer in ["kari", "ola"] {
        sandbox.signer(signed.id(), signer).signs().unwrap();
    }

    sandbox.advance(2 * DAY - Duration::from_secs(1));
    client.tasks(forgotten.id()).status(&forgotten.tasks()[0]).await.unwrap();
    assert!(sandbox.signer(forgotten.id(), "kari").opens().is_ok());
    sandbox.advance(Duration::from_secs(1));
    let error = client.orders().wait(&forgotten).deadline(MINUTE).await.unwrap_err();
    assert_eq!(error.order_state().unwrap().to_string(), "0 of 2 signed; kari expired");
    // Those who have signed can't be late.
    assert_eq!(
        client.orders().wait(&signed).deadline(MINUTE).await.unwrap().state().to_string(),
        "2 of 2 signed; packaging task sealed completed"
    );

    sandbox.advance(6 * DAY - Duration::from_secs(1));
    assert_eq!(sandbox.orders().len(), 2);
    sandbox.advance(Duration::from_secs(1));
    assert!(client.orders().get(signed.id()).await.unwrap_err().is_not_found());
    assert!(sandbox.orders().is_empty());
    let archived = sandbox.archive_ids()[0].parse().unwrap();
    assert!(client.archive().download(&archived).bytes(1 << 20).await.unwrap().starts_with(b"%PDF-"));
    assert_eq!(sandbox.assert_created_once("signed"), signed.id().as_str());
}

#[tokio::test]
async fn an_order_that_sets_no_days_stays() {
    let sandbox = at_rest().start().await.unwrap();
    let order = order(&sandbox, [kari(), Signer::new("ola").handwritten().days_to_live(1)]).await;
    sandbox.advance(4000 * DAY);
    assert_eq!(sandbox.orders().len(), 1);
    assert!(sandbox.signer(order.id(), "kari").signs().is_ok());
    sandbox.advance(Duration::MAX);
    assert_eq!(sandbox.orders().len(), 1);
    // At the calendar's end it is still at work.
    let late = crate::sandbox_life::order(&sandbox, [kari()]).await;
    sandbox.signer(late.id(), "kari").signs().unwrap();
    let events = in_virtual_time(&sandbox).tasks(late.id()).events(&late.tasks()[0]).await.unwrap();
    assert!(events.iter().all(|event| event.event_time.is_some()));
}

#[tokio::test]
async fn signers_are_led_to_the_address_of_what_they_did() {
    let sandbox = at_rest().start().await.unwrap();
    let signer = || {
        kari()
            .on_complete("https://shop.example/done?r=${requestId}&t=${taskId}")
            .on_reject("https://shop.example/rejected/${taskId}")
            .on_postpone("https://shop.example/later?other=${other}")
    };
    let order_of_one = order(&sandbox, [signer()]).await;
    let kari = sandbox.signer(order_of_one.id(), "kari");
    kari.opens().unwrap();
    assert_eq!(kari.redirect(), Ok(None));
    kari.postpones().unwrap();
    assert_eq!(kari.redirect().unwrap().as_deref(), Some("https://shop.example/later?other=${other}"));
    kari.opens().unwrap();
    assert_eq!(kari.redirect(), Ok(None), "she is at it again");
    kari.signs().unwrap();
    let done = format!("https://shop.example/done?r={}&t=kari", order_of_one.id());
    assert_eq!(kari.redirect(), Ok(Some(done)));
    assert!(kari.postpones().is_err());

    let other = order(&sandbox, [signer()]).await;
    let kari = sandbox.signer(other.id(), "kari");
    kari.rejects("wrong amount").unwrap();
    assert_eq!(kari.redirect().unwrap().as_deref(), Some("https://shop.example/rejected/kari"));
}

#[tokio::test]
async fn packaging_is_done_though_nobody_asks() {
    let sandbox = at_rest().packaging_delay(1).start().await.unwrap();
    let client = in_virtual_time(&sandbox);
    let pdf = upload(&client).await;
    let mail = Notification::email("desk@example.com").message("").on(PackagingTriggerStatus::Completed);
    let order = NewOrder::builder()
        .document("loan", &pdf, "Loan agreement")
        .signer(kari())
        .packaging(NewPackaging::pades("sealed").notification(mail))
        .build()
        .unwrap();
    let order = client.orders().create(order).await.unwrap();
    sandbox.signer(order.id(), "kari").signs().unwrap();
    sandbox.advance(Duration::from_secs(59));
    assert!(sandbox.messages().is_empty());
    sandbox.advance(Duration::from_secs(1));
    assert_eq!(sandbox.messages().len(), 1);
    let result = client.packaging(order.id()).result(&order.packaging_tasks()[0]);
    assert!(result.bytes(1 << 20).await.unwrap().starts_with(b"%PDF-"));
}

#[tokio::test]
async fn packaging_fails_where_it_is_told_to() {
    let sandbox = at_rest().packaging_fails("sealed").signs_by_themselves().start().await.unwrap();
    let client = in_virtual_time(&sandbox);
    let pdf = upload(&client).await;
    let order = NewOrder::builder()
        .document("loan", &pdf, "Loan agreement")
        .signer(kari())
        .seal_as_pades("sealed")
        .build()
        .unwrap();
    let order = client.orders().create(order).await.unwrap();
    let error = client.orders().wait(&order).deadline(MINUTE).await.unwrap_err();
    assert!(error.is_order_ended(), "{error}");
    let packaging = client.packaging(order.id());
    let status: types::PackagingTaskStatusInfo = packaging.status(&order.packaging_tasks()[0]).await.unwrap();
    assert_eq!(status.packaging_task_status, Some(PackagingTaskStatus::Failed));
    assert!(sandbox.archive_ids().is_empty());
}

#[tokio::test]
async fn a_test_can_say_that_an_order_was_made_once() {
    let sandbox = at_rest().start().await.unwrap();
    let said = |sandbox: &Sandbox| {
        let assert = std::panic::AssertUnwindSafe(|| sandbox.assert_created_once("case-42"));
        std::panic::catch_unwind(assert).map_err(|panic| *panic.downcast::<String>().unwrap())
    };
    assert!(said(&sandbox).unwrap_err().starts_with("0 orders were created with"));
    let first = order(&sandbox, [kari()]).await;
    assert_eq!(said(&sandbox).unwrap(), first.id().as_str());
    // One that is deleted was created all the same.
    in_virtual_time(&sandbox).orders().delete(first.id()).await.unwrap();
    let second = order(&sandbox, [kari()]).await;
    let panic = said(&sandbox).unwrap_err();
    assert!(panic.starts_with("2 orders were created with"), "{panic}");
    assert!(panic.contains(second.id().as_str()) && panic.contains("createOrder"), "{panic}");
}

#[tokio::test]
async fn the_log_tells_what_happened_in_its_order() {
    let heard = Arc::new(Mutex::new(String::new()));
    let hearing = heard.clone();
    let sandbox = at_rest().log_to(move |line| *hearing.lock().unwrap() += &format!("{line}\n"));
    let sandbox = sandbox.start().await.unwrap();
    let mail = Notification::email("kari@example.com").message("${taskUrl}").on(TaskTriggerStatus::Created);
    let order = order(&sandbox, [kari().days_to_live(1).notification(mail)]).await;
    sandbox.signer(order.id(), "kari").rejects("wrong amount").unwrap();

    let log = sandbox.log();
    let expected = [
        "2030-03-17 17:46:40  200  POST /auth/open/connect/token".to_owned(),
        "2030-03-17 17:46:40  201  POST /enterprise/sign/documents  uploadDocument".to_owned(),
        "2030-03-17 17:46:40  201  POST /enterprise/sign/orders  createOrder".to_owned(),
        format!("2030-03-17 17:46:40       EMAIL sent about kari (order {})", order.id()),
        format!("2030-03-17 17:46:40       kari rejects (order {})", order.id()),
    ];
    assert_eq!(log.lines().collect::<Vec<_>>(), expected);
    assert_eq!(*heard.lock().unwrap(), log);
}
