//! The simulated world: real stores on files in memory, the real session driver and the real stick,
//! on virtual time, with everything that may go wrong drawn from one seed.
//!
//! Only foreign parties are simulated: the registry, the network of phones, people, couriers, and
//! the medium under a store. What the product draws by itself (keys, salts, numbers) is not under
//! the seed, so nothing here depends on it: the events of two runs of one seed are equal byte for
//! byte (docs/decisions/0060).

pub mod check;
pub mod control;
pub mod courier;
pub mod fault;
pub mod handset;
pub mod ledger;
pub mod link;
pub mod outward;
pub mod site;
pub mod story;
pub mod trouble;
pub mod world;
