//! The operator's side of one link: delivers steps and notes what came back, and when.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use channels::smpp::smsc::{
    Account, BindMode, Deliver, Smsc, SmscConfig, SmscEvent, SmscHandle, Submit, SubmitReply, Ussd,
};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::person::{Person, Step};

/// The node's account at the operator.
pub const SYSTEM_ID: &str = "node";
/// Its password.
pub const PASSWORD: &str = "secret";
/// The number that people text to.
pub const SHORT_CODE: &str = "384";
/// Events that wait for the harness; of more the node hears "queue full".
const EVENTS_MAX: usize = 256;
/// Most messages a second that the node may send.
const RATE_PER_S: u32 = 1_000;
/// Time for anything that must happen; the test fails after it.
const PATIENCE: Duration = Duration::from_mins(1);
/// Most times that a step is repeated after "later".
const REPEATS_MAX: usize = 200;
/// Pause before such a repeat.
const REPEAT_AFTER: Duration = Duration::from_millis(50);

/// The operator's network.
#[derive(Debug)]
pub struct Network {
    smsc: SmscHandle,
    events: mpsc::Receiver<SmscEvent>,
    is_bound: bool,
    /// Messages that are no screens.
    pub sms: u64,
}

/// What came back for one delivery of a step.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// When it was sent.
    pub sent: Instant,
    /// When it was acknowledged with `ESME_ROK`.
    pub response: Option<Instant>,
    /// When the screen came, and what it says.
    pub screen: Option<(Instant, String)>,
    /// Another `command_status`.
    pub refused: Option<u32>,
}

impl Exchange {
    /// Whether the network was told that the step is done.
    pub fn is_acknowledged(&self) -> bool {
        self.response.is_some() || self.screen.is_some()
    }

    fn is_over(&self) -> bool {
        self.refused.is_some() || (self.response.is_some() && self.screen.is_some())
    }
}

impl Network {
    /// Listens on any free port of the loopback address.
    pub async fn start() -> Self {
        let (events_in, events) = mpsc::channel(EVENTS_MAX);
        let account = Account {
            system_id: SYSTEM_ID.to_owned(),
            password: PASSWORD.to_owned(),
            mode: BindMode::Any,
            senders: Vec::new(),
            rate_per_s: RATE_PER_S,
        };
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let config = SmscConfig {
            accounts: vec![account],
        };
        let smsc = Smsc::bind(any, config, events_in)
            .await
            .expect("listen on the loopback address");
        Self {
            smsc,
            events,
            is_bound: false,
            sms: 0,
        }
    }

    /// Where nodes bind.
    pub fn address(&self) -> SocketAddr {
        self.smsc.local_addr()
    }

    /// Waits until the node is bound.
    ///
    /// # Errors
    /// When it does not come in time.
    pub async fn bound(&mut self) -> Result<(), String> {
        self.wait_for(true).await
    }

    /// Waits until the node's bind has ended.
    ///
    /// # Errors
    /// When it stays too long.
    pub async fn unbound(&mut self) -> Result<(), String> {
        self.wait_for(false).await
    }

    async fn wait_for(&mut self, bound: bool) -> Result<(), String> {
        while self.is_bound != bound {
            let event = timeout(PATIENCE, self.events.recv()).await;
            let late = |_| {
                format!(
                    "the node did not get {}",
                    if bound { "bound" } else { "unbound" }
                )
            };
            match event.map_err(late)? {
                Some(event) => drop(self.take(event)),
                None => return Err("the operator has ended".to_owned()),
            }
        }
        Ok(())
    }

    /// Delivers a step until it is taken or the link is gone.
    ///
    /// # Errors
    /// When nothing at all happens in time.
    pub async fn step(&mut self, person: &Person, step: &Step) -> Result<Exchange, String> {
        for _ in 0..REPEATS_MAX {
            let Ok(exchange) = timeout(PATIENCE, self.exchange(person, step)).await else {
                return Err("a step was not answered in time".to_owned());
            };
            if exchange.refused.is_none() || !self.is_bound {
                return Ok(exchange);
            }
            let mut pause = tokio::time::interval(REPEAT_AFTER);
            pause.tick().await;
            pause.tick().await;
        }
        Err("a step was refused for too long".to_owned())
    }

    async fn exchange(&mut self, person: &Person, step: &Step) -> Exchange {
        let deliver = Deliver {
            from: person.phone.as_str().to_owned(),
            to: SHORT_CODE.to_owned(),
            text: step.text.clone(),
            ussd: Some(Ussd {
                op: step.op,
                session: step.session,
            }),
            receipt: None,
        };
        let smsc = self.smsc.clone();
        let mut exchange = Exchange {
            sent: Instant::now(),
            response: None,
            screen: None,
            refused: None,
        };
        let answer = smsc.deliver(SYSTEM_ID, deliver);
        tokio::pin!(answer);
        let mut waits = true;
        while self.is_bound && !exchange.is_over() {
            // Both arms are cancel safe: the answer is pinned, an event stays in its queue.
            tokio::select! {
                biased;
                status = &mut answer, if waits => {
                    waits = false;
                    match status {
                        Ok(0) => exchange.response = Some(Instant::now()),
                        Ok(other) => exchange.refused = Some(other),
                        // The end of the bind follows, behind whatever was read before it.
                        Err(_) => {}
                    }
                }
                event = self.events.recv() => {
                    let screen = event.and_then(|event| self.take(event));
                    if let Some((session, text)) = screen
                        && is_answer(session, step.session)
                    {
                        exchange.screen = Some((Instant::now(), text));
                    }
                }
            }
        }
        if waits && !self.is_bound && answer.await == Ok(0) {
            exchange.response = Some(Instant::now());
        }
        exchange
    }

    /// Takes an event; a screen is returned.
    fn take(&mut self, event: SmscEvent) -> Option<([u8; 2], String)> {
        match event {
            SmscEvent::Bound { .. } => self.is_bound = true,
            SmscEvent::Unbound { .. } => self.is_bound = false,
            SmscEvent::Submit { submit, reply, .. } => {
                let message_id = if submit.ussd.is_some() {
                    String::new()
                } else {
                    self.sms += 1;
                    format!("{:08}", self.sms)
                };
                // A node that was killed does not wait any more.
                drop(reply.send(SubmitReply::new(0, message_id)));
                return screen(submit);
            }
        }
        None
    }
}

fn screen(submit: Submit) -> Option<([u8; 2], String)> {
    submit.ussd.map(|ussd| (ussd.session, submit.text))
}

/// The same session and step; bit 0 of the second octet tells the end.
fn is_answer([number, second]: [u8; 2], [asked, step]: [u8; 2]) -> bool {
    number == asked && second >> 1 == step >> 1
}
