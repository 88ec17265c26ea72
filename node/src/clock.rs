//! The one place of this package that reads the wall clock.
//!
//! Everything else is handed a [`Moment`]: when, and how far that can be trusted.

use jiff::Timestamp;
use node_core::contact::Moment;
use sync_core::ClockQuality;

/// Where moments come from.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    quality: ClockQuality,
    fixed: Option<Timestamp>,
}

impl Clock {
    /// The system's clock, with the quality that the site's time service vouches for.
    pub fn system(quality: ClockQuality) -> Self {
        Self {
            quality,
            fixed: None,
        }
    }

    /// A clock that stands still: recorded conversations are played at the time they name.
    pub fn fixed(at: Timestamp, quality: ClockQuality) -> Self {
        Self {
            quality,
            fixed: Some(at),
        }
    }

    /// Now.
    pub fn now(&self) -> Moment {
        Moment {
            at: self.fixed.unwrap_or_else(Timestamp::now),
            quality: self.quality,
        }
    }
}
