//! Orders of every shape, made by chance: each is what the contract allows, is taken by the service, and comes back
//! equal.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use signicat_sign::sandbox::judge::Judge;
use signicat_sign::sandbox::{CONTRACT, Sandbox};
use signicat_sign::types::{PackagingTriggerStatus, TaskTriggerStatus};
use signicat_sign::{
    Client, Delay, DocumentId, NewDocument, NewOrder, NewPackaging, NewTask, Notification,
    NotificationTemplate, Signer, Upload, types,
};

/// Whatever a person may type, or a program: no id is wrong but a few.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zæøåA-Z0-9 ${}/.,:?&=#%\"'\\\\-]{0,20}",
        1 => "\\PC{0,12}",
        1 => any::<String>(),
    ]
}

/// An id that is one, and unique by its number.
fn id(number: usize, text: &str) -> String {
    let printable: String = text.chars().filter(|c| !c.is_control()).collect();
    format!("{number}{printable}")
}

/// Whether it is interactive, and its fields.
type Form = (Option<bool>, Vec<(String, String)>);

/// What is said of one document.
#[derive(Clone, Debug)]
struct Document {
    key: String,
    description: String,
    view: bool,
    archived: bool,
    reference: Option<String>,
    line: Option<String>,
    form: Option<Form>,
}

fn document() -> impl Strategy<Value = Document> {
    let form = option::of((option::of(any::<bool>()), vec((text(), text()), 0..3)));
    (text(), text(), any::<bool>(), any::<bool>(), option::of(text()), option::of(text()), form).prop_map(
        |(key, description, view, archived, reference, line, form)| Document {
            key,
            description,
            view,
            archived,
            reference,
            line,
            form,
        },
    )
}

#[derive(Clone, Debug)]
struct Message {
    kind: u8,
    recipient: String,
    text: Option<String>,
    header: Option<String>,
    trigger: prop::sample::Index,
    delay: Option<(i32, i32)>,
    framed: bool,
}

fn message() -> impl Strategy<Value = Message> {
    let delay = option::of((0..30, 0..24));
    let trigger = any::<prop::sample::Index>();
    (0..3_u8, text(), option::of(text()), option::of(text()), trigger, delay, any::<bool>()).prop_map(
        |(kind, recipient, text, header, trigger, delay, framed)| Message {
            kind,
            recipient,
            text,
            header,
            trigger,
            delay,
            framed,
        },
    )
}

#[derive(Clone, Debug)]
struct Person {
    id: String,
    methods: Vec<(u8, String)>,
    after: Vec<prop::sample::Index>,
    days: Option<i32>,
    texts: Vec<Option<String>>,
    attributes: Vec<(String, String, Vec<String>)>,
    hints: Vec<(String, String)>,
    artifact: bool,
    messages: Vec<Message>,
    own: Option<Document>,
    in_own_terms: bool,
}

fn person() -> impl Strategy<Value = Person> {
    let said =
        (text(), vec((0..4_u8, text()), 1..3), vec(any::<prop::sample::Index>(), 0..3), option::of(1..90));
    let texts = vec(option::of(text()), 8);
    let known = (vec((text(), text(), vec(text(), 0..3)), 0..3), vec((text(), text()), 0..2), any::<bool>());
    let more = (vec(message(), 0..3), option::of(document()), prop::bool::weighted(0.2));
    (said, texts, known, more).prop_map(
        |(
            (id, methods, after, days),
            texts,
            (attributes, hints, artifact),
            (messages, own, in_own_terms),
        )| Person {
            id,
            methods,
            after,
            days,
            texts,
            attributes,
            hints,
            artifact,
            messages,
            own,
            in_own_terms,
        },
    )
}

#[derive(Clone, Debug)]
struct Recipe {
    reference: Option<String>,
    documents: Vec<Document>,
    people: Vec<Person>,
    seals: Vec<(String, bool, Vec<Message>)>,
    messages: Vec<Message>,
    days: Option<i32>,
}

fn recipe() -> impl Strategy<Value = Recipe> {
    let seals = vec((text(), any::<bool>(), vec(message(), 0..2)), 0..3);
    (
        // Counted in UTF-16, as the service's language does: twice as long at the most.
        option::of("\\PC{1,127}"),
        vec(document(), 1..5),
        vec(person(), 1..6),
        seals,
        vec(message(), 0..2),
        option::of(1..=30),
    )
        .prop_map(|(reference, documents, people, seals, messages, days)| Recipe {
            reference,
            documents,
            people,
            seals,
            messages,
            days,
        })
}

const TEMPLATE: &str = "friendly";

impl Recipe {
    fn cook(&self, stored: &DocumentId) -> NewOrder {
        let template = NotificationTemplate::new(TEMPLATE).footer(self.seals.len().to_string());
        let mut order = NewOrder::builder().notification_template(template);
        if let Some(reference) = &self.reference {
            order = order.client_reference(reference);
        }
        if let Some(days) = self.days {
            order = order.days_until_deletion(days);
        }
        for (number, document) in self.documents.iter().enumerate() {
            order = order.add_document(document.cook(id(number, &document.key), stored));
        }
        let ids: Vec<_> =
            self.people.iter().enumerate().map(|(number, person)| id(number, &person.id)).collect();
        for (number, person) in self.people.iter().enumerate() {
            // Whoever came before may come before: no circle.
            let before = &ids[..number];
            // Somebody has to sign the documents of the order.
            order = match person.in_own_terms && number > 0 {
                true => order.task(person.as_task(&ids[number], before, stored)),
                false => order.signer(person.as_signer(&ids[number], before, stored)),
            };
        }
        for (number, (name, archived, messages)) in self.seals.iter().enumerate() {
            // Everything that is signed, or what the witness signs.
            let mut seal = NewPackaging::pades(id(number, name));
            if name.len() % 2 == 0 {
                seal = seal.document("witness", "signed");
            }
            if *archived {
                seal = seal.send_to_archive();
            }
            for message in messages {
                let triggers = [PackagingTriggerStatus::Created, PackagingTriggerStatus::Completed];
                seal = seal.notification(message.cook().on(message.trigger.get(&triggers).clone()));
            }
            order = order.packaging(seal);
        }
        for message in &self.messages {
            order = order.notification(message.cook());
        }
        // There is always something to seal.
        order.task(NewTask::new("witness").sign("signed", stored, "S").handwritten()).build().unwrap()
    }
}

impl Document {
    fn cook(&self, key: String, stored: &DocumentId) -> NewDocument {
        let mut document = match self.view {
            true => NewDocument::view(key, stored, &self.description),
            false => NewDocument::sign(key, stored, &self.description),
        };
        if self.archived {
            document = document.send_result_to_archive();
        }
        if let Some(reference) = &self.reference {
            document = document.external_reference(reference);
        }
        if let Some(line) = &self.line {
            document = document.sign_text_entry(line);
        }
        if let Some((interactive, fields)) = &self.form {
            if let Some(interactive) = interactive {
                document = document.interactive_form(*interactive);
            }
            for (name, value) in fields {
                document = document.form_field(name, value);
            }
        }
        document
    }
}

impl Message {
    fn cook(&self) -> Notification {
        let mut message = match self.kind {
            0 => Notification::email(&self.recipient),
            1 => Notification::sms(&self.recipient),
            _ => Notification::url(&self.recipient),
        };
        if let Some(text) = &self.text {
            message = message.message(text);
        }
        if let Some(header) = &self.header {
            message = message.header(header).sender(header);
        }
        message
    }

    fn of_task(&self) -> Notification<types::TaskNotificationSchedule> {
        let triggers = TaskTriggerStatus::KNOWN;
        let trigger: TaskTriggerStatus = (*self.trigger.get(triggers)).into();
        let message = match self.delay {
            Some((days, hours)) => {
                self.cook().after(trigger.clone(), Delay::days(days) + Delay::hours(hours))
            }
            None => self.cook().on(trigger.clone()),
        };
        let message = message.on(trigger);
        if self.framed { message.template(TEMPLATE) } else { message }
    }
}

/// A signer and a task have the same settings, and no type in common.
macro_rules! cooked {
    ($person:expr, $task:expr, $before:expr, $stored:expr) => {{
        let mut task = $task;
        for (kind, name) in &$person.methods {
            task = match kind {
                0 => task.signed_statement(name),
                1 => task.authentication_based(name),
                2 => task.third_party(name),
                _ => task.handwritten(),
            };
        }
        if !$before.is_empty() {
            for after in &$person.after {
                task = task.after(after.get($before));
            }
        }
        if let Some(days) = $person.days {
            task = task.days_to_live(days);
        }
        let [language, profile, configuration, dialog, text, done, rejected, subject] = &$person.texts[..]
        else {
            unreachable!("there are eight")
        };
        if let Some(language) = language {
            task = task.language(language);
        }
        if let Some(profile) = profile {
            task = task.profile(profile).legacy_document_viewer();
        }
        if let Some(configuration) = configuration {
            task = task.configuration(configuration);
        }
        if let Some(dialog) = dialog {
            task = task.dialog(dialog, dialog);
        }
        if let Some(text) = text {
            task = task.sign_text(text);
        }
        if let Some(done) = done {
            task = task.on_complete(done).on_postpone(done);
        }
        if let Some(rejected) = rejected {
            task = task.on_reject(rejected);
        }
        if let Some(subject) = subject {
            task = task.subject_id(subject);
        }
        for (name, value, methods) in &$person.attributes {
            task = task.subject_attribute_for(methods, name, value);
        }
        for (name, value) in &$person.hints {
            task = task.login_hint(name, value).authenticate([name]);
        }
        if $person.artifact {
            task = task.authentication_artifact();
        }
        for message in &$person.messages {
            task = task.notification(message.of_task());
        }
        if let Some(own) = &$person.own {
            task = task.add_document(own.cook("their own".to_owned(), $stored));
        }
        task
    }};
}

impl Person {
    fn as_signer(&self, id: &str, before: &[String], stored: &DocumentId) -> Signer {
        cooked!(self, Signer::new(id), before, stored)
    }

    fn as_task(&self, id: &str, before: &[String], stored: &DocumentId) -> NewTask {
        cooked!(self, NewTask::new(id).sign("d", stored, "D"), before, stored)
    }
}

#[test]
fn each_is_valid_is_taken_and_comes_back_equal() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let sandbox = runtime.block_on(Sandbox::builder().seed(1).start()).unwrap();
    let client = sandbox.client();
    let judge = Judge::new(&serde_json::from_str(CONTRACT).unwrap()).unwrap();
    let stored = runtime.block_on(upload(&client));

    let config = Config { cases: 256, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&recipe(), |recipe| {
        let order = recipe.cook(&stored);
        let sent = serde_json::to_vec(&order).unwrap();
        let mut headers = http::HeaderMap::new();
        headers.insert("content-type", http::HeaderValue::from_static("application/json"));
        prop_assert_eq!(judge.request("createOrder", "", &headers, &sent), []);

        let created = runtime.block_on(client.orders().create(order.clone()));
        let created =
            created.map_err(|error| TestCaseError::fail(format!("{error}: {:?}", error.violations())))?;
        let read = runtime.block_on(client.orders().get(created.id())).unwrap();
        for answer in [created.details(), read.details()] {
            prop_assert_eq!(&NewOrder::try_from(answer.clone()).unwrap(), &order);
        }
        prop_assert_eq!(serde_json::from_slice::<NewOrder>(&sent).unwrap(), order.clone());

        // Whoever looks at it meets no panic, and its plan has everybody in it.
        prop_assert_eq!(order.plan().signings().len(), order.model().tasks.len());
        let plan = order.plan();
        let parts = plan.signings().len() + plan.seals().len() + plan.messages().len();
        let archived = plan.to_text().contains("\nkept in the archive: ");
        prop_assert_eq!(plan.to_text().lines().count(), parts + 2 + usize::from(archived));
        for advice in order.advice() {
            prop_assert!(advice.origin().is_some(), "{} has no origin", advice.property_path());
        }
        Ok(())
    });
    result.unwrap();
}

async fn upload(client: &Client) -> DocumentId {
    client.documents().upload(Upload::from_bytes(&b"%PDF-1.7 any"[..]).unwrap()).await.unwrap()
}
