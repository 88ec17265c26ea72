//! One link of the desk: the machine, its runs, and what waits for a better time.

use std::collections::BTreeMap;

use channels_core::Msisdn;
use jiff::{SignedDuration, Timestamp};
use node_store::{About, RunEnd, RunForm, SmsOffer, SmsPeer, SmsRun};
use ring::rand::{SecureRandom, SystemRandom};
use sync_core::refusal::RefusalCode;
use sync_core::sms::key::{Direction, Ends};
use sync_core::sms::link::{Config, Link};
use sync_core::sms::{Carrier, SmsError};
use sync_core::{ChainId, Lane};

/// How long a chain that the peer refused is left alone, in hours: every try costs money.
const REFUSED_HOURS: i64 = 24;
/// Short runs of a chain that may not fit; then it goes whole until the program starts anew.
const MISFITS_MAX: u8 = 3;

/// One link.
pub(super) struct Peer {
    pub(super) ends: Ends,
    pub(super) name: String,
    pub(super) number: Msisdn,
    pub(super) link: Link,
    /// Steps of the ratchet since enrolment.
    pub(super) steps: u32,
    /// Runs that the machine holds.
    pub(super) runs: BTreeMap<u64, About>,
    /// Since when entries of a chain wait for company.
    gathering: BTreeMap<ChainId, Timestamp>,
    /// Until when something is not offered again.
    paused: Vec<(About, Timestamp)>,
    /// Chains whose runs the peer could not read in the form before this one.
    forms: BTreeMap<ChainId, Plainer>,
    /// The short form of a revocation list did not fit: the whole one goes.
    pub(super) list_whole: bool,
}

/// A form that was fallen back to.
#[derive(Clone, Copy, Debug)]
struct Plainer {
    form: RunForm,
    /// Why the one before was not read.
    code: RefusalCode,
    /// How often short runs did not fit.
    misfits: u8,
}

/// What a machine is built with.
#[derive(Clone, Debug)]
pub(super) struct Build {
    pub(super) is_hub: bool,
    pub(super) lanes: Vec<Lane>,
}

/// A salt from the system, `None` when it gives no randomness.
pub fn fresh_salt() -> Option<[u8; 4]> {
    let mut salt = [0; 4];
    SystemRandom::new().fill(&mut salt).ok()?;
    Some(salt)
}

impl Peer {
    /// Continues a stored link, under a fresh salt.
    pub(super) fn open(
        stored: SmsPeer,
        number: Msisdn,
        build: &Build,
        salt: [u8; 4],
    ) -> Result<Self, SmsError> {
        let config = Config {
            ends: stored.ends,
            sends: sends(build.is_hub),
            carrier: Carrier::Binary,
            lanes: build.lanes.clone(),
        };
        let link = match &stored.state {
            Some(state) => Link::restore(config, stored.keys, salt, state)?,
            None => Link::new(config, stored.keys, salt),
        };
        let runs = stored.runs.into_iter();
        Ok(Self {
            ends: stored.ends,
            name: stored.name,
            number,
            link,
            steps: stored.steps,
            runs: runs.map(|run| (run.ticket, run.about)).collect(),
            gathering: BTreeMap::new(),
            paused: Vec::new(),
            forms: BTreeMap::new(),
            list_whole: false,
        })
    }

    /// Whether a run of this chain is under way: a second one could overtake it.
    pub(super) fn is_busy(&self, chain: &ChainId) -> bool {
        self.runs
            .values()
            .any(|about| matches!(about, About::Frame { chain: of, .. } if of == chain))
    }

    /// Whether something of this kind is under way or paused.
    pub(super) fn holds(&self, about: &About, now: Timestamp) -> bool {
        let same = |other: &About| is_same(other, about);
        let paused = self.paused.iter().filter(|(_, until)| *until > now);
        self.runs.values().any(same) || paused.map(|(about, _)| about).any(same)
    }

    /// Whether entries have waited long enough for others, or may not wait.
    pub(super) fn is_gathered(
        &mut self,
        offer: &SmsOffer,
        now: Timestamp,
        gather: SignedDuration,
    ) -> bool {
        if offer.lane <= Lane::Money {
            return true;
        }
        let since = *self.gathering.entry(offer.chain).or_insert(now);
        now.duration_since(since) >= gather
    }

    /// When the next chain has waited long enough.
    pub(super) fn gathered_at(&self, gather: SignedDuration) -> Option<Timestamp> {
        let since = self.gathering.values().min()?;
        since.checked_add(gather).ok()
    }

    /// In which form the next run of a chain goes.
    pub(super) fn form(&self, chain: &ChainId) -> RunForm {
        self.forms
            .get(chain)
            .map_or(RunForm::Short, |plainer| plainer.form)
    }

    /// Both ends hold the same chain again: what did not fit once may fit now. What does not fit
    /// again and again, or is not known to the peer, is left until the program starts anew.
    fn accepted(&mut self, about: &About) {
        if matches!(about, About::List(_)) {
            self.list_whole = false;
        }
        if let About::Frame { chain, .. } = about
            && let Some(plainer) = self.forms.get_mut(chain)
            && plainer.form == RunForm::Whole
            && plainer.code == RefusalCode::Rebuild
            && plainer.misfits < MISFITS_MAX
        {
            plainer.form = RunForm::Short;
        }
    }

    /// Notes a run that the machine took.
    pub(super) fn began(&mut self, run: &SmsRun) {
        if let About::Frame { chain, .. } = &run.about {
            self.gathering.remove(chain);
        }
        self.runs.insert(run.ticket, run.about.clone());
    }

    /// Notes the end of a run; what was refused is left alone for a day, or goes in a plainer form
    /// where it could not be read.
    pub(super) fn ended(
        &mut self,
        ticket: u64,
        refusal: Option<RefusalCode>,
        now: Timestamp,
    ) -> Option<(SmsRun, RunEnd)> {
        let about = self.runs.remove(&ticket)?;
        let end = match refusal {
            None => {
                self.accepted(&about);
                RunEnd::Accepted
            }
            Some(code) => {
                self.refused(&about, code, now);
                RunEnd::Dropped
            }
        };
        Some((SmsRun { ticket, about }, end))
    }

    fn refused(&mut self, about: &About, code: RefusalCode, now: Timestamp) {
        let is_unread = matches!(
            code,
            RefusalCode::Rebuild | RefusalCode::UnknownDictionary | RefusalCode::Version
        );
        if let About::Frame { chain, .. } = about
            && is_unread
            && let Some(form) = self.form(chain).plainer()
        {
            let before = self.forms.get(chain).map_or(0, |plainer| plainer.misfits);
            let misfits = before.saturating_add(u8::from(form == RunForm::Whole));
            let plainer = Plainer {
                form,
                code,
                misfits,
            };
            self.forms.insert(*chain, plainer);
            return;
        }
        let is_list = matches!(about, About::List(_));
        let is_unread = matches!(code, RefusalCode::Rebuild | RefusalCode::Content);
        if is_list && is_unread && !std::mem::replace(&mut self.list_whole, true) {
            return;
        }
        let day = SignedDuration::from_hours(REFUSED_HOURS);
        let until = now.saturating_add(day).unwrap_or(Timestamp::MAX);
        self.paused.retain(|(of, _)| !is_same(of, about));
        self.paused.push((about.clone(), until));
        tracing::warn!(
            sms.node = self.ends.node.0,
            refusal.code = code.word(),
            "the peer refused a run by SMS; it rests for a day"
        );
    }
}

/// Which way an end sends.
pub(super) fn sends(is_hub: bool) -> Direction {
    if is_hub {
        Direction::ToNode
    } else {
        Direction::ToHub
    }
}

/// Whether two are about the same chain, list or certificate.
fn is_same(one: &About, other: &About) -> bool {
    match (one, other) {
        (About::Frame { chain, .. }, About::Frame { chain: of, .. }) => chain == of,
        (one, other) => core::mem::discriminant(one) == core::mem::discriminant(other),
    }
}
