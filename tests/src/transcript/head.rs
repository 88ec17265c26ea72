//! The head of a transcript: who calls, in which language, over what, and when.

use anyhow::{Context, Result, bail};
use channels_core::Msisdn;
use jiff::Timestamp;
use node_core::contact::{BearerLimits, Moment};
use node_core::programme::definition::Bearer;
use node_core::role::Role;
use sync_core::ClockQuality;

use super::exchange::Site;

/// What a conversation starts from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// Codes of the programmes that are offered.
    pub services: Vec<String>,
    /// The number that calls.
    pub caller: Msisdn,
    /// Whose the number is.
    pub role: Role,
    /// Language of the worker, or of the site for citizens.
    pub language: String,
    /// Codes of the villages that the code of the service has, one area each; usually none.
    pub villages: Vec<String>,
    /// Hours for which a right staff PIN opens the screens; usually none is asked.
    pub staff_pin_hours: u16,
    /// Over what.
    pub bearer: Over,
    /// When it begins, and how good the clock is.
    pub moment: Moment,
}

/// A bearer of screens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Over {
    /// USSD by the standard.
    Ussd,
    /// USSD over an HTTP gateway, with its smaller screens.
    Http,
    /// SMS only; what is dialled all the same is dialled as over USSD.
    Sms,
}

impl Over {
    /// What fits on one screen.
    pub fn limits(self) -> BearerLimits {
        match self {
            Self::Ussd | Self::Sms => Bearer::Ussd.limits(),
            Self::Http => Bearer::Http.limits(),
        }
    }

    /// Name of the link.
    pub fn link(self) -> &'static str {
        match self {
            Self::Ussd => "operator-a",
            Self::Http => "gateway-a",
            Self::Sms => "modem-a",
        }
    }
}

impl Head {
    /// Where the conversation takes place.
    pub fn site(&self) -> Site {
        Site {
            language: self.language.clone(),
            villages: self.villages.clone(),
            services: self.services.clone(),
            staff_pin_hours: self.staff_pin_hours,
        }
    }

    /// Reads `key value` pairs; a key that is unknown or missing is a finding.
    pub(super) fn parse(pairs: &str) -> Result<Self> {
        let mut words = pairs.split_whitespace();
        let (mut services, mut caller, mut role) = (None, None, Role::HealthWorker);
        let (mut language, mut bearer) = ("en".to_owned(), Over::Ussd);
        let mut villages = Vec::new();
        let (mut clock, mut quality) = (None, ClockQuality::Fake);
        let mut staff_pin_hours = 0;
        while let Some(key) = words.next() {
            let value = words
                .next()
                .with_context(|| format!("{key} has no value"))?;
            match key {
                "service" => services = Some(value.split(',').map(str::to_owned).collect()),
                "caller" => caller = Some(Msisdn::parse(value)?),
                "role" => role = self::role(value)?,
                "language" => value.clone_into(&mut language),
                "villages" => villages = value.split(',').map(str::to_owned).collect(),
                "staff-pin" => staff_pin_hours = value.parse()?,
                "bearer" => bearer = over(value)?,
                "clock" => clock = Some(value.parse::<Timestamp>()?),
                "quality" => quality = self::quality(value)?,
                other => bail!("the head knows no {other}"),
            }
        }
        let at = clock.context("the head needs a clock")?;
        Ok(Self {
            services: services.context("the head needs a service")?,
            caller: caller.context("the head needs a caller")?,
            role,
            language,
            villages,
            staff_pin_hours,
            bearer,
            moment: Moment { at, quality },
        })
    }
}

/// A role by its word.
pub(super) fn role(word: &str) -> Result<Role> {
    match word {
        "worker" => Ok(Role::HealthWorker),
        "officer" => Ok(Role::Officer),
        "auditor" => Ok(Role::Auditor),
        "citizen" => Ok(Role::Citizen),
        other => bail!("{other} is none of worker, officer, auditor and citizen"),
    }
}

fn over(word: &str) -> Result<Over> {
    match word {
        "ussd" => Ok(Over::Ussd),
        "http" => Ok(Over::Http),
        "sms" => Ok(Over::Sms),
        other => bail!("{other} is none of ussd, http and sms"),
    }
}

/// A clock's quality by its word.
pub(super) fn quality(word: &str) -> Result<ClockQuality> {
    match word {
        "ntp" => Ok(ClockQuality::Ntp),
        "nitz" => Ok(ClockQuality::Nitz),
        "rtc" => Ok(ClockQuality::Rtc),
        "fake" => Ok(ClockQuality::Fake),
        "unknown" => Ok(ClockQuality::Unknown),
        other => bail!("{other} is no quality of a clock"),
    }
}
