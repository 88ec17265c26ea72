//! The dialogue engine.
