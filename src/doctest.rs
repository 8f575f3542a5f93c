// What the examples in the documentation have around them: no module of the crate, but included by hidden lines.
// Without the feature `sandbox` there is nothing of an example left to run, so that a test without it passes.

/// Runs an example on a sandbox of its own. What it is to find there is named, in this sequence: the sandbox, a client,
/// an uploaded document, an order that kari is to sign, and the same order completed. A folder can be named before.
#[cfg(feature = "sandbox")]
macro_rules! on_sandbox {
    ($folder:ident; $($name:ident),+ => $($code:tt)*) => {
        on_sandbox! { $($name),+ =>
            let folder = tempfile::tempdir()?;
            let $folder = folder.path();
            $($code)*
        }
    };
    ($sandbox:ident, $sign:ident => $($code:tt)*) => {{
        #[allow(unused_imports)]
        use {
            signicat_sign::sandbox::{Delivery, Fault, FaultRule, Sandbox, SandboxError},
            signicat_sign::*, std::sync::{Arc, Mutex}, std::time::{Duration, SystemTime},
        };
        let example = async {
            // A wait that comes late enough needs one look.
            let $sandbox = Sandbox::builder().packaging_delay(0).start().await?;
            let $sign = $sandbox.client();
            $($code)*
            Ok::<(), Box<dyn std::error::Error>>(())
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(example).unwrap();
    }};
    ($sandbox:ident, $sign:ident, $pdf:ident => $($code:tt)*) => {
        on_sandbox! { $sandbox, $sign =>
            let $pdf = $sign.documents().upload(Upload::from_bytes(&b"%PDF-1.7 ..."[..])?).await?;
            $($code)*
        }
    };
    ($sandbox:ident, $sign:ident, $pdf:ident, $order:ident => $($code:tt)*) => {
        on_sandbox! { $sandbox, $sign, $pdf =>
            let $order = NewOrder::builder()
                .client_reference("case-42")
                .document("loan", &$pdf, "Loan agreement")
                .signer(Signer::new("kari").signed_statement("nbid-sign").days_to_live(7))
                .packaging(NewPackaging::pades("sealed").send_to_archive())
                .build()?;
            let $order = $sign.orders().create($order).await?;
            $($code)*
        }
    };
    ($sandbox:ident, $sign:ident, $pdf:ident, $order:ident, $done:ident => $($code:tt)*) => {
        on_sandbox! { $sandbox, $sign, $pdf, $order =>
            $sandbox.signer($order.id(), "kari").signs()?;
            let $done = $sign.orders().wait(&$order).await?;
            $($code)*
        }
    };
}

#[cfg(not(feature = "sandbox"))]
macro_rules! on_sandbox {
    ($($code:tt)*) => {};
}

/// The runtime that the documentation of `Runtime` shows.
#[derive(Debug, Default)]
pub struct Hasty(std::sync::Arc<std::sync::Mutex<std::time::Duration>>);

impl signicat_sign::Runtime for Hasty {
    fn now(&self) -> std::time::Duration {
        *self.0.lock().unwrap()
    }

    fn wall_clock(&self) -> std::time::SystemTime {
        std::time::SystemTime::UNIX_EPOCH + self.now()
    }

    fn sleep(&self, duration: std::time::Duration) -> signicat_sign::BoxFuture<'static, ()> {
        let now = self.0.clone();
        Box::pin(async move { *now.lock().unwrap() += duration })
    }

    fn alarm(&self, _: std::time::Duration) -> signicat_sign::BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }

    fn random(&self) -> f64 {
        0.5
    }
}

/// An order whose plan has something of everything.
pub fn planned() -> signicat_sign::Result<signicat_sign::NewOrder> {
    use signicat_sign::types::TaskTriggerStatus;
    use signicat_sign::{Delay, NewOrder, Notification, Signer};

    let mail = Notification::email("kari@example.com")
        .header("Please sign")
        .on(TaskTriggerStatus::Created)
        .after(TaskTriggerStatus::Created, Delay::days(2));
    let kari = Signer::new("kari").signed_statement("nbid-sign").days_to_live(7).notification(mail);
    let ola = Signer::new("ola").signed_statement("sbid-sign").authenticate(["sbid"]).days_to_live(7).after("kari");
    NewOrder::builder()
        .document("loan", &"0502…".parse()?, "Loan agreement")
        .signer(kari)
        .signer(ola)
        .seal_as_pades("sealed")
        .days_until_deletion(14)
        .build()
}
