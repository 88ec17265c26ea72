//! The program's library: roles, loops and wiring, so that suites can run them in one process.

pub mod clock;
pub mod enrolment;
pub mod programmes;
pub mod roles;
pub mod runtime;
pub mod slip;
pub mod stick;
pub mod wiring;
