//! Roles of the one program: node, hub, demo, phone.

pub mod demo;
pub mod hub;
pub mod node;
pub mod office;
pub mod phone;
pub mod staff;
pub mod station;
