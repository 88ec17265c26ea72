//! A link with what was said on its connection: carries one session of the side that starts.

use node_store::HubStore;
use sync::{Link, LinkError};
use sync_core::message::Elision;
use sync_core::session::{Input, Opening};

use crate::runtime::session::Driver;

/// Bytes that one session may send and receive together; the rest goes in the next one.
pub const SESSION_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A link and the memory of its connection.
#[derive(Debug)]
pub struct Road<L> {
    link: L,
    said: Elision,
    closed: bool,
}

impl<L: Link> Road<L> {
    /// A road whose link is not connected yet.
    pub fn new(link: L) -> Self {
        Self {
            link,
            said: Elision::default(),
            closed: false,
        }
    }

    /// Carries one session to its end.
    pub async fn carry<S: HubStore>(&mut self, driver: Driver<S>, opening: Opening) -> Driver<S> {
        let mut kept = self.link.is_kept();
        if !kept {
            self.said.forget();
        }
        self.closed = false;
        let mut driver = driver.over(self.said.clone());
        let budget_bytes = SESSION_BYTES_MAX;
        driver
            .feed(Input::Start {
                budget_bytes,
                opening,
            })
            .await;
        while driver.finish().is_none() {
            match self.link.round(driver.take_turn(), kept).await {
                Ok(answer) => {
                    // Without a key nobody can be told from anybody: a key of zeros is nobody's.
                    driver.authenticated(Some(self.link.peer_key().unwrap_or_default()));
                    driver.feed_turn(&answer.body, answer.whole).await;
                }
                Err(error) => {
                    unreached(&error);
                    self.closed = matches!(error, LinkError::Closed);
                    driver.feed(Input::LinkDown).await;
                }
            }
            kept = true;
        }
        self.said = driver.said().clone();
        driver
    }

    /// Whether the last session ended because the kept connection was closed between two turns:
    /// then nothing is in doubt, and another one over a new connection may begin at once.
    pub fn was_closed(&self) -> bool {
        self.closed
    }

    /// The link.
    pub fn link(&self) -> &L {
        &self.link
    }

    /// The link, to be ended.
    pub fn into_link(self) -> L {
        self.link
    }
}

fn unreached(error: &LinkError) {
    tracing::info!(error = %error, "the other side was not reached");
}
