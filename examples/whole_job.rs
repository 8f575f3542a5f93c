//! The whole job in a dozen lines, as the README shows it: on the service that the environment names.

use signicat_sign::{Client, NewOrder, Signer, Upload};
use std::time::Duration;

#[tokio::main]
async fn main() -> signicat_sign::Result<()> {
    let sign = Client::from_env()?;
    let pdf = sign.documents().upload(Upload::from_path("loan.pdf").await?).await?;
    let order = NewOrder::builder()
        .client_reference("case-42")
        .document("loan", &pdf, "Loan agreement")
        .signer(
            Signer::new("kari")
                .signed_statement("nbid-sign")
                .on_complete("https://shop.example/done?task=${taskId}"),
        )
        .signer(Signer::new("ola").signed_statement("sbid-sign").after("kari"))
        .seal_as_pades("sealed")
        .build()?;
    let order = sign.orders().create(order).await?;
    println!("{}", order.signing_url("kari")?.expose());
    let done = sign.orders().wait(&order).deadline(Duration::from_secs(2 * 86_400)).await?;
    done.sealed("sealed")?.save_to("loan-signed.pdf").await?;
    Ok(())
}
