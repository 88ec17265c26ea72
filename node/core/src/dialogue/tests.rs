//! Conversations with the shipped programme: whole paths, refusals, cuts, random keys.

mod form;
mod home;
mod keys;
mod kinds;
mod paths;
mod questions;
mod resume;
mod values;
mod village;
mod walk;
