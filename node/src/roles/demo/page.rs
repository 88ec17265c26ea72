//! The demo's page: what it shows and does is looked up and done in the running world.

use std::collections::BTreeMap;
use std::sync::Arc;

use channels::handset::Screen;
use channels_core::Msisdn;
use node_console::demo::{
    Act, CentreView, DemoRefusal, DemoRequest, DemoState, HubView, NodeView, OfficeView, PhoneView,
    RegistrationView, SmsView,
};
use node_core::query::Counts;
use node_core::status::Status;
use sync_core::EntryRef;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use super::evidence::{counts, is_certified, numbers, registrations};
use super::office::{OFFICER, PASSPHRASE};
use super::{DemoError, DemoNode, MOTHER, World};
use crate::runtime::bell::Shutdown;
use crate::runtime::watch;

/// Most requests of the page that are worked on at once.
pub const REQUESTS_AT_ONCE_MAX: usize = 8;
/// Most messages that the page shows of one inbox.
const INBOX_SHOWN_MAX: usize = 20;

/// Whose handset it is, and its number.
type Phones = Vec<(String, Msisdn)>;

/// The handsets of the page and what they show.
struct Desk {
    world: Arc<World>,
    phones: Phones,
    screens: Mutex<BTreeMap<usize, Screen>>,
}

/// Answers the page until it closes or the program shuts down.
///
/// # Errors
/// A number that is none.
pub async fn run(
    world: Arc<World>,
    mut requests: mpsc::Receiver<DemoRequest>,
    mut shutdown: Shutdown,
) -> Result<(), DemoError> {
    let desk = Arc::new(Desk {
        phones: phones(&world)?,
        world,
        screens: Mutex::default(),
    });
    let mut answers = JoinSet::new();
    loop {
        // All arms are cancel safe.
        tokio::select! {
            request = requests.recv(), if answers.len() < REQUESTS_AT_ONCE_MAX => match request {
                Some(request) => { answers.spawn(Arc::clone(&desk).answer(request)); }
                None => return Ok(()),
            },
            Some(done) = answers.join_next(), if !answers.is_empty() => {
                watch::ended("page request", done);
            }
            changed = shutdown.changed() => if changed.is_err() || *shutdown.borrow() {
                return Ok(());
            },
        }
    }
}

/// One handset for each node's worker, and one for a mother.
fn phones(world: &World) -> Result<Phones, DemoError> {
    let worker = |node: &DemoNode| (format!("Health worker, {}", node.name), node.worker.clone());
    let mut phones: Vec<_> = world.nodes.iter().map(worker).collect();
    phones.push((
        "Mother".to_owned(),
        Msisdn::parse(MOTHER).map_err(DemoError::Address)?,
    ));
    Ok(phones)
}

impl Desk {
    async fn answer(self: Arc<Self>, request: DemoRequest) {
        match request {
            DemoRequest::State { reply } => match self.state().await {
                Ok(state) => watch::unheard("page state", reply.send(state).is_err()),
                Err(error) => tracing::error!(error = %error, "the demo's state cannot be read"),
            },
            DemoRequest::Act { act, reply } => {
                watch::unheard("page act", reply.send(self.act(act).await).is_err());
            }
        }
    }

    async fn act(&self, act: Act) -> Result<(), DemoRefusal> {
        match act {
            Act::Dial { phone, code } => {
                let screen = self.world.operator.dial(self.phone(phone)?, &code).await;
                self.show(phone, screen).await;
                Ok(())
            }
            Act::Type { phone, text } => {
                let number = self.phone(phone)?;
                if !self.is_open(phone).await {
                    return Err(DemoRefusal::NoSession);
                }
                let screen = self.world.operator.answer(number, &text).await;
                self.show(phone, screen).await;
                Ok(())
            }
            Act::HangUp { phone } => {
                self.world.operator.hang_up(self.phone(phone)?).await;
                self.screens.lock().await.remove(&phone);
                Ok(())
            }
            Act::SendSms { phone, to, text } => {
                let sent = self
                    .world
                    .operator
                    .send_sms(self.phone(phone)?, &to, &text)
                    .await;
                sent.map_err(|error| {
                    tracing::info!(error = %error, "a text of the demo did not arrive");
                    DemoRefusal::NoSuchNumber
                })
            }
            Act::Plug { node, on } => {
                if node >= self.world.nodes.len() {
                    return Err(DemoRefusal::Unknown);
                }
                self.world.plug(node, on);
                Ok(())
            }
        }
    }

    fn phone(&self, phone: usize) -> Result<&Msisdn, DemoRefusal> {
        self.phones
            .get(phone)
            .map(|(_, number)| number)
            .ok_or(DemoRefusal::Unknown)
    }

    async fn show(&self, phone: usize, screen: Screen) {
        self.screens.lock().await.insert(phone, screen);
    }

    async fn is_open(&self, phone: usize) -> bool {
        self.screens
            .lock()
            .await
            .get(&phone)
            .is_some_and(|screen| screen.open)
    }

    async fn state(&self) -> Result<DemoState, DemoError> {
        let mut nodes = Vec::new();
        let mut rows = Vec::new();
        for (index, node) in self.world.nodes.iter().enumerate() {
            let store = &node.station.store;
            let view = self.node(index, &counts(store).await?);
            let certified = is_certified(store).await?;
            nodes.push(NodeView { certified, ..view });
            let numbers = numbers(&node.station.store).await?.into_iter();
            let mut numbers: BTreeMap<EntryRef, [String; 2]> =
                numbers.map(|row| (row.registration, row.numbers)).collect();
            for row in registrations(&node.station.store).await? {
                // One that came in between the two questions gets its numbers with the next look.
                let [mother, child] = numbers.remove(&row.id).unwrap_or_default();
                let view = RegistrationView {
                    mother,
                    child,
                    node: node.name.clone(),
                    status: row.status,
                    registry_id: row.registry_id.clone(),
                };
                rows.push((row.captured_at, view));
            }
        }
        rows.sort_by_key(|(captured_at, _)| std::cmp::Reverse(*captured_at));
        let writes = self.world.tap.counts().write_calls;
        let centre = CentreView {
            records: self.world.records_at_centre().await?,
            writes,
        };
        Ok(DemoState {
            code: self.world.code(0)?,
            phones: self.phone_views().await,
            nodes,
            hub: hub_view(&counts(&self.world.hub.station.store).await?),
            registrations: rows.into_iter().map(|(_, view)| view).collect(),
            centre,
        })
    }

    /// The node that a handset's owner calls: a worker's own, the first one for the mother.
    fn home(&self, phone: usize) -> Option<&DemoNode> {
        let nodes = &self.world.nodes;
        nodes.get(phone).or_else(|| nodes.first())
    }

    async fn phone_views(&self) -> Vec<PhoneView> {
        let screens = self.screens.lock().await;
        let view = |(index, (name, number)): (usize, &(String, Msisdn))| {
            let screen = screens.get(&index);
            let inbox = self.world.operator.inbox(number);
            let newest = inbox.into_iter().rev().take(INBOX_SHOWN_MAX);
            let home = self.home(index);
            PhoneView {
                name: name.clone(),
                number: number.to_e164(),
                code: home.map(|node| node.code.clone()).unwrap_or_default(),
                short_code: home.map(|node| node.short_code.clone()).unwrap_or_default(),
                screen: screen.map(|screen| screen.text.clone()).unwrap_or_default(),
                language: "en".to_owned(),
                open: screen.is_some_and(|screen| screen.open),
                inbox: newest
                    .map(|sms| SmsView {
                        from: sms.from,
                        text: sms.text,
                    })
                    .collect(),
            }
        };
        self.phones.iter().enumerate().map(view).collect()
    }

    fn node(&self, index: usize, counts: &Counts) -> NodeView {
        let status = |status: Status| counts.by_status.get(&status).copied().unwrap_or(0);
        NodeView {
            name: self
                .world
                .nodes
                .get(index)
                .map(|node| node.name.clone())
                .unwrap_or_default(),
            plugged: self.world.is_plugged(index),
            // The counts do not tell; the caller asks the store.
            certified: false,
            held: status(Status::Held),
            carried: status(Status::Carried),
            accepted: status(Status::Accepted) + status(Status::Effective),
            conflict: status(Status::Conflict),
            waiting: counts.not_carried,
            numbers_left: counts.numbers_left,
        }
    }
}

fn hub_view(counts: &Counts) -> HubView {
    let effects = |words: &[&str]| {
        words
            .iter()
            .filter_map(|word| counts.effects.get(*word))
            .sum()
    };
    HubView {
        name: "District office".to_owned(),
        registrations: counts.registrations,
        waiting: effects(&["pending", "sent", "unknown"]),
        accepted: effects(&["acknowledged", "done"]),
        reviews: counts.open_reviews,
        office: Some(OfficeView {
            number: OFFICER.to_owned(),
            passphrase: PASSPHRASE.to_owned(),
        }),
    }
}
