//! Conversations with the shipped programme: whole paths, refusals, cuts, random keys.

mod family;
mod form;
mod home;
mod keys;
mod kinds;
mod logic;
mod paths;
mod people;
mod questions;
mod resume;
mod staff;
mod values;
mod versions;
mod village;
mod walk;
