//! Service definitions.
