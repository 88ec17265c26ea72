//! A session of a node with its hub over turns in memory, by the driver that every link uses, and
//! all that a network does to the bytes.

use jiff::Timestamp;
use node::runtime::hub_link::local;
use node::runtime::session::{Driver, Trust};
use node::runtime::uplink::asking;
use sync_core::message::{Elision, Message, Parser};
use sync_core::refusal::RefusalCode;
use sync_core::session::{Finish, Input, Opening, Session, TURN_BYTES_MAX};
use sync_core::{Lane, frame};

use super::fault::{Broken, Coverage, Fault, must};
use super::site::{Cut, Site};
use crate::random::Random;

/// Requests of one contact; a longer one goes round in circles.
const ROUNDS_MAX: u32 = 40;
/// Bytes that a session spends in all.
const BUDGET_BYTES: u64 = 64 * 1024 * 1024;
/// What a turn may have beside its frames: greeting, frontier, receipts.
const BESIDE_FRAMES_MAX: usize = 128 * 1024;
/// Bytes at either end of a message in which its fields have fixed places.
const EDGE: usize = 60;

/// A turn as it arrives, and whether it is whole.
type Carried = (Vec<u8>, bool);

/// The road from a node to its hub.
#[derive(Debug)]
pub struct Link {
    /// How the next session opens.
    pub opening: Opening,
    /// No session before this moment.
    pub down_until: Option<Timestamp>,
    /// Requests arrive, answers do not, until then.
    pub one_way_until: Option<Timestamp>,
    /// Requests of earlier contacts.
    pub old: Vec<Vec<u8>>,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            opening: Opening::Full,
            down_until: None,
            one_way_until: None,
            old: Vec::new(),
        }
    }
}

/// What happens to one contact.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Weather {
    /// The fault, if any.
    pub fault: Option<Fault>,
    /// Whether a control forges the end and skips registrations.
    pub forged: bool,
}

/// How a contact went.
#[derive(Clone, Debug, Default)]
pub struct Contact {
    /// How the node's session ended; `None` where it has no certificate, or died.
    pub finish: Option<Finish>,
    /// Refusals that were said.
    pub refusals: Vec<RefusalCode>,
    /// Whether the hub knows a later state of this node.
    pub rewound: bool,
    /// The requests.
    pub requests: Vec<Vec<u8>>,
    /// Whether the hub or the node opened anew.
    pub died: bool,
}

/// The two ends and what carries between them.
pub struct Meeting<'a> {
    /// The node.
    pub node: &'a mut Site,
    /// Its hub.
    pub hub: &'a mut Site,
    /// When.
    pub now: Timestamp,
    /// What goes wrong.
    pub weather: Weather,
    /// Chance.
    pub random: &'a mut Random,
    /// What occurred.
    pub coverage: &'a mut Coverage,
    /// What the hub remembers of this connection.
    pub said: Elision,
}

/// Parses the messages of a turn, as far as they are whole.
fn messages(bytes: &[u8]) -> Vec<Message> {
    let mut parser = Parser::default();
    let mut found = Vec::new();
    if parser.push(bytes).is_ok() {
        while let Ok(Some(message)) = parser.next_message() {
            found.push(message);
        }
    }
    found
}

/// A place in a turn: near the beginning or the end of one of its messages, where it means the same
/// whatever the product drew.
fn place(bytes: &[u8], random: &mut Random) -> usize {
    let lengths: Vec<usize> = messages(bytes).iter().map(|m| m.encode().len()).collect();
    let which = random.below(lengths.len());
    let (chance, behind) = (random.below(2), random.below(EDGE));
    let before: usize = lengths.iter().take(which).sum();
    let length = lengths.get(which).copied().unwrap_or(bytes.len());
    let within = if chance == 0 {
        behind.min(length)
    } else {
        length.saturating_sub(behind)
    };
    (before + within).min(bytes.len())
}

fn flipped(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = place(&bytes, random).min(bytes.len().saturating_sub(1));
    let bit = random.below(8);
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << bit;
    }
    bytes
}

/// A turn without frames of registrations: what a lying network lets through.
fn without_registrations(bytes: &[u8]) -> Vec<u8> {
    let is_registration = |message: &Message| match message {
        Message::Frame(bytes) => {
            let header = frame::header(bytes).ok();
            header.and_then(|header| header.scope.lane()) == Some(Lane::Registration)
        }
        Message::ShortFrame(short) => short.scope.lane() == Some(Lane::Registration),
        _ => false,
    };
    let kept = messages(bytes)
        .into_iter()
        .filter(|message| !is_registration(message));
    kept.flat_map(|message| message.encode()).collect()
}

impl Meeting<'_> {
    /// One contact.
    ///
    /// # Errors
    /// [`Broken`] when a store fails, a session does not end or a turn is over its limit.
    pub async fn run(mut self, link: &Link) -> Result<Contact, Broken> {
        let mut contact = Contact::default();
        let clock = self.node.clock(self.now);
        let Some(mut asks) = asking(self.node.store(), clock).await else {
            return Ok(contact);
        };
        if self.weather.fault == Some(Fault::OldRequest)
            && let Some(old) = link.old.first()
        {
            self.coverage.fault(Fault::OldRequest);
            let said = self.answer_anew(old, true).await?;
            self.hear(&said, &mut contact)?;
        }
        let start = Input::Start {
            budget_bytes: BUDGET_BYTES,
            opening: link.opening,
        };
        asks.feed(start).await;
        for round in 0..ROUNDS_MAX {
            if let Some(finish) = asks.finish() {
                contact.finish = Some(finish);
                contact.rewound |= asks.doubt().is_some();
                return Ok(contact);
            }
            let request = asks.take_turn();
            let answer = self.request(&request, round, &mut contact).await?;
            contact.requests.push(request);
            let Some((answer, whole)) = answer else {
                asks.feed(Input::LinkDown).await;
                continue;
            };
            self.hear(&answer, &mut contact)?;
            if self.weather.fault == Some(Fault::NodeCut) {
                let witness = self.node.witness()?;
                asks.feed_turn(&answer, whole).await;
                drop(asks);
                self.coverage.fault(Fault::NodeCut);
                self.node.cut(witness, Cut::Torn, self.random)?;
                contact.died = true;
                return Ok(contact);
            }
            asks.feed_turn(&answer, whole).await;
        }
        Err(Broken(format!(
            "W8 {}: a session without end",
            self.node.name
        )))
    }

    /// Carries a request to the hub and its answer back; `None` where no answer comes.
    async fn request(
        &mut self,
        request: &[u8],
        round: u32,
        contact: &mut Contact,
    ) -> Result<Option<Carried>, Broken> {
        let limit = TURN_BYTES_MAX + BESIDE_FRAMES_MAX;
        must(request.len() <= limit, || {
            format!("W5 {}: a turn of {} bytes", self.node.name, request.len())
        })?;
        let first = round == 0;
        let fault = self.weather.fault;
        if let Some(fault) = fault.filter(|_| first) {
            self.note(fault);
        }
        let answer = match fault {
            Some(Fault::Lost) if first => return Ok(None),
            Some(Fault::CutRequest) if first => {
                let end = place(request, self.random);
                self.answer(&request[..end], false).await?;
                return Ok(None);
            }
            Some(Fault::FlippedRequest) if first => {
                let request = flipped(request, self.random);
                self.answer(&request, true).await?
            }
            Some(Fault::Repeated) if first => {
                // A repeat comes over another connection, which remembers nothing.
                let said = self.answer_anew(request, true).await?;
                self.hear(&said, contact)?;
                self.answer(request, true).await?
            }
            Some(Fault::HubCut) if first => {
                let witness = self.hub.witness()?;
                self.answer(request, true).await?;
                self.hub.cut(witness, Cut::Torn, self.random)?;
                contact.died = true;
                return Ok(None);
            }
            _ if self.weather.forged => {
                let request = without_registrations(request);
                self.answer(&request, true).await?
            }
            _ => self.answer(request, true).await?,
        };
        Ok(self.brought(answer, first))
    }

    /// What of an answer comes back.
    fn brought(&mut self, answer: Vec<u8>, first: bool) -> Option<Carried> {
        match self.weather.fault {
            Some(Fault::OneWay) => None,
            Some(Fault::CutAnswer) if first => {
                let end = place(&answer, self.random);
                Some((answer[..end].to_vec(), false))
            }
            Some(Fault::FlippedAnswer) if first => Some((flipped(&answer, self.random), true)),
            _ => Some((answer, true)),
        }
    }

    fn note(&mut self, fault: Fault) {
        if !matches!(fault, Fault::OldRequest | Fault::NodeCut) {
            self.coverage.fault(fault);
        }
    }

    /// What the hub says to a request over this connection.
    async fn answer(&mut self, request: &[u8], whole: bool) -> Result<Vec<u8>, Broken> {
        let said = std::mem::take(&mut self.said);
        let (answer, said) = self.answer_over(request, whole, said).await?;
        self.said = said;
        Ok(answer)
    }

    /// What the hub says to a request over a new connection.
    async fn answer_anew(&self, request: &[u8], whole: bool) -> Result<Vec<u8>, Broken> {
        let said = Elision::default();
        let (answer, _said) = self.answer_over(request, whole, said).await?;
        Ok(answer)
    }

    async fn answer_over(
        &self,
        request: &[u8],
        whole: bool,
        said: Elision,
    ) -> Result<(Vec<u8>, Elision), Broken> {
        let failed = |error: node_store::StoreError| Broken(error.to_string());
        let store = self.hub.store();
        let realm = store.realm().await.map_err(failed)?;
        let mine = local(store, &self.hub.own().await?, &realm).await;
        let mine = mine.ok_or_else(|| Broken("a hub without certificate".to_owned()))?;
        let key = self.node.store().node_keys().await.map_err(failed)?.public;
        let trust = Trust {
            ca_key: realm.authority,
            receipt_key: realm.receipt_key,
            peer_key: Some(key),
            is_hub: true,
        };
        let clock = self.hub.clock(self.now);
        let session = Session::answer(mine);
        let mut answers = Driver::new(store.clone(), clock, trust, session).over(said);
        answers.feed_turn(request, whole).await;
        let answer = answers.take_turn();
        Ok((answer, answers.said().clone()))
    }

    /// Notes what was refused; checks limits.
    fn hear(&mut self, answer: &[u8], contact: &mut Contact) -> Result<(), Broken> {
        must(answer.len() <= TURN_BYTES_MAX + BESIDE_FRAMES_MAX, || {
            format!("W5 {}: an answer of {} bytes", self.hub.name, answer.len())
        })?;
        for message in messages(answer) {
            if let Message::Refuse(refuse) = message {
                contact.refusals.push(refuse.code);
                self.coverage.refusal(refuse.code);
            }
        }
        Ok(())
    }
}
