#![doc = include_str!("../README.md")]

mod account;
mod chain;
mod context;
mod deadline;
mod error;
mod flight;
mod handler;
mod job;
mod measure;
mod message_id;
mod only;
mod pipeline;
mod progress;
mod projection;
mod reading;
mod refused;
mod rejected;
mod remedy;
mod routes;
mod serve;
mod totals;
mod window;
mod write_keys;

pub use context::{Context, Options};
pub use deadline::{Clock, Deadline};
pub use error::SendError;
pub use handler::handle;
pub use job::{GoesOn, JobEnd, Terms, run_job};
pub use progress::Progress;
pub use reading::Reading;
pub use remedy::remedy;
pub use routes::{Made, Reason, Routes};
pub use serve::serve;
pub use write_keys::WriteKeys;
