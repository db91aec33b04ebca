//! What a run would send and cost: rows go through the real mappings into real batches, which nobody posts.

mod cost;
mod counting;
mod figures;
mod packing;
mod reading;
mod text;

pub(crate) use cost::Deployment;
pub(crate) use reading::read;
pub(crate) use text::describe;
