#![doc = include_str!("../README.md")]

mod aws;
pub mod clock;
mod error;
mod error_name;
mod event_bus;
mod location;
mod metrics;
mod notification;
mod object;
mod secret;
pub mod settings;
mod stores;
pub mod telemetry;
mod visible;

pub use aws::Aws;
pub use error::{ObjectError, PlatformError, ServiceFailure};
pub use error_name::ErrorName;
pub use event_bus::{EVENT_SOURCE, EventBus};
pub use location::Location;
pub use metrics::{Metric, Metrics, NAMESPACE, Unit};
pub use notification::Notified;
pub use object::folder::FolderObjects;
pub use object::pages::{list_all, pages, pages_after};
pub use object::s3::S3Objects;
pub use object::{BLOCK_BYTES, Blocks, Created, MAX_SMALL_OBJECT, Meta, Objects, PAGE_KEYS, Pages};
pub use secret::{SECRET_LIFETIME, Secret, Secrets};
pub use settings::Settings;
pub use stores::Stores;
pub use visible::{Visible, acts};
