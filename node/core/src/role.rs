//! Who acts: roles, hub-signed grants, and the principal that every command carries.

mod code;
mod ended;
pub mod right;

use channels_core::Msisdn;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sync_core::{NodeId, Scope};

use crate::hub_signed::HubSigned;
use crate::site::Site;
use crate::view::PhoneRow;
use crate::village;

pub use code::{CodeOrder, StaffCode};
pub use ended::{REASON_CHARS_MAX, RoleEnd};

/// What a person may do (docs/SECURITY.md lists the rights of each).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Role {
    /// A citizen: own record only.
    Citizen,
    /// A community health worker: registers, answers reviews.
    HealthWorker,
    /// District staff who decide duplicates and correct fields.
    Officer,
    /// Devices, links, staff accounts.
    Administrator,
    /// The program itself: projector, digest, scheduler.
    System,
    /// A shop that redeems vouchers.
    Vendor,
    /// Proposes payments and corrections; approves nothing (maker).
    Clerk,
    /// Reads the read log and the audit chain; changes nothing.
    Auditor,
}

impl Role {
    /// Roles that people hold, in the order of docs/SECURITY.md.
    pub const HELD: [Self; 7] = [
        Self::Citizen,
        Self::HealthWorker,
        Self::Vendor,
        Self::Clerk,
        Self::Officer,
        Self::Administrator,
        Self::Auditor,
    ];

    /// Its name for staff.
    pub fn words(self) -> &'static str {
        match self {
            Self::Citizen => "citizen",
            Self::HealthWorker => "health worker",
            Self::Vendor => "vendor",
            Self::Clerk => "clerk",
            Self::Officer => "officer",
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
            Self::System => "system",
        }
    }

    /// The role that staff can be given under this name, written like `health-worker`.
    pub fn parse_granted(name: &str) -> Option<Self> {
        Self::HELD
            .into_iter()
            .filter(|role| *role != Self::Citizen)
            .find(|role| role.words().replace(' ', "-") == name)
    }
}

/// Who gives a command, over which channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Principal {
    /// The role it acts in.
    pub role: Role,
    /// Index in the staff list of `scope`; 0 = the person herself or the system.
    pub author: u32,
    /// The partition in which it acts (lane bits zero).
    pub scope: Scope,
    /// The number it came from, for people on phones.
    pub phone: Option<Msisdn>,
    /// Name of the channel: a link name, `console`, `api`, `system`.
    pub channel: String,
    /// Language of its screens, BCP 47; empty = none chosen yet, so the dialogue asks first.
    pub language: String,
}

/// A role given to a number in a scope, signed by the hub; travels as a lane-0 fact.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGrant {
    /// Index in the scope's append-only staff list, from 1.
    pub index: u32,
    /// The role.
    pub role: Role,
    /// The number that the person calls from, E.164 with `+`.
    pub phone: String,
    /// The person's name as staff see it.
    pub name: String,
    /// Language of the person's screens.
    pub language: String,
    /// Where it holds (lane bits zero).
    pub scope: Scope,
    /// When it ends.
    pub not_after: Timestamp,
    /// The hub that grants.
    pub hub: NodeId,
    /// Ed25519 by the hub's node key over the postcard form of all fields above.
    #[serde(with = "crate::fact::signature_bytes")]
    pub signature: [u8; 64],
}

impl core::fmt::Debug for RoleGrant {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "RoleGrant({:?} {} in {:?})",
            self.role, self.index, self.scope
        )
    }
}

impl HubSigned for RoleGrant {
    const CONTEXT: &'static [u8] = b"outpost.role-grant.1";

    fn fields(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_stdvec(&(
            self.index,
            self.role,
            self.phone.as_str(),
            self.name.as_str(),
            self.language.as_str(),
            self.scope,
            self.not_after,
            self.hub,
        ))
    }

    fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    fn set_signature(&mut self, signature: [u8; 64]) {
        self.signature = signature;
    }
}

impl RoleGrant {
    /// Whether it still holds.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.not_after
    }
}

/// A caller, and what the store knows of the number.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The number, vouched for by the network.
    pub phone: &'a Msisdn,
    /// Grants that name the number, verified when they were accepted.
    pub staff: &'a [RoleGrant],
    /// What else is known of it.
    pub row: &'a PhoneRow,
    /// Name of the link.
    pub channel: &'a str,
}

/// Who a caller is: the best live grant of an area that we serve, else a citizen of our home.
///
/// A health worker's grant goes before others, because it is the one that phones are used with.
/// Where several villages call, only grants of the caller's own village count, and a caller whose
/// village is not known is a citizen of [`village::NOWHERE`].
pub fn resolve(caller: &Caller<'_>, site: &Site, now: Timestamp) -> Principal {
    let best = |area: Option<Scope>| {
        let grants = caller.staff.iter();
        grants
            .filter(|grant| grant.is_live(now) && site.serves(grant.scope))
            .filter(|grant| area.is_none_or(|area| area == grant.scope.area()))
            .min_by_key(|grant| (grant.role != Role::HealthWorker, grant.role, grant.index))
    };
    let (grant, home) = if site.asks_village() {
        let area = village::area(caller, site, now);
        (
            area.and_then(|area| best(Some(area))),
            area.unwrap_or(village::NOWHERE),
        )
    } else {
        (best(None), site.home)
    };
    let language = caller.row.language.as_deref();
    let language = language.or(best(None).map(|grant| grant.language.as_str()));
    Principal {
        role: grant.map_or(Role::Citizen, |grant| grant.role),
        author: grant.map_or(0, |grant| grant.index),
        scope: grant.map_or(home, |grant| grant.scope).area(),
        phone: Some(caller.phone.clone()),
        channel: caller.channel.to_owned(),
        language: language.unwrap_or(&site.language).to_owned(),
    }
}

impl Principal {
    /// The program itself, acting in an area.
    pub fn system(scope: Scope, language: &str) -> Self {
        Self {
            role: Role::System,
            author: 0,
            scope: scope.area(),
            phone: None,
            channel: "system".to_owned(),
            language: language.to_owned(),
        }
    }

    /// Whether it acts in an area; a caller whose village is not known does not.
    pub fn is_placed(&self) -> bool {
        self.scope != village::NOWHERE
    }

    /// The caller's number, E.164 with `+`.
    pub fn e164(&self) -> Option<String> {
        self.phone.as_ref().map(Msisdn::to_e164)
    }
}

#[cfg(test)]
mod tests {
    use sync_core::HubId;

    use super::*;
    use crate::hub_signed::check_signature;

    fn grant(role: Role, index: u32, not_after: &str) -> RoleGrant {
        RoleGrant {
            index,
            role,
            phone: "+254711000001".to_owned(),
            name: "Neema".to_owned(),
            language: "sw".to_owned(),
            scope: Scope(16),
            not_after: not_after.parse().unwrap(),
            hub: NodeId(1),
            signature: [0; 64],
        }
    }

    fn site(areas: &[Scope]) -> Site {
        Site {
            hub: HubId([0; 4]),
            node: NodeId(2),
            hub_node: NodeId(1),
            name: "Kibo".to_owned(),
            is_hub: false,
            home: Scope(8),
            areas: areas.to_vec(),
            villages: std::sync::Arc::default(),
            language: "en".to_owned(),
            country: "KE".to_owned(),
            matcher: std::sync::Arc::new(crate::duplicate::Matcher::of("KE").unwrap()),
            sender: "384".to_owned(),
            number_key: None,
            staff_pin_hours: 0,
        }
    }

    fn role_of(staff: &[RoleGrant], areas: &[Scope]) -> (Role, u32, Scope, String) {
        let phone = Msisdn::parse("+254711000001").unwrap();
        let row = PhoneRow::default();
        let caller = Caller {
            phone: &phone,
            staff,
            row: &row,
            channel: "operator-a",
        };
        let principal = resolve(
            &caller,
            &site(areas),
            "2026-03-02T00:00:00Z".parse().unwrap(),
        );
        (
            principal.role,
            principal.author,
            principal.scope,
            principal.language,
        )
    }

    #[test]
    fn signature_covers_every_field() {
        let unsigned = grant(Role::HealthWorker, 1, "2027-01-01T00:00:00Z");
        check_signature(
            unsigned,
            &[
                |g| g.index = 2,
                |g| g.role = Role::Administrator,
                |g| g.phone.push('1'),
                |g| g.name.push('x'),
                |g| g.language.push('x'),
                |g| g.scope = Scope(24),
                |g| g.not_after = "2028-01-01T00:00:00Z".parse().unwrap(),
                |g| g.hub = NodeId(7),
            ],
        );
    }

    #[test]
    fn callers_get_their_live_role_where_we_serve() {
        let live = grant(Role::HealthWorker, 4, "2027-01-01T00:00:00Z");
        let officer = grant(Role::Officer, 2, "2027-01-01T00:00:00Z");
        let past = grant(Role::HealthWorker, 1, "2026-01-01T00:00:00Z");
        let citizen = (Role::Citizen, 0, Scope(8), "en".to_owned());
        let worker = (Role::HealthWorker, 4, Scope(16), "sw".to_owned());
        assert_eq!(
            role_of(&[past.clone(), officer, live.clone()], &[Scope(16)]),
            worker
        );
        assert_eq!(role_of(&[past], &[Scope(16)]), citizen);
        assert_eq!(role_of(&[live], &[Scope(8)]), citizen);
        assert_eq!(role_of(&[], &[]), citizen);
    }
}
