//! To whom a broadcast goes: a programme, a village, a role, a language, or people named by the caller.
//!
//! All that is named must hold. Only numbers that answered (bound ones) count. The store finds them by
//! keyed views and opens a person only to read the number and what has no view of its own.

use serde::{Deserialize, Serialize};
use sync_core::Scope;

use crate::person::{Field, PersonFields};
use crate::role::{Role, RoleGrant};

/// People looked at by one transaction; longer audiences take several.
pub const AUDIENCE_PAGE_MAX: u32 = 500;

/// Who is meant; nothing named means everybody with a bound number.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Audience {
    /// Area, lane bits zero.
    pub area: Option<Scope>,
    /// Code of a programme in which the person is registered.
    pub programme: Option<String>,
    /// Code of the person's village.
    pub village: Option<String>,
    /// Staff with this role instead of people.
    pub role: Option<Role>,
    /// Language of the person, BCP 47.
    pub language: Option<String>,
}

impl Audience {
    /// Whether a person belongs to it, programme aside, which stands in no field.
    pub fn holds(&self, scope: Scope, fields: &PersonFields) -> bool {
        let is = |wanted: &Option<String>, field| {
            let wanted = wanted.as_deref();
            wanted.is_none_or(|wanted| fields.get(field) == Some(wanted))
        };
        self.area.is_none_or(|area| area == scope.area())
            && is(&self.village, Field::Village)
            && is(&self.language, Field::Language)
    }

    /// Whether a member of staff belongs to it; a village has no staff of its own.
    pub fn holds_staff(&self, grant: &RoleGrant) -> bool {
        let language = self.language.as_deref();
        self.role == Some(grant.role)
            && self.village.is_none()
            && self.area.is_none_or(|area| area == grant.scope.area())
            && language.is_none_or(|language| grant.language == language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(audience: &Audience, expected: bool) {
        let mut fields = PersonFields::default();
        fields.set(Field::Village, "KB");
        fields.set(Field::Language, "sw");
        assert_eq!(audience.holds(Scope(19), &fields), expected, "{audience:?}");
    }

    #[test]
    fn all_that_is_named_must_hold() {
        let named = |area, village: &str, language: &str| Audience {
            area: Some(Scope(area)),
            village: Some(village.to_owned()),
            language: Some(language.to_owned()),
            ..Audience::default()
        };
        check(&Audience::default(), true);
        check(&named(16, "KB", "sw"), true);
        check(&named(24, "KB", "sw"), false);
        check(&named(16, "AP", "sw"), false);
        check(&named(16, "KB", "fr"), false);
    }
}
