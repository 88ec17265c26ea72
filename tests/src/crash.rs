//! What the crash suite is made of: a person who registers families, an operator that notes what
//! was acknowledged, a node that is killed, and probes that read what the dead left behind.

pub mod dice;
pub mod kills;
pub mod network;
pub mod person;
pub mod probe;
pub mod program;
pub mod record;
pub mod world;
