use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

/// Why a simulator could not be set up, started or stopped.
#[derive(Debug, Error)]
pub enum SimulatorError {
    /// The simulator knows no TLS and trusts its callers, so it serves this machine only.
    #[error("cannot listen on {address}: the simulator serves this machine only; use 127.0.0.1 or [::1]")]
    NotLoopback {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The port is taken or not allowed.
    #[error("cannot listen on {address}: choose another port, or 0 for a free one")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The folder or file for events cannot be made, read or written.
    #[error("cannot use {path} to keep events: check that it is writable and that the disk has room", path = path.display())]
    File {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Two simulators appending to one file would mix their lines.
    #[error("{path} is being written by another simulator: stop that one or choose another folder", path = path.display())]
    InUse {
        /// The events file.
        path: PathBuf,
    },
    /// The text of `--fail` is not a list of faults.
    #[error("cannot read fault \"{part}\": {problem}")]
    BadFault {
        /// The part between commas that is wrong.
        part: String,
        /// What is wrong with it, and what to write instead.
        problem: String,
    },
}
