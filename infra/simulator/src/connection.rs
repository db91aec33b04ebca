use std::error::Error;
use std::future::poll_fn;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::hangup::Hangup;
use crate::intake::Intake;

/// Serves the requests of one connection until the client closes it, a fault resets it, or `stop` comes and the
/// request in hand is answered.
pub(crate) async fn serve(stream: TcpStream, intake: Arc<Intake>, mut stop: watch::Receiver<bool>) {
    // Answers are small: waiting to fill a packet would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot send small packets at once");
    }
    let service = service_fn(move |request| {
        let intake = Arc::clone(&intake);
        Box::pin(async move { intake.serve(request).await })
    });
    // No timeout on reading the head: in tests with virtual time it would close connections that merely are idle.
    let mut connection = http1::Builder::new()
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service);
    let mut stopping = false;
    let ended = loop {
        tokio::select! {
            ended = poll_fn(|cx| connection.poll_without_shutdown(cx)) => break ended,
            _ = stop.wait_for(|stop| *stop), if !stopping => {
                stopping = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    let Err(error) = ended else { return };
    let stream = connection.into_parts().io.into_inner();
    match hangup(&error) {
        Some(Hangup::Reset) => reset(&stream),
        Some(Hangup::After(bytes)) => write(&stream, bytes).await,
        None => {}
    }
}

fn hangup(error: &hyper::Error) -> Option<&Hangup> {
    error.source()?.downcast_ref()
}

/// Writes few bytes, which find room at once: nothing is on its way on this connection.
async fn write(stream: &TcpStream, bytes: &[u8]) {
    let written = stream.writable().await.and_then(|()| stream.try_write(bytes));
    if !written.is_ok_and(|count| count == bytes.len()) {
        tracing::debug!("a broken answer was broken off earlier than ordered");
    }
}

/// Has the connection closed with a reset, once it is dropped, instead of an orderly end.
fn reset(stream: &TcpStream) {
    if let Err(error) = stream.set_zero_linger() {
        tracing::debug!(%error, "cannot reset the connection, so it is closed");
    }
}
