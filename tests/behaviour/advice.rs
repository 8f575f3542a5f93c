//! What is odd in an order and is sent all the same, and what an order will do.

use std::time::{Duration, SystemTime};

use signicat_sign::types::TaskTriggerStatus;
use signicat_sign::{
    Delay, DocumentId, NewDocument, NewOrder, NewOrderBuilder, NewPackaging, NewTask, Notification, Signer,
};

use crate::orders::{kari, pdf};

/// An order of which nothing is odd but what is added.
fn order(signer: Signer) -> NewOrderBuilder {
    NewOrder::builder().document("loan", &pdf(), "Loan agreement").signer(signer).seal_as_pades("sealed")
}

fn sms(recipient: &str) -> Notification<signicat_sign::types::TaskNotificationSchedule> {
    Notification::sms(recipient).on(TaskTriggerStatus::Created)
}

#[test]
fn each_oddity_by_itself() {
    let on_created =
        |notification: Notification| kari().notification(notification.on(TaskTriggerStatus::Created));
    let terms: DocumentId = "0101terms".parse().unwrap();
    let of_two = || NewTask::new("t").sign("a", &pdf(), "A").sign("b", &terms, "B").handwritten();
    let languages = "is not among those seen in use: nb, en, sv, da, fi";
    #[rustfmt::skip]
    let cases: Vec<(NewOrderBuilder, String, &str)> = vec![
        (order(kari().language("no")), format!("tasks[0].language: {languages}; is nb meant?"), "signer \"kari\": language"),
        (order(kari().language("xx")), format!("tasks[0].language: {languages}"), "signer \"kari\": language"),
        (order(kari().days_to_live(0)), "tasks[0].daysToLive: would have the task expire as soon as it is there".into(), "signer \"kari\": days to live"),
        (order(Signer::new("kari")), "tasks[0].signatureMethods: no signature method is named for what is to be signed".into(), "signer \"kari\": signature methods"),
        (order(kari().on_complete("https://a.example/?t=${taskid}")), "tasks[0].onTaskComplete: ${taskid} is not known to be filled in there".into(), "signer \"kari\": on complete"),
        (order(on_created(Notification::url("HTTP://shop.example/hook"))), "tasks[0].notifications[0].recipient: is no https address: everybody on the way can read it and use it".into(), "signer \"kari\": notification \"kari-message-1\""),
        (order(on_created(Notification::url("shop.example/hook"))), "tasks[0].notifications[0].recipient: is no https address: everybody on the way can read it and use it".into(), "signer \"kari\": notification \"kari-message-1\""),
        (order(on_created(Notification::url("http://localhost.example/hook"))), "tasks[0].notifications[0].recipient: is no https address: everybody on the way can read it and use it".into(), "signer \"kari\": notification \"kari-message-1\""),
        (order(kari().notification(Notification::email("a@b").after(TaskTriggerStatus::Created, Delay::days(-2)))), "tasks[0].notifications[0].schedule[0].delay: is negative".into(), "signer \"kari\": notification \"kari-message-1\": schedule \"CREATED\""),
        (order(kari().notification(sms("1").id("x")).notification(sms("2").id("x"))), "tasks[0].notifications[1].id: another notification has this id".into(), "signer \"kari\": notification \"x\""),
        (order(kari().subject_attribute("national-id", "")), "tasks[0].subject.attributes[0].value: is empty".into(), "signer \"kari\": attribute \"national-id\""),
        (order(kari()).notification(Notification::email("a@b").message("${taskUrl}")), "notifications[0].message: ${taskUrl} is not known to be filled in there".into(), "notification \"message-1\": message"),
        (order(on_created(Notification::email("kari.example.com"))), "tasks[0].notifications[0].recipient: is no e-mail address".into(), "signer \"kari\": notification \"kari-message-1\""),
        (order(kari().notification(sms("kari@example.com"))), "tasks[0].notifications[0].recipient: is no phone number".into(), "signer \"kari\": notification \"kari-message-1\""),
        (order(kari()).notification(Notification::email("a@b.example").message("${order}")), "notifications[0].message: ${order} is not known to be filled in there".into(), "notification \"message-1\": message"),
        (order(kari()).add_document(NewDocument::view("terms", &terms, "Terms")), "tasks[0].documents[1].action: nobody signs this document: right, if it is there to be read only".into(), "signer \"kari\": document \"terms\""),
        (NewOrder::builder().document("loan", &pdf(), "Loan").signer(kari()), "packagingTasks: nothing seals what is signed into one file: each signer's evidence will be all there is".into(), "order: packaging tasks"),
        (NewOrder::builder().task(of_two()).packaging(NewPackaging::pades("s").document("t", "a")), "tasks[0].documents[1]: is signed, and no packaging task seals it".into(), "task \"t\": document \"b\""),
        (order(kari().notification(sms("+47 91 12 23 33").template("f"))).notification_template(signicat_sign::NotificationTemplate::new("f")),
            "tasks[0].notifications[0].notificationTemplateParamsId: a template is for e-mails only".into(), "signer \"kari\": notification \"kari-message-1\""),
    ];
    for (order, expected, origin) in cases {
        let advice = order.build().unwrap().advice();
        let found: Vec<_> =
            advice.iter().map(|advice| format!("{}: {}", advice.property_path(), advice.message())).collect();
        assert_eq!(found, [expected.as_str()]);
        assert_eq!(advice[0].origin(), Some(origin));
        assert!(advice[0].to_string().contains(origin), "{}", advice[0]);
    }
}

#[test]
fn an_ordinary_order_is_not_odd() {
    let signer = kari()
        .language("nb")
        .on_complete("https://shop.example/${taskId}?o=${requestId}&t=${")
        .notification(sms("+47 911 22 333"))
        .notification(Notification::url("http://127.0.0.1:8080/hook").on(TaskTriggerStatus::Completed))
        .notification(
            Notification::email("a@b")
                .message("${orderId} ${taskUrl} ${signCodeUrl} }${")
                .on(TaskTriggerStatus::Started),
        );
    let message = Notification::email("a@b.example").message("${orderId} }${");
    assert_eq!(order(signer).notification(message).build().unwrap().advice(), []);
}

/// One views what another signs: that is not odd.
#[test]
fn a_document_that_somebody_signs_is_signed() {
    let order = NewOrder::builder()
        .task(NewTask::new("reader").view("v", &pdf(), "Loan"))
        .task(NewTask::new("signer").sign("s", &pdf(), "Loan").handwritten())
        .seal_as_pades("sealed");
    assert_eq!(order.build().unwrap().advice(), []);
}

fn planned() -> NewOrder {
    let terms: DocumentId = "0101terms".parse().unwrap();
    NewOrder::builder()
        .add_document(NewDocument::sign("loan", &pdf(), "Loan agreement").send_result_to_archive())
        .add_document(NewDocument::view("terms", &terms, "Terms"))
        .signer(Signer::new("per").signed_statement("nbid-sign").after("kari").after("ola").days_to_live(10))
        .signer(
            kari().handwritten().authenticate(["nbid", "ftn"]).days_to_live(7).notification(
                Notification::email("kari@example.com")
                    .header("Loan")
                    .on(TaskTriggerStatus::Created)
                    .after(TaskTriggerStatus::Created, Delay::days(2) + Delay::hours(1) + Delay::minutes(30)),
            ),
        )
        .signer(Signer::new("ola").signed_statement("sbid-sign").days_to_live(1))
        .packaging(NewPackaging::pades("sealed").send_to_archive())
        .notification(Notification::url("https://shop.example/hook"))
        .days_until_deletion(14)
        .build()
        .unwrap()
}

#[test]
fn a_plan_tells_what_will_happen() {
    let plan = planned().plan();
    assert_eq!(
        plan.to_text(),
        "1. kari signs loan-kari (Loan agreement); views terms-kari (Terms), by nbid-sign or hand, after \
         authentication by nbid or ftn, within 7 days\n\
         1. ola signs loan-ola (Loan agreement); views terms-ola (Terms), by sbid-sign, within 1 day\n\
         2. per signs loan-per (Loan agreement); views terms-per (Terms), by nbid-sign, when kari and ola \
         completed, within 10 days\n\
         when all have signed: sealed (pades) is made of loan-per of per; loan-kari of kari; loan-ola of ola\n\
         URL to https://shop.example/hook: when the whole order is complete\n\
         EMAIL to kari@example.com: when task kari is CREATED, 2 days 1 hour 30 minutes after task kari is CREATED\n\
         expires: 10 days after it is created, or later if who waits has as long from their turn on\n\
         deleted: 24 days after it is created; till then the results can be fetched\n\
         kept in the archive: loan-kari of kari, loan-ola of ola, loan-per of per, sealed\n"
    );
    let turns: Vec<_> =
        plan.signings().iter().map(|signing| (signing.turn(), signing.task().as_str())).collect();
    assert_eq!(turns, [(1, "kari"), (1, "ola"), (2, "per")]);
    assert_eq!(plan.signings()[2].after(), ["kari", "ola"]);
    assert_eq!(plan.signings()[0].methods(), ["nbid-sign", "hand"]);
    assert_eq!(plan.signings()[0].documents()[0].description(), Some("Loan agreement"));
    assert_eq!(plan.messages()[1].times()[1].delay(), Duration::from_secs(86_400 * 2 + 3600 + 1800));
    assert_eq!(plan.messages()[1].recipient(), "kari@example.com");
    assert!(plan.seals()[0].is_archived());
    assert_eq!((plan.days_until_expired(), plan.days_until_deleted()), (Some(10), Some(24)));
    let created = SystemTime::UNIX_EPOCH;
    assert_eq!(plan.fetch_until(created), Some(created + Duration::from_secs(24 * 86_400)));
}

/// A text that people approve by has no line that somebody else has written.
#[test]
fn a_plan_quotes_on_one_line() {
    let forged = NewDocument::sign("loan", &pdf(), "Loan\n2. per signs nothing");
    let order = NewOrder::builder().add_document(forged).signer(kari()).build().unwrap();
    let text = order.plan().to_text();
    assert_eq!(text.lines().count(), 3, "{text}");
}

#[test]
fn a_plan_does_not_pretend_to_know_the_service_s_defaults() {
    let plan = order(kari()).build().unwrap().plan();
    assert_eq!((plan.days_until_expired(), plan.days_until_deleted()), (None, None));
    assert_eq!(plan.fetch_until(SystemTime::now()), None);
    assert!(plan.to_text().ends_with(
        "expires: by the service's default, where a task does not say\n\
         deleted: by the service's default; fetch the results soon\n"
    ));
    let plan = order(kari()).days_until_deletion(3).build().unwrap().plan();
    assert!(plan.to_text().contains("deleted: 3 days after every task's life has passed"));
    // Absurd numbers end in nothing, not in a panic.
    let plan = order(kari().days_to_live(i32::MAX)).days_until_deletion(30).build().unwrap().plan();
    assert_eq!(plan.days_until_deleted(), None);
}

#[test]
fn a_plan_s_debug_names_nobody() {
    let said = format!("{:?} {:#?}", planned().plan(), planned().plan().messages());
    let plan = planned().plan();
    let parts = plan.signings().iter().flat_map(|signing| signing.documents());
    let said = parts.fold(said, |said, document| format!("{said} {document:?}"));
    for planted in ["kari@example.com", "Loan", "Terms", "shop.example"] {
        assert!(!said.contains(planted), "{planted} in {said}");
    }
}
