//! One end of the SMS road: a desk, the machine that commands a modem, and the simulated modem at
//! its line. What tokio's loops do for a running program is done here on virtual time.

use std::collections::VecDeque;

use channels_core::modem::inbox::Effect;
use channels_core::modem::{self, Action, Inbox, Modem, Outcome};
use channels_core::modem_simulator::{self, Output, Settings as Simulated, Simulator, Submitted};
use channels_core::{Address, Inbound, LinkName, Msisdn, Reply, datagram};
use jiff::Timestamp;
use node_core::contact::Moment;
use node_store::{SqliteStore, StoreError};
use sync_core::ClockQuality;

use super::super::DemoError;
use crate::runtime::ip_contact::IpContacts;
use crate::runtime::sms_link::desk::{DataSms, Done, SmsDesk, SmsLinkConfig};

/// What is left to do at this moment.
enum Work {
    Modem(modem::Input),
    Simulator(modem_simulator::Input),
    Event(u64, Inbound),
}

/// A desk with its modem.
pub(super) struct End {
    /// The number of its SIM.
    pub(super) number: Msisdn,
    desk: SmsDesk,
    modem: Modem,
    inbox: Inbox,
    simulator: Simulator,
    is_open: bool,
    queue: VecDeque<DataSms>,
    token: u64,
    work: VecDeque<Work>,
    taken: Vec<Submitted>,
    unsent: u64,
}

impl End {
    /// Opens the desk over a modem that was just plugged in.
    ///
    /// # Errors
    /// A store that fails.
    pub(super) async fn open(
        store: &SqliteStore,
        number: Msisdn,
        config: SmsLinkConfig,
        at: Timestamp,
    ) -> Result<Self, StoreError> {
        let link = LinkName(config.sim.clone());
        let own = Address::Phone(number.clone());
        let contacts = IpContacts::default();
        let mut end = Self {
            desk: SmsDesk::open(store.clone(), config, contacts, moment(at)).await?,
            modem: Modem::new(modem::Settings::default(), at),
            inbox: Inbox::new(link, own),
            simulator: Simulator::new(Simulated::new(number.clone())),
            number,
            is_open: false,
            queue: VecDeque::new(),
            token: 0,
            work: VecDeque::from([Work::Modem(modem::Input::Timeout)]),
            taken: Vec::new(),
            unsent: 0,
        };
        let started = end.desk.start(moment(at)).await?;
        end.follow(started);
        Ok(end)
    }

    /// The journal has news.
    ///
    /// # Errors
    /// A store that fails.
    pub(super) async fn offer(&mut self, at: Timestamp) -> Result<(), DemoError> {
        let done = self.desk.offer(moment(at)).await?;
        self.follow(done);
        self.settle(at).await
    }

    /// The network brings a message.
    ///
    /// # Errors
    /// A store that fails.
    pub(super) async fn bring(&mut self, at: Timestamp, deliver: Vec<u8>) -> Result<(), DemoError> {
        let input = modem_simulator::Input::Deliver(deliver);
        self.work.push_back(Work::Simulator(input));
        self.settle(at).await
    }

    /// Time has passed.
    ///
    /// # Errors
    /// A store that fails.
    pub(super) async fn timeout(&mut self, at: Timestamp) -> Result<(), DemoError> {
        if self.desk.deadline() <= at {
            let done = self.desk.timeout(moment(at)).await?;
            self.follow(done);
        }
        let effects = self.inbox.timeout(at);
        self.effects(effects);
        self.work
            .push_back(Work::Simulator(modem_simulator::Input::Timeout));
        self.work.push_back(Work::Modem(modem::Input::Timeout));
        self.settle(at).await
    }

    /// When [`Self::timeout`] is due.
    pub(super) fn deadline(&self) -> Timestamp {
        let may_send = self.modem.is_free() && !self.queue.is_empty();
        let deadlines = [
            self.modem.deadline(),
            self.simulator.deadline(),
            self.inbox.deadline(),
            may_send.then(|| self.modem.may_send_at()),
        ];
        let machines = deadlines.into_iter().flatten();
        machines.fold(self.desk.deadline(), Timestamp::min)
    }

    /// What the network took since the last call.
    pub(super) fn taken(&mut self) -> Vec<Submitted> {
        core::mem::take(&mut self.taken)
    }

    /// Messages and money of the running month, as the purse of this SIM has counted them.
    pub(super) fn bill(&self) -> (u64, u64) {
        self.desk.bill()
    }

    /// Messages that the modem did not bring to the network.
    pub(super) fn unsent(&self) -> u64 {
        self.unsent
    }

    async fn settle(&mut self, at: Timestamp) -> Result<(), DemoError> {
        loop {
            let work = match self.work.pop_front() {
                Some(work) => work,
                None if self.begin(at) => continue,
                None => return Ok(()),
            };
            match work {
                Work::Modem(input) => {
                    for action in self.modem.handle(at, input) {
                        self.perform(at, action);
                    }
                }
                Work::Simulator(input) => {
                    for output in self.simulator.handle(at, input) {
                        self.output(output);
                    }
                }
                Work::Event(key, event) => {
                    let reply = self.event(at, event).await;
                    let effects = self.inbox.replied(at, key, &reply);
                    self.effects(effects);
                }
            }
        }
    }

    /// Gives the next message to the modem, if it may send.
    fn begin(&mut self, at: Timestamp) -> bool {
        if !self.modem.is_free() || self.modem.may_send_at() > at {
            return false;
        }
        let Some(sms) = self.queue.pop_front() else {
            return false;
        };
        match datagram::submit(&Address::Phone(sms.to), &sms.octets) {
            Ok(tpdu) => {
                self.token = self.token.saturating_add(1);
                let token = self.token;
                let input = modem::Input::Send { token, tpdu };
                self.work.push_back(Work::Modem(input));
            }
            Err(_too_long) => self.unsent = self.unsent.saturating_add(1),
        }
        true
    }

    async fn event(&mut self, at: Timestamp, event: Inbound) -> Reply {
        let Inbound::Data(data) = event else {
            return Reply::Accepted;
        };
        let now = moment(at);
        match self.desk.received(&data.from, &data.octets, now).await {
            Ok(done) => {
                self.follow(done);
                Reply::Accepted
            }
            // It stays in the modem and comes again.
            Err(_) => Reply::Busy,
        }
    }

    fn follow(&mut self, done: Done) {
        self.queue.extend(done.sms);
    }

    fn effects(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Event { key, event } => self.work.push_back(Work::Event(key, event)),
                Effect::Settle { ticket, committed } => {
                    let input = modem::Input::Settled { ticket, committed };
                    self.work.push_back(Work::Modem(input));
                }
                Effect::Stamp(_) | Effect::Odd(_) => {}
            }
        }
    }

    fn output(&mut self, output: Output) {
        match output {
            Output::Write(octets) if self.is_open => {
                let input = modem::Input::Received(octets);
                self.work.push_back(Work::Modem(input));
            }
            Output::Gone if self.is_open => {
                self.is_open = false;
                self.work.push_back(Work::Modem(modem::Input::Lost));
            }
            Output::Submitted(submitted) => self.taken.push(submitted),
            Output::Write(_) | Output::Gone | Output::Back => {}
        }
    }

    fn perform(&mut self, at: Timestamp, action: Action) {
        match action {
            Action::Open => self.plug_in(),
            Action::Close => self.is_open = false,
            Action::Write(octets) => {
                let input = modem_simulator::Input::Received(octets);
                self.work.push_back(Work::Simulator(input));
            }
            Action::RecordPinTry => {
                let input = modem::Input::PinTryRecorded(true);
                self.work.push_back(Work::Modem(input));
            }
            Action::Hardware(step) => {
                let input = modem_simulator::Input::Hardware(step);
                self.work.push_back(Work::Simulator(input));
            }
            Action::Finished { outcome, .. } => {
                let is_sent = matches!(outcome, Outcome::Sent { .. });
                self.unsent = self.unsent.saturating_add(u64::from(!is_sent));
            }
            Action::Arrived { ticket, pdu } => {
                let effects = self.inbox.arrived(at, ticket, &pdu);
                self.effects(effects);
            }
            Action::TicketsVoid => self.inbox.void(),
            Action::Called(caller) => {
                let effects = self.inbox.called(caller);
                self.effects(effects);
            }
            Action::ForgetPinTry
            | Action::Stored { .. }
            | Action::Clock(_)
            | Action::Balance(_)
            | Action::Alarm(_)
            | Action::Note(_) => {}
        }
    }

    fn plug_in(&mut self) {
        if self.simulator.is_gone() {
            self.work.push_back(Work::Modem(modem::Input::Lost));
            return;
        }
        self.is_open = true;
        let opened = modem_simulator::Input::Opened;
        self.work.push_back(Work::Simulator(opened));
        self.work.push_back(Work::Modem(modem::Input::Opened));
    }
}

/// A moment of a clock that the network set.
pub(super) fn moment(at: Timestamp) -> Moment {
    Moment {
        at,
        quality: ClockQuality::Ntp,
    }
}
