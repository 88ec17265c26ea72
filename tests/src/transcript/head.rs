//! The head of a transcript: who calls, in which language, over what, and when.

use anyhow::{Context, Result, bail};
use channels_core::Msisdn;
use jiff::Timestamp;
use node_core::contact::{BearerLimits, Moment};
use node_core::programme::definition::Bearer;
use sync_core::ClockQuality;

/// What a conversation starts from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// Code of the programme.
    pub service: String,
    /// The number that calls.
    pub caller: Msisdn,
    /// Whether the number is a health worker's.
    pub worker: bool,
    /// Language of the worker, or of the site for citizens.
    pub language: String,
    /// Codes of the villages that the code of the service has, one area each; usually none.
    pub villages: Vec<String>,
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
    /// Reads `key value` pairs; a key that is unknown or missing is a finding.
    pub(super) fn parse(pairs: &str) -> Result<Self> {
        let mut words = pairs.split_whitespace();
        let (mut service, mut caller, mut worker) = (None, None, true);
        let (mut language, mut bearer) = ("en".to_owned(), Over::Ussd);
        let mut villages = Vec::new();
        let (mut clock, mut quality) = (None, ClockQuality::Fake);
        while let Some(key) = words.next() {
            let value = words
                .next()
                .with_context(|| format!("{key} has no value"))?;
            match key {
                "service" => service = Some(value.to_owned()),
                "caller" => caller = Some(Msisdn::parse(value)?),
                "role" => worker = role(value)?,
                "language" => value.clone_into(&mut language),
                "villages" => villages = value.split(',').map(str::to_owned).collect(),
                "bearer" => bearer = over(value)?,
                "clock" => clock = Some(value.parse::<Timestamp>()?),
                "quality" => quality = self::quality(value)?,
                other => bail!("the head knows no {other}"),
            }
        }
        let at = clock.context("the head needs a clock")?;
        Ok(Self {
            service: service.context("the head needs a service")?,
            caller: caller.context("the head needs a caller")?,
            worker,
            language,
            villages,
            bearer,
            moment: Moment { at, quality },
        })
    }
}

fn role(word: &str) -> Result<bool> {
    match word {
        "worker" => Ok(true),
        "citizen" => Ok(false),
        other => bail!("{other} is neither worker nor citizen"),
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
