//! USSD gateway over HTTP: Africa's Talking's form, or a JSON dialect that is data.
//!
//! `/{ussd|ussd-end|sms|receipt}/{secret}` for the form (`form`), `/ussd/{secret}` for a dialect
//! (`dialect`). Who may call, and what is never logged, is [`crate::callback`].
//! Sending SMS over HTTP is not here.

pub mod dialect;
mod form;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use channels_core::gsm7::{self, Fit};
use channels_core::ussd_json::Dialect;
use channels_core::{LinkName, SubmitOutcome};

use crate::callback::{self, Admission, CallbackError, Door};
use crate::{Channel, ChannelIo, Delivery, Outgoing};
use dialect::{PushTarget, Pushes};

/// Most characters of a screen: 160 septets, UCS-2 refused (until a gateway proves otherwise).
pub const SCREEN_LIMITS: (u16, u16) = (160, 0);
/// Seconds after which an SMS that was routed here by mistake is offered elsewhere.
const SMS_LATER_S: u32 = 300;

/// Settings of one gateway link.
#[derive(Clone, Debug)]
pub struct UssdGatewayConfig {
    link: LinkName,
    admission: Admission,
    speech: Speech,
    limits: (u16, u16),
    answer_within: Option<Duration>,
}

/// How a gateway speaks.
#[derive(Clone, Debug)]
enum Speech {
    Form,
    Dialect(Box<Dialect>, Option<PushTarget>),
}

/// Why a gateway's dialect does not start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DialectError {
    /// The dialect brings screens by requests of our own, and nobody said where.
    #[error("this dialect needs the address that screens are posted to")]
    NoTarget,
    /// The dialect answers in the answer.
    #[error("this dialect posts no screens, so no address is used")]
    IdleTarget,
}

impl UssdGatewayConfig {
    /// Settings in Africa's Talking's form with the default limits.
    pub fn new(link: LinkName, admission: Admission) -> Self {
        Self {
            link,
            admission,
            speech: Speech::Form,
            limits: SCREEN_LIMITS,
            answer_within: None,
        }
    }

    /// The same in a dialect; `target` is where its screens are posted to, if they are.
    ///
    /// # Errors
    /// [`DialectError`] when dialect and target do not belong together.
    pub fn with_dialect(
        self,
        dialect: Dialect,
        target: Option<PushTarget>,
    ) -> Result<Self, DialectError> {
        match (&dialect.push, &target) {
            (Some(_), None) => Err(DialectError::NoTarget),
            (None, Some(_)) => Err(DialectError::IdleTarget),
            _ => Ok(Self {
                speech: Speech::Dialect(Box::new(dialect), target),
                ..self
            }),
        }
    }

    /// The same with other limits of a screen: (septets, UCS-2 units; 0 = refused).
    #[must_use]
    pub fn with_limits(self, limits: (u16, u16)) -> Self {
        Self { limits, ..self }
    }

    /// The same with another time for the node's answer.
    #[must_use]
    pub fn with_answer_within(self, answer_within: Duration) -> Self {
        Self {
            answer_within: Some(answer_within),
            ..self
        }
    }
}

/// A gateway link that listens; runs as a [`Channel`].
#[derive(Debug)]
pub struct UssdGateway {
    listener: TcpListener,
    local_addr: SocketAddr,
    config: UssdGatewayConfig,
}

impl UssdGateway {
    /// Listens on a loopback address (port 0: any free one).
    ///
    /// # Errors
    /// [`CallbackError`] when the address is not loopback or not free.
    pub async fn bind(
        address: SocketAddr,
        config: UssdGatewayConfig,
    ) -> Result<Self, CallbackError> {
        let (listener, local_addr) = callback::listen(address).await?;
        Ok(Self {
            listener,
            local_addr,
            config,
        })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }
}

/// The routes of a link, and the screens that its dialect posts.
fn routes(config: UssdGatewayConfig, inbound: mpsc::Sender<Delivery>) -> (Router, Option<Pushes>) {
    let mut door = Door::new(config.link, config.admission, inbound);
    if let Some(limit) = config.answer_within {
        door = door.with_answer_within(limit);
    }
    match config.speech {
        Speech::Form => (form::routes(door, config.limits), None),
        Speech::Dialect(dialect, target) => {
            dialect::routes(door, config.limits, (*dialect, target))
        }
    }
}

impl Channel for UssdGateway {
    fn name(&self) -> &LinkName {
        &self.config.link
    }

    async fn run(self, io: ChannelIo) {
        let ChannelIo { inbound, outgoing } = io;
        let link = self.config.link.clone();
        let (routes, pushes) = routes(self.config, inbound);
        let serve = callback::serve(self.listener, routes, &link, refuse_sms(outgoing));
        match pushes {
            // The pushes end with the routes, which hold the only way to them.
            Some(pushes) => {
                tokio::join!(serve, pushes.run(&link));
            }
            None => serve.await,
        }
    }
}

/// This link only receives: whatever is handed over goes back to the outbox.
async fn refuse_sms(mut outgoing: mpsc::Receiver<Outgoing>) {
    while let Some(Outgoing { done, .. }) = outgoing.recv().await {
        if done
            .send(SubmitOutcome::TryLater {
                after_s: SMS_LATER_S,
            })
            .is_err()
        {
            tracing::debug!("the outbox did not wait for the outcome");
        }
    }
}

/// A screen over the limit is a fault of the dialogue; the person still sees most of it.
fn note_length(text: &str, (septets, units): (u16, u16)) {
    let fit = gsm7::fits(text, usize::from(septets), usize::from(units));
    if let Fit::TooLong { got, limit, .. } = fit {
        tracing::warn!(screen.length = got, screen.limit = limit, "screen too long");
    }
}

#[cfg(test)]
mod tests;
