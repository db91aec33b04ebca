#![doc = include_str!("../README.md")]

use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    sender::serve(mapping::Action::Screen).await
}
