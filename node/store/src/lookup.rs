//! Answers to the rules' questions, from tables inside the transaction.

use node_core::view::{Found, Known, Lookup};
use sync_core::{EntryRef, Seq};

use crate::hub_store::StoreError;
use crate::tx::Tx;
use crate::view::record::RecordKey;

/// Rounds in which the rules may ask for more; after that they decide on what they have.
pub(crate) const ROUNDS_MAX: usize = 8;

impl Tx<'_> {
    /// Answers everything that `needs` asks for, until it asks for nothing new.
    pub(crate) fn gather(
        &self,
        mut needs: impl FnMut(&Known) -> Vec<Lookup>,
    ) -> Result<Known, StoreError> {
        let mut known = Known::new();
        for _ in 0..ROUNDS_MAX {
            let new: Vec<Lookup> = needs(&known)
                .into_iter()
                .filter(|lookup| !known.contains_key(lookup))
                .collect();
            if new.is_empty() {
                break;
            }
            for lookup in new {
                let found = self.lookup(&lookup)?;
                known.insert(lookup, found);
            }
        }
        Ok(known)
    }

    /// One answer.
    pub(crate) fn lookup(&self, lookup: &Lookup) -> Result<Found, StoreError> {
        Ok(match lookup {
            Lookup::NextEntry(scope) => {
                let chain = self.own_chain(*scope);
                let last = self.chain(&chain)?.map_or(0, |row| row.seq.0);
                Found::Entry(EntryRef::new(&chain, Seq(last.saturating_add(1))))
            }
            Lookup::NextNumbers(count) => Found::Numbers(self.next_numbers(*count)?),
            Lookup::Person(document) => some(self.person(document)?, Found::Persons),
            Lookup::PersonsByToken(token) => Found::Persons(self.persons_by_token(token)?),
            Lookup::Registration(id) => some(self.registration(id)?, Found::Registrations),
            Lookup::RegistrationsByToken(token) => {
                Found::Registrations(self.registrations_by_token(token)?)
            }
            Lookup::RegistrationsByAuthor(scope, author) => {
                Found::Registrations(self.registrations_by_author(*scope, *author)?)
            }
            Lookup::RegistrationsByPerson(person) => {
                Found::Registrations(self.registrations_by_person(person)?)
            }
            Lookup::StaffByPhone(phone) => Found::Staff(self.staff_by_phone(phone)?),
            Lookup::Staff(scope, index) => Found::Staff(self.staff(*scope, *index)?),
            Lookup::StaffCount(scope) => Found::Number(self.count_staff(*scope)?),
            Lookup::OpenReviews(scope, author) => {
                Found::Reviews(self.open_reviews(*scope, *author)?)
            }
            Lookup::Review(number) => Found::Reviews(self.review(*number)?),
            Lookup::NextReview => Found::Number(self.next_review()?),
            Lookup::ReviewsByOther(other) => Found::Reviews(self.reviews_by_other(other)?),
            Lookup::Phone(phone) => Found::Phone(self.phone(phone)?),
            Lookup::Undigested => Found::Undigested(self.undigested()?),
            Lookup::EpochCertified => Found::Flag(self.identity.certified),
            Lookup::Record {
                registry,
                version,
                id,
            } => {
                match self.record(RecordKey {
                    registry,
                    version,
                    id,
                })? {
                    Some(row) => Found::Record(row),
                    None => Found::None,
                }
            }
            Lookup::LeaseLeft => Found::Number(self.lease_left()?),
            Lookup::LeaseCursor => Found::Number(self.lease_cursor()?),
            Lookup::NumbersHeld(node, epoch) => Found::Number(self.numbers_held(*node, *epoch)?),
            Lookup::Unnumbered(count) => Found::Persons(self.unnumbered(*count)?),
            other => self.lookup_guard(other)?,
        })
    }

    /// What guards people: PINs, consent, erasure, ended roles.
    fn lookup_guard(&self, lookup: &Lookup) -> Result<Found, StoreError> {
        Ok(match lookup {
            Lookup::Pin(holder) => Found::Pin(self.pin(*holder)?),
            Lookup::Stretch(holder, pin, purpose) => self.stretched(*holder, pin, *purpose)?,
            Lookup::Proved => match self.guard.borrow().proved {
                Some(holder) => Found::Holder(holder),
                None => Found::None,
            },
            Lookup::Erasure(person) => Found::Erasure(self.erasure(person)?),
            Lookup::Consents(person) => Found::Consents(self.consents(person)?),
            Lookup::ReadsOf(person) => Found::Reads(self.reads_of(person)?),
            Lookup::ReadsBy(reader, since) => Found::Number(self.reads_by(reader, *since)?),
            Lookup::StaffEnded(scope, index) => Found::Flag(self.is_staff_ended(*scope, *index)?),
            other => self.lookup_happened(other)?,
        })
    }

    /// What happened to people, and what is due.
    fn lookup_happened(&self, lookup: &Lookup) -> Result<Found, StoreError> {
        Ok(match lookup {
            Lookup::Event(id) => Found::Events(self.event(id)?),
            Lookup::EventsBySubject(person) => Found::Events(self.events_by_subject(person)?),
            Lookup::EventsByAuthor(scope, author, since) => {
                Found::Events(self.events_by_author(*scope, *author, *since)?)
            }
            Lookup::EventsByCode { programme, code } => {
                Found::Events(self.events_by_code(programme, code)?)
            }
            Lookup::EventsReferring(id) => Found::Events(self.events_referring(id)?),
            Lookup::TasksOf(scope, worker, by) => {
                Found::Tasks(self.tasks_of(*scope, *worker, *by)?)
            }
            Lookup::TasksToRemind(day) => Found::Tasks(self.tasks_to_remind(*day)?),
            Lookup::TasksToTell(day) => Found::Tasks(self.tasks_to_tell(*day)?),
            Lookup::WorkerOf(person) => Found::Number(self.worker_of(person)?),
            Lookup::PeopleOf(scope, worker) => Found::Entries(self.people_of(*scope, *worker)?),
            Lookup::StaffByRole(scope, role) => {
                let mut live = Vec::new();
                for grant in self.staff_of(*scope)? {
                    if grant.role == *role && !self.is_staff_ended(*scope, grant.index)? {
                        live.push(grant);
                    }
                }
                Found::Staff(live)
            }
            Lookup::SlipsOf(person) => Found::Slips(self.slips_of(person)?),
            Lookup::SlipRevoked(slip) => Found::Flag(self.is_revoked(*slip)?),
            Lookup::CodeKeys(area) => Found::CodeKeys(self.code_keys(*area)?),
            Lookup::Reference(area, list) => {
                let (revision, items) = self.reference(*area, list)?;
                Found::Reference(revision, items)
            }
            Lookup::AlertKnown(id, step) => Found::Flag(self.is_alert_known(*id, *step)?),
            Lookup::LiveAlert(area) => Found::Alert(self.live_alert(*area)?),
            Lookup::Proposal(broadcast) => Found::Proposal(self.proposal(*broadcast)?),
            Lookup::ProgrammeCodes => Found::Words(self.programme_codes()),
            other => self.lookup_pairs(other)?,
        })
    }

    /// Who fits or comes near, pairs of people, edges and households. What the callers take before is nothing here.
    fn lookup_pairs(&self, lookup: &Lookup) -> Result<Found, StoreError> {
        Ok(match lookup {
            Lookup::Fitting(question, area) => Found::Fitting(self.fitting(question, *area)?),
            Lookup::Near(sought) => Found::Near(self.closest(sought)?),
            Lookup::Match(number) => Found::Matches(self.match_by_number(*number)?),
            Lookup::MatchesOf(document) => Found::Matches(self.matches_of(document)?),
            Lookup::MatchesWaiting(scope, author) => {
                Found::Matches(self.matches_waiting(*scope, *author)?)
            }
            Lookup::Edges(document) => Found::Edges(self.edges(document)?),
            Lookup::AuthorOf(entry) => match self.entry_id(entry)? {
                Some(id) => Found::Number(u64::from(self.entry_meta(id)?.author)),
                None => Found::None,
            },
            Lookup::HeldOf(person) => Found::Held(self.held_of(person)?),
            Lookup::HeldOpen => Found::Held(self.held_open()?),
            Lookup::Distinct(pair) => Found::Flag(self.is_distinct(*pair)?),
            Lookup::MembershipsOf(person, programme) => {
                Found::Memberships(self.memberships_of(person, programme)?)
            }
            Lookup::MembersOf(household, programme) => {
                Found::Memberships(self.members_of(household, programme)?)
            }
            Lookup::Unit(person, programme) => {
                Found::Unit(self.unit(person, programme.as_deref())?)
            }
            Lookup::UnitEvents {
                person,
                programme,
                code,
                households,
            } => {
                let unit = self.unit(person, households.then_some(programme.as_str()))?;
                Found::Events(self.unit_events(&unit, (programme, code))?)
            }
            _ => Found::None,
        })
    }
}

fn some<T>(row: Option<T>, found: impl Fn(Vec<T>) -> Found) -> Found {
    row.map_or(Found::None, |row| found(vec![row]))
}
