//! Negative controls: faults of the world itself that no product could survive. Each must be caught
//! by the checks, or the checks are worth nothing.

use super::world::World;

/// A planted fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Control {
    /// A power cut takes what was acknowledged.
    AcknowledgedCut,
    /// A network lets everything pass but registrations.
    FramesSkipped,
    /// A backup comes back as plain files: the old life goes on and names are used twice.
    SameLife,
    /// A repeat of a call comes to the registry under another id.
    NewIdOnRetry,
}

impl Control {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::AcknowledgedCut,
        Self::FramesSkipped,
        Self::SameLife,
        Self::NewIdOnRetry,
    ];
}

impl World {
    fn is(&self, control: Control) -> bool {
        self.plan.control == Some(control)
    }

    /// Whether this turn's cut goes too far.
    pub(super) fn control_cut(&mut self) -> bool {
        self.is(Control::AcknowledgedCut) && self.chance(5)
    }

    /// Whether links skip registrations.
    pub(super) fn forges(&self) -> bool {
        self.is(Control::FramesSkipped)
    }

    /// Whether backups come back as plain files.
    pub(super) fn copies_back(&self) -> bool {
        self.is(Control::SameLife)
    }

    /// Whether repeats get another id.
    pub(super) fn renames(&self) -> bool {
        self.is(Control::NewIdOnRetry)
    }
}
