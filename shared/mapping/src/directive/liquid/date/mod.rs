//! Moments: reading them as V8 does, time zones, and `strftime`.

mod legacy;
mod moment;
mod part;
mod scanner;
mod strftime;
pub(super) mod zone;

pub(super) use legacy::parse;
pub(super) use moment::Moment;
pub(super) use strftime::format;
