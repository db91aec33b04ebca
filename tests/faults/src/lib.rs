#![doc = include_str!("../README.md")]

pub mod api;
pub mod bucket;
pub mod chance;
mod check;
pub mod doom;
pub mod extract;
pub mod faults;
pub mod lambda;
mod machine;
mod many;
mod operator;
pub mod queue;
pub mod store;
pub mod time;
pub mod trace;
mod world;

pub use many::run_all;
pub use world::{End, Figures, run, told};
