//! What happens to machines: clocks jump, links break for days, boards are restored and closed.

use channels_core::Msisdn;
use jiff::SignedDuration;
use node::enrolment::age_keys;
use node::roles::hub;
use node_core::revocation::Mode;
use node_store::{Area, EnrolmentAnswer, SlotOrder};
use sync_core::session::{Finish, Opening};
use sync_core::{ClockQuality, Scope};

use super::fault::{Broken, Fault, must};
use super::link::{Contact, Meeting, Weather};
use super::site::{Site, Skew};
use super::world::{At, DAY_S, Deed, Who, World};

/// What Argon2id would have made of the one-time code.
const CODE: [u8; 32] = [7; 32];
/// Programme of all areas.
pub(super) const PROGRAMME: &str = "maternal-child";
/// Number of the officer of each hub.
pub(super) const OFFICER: &str = "+256770000061";
/// Requests that a network keeps.
const OLD_MAX: usize = 4;
/// Seconds of ten years.
const TEN_YEARS_S: i64 = 3_652 * DAY_S;
/// Faults of a single contact.
const OF_CONTACTS: [Fault; 8] = [
    Fault::Lost,
    Fault::CutRequest,
    Fault::CutAnswer,
    Fault::Repeated,
    Fault::OldRequest,
    Fault::FlippedRequest,
    Fault::FlippedAnswer,
    Fault::HubCut,
];

pub(super) fn area(scope: Scope) -> Area {
    Area {
        programme: PROGRAMME.to_owned(),
        scope,
    }
}

/// An officer opens a slot and the node enrols with the code.
pub(super) async fn enrol(
    hub: &Site,
    node: &Site,
    scope: Scope,
    now: jiff::Timestamp,
) -> Result<(), Broken> {
    let failed = |error: node_store::StoreError| Broken(format!("{}: {error}", node.name));
    let order = SlotOrder {
        name: node.name.clone(),
        grants: vec![area(scope).grant()],
        verifier: CODE,
    };
    let (at_hub, at_node) = (hub.clock(now).now(), node.clock(now).now());
    hub.store().open_slot(order, at_hub).await.map_err(failed)?;
    let request = node
        .store()
        .begin_enrolment(node.name.clone(), CODE, age_keys(), at_node);
    let request = request.await.map_err(failed)?;
    match hub.store().enrol(request, at_hub).await.map_err(failed)? {
        EnrolmentAnswer::Granted(grant) => {
            let done = node
                .store()
                .finish_enrolment(grant.response(), grant.roots, at_node);
            done.await.map_err(failed)
        }
        EnrolmentAnswer::Refused { reason } => {
            Err(Broken(format!("{} is not enrolled: {reason}", node.name)))
        }
    }
}

impl World {
    fn weather(&mut self, at: At) -> Weather {
        let forged = self.forges();
        if self.calm {
            return Weather {
                fault: None,
                forged,
            };
        }
        let drawn = self.random.below(100);
        let of_contact = *self.random.one_of(&OF_CONTACTS);
        let link = &self.districts[at.district].nodes[at.node].link;
        let fault = match drawn {
            _ if link.one_way_until.is_some_and(|until| self.now < until) => Some(Fault::OneWay),
            0..45 => Some(of_contact),
            45..50 => Some(Fault::NodeCut),
            _ => None,
        };
        Weather { fault, forged }
    }

    /// A node calls its hub.
    ///
    /// # Errors
    /// [`Broken`] when a promise does not hold.
    pub async fn contact(&mut self, at: At) -> Result<(), Broken> {
        let pause = self.between(3 * 3_600, 10 * 3_600);
        let slower = if self.calm { 4 } else { 1 };
        self.after(pause * slower, Deed::Contact(at));
        let link = &mut self.districts[at.district].nodes[at.node].link;
        if link.down_until.is_some_and(|until| self.now < until) {
            return Ok(());
        }
        let weather = self.weather(at);
        let contact = self.meet(at, weather).await?;
        self.note_contact(at, weather, contact);
        self.check_touched(Who::Node(at)).await?;
        self.check_touched(Who::Hub(at.district)).await
    }

    /// One session in some weather.
    ///
    /// # Errors
    /// [`Broken`] when a promise does not hold.
    pub async fn meet(&mut self, at: At, weather: Weather) -> Result<Contact, Broken> {
        let district = &mut self.districts[at.district];
        let node = &mut district.nodes[at.node];
        let meeting = Meeting {
            node: &mut node.site,
            hub: &mut district.hub,
            now: self.now,
            weather,
            random: &mut self.random,
            coverage: &mut self.coverage,
            said: sync_core::message::Elision::default(),
        };
        meeting.run(&node.link).await
    }

    fn note_contact(&mut self, at: At, weather: Weather, contact: Contact) {
        let Contact {
            finish,
            refusals,
            rewound,
            requests,
            died,
        } = contact;
        let node = &mut self.districts[at.district].nodes[at.node];
        node.link.opening = finish.map_or(Opening::Full, Finish::next_opening);
        if let Some(first) = requests.into_iter().next() {
            node.link.old.push(first);
            if node.link.old.len() > OLD_MAX {
                node.link.old.remove(0);
            }
        }
        let name = node.site.name.clone();
        self.coverage.deed("contacts");
        if finish == Some(Finish::Done) {
            self.coverage.deed("contacts done");
        }
        let died = if died {
            ", and somebody lost power"
        } else {
            ""
        };
        let set_back = if rewound {
            ", the hub knows a later state"
        } else {
            ""
        };
        let fault = weather
            .fault
            .map_or(String::new(), |fault| format!(" in {fault:?}"));
        let words = format!("a contact{fault}: {finish:?} {refusals:?}{set_back}{died}");
        self.tell(&name, &words);
    }

    /// Something happens to a machine of a district.
    ///
    /// # Errors
    /// [`Broken`] when a promise does not hold.
    pub async fn trouble(&mut self, district: usize) -> Result<(), Broken> {
        if self.calm {
            return Ok(());
        }
        let pause = self.between(6 * 3_600, 36 * 3_600);
        self.after(pause, Deed::Trouble(district));
        let node = self.random.below(self.districts[district].nodes.len());
        let at = At { district, node };
        match self.random.below(100) {
            0..25 => self.break_link(at),
            25..40 => self.break_one_way(at),
            40..70 => self.jump(at),
            70..88 => return self.restore(at).await,
            _ => return self.close(at).await,
        }
        Ok(())
    }

    fn break_link(&mut self, at: At) {
        let seconds = self.between(DAY_S / 2, 5 * DAY_S);
        let until = self.now + SignedDuration::from_secs(seconds);
        let node = &mut self.districts[at.district].nodes[at.node];
        node.link.down_until = Some(until);
        let name = node.site.name.clone();
        self.coverage.fault(Fault::Partition);
        self.tell(&name, "its link is down for days");
    }

    fn break_one_way(&mut self, at: At) {
        let seconds = self.between(DAY_S / 2, 2 * DAY_S);
        let until = self.now + SignedDuration::from_secs(seconds);
        let node = &mut self.districts[at.district].nodes[at.node];
        node.link.one_way_until = Some(until);
        let name = node.site.name.clone();
        self.tell(&name, "no answer comes to it");
    }

    fn jump(&mut self, at: At) {
        let (skew, fault) = match self.random.below(3) {
            0 => (Skew::Start(self.now), Fault::ClockAtStart),
            1 => {
                let quality = ClockQuality::Unknown;
                (Skew::Shift(TEN_YEARS_S, quality), Fault::ClockAhead)
            }
            _ => (Skew::Shift(-7_200, ClockQuality::Ntp), Fault::ClockBack),
        };
        let site = &mut self.districts[at.district].nodes[at.node].site;
        site.skew = skew;
        let name = site.name.clone();
        self.coverage.fault(fault);
        self.tell(&name, &format!("its clock is wrong: {fault:?}"));
        let until = self.between(DAY_S / 4, 2 * DAY_S);
        self.after(until, Deed::SetClock(at));
    }

    /// A clock is set right.
    ///
    /// # Errors
    /// None; like its neighbours.
    pub fn set_clock(&mut self, at: At) -> Result<(), Broken> {
        self.districts[at.district].nodes[at.node].site.skew = Skew::None;
        Ok(())
    }

    /// A backup is made, now and then.
    ///
    /// # Errors
    /// [`Broken`] when the store refuses.
    pub fn back_up(&mut self, at: At) -> Result<(), Broken> {
        let pause = self.between(DAY_S, 4 * DAY_S);
        self.after(pause, Deed::BackUp(at));
        let node = &mut self.districts[at.district].nodes[at.node];
        // The list of a node that waits for its enrolment is the old one: it is copied as well.
        node.site.back_up()
    }

    /// A backup of any age comes back; the node waits for its enrolment for some hours.
    async fn restore(&mut self, at: At) -> Result<(), Broken> {
        let district = &mut self.districts[at.district];
        let node = &mut district.nodes[at.node];
        if node.site.backups.is_empty() || node.waits {
            return Ok(());
        }
        let backup = self.random.below(node.site.backups.len());
        self.restore_from(at, backup).await?;
        let pause = self.between(600, DAY_S);
        self.after(pause, Deed::Enrol(at));
        Ok(())
    }

    /// The backup of this number comes back.
    ///
    /// # Errors
    /// [`Broken`] when a promise does not hold.
    pub async fn restore_from(&mut self, at: At, backup: usize) -> Result<(), Broken> {
        let copies = self.copies_back();
        let now = self.now;
        let district = &mut self.districts[at.district];
        let node = &mut district.nodes[at.node];
        if copies {
            node.site.copy_back(backup)?;
        } else {
            node.site.restore(backup, now)?;
            // Backups of a younger store would bring a life back that was given up since.
            node.site.backups.truncate(backup + 1);
        }
        node.waits = !copies;
        node.phones.life += 1;
        node.link.opening = Opening::Full;
        node.worker.forget();
        let lost = district.ledger.set_back(&node.site, &district.hub).await?;
        let name = node.site.name.clone();
        self.coverage.fault(Fault::Restored);
        self.coverage.deeds_of("entries lost with a board", lost);
        self.tell(
            &name,
            &format!("backup {backup} comes back; {lost} entries are nowhere else"),
        );
        self.check_touched(Who::Node(at)).await
    }

    /// An officer enrols a node again, where it waits for it.
    ///
    /// # Errors
    /// [`Broken`] when a promise does not hold.
    pub async fn enrol_again(&mut self, at: At) -> Result<(), Broken> {
        let now = self.now;
        let district = &mut self.districts[at.district];
        let node = &mut district.nodes[at.node];
        if !node.waits {
            return Ok(());
        }
        enrol(&district.hub, &node.site, node.area, now).await?;
        node.waits = false;
        node.link.opening = Opening::Full;
        let name = node.site.name.clone();
        self.coverage.deed("enrolled again");
        self.tell(&name, "is enrolled again");
        self.check_touched(Who::Node(at)).await?;
        self.check_touched(Who::Hub(at.district)).await
    }

    /// A board is stolen: the hub closes its lives; days later it is found and enrolled again.
    async fn close(&mut self, at: At) -> Result<(), Broken> {
        let now = self.now;
        let district = &mut self.districts[at.district];
        let node = &mut district.nodes[at.node];
        if node.waits {
            return Ok(());
        }
        let by = Msisdn::parse(OFFICER).map_err(|error| Broken(error.to_string()))?;
        let name = node.site.name.clone();
        let own = node.site.own().await?.node;
        let what = (name.as_str(), Mode::Stop, "stolen");
        let clock = district.hub.clock(now);
        let closed = hub::close(district.hub.store(), clock, what, &by).await;
        closed.map_err(|error| Broken(format!("{name} is not closed: {error}")))?;
        district.ledger.close(own, &district.hub).await?;
        node.waits = true;
        self.coverage.fault(Fault::Closed);
        self.tell(&name, "is stolen and closed");
        let pause = self.between(DAY_S / 2, 3 * DAY_S);
        self.after(pause, Deed::Enrol(at));
        self.check_touched(Who::Hub(at.district)).await
    }

    /// After the last day: who waits is enrolled, sticks are carried, everybody meets until nothing
    /// moves.
    ///
    /// # Errors
    /// [`Broken`] when a promise does not hold.
    pub async fn reconcile(&mut self) -> Result<(), Broken> {
        for at in self.all() {
            self.enrol_again(at).await?;
        }
        self.carry_all().await?;
        for round in 0..3 {
            for at in self.all() {
                let weather = self.weather(at);
                let contact = self.meet(at, weather).await?;
                let finish = contact.finish;
                let name = self.districts[at.district].nodes[at.node].site.name.clone();
                self.note_contact(at, weather, contact);
                must(finish.is_some(), || {
                    format!("{name} has no certificate in the end ({round})")
                })?;
            }
            for district in 0..self.districts.len() {
                let how = (&mut self.coverage, true);
                let of = &mut self.districts[district];
                of.registry.visit(&of.hub, self.now, how).await?;
            }
        }
        Ok(())
    }

    /// All nodes.
    pub fn all(&self) -> Vec<At> {
        let districts = self.districts.iter().enumerate();
        districts
            .flat_map(|(district, of)| (0..of.nodes.len()).map(move |node| At { district, node }))
            .collect()
    }
}
