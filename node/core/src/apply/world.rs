//! Tables in memory and a few stores that exchange entries: how the rules are meant to be driven.

mod guard;
mod happened;
mod people;
mod views;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use channels_core::Msisdn;
use sync_core::{
    ClockQuality, DocId, EntryKind, EntryMeta, EntryRef, Epoch, HubId, NodeId, Scope, Seq, journal,
};

use crate::apply::{self, Applied, AppliedBody, Consequences};
use crate::binding::{self, STALE_DAYS};
use crate::command::{Command, Outcome, Rejection, Write};
use crate::contact::Moment;
use crate::decide;
use crate::fact::Fact;
use crate::number;
use crate::person::PersonFields;
use crate::programme::Programmes;
use crate::read::ReadNote;
use crate::role::{Caller, Principal, resolve};
use crate::schema;
use crate::site::{Rules, Site};
use crate::view::{Effect, Found, IssuedNumber, Known, Lookup, NewMessage, NumberKind, ViewChange};

pub(crate) use people::{
    WORKER_A, WORKER_B, administrator, child, consent, fields, grant, mother, pair, register,
    system, world, world_of,
};
pub(crate) use views::Views;

pub(crate) const AREA: Scope = Scope(16);
pub(crate) const HUB: NodeId = NodeId(1);

/// An entry as it travels.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) id: EntryRef,
    meta: EntryMeta,
    body: Body,
    pub(crate) about: Option<EntryRef>,
}

#[derive(Clone, Debug)]
enum Body {
    Document(PersonFields),
    Fact(Fact),
}

impl Stored {
    /// The fact, if it is one.
    pub(crate) fn fact(&self) -> Option<&Fact> {
        match &self.body {
            Body::Fact(fact) => Some(fact),
            Body::Document(_) => None,
        }
    }
}

/// One node or hub with its journal, tables and queue.
pub(crate) struct Store {
    pub(crate) site: Site,
    programmes: Rc<Programmes>,
    pub(crate) views: Views,
    pub(crate) log: Vec<Stored>,
    heads: BTreeMap<Scope, u32>,
    numbers: Vec<u32>,
    used: u32,
    pub(crate) cursor: u64,
    undigested: BTreeSet<EntryRef>,
    pub(crate) messages: Vec<NewMessage>,
    pub(crate) clock: Moment,
}

pub(crate) fn now() -> Moment {
    Moment {
        at: "2026-03-14T10:00:00Z".parse().unwrap(),
        quality: ClockQuality::Ntp,
    }
}

impl Store {
    /// What was noted of reads behind a place of the journal.
    pub(crate) fn reads(&self, after: usize) -> Vec<ReadNote> {
        let facts = self.log.iter().skip(after).filter_map(Stored::fact);
        facts
            .filter_map(|fact| match fact {
                Fact::RecordsRead(note) => Some(note.clone()),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn new(node: NodeId, programmes: Rc<Programmes>) -> Self {
        let is_hub = node == HUB;
        let site = Site {
            hub: HubId([9; 4]),
            node,
            hub_node: HUB,
            name: format!("site {}", node.0),
            is_hub,
            home: AREA,
            areas: vec![AREA],
            villages: std::sync::Arc::default(),
            language: "en".to_owned(),
            country: "KE".to_owned(),
            matcher: std::sync::Arc::new(crate::duplicate::Matcher::of("KE").unwrap()),
            sender: "384".to_owned(),
            number_key: is_hub.then_some([5; 32]),
            staff_pin_hours: 0,
        };
        Self {
            site,
            programmes,
            views: Views::default(),
            log: Vec::new(),
            heads: BTreeMap::new(),
            numbers: Vec::new(),
            used: 0,
            cursor: 0,
            undigested: BTreeSet::new(),
            messages: Vec::new(),
            clock: now(),
        }
    }

    pub(crate) fn rules(&self) -> Rules<'_> {
        Rules::new(&self.site, &self.programmes)
    }

    /// Answers everything that `needs` asks, and fails the test when it never ends.
    pub(crate) fn know(&self, needs: impl Fn(&Known, &Rules<'_>) -> Vec<Lookup>) -> Known {
        let mut known = Known::new();
        for _ in 0..=apply::ROUNDS_MAX {
            let lookups = needs(&known, &self.rules());
            if lookups.is_empty() {
                return known;
            }
            for lookup in lookups {
                assert!(!known.contains_key(&lookup), "asked twice: {lookup:?}");
                let found = self.find(&lookup);
                known.insert(lookup, found);
            }
        }
        panic!("lookups never end");
    }

    fn find(&self, lookup: &Lookup) -> Found {
        if let Some(mut found) = self.views.find(lookup) {
            if let Found::Phone(row) = &mut found {
                binding::settle(row, binding::trusted_day(self.clock), STALE_DAYS);
            }
            return found;
        }
        match lookup {
            Lookup::NextEntry(scope) => Found::Entry(self.next(*scope)),
            Lookup::NextNumbers(count) => Found::Numbers(
                (self.used..self.used + count)
                    .map(|n| self.issue(n))
                    .collect(),
            ),
            Lookup::Undigested => Found::Undigested(
                self.undigested
                    .iter()
                    .map(|id| self.views.registration(*id).clone())
                    .collect(),
            ),
            Lookup::LeaseCursor => Found::Number(self.cursor),
            Lookup::EpochCertified => Found::Flag(true),
            _ => Found::None,
        }
    }

    fn issue(&self, n: u32) -> IssuedNumber {
        let leased = self.numbers.get(usize::try_from(n).unwrap());
        let (digits, kind) = if let Some(body) = leased {
            (number::full(*body), NumberKind::Leased)
        } else {
            let digits = number::provisional(self.site.node.0, n, &[2; 32]).unwrap();
            (digits, NumberKind::Provisional)
        };
        IssuedNumber { digits, kind }
    }

    fn next(&self, scope: Scope) -> EntryRef {
        let seq = self.heads.get(&scope).map_or(1, |seq| seq + 1);
        EntryRef {
            origin: self.site.node,
            epoch: Epoch(1 << 32),
            scope,
            seq: Seq(seq),
        }
    }

    pub(crate) fn command(
        &mut self,
        principal: &Principal,
        command: &Command,
    ) -> Result<Outcome, Rejection> {
        let known =
            self.know(|known, rules| decide::needs(principal, command, known, rules, self.clock));
        let decision = decide::decide(principal, command, &known, &self.rules(), self.clock)?;
        // As in the store: changes of the decision stand before its entries are applied.
        for change in decision.changes {
            self.put(change);
        }
        for write in decision.writes {
            self.append(write, principal.author);
        }
        self.queue(decision.messages);
        Ok(decision.outcome)
    }

    /// An SMS from `phone`: who it is, what it means, and what comes of it.
    pub(crate) fn sms(&mut self, phone: &str, text: &str) -> Option<Command> {
        let from = channels_core::Address::parse(phone).unwrap();
        let known = self.know(|known, _| crate::inbox::needs(&from, text, known));
        let principal = self.caller(phone);
        let read = crate::inbox::interpret(&principal, text, &known, &self.rules(), self.clock);
        if let Some(command) = &read.command {
            self.command(&principal, command).unwrap();
        }
        self.queue(read.messages);
        read.command
    }

    pub(crate) fn caller(&self, phone: &str) -> Principal {
        let msisdn = Msisdn::parse(phone).unwrap();
        let lookup = Lookup::StaffByPhone(phone.to_owned());
        let Some(Found::Staff(staff)) = self.views.find(&lookup) else {
            panic!("staff is known by number");
        };
        let Found::Phone(row) = self.find(&Lookup::Phone(phone.to_owned())) else {
            panic!("numbers have rows");
        };
        let caller = Caller {
            phone: &msisdn,
            staff: &staff,
            row: &row,
            channel: "operator-a",
        };
        resolve(&caller, &self.site, self.clock.at)
    }

    pub(crate) fn append(&mut self, write: Write, author: u32) {
        let (scope, schema, about, body, edited) = match write {
            Write::CreateDocument {
                scope,
                schema,
                fields,
            } => (scope, schema, None, Body::Document(fields), None),
            Write::EditDocument {
                document,
                schema,
                fields,
            } => {
                let mut all = self.views.persons[&document].0.fields.clone();
                all.0.extend(fields.0);
                (
                    document.scope,
                    schema,
                    Some(document),
                    Body::Document(all),
                    Some(document),
                )
            }
            Write::Fact {
                scope,
                schema,
                about,
                fact,
            } => {
                assert_eq!(schema, schema::of(&fact));
                assert!(fact.encode().unwrap().len() > 1);
                (scope, schema, about, Body::Fact(fact), about)
            }
        };
        assert_eq!(
            scope.lane(),
            schema::rule(schema).map(|(lane, _)| lane),
            "wrong lane"
        );
        let id = self.next(scope);
        let creates = matches!(body, Body::Document(_)) && edited.is_none();
        let named = if creates { Some(id) } else { edited };
        let meta = EntryMeta {
            seq: id.seq,
            kind: EntryKind::Fact,
            quality: self.clock.quality,
            hlc: sync_core::hlc::physical(self.clock.at) + u64::from(id.seq.0),
            doc: named.map_or(DocId::NONE, |entry| journal::doc_id(self.site.hub, &entry)),
            doc_ref: edited,
            schema,
            author,
            session: 0,
        };
        self.heads.insert(scope, id.seq.0);
        self.ingest(&Stored {
            id,
            meta,
            body,
            about: about.or(named),
        });
    }

    /// Takes one entry, once.
    pub(crate) fn ingest(&mut self, stored: &Stored) {
        if self.log.iter().any(|known| known.id == stored.id) {
            return;
        }
        self.log.push(stored.clone());
        let consequences = self.consequences(stored);
        self.perform(consequences);
    }

    /// Applies an entry that was applied before; nothing may come of it.
    pub(crate) fn apply_again(&mut self, stored: &Stored) {
        let before = self.views.clone();
        let queued = self.messages.len();
        let consequences = self.consequences(stored);
        assert_eq!(consequences.writes, Vec::new(), "{:?}", stored.body);
        for change in consequences.changes {
            self.views.put(change);
        }
        self.queue(consequences.messages);
        assert_eq!(self.messages.len(), queued);
        assert_eq!(self.views, before);
    }

    fn consequences(&self, stored: &Stored) -> Consequences {
        let body = match &stored.body {
            Body::Document(fields) => AppliedBody::Document {
                fields: fields.clone(),
                conflicts: Vec::new(),
            },
            Body::Fact(fact) => AppliedBody::Fact(fact),
        };
        let applied = Applied {
            id: stored.id,
            meta: &stored.meta,
            body,
            about: stored.about,
            correlation_id: journal::correlation_id(stored.id.origin.0, 0, stored.id.seq),
        };
        let known = self.know(|known, rules| apply::needs(&applied, known, rules));
        apply::apply(&applied, &known, &self.rules(), self.clock)
    }

    fn perform(&mut self, consequences: Consequences) {
        for change in consequences.changes {
            self.put(change);
        }
        self.queue(consequences.messages);
        for write in consequences.writes {
            self.append(write, 0);
        }
    }

    fn put(&mut self, change: ViewChange) {
        match &change {
            ViewChange::AddNumbers { node, numbers, .. } if *node == self.site.node => {
                self.numbers.extend(numbers);
            }
            ViewChange::UseNumbers(numbers) => self.used += u32::try_from(numbers.len()).unwrap(),
            ViewChange::SetLeaseCursor(cursor) => self.cursor = *cursor,
            ViewChange::SetOutcome { registration, .. } => {
                self.undigested.insert(*registration);
            }
            ViewChange::MarkDigested(told) => {
                for id in told {
                    self.undigested.remove(id);
                }
            }
            ViewChange::CancelMessages { to } => self.messages.retain(|m| m.to != *to),
            _ => {}
        }
        self.views.put(change);
    }

    fn queue(&mut self, messages: Vec<NewMessage>) {
        for message in messages {
            assert!(
                crate::message::is_one_part(&message.text),
                "{}",
                message.text
            );
            if self
                .messages
                .iter()
                .all(|queued| queued.cause != message.cause)
            {
                self.messages.push(message);
            }
        }
    }

    /// Everything that the other has and we have not, in its order.
    pub(crate) fn pull(&mut self, other: &Self) {
        for stored in &other.log {
            self.ingest(stored);
        }
    }

    /// The tables as a rebuild from the journal makes them.
    pub(crate) fn rebuilt(&self) -> Views {
        let mut fresh = Self {
            site: self.site.clone(),
            clock: self.clock,
            ..Self::new(self.site.node, Rc::clone(&self.programmes))
        };
        for stored in &self.log {
            for change in fresh.consequences(stored).changes {
                fresh.views.put(change);
            }
            fresh.log.push(stored.clone());
        }
        fresh.views
    }

    /// What the registry answered to the effect of a registration.
    pub(crate) fn registry_accepts(&mut self, at: usize) {
        let effect = self.views.effects[at].clone();
        let fact = Fact::RegistryAccepted {
            registration: effect.registration,
            registry_id: format!("R{at}"),
            request_id: "0123456789AB".to_owned(),
        };
        self.hub_fact(&effect, fact);
    }

    pub(crate) fn registry_rejects(&mut self, at: usize) {
        let effect = self.views.effects[at].clone();
        let fact = Fact::RegistryRejected {
            registration: effect.registration,
            code: "400".to_owned(),
            field: Some("birthdate".to_owned()),
            reason: "not a date".to_owned(),
        };
        self.hub_fact(&effect, fact);
    }

    fn hub_fact(&mut self, effect: &Effect, fact: Fact) {
        let scope = effect.registration.scope;
        let child = self
            .views
            .registration(effect.registration)
            .registration
            .child;
        self.append(
            Write::Fact {
                scope,
                schema: schema::of(&fact),
                about: Some(child),
                fact,
            },
            0,
        );
    }

    pub(crate) fn count(&self, key: &str) -> usize {
        self.messages
            .iter()
            .filter(|message| message.cause.starts_with(key))
            .count()
    }
}
