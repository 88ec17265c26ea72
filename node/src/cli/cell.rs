//! The own 2G cell that the settings name: an external USSD entity of a home register.

use channels::gsup::{OwnCell, OwnCellConfig};
use channels_core::LinkName;
use channels_core::gsup::entity::{Sentences, Settings as Entity};
use firmware_config::settings::OwnCellSettings;
use node::roles::hub;

use super::failure::Failure;

/// The channel of the cell; its own sentences are in the language of the place, because it says
/// them before anything is known of the caller.
pub(super) fn channel(cell: &OwnCellSettings, language: &str) -> Result<OwnCell, Failure> {
    let hint = "check `[own_cell]` in the settings";
    let programmes = hub::programmes(None, &[])
        .map_err(|error| Failure::of("load the texts of an own cell", &error, "report this"))?;
    let say = |key: &str| programmes.texts().plain(language, key);
    let settings = Entity {
        link: LinkName(cell.name.clone()),
        entity: cell.entity.clone(),
        guard_s: cell.guard_s,
        sentences: Sentences {
            no_number: say("phone-without-number"),
            busy: say("busy"),
            ended: say("session-ended"),
        },
    };
    OwnCell::try_new(OwnCellConfig::new(cell.address, settings))
        .map_err(|error| Failure::of("configure the own cell", &error, hint))
}
