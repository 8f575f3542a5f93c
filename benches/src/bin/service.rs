//! The service of the other programs: it prints its address, and serves until its input ends.

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    benches::serve().await
}
