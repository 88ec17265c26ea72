//! Server-rendered pages: they work without script, ask over a bounded channel, and hold no rules.

pub mod demo;
mod guard;
pub mod office;
pub mod slip;
