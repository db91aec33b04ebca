use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::connection;
use crate::intake::Intake;
use crate::{Counts, Settings, SimulatorError};

/// Connections served at once; others wait to be accepted. It bounds memory, at about 1 MB per connection.
const MAX_CONNECTIONS: usize = 256;

/// Time for requests in hand to be answered when the simulator is stopped.
const GRACE: Duration = Duration::from_secs(2);

/// Pause after a connection could not be accepted, for example because no more files may be open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A running Tracking API on loopback. Dropping it stops it at once; [`Simulator::stop`] does it in order.
pub struct Simulator {
    address: SocketAddr,
    intake: Arc<Intake>,
    stop: watch::Sender<bool>,
    /// The accepting task, which owns the tasks of all connections.
    tasks: JoinSet<()>,
}

impl Simulator {
    /// Starts a simulator on the calling Tokio runtime; port 0 means any free port.
    ///
    /// # Errors
    /// If the address is not loopback or cannot be listened on, or the files for events cannot be used.
    pub async fn start(address: SocketAddr, settings: Settings) -> Result<Simulator, SimulatorError> {
        if !address.ip().is_loopback() {
            return Err(SimulatorError::NotLoopback { address });
        }
        let refused = |source| SimulatorError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let bound = listener.local_addr().map_err(refused)?;
        let intake = Arc::new(Intake::open(settings)?);
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&intake), stopped));
        tracing::info!(address = %bound, "tracking api simulator is listening");
        Ok(Simulator {
            address: bound,
            intake,
            stop,
            tasks,
        })
    }

    /// Where it listens, with the port that it got.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL for clients, without path or slash at the end: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it has seen so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.intake.counts()
    }

    /// Stops accepting, gives requests in hand two seconds to be answered, and writes the files to the disk.
    ///
    /// # Errors
    /// If the files could not be written to the disk.
    pub async fn stop(mut self) -> Result<Counts, SimulatorError> {
        self.stop.send_replace(true);
        if timeout(GRACE, self.tasks.join_next()).await.is_err() {
            self.tasks.shutdown().await;
        }
        self.intake.sync()?;
        Ok(self.intake.counts())
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Accepts connections until `stop`, then waits for them to end.
async fn accept(listener: TcpListener, intake: Arc<Intake>, mut stop: watch::Receiver<bool>) {
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
            break;
        };
        let stream = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            stream = next(&listener) => stream,
        };
        let serving = connection::serve(stream, Arc::clone(&intake), stop.clone());
        connections.spawn(async move {
            serving.await;
            drop(slot);
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn next(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
