//! What both ends of one connection have said, and what they need not say again.
//!
//! The memory lives as long as the connection and no longer: a new one begins with an empty
//! [`Elision`] at both ends. Frames are shortened only when packed, so that a peer which cannot
//! put one together asks for it raw and gets it whole.

use crate::frame;
use crate::id::{ChainId, Seq};

use super::short::{Again, Life, ShortFrame, ShortReceipt};
use super::{CertificateForm, Hello, Message, MessageError};
use crate::session::certificate_hash;

/// One end's memory of a connection.
#[derive(Clone, Debug, Default)]
pub struct Elision {
    spoken: Option<Hello>,
    heard: Option<Hello>,
}

/// What arrived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Heard {
    /// A whole message.
    Whole(Message),
    /// A message that lacks a hash of the listener's journal.
    Short(Short),
}

/// A frame or receipt that lacks the chain hash after the entry `at`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Short {
    /// The chain.
    pub chain: ChainId,
    /// The entry after which the hash is asked for; 0 for the hash before the first one.
    pub at: Seq,
    life: Life,
    body: Body,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Body {
    Frame(ShortFrame),
    Receipt(ShortReceipt),
}

impl Short {
    /// The message that was meant, if `hash` is the one that its signer saw; else its signature
    /// does not fit.
    pub fn whole(&self, hash: [u8; 32]) -> Message {
        match &self.body {
            Body::Frame(frame) => Message::Frame(frame.whole(&self.life, hash)),
            Body::Receipt(receipt) => Message::Receipt(receipt.whole(&self.life, hash)),
        }
    }

    /// Whether it is a frame.
    pub fn is_frame(&self) -> bool {
        matches!(self.body, Body::Frame(_))
    }
}

impl Elision {
    /// Forgets everything: the connection is another one.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Whether nothing was said, so that no short form can be understood.
    pub fn is_empty(&self) -> bool {
        self.spoken.is_none() && self.heard.is_none()
    }

    /// What goes on the wire for a message of ours.
    pub fn shorten(&mut self, message: Message) -> Message {
        match message {
            Message::Hello(hello) => {
                let again = self.spoken.as_ref().and_then(|old| again(old, &hello));
                self.spoken = Some(hello.clone());
                again.map_or(Message::Hello(hello), Message::Again)
            }
            Message::Frame(bytes) => match self.short_frame(&bytes) {
                Some(short) => Message::ShortFrame(short),
                None => Message::Frame(bytes),
            },
            Message::Receipt(bytes) => {
                let listener = self.heard.as_ref().map(life);
                match listener.and_then(|life| ShortReceipt::of(&bytes, &life)) {
                    Some(short) => Message::ShortReceipt(short),
                    None => Message::Receipt(bytes),
                }
            }
            other => other,
        }
    }

    fn short_frame(&self, bytes: &[u8]) -> Option<ShortFrame> {
        let packed = frame::header(bytes).is_ok_and(|header| header.is_packed());
        let speaker = self.spoken.as_ref().filter(|_hello| packed).map(life)?;
        ShortFrame::of(bytes, &speaker)
    }

    /// What a message from the wire means.
    ///
    /// # Errors
    /// `Malformed` for a short form where nothing was said before.
    pub fn hear(&mut self, message: Message) -> Result<Heard, MessageError> {
        let unknown = MessageError::Malformed("short form without a hello");
        match message {
            Message::Hello(hello) => {
                self.heard = Some(hello.clone());
                Ok(Heard::Whole(Message::Hello(hello)))
            }
            Message::Again(Again {
                revocations,
                digest,
            }) => {
                let heard = self.heard.as_mut().ok_or(unknown)?;
                heard.revocations = revocations;
                heard.digest = digest;
                Ok(Heard::Whole(Message::Hello(heard.clone())))
            }
            Message::ShortFrame(short) => {
                let life = self.heard.as_ref().map(life).ok_or(unknown)?;
                Ok(Heard::Short(Short {
                    chain: life.chain(short.scope),
                    at: Seq(short.first_seq.0.saturating_sub(1)),
                    life,
                    body: Body::Frame(short),
                }))
            }
            Message::ShortReceipt(short) => {
                let life = self.spoken.as_ref().map(life).ok_or(unknown)?;
                Ok(Heard::Short(Short {
                    chain: life.chain(short.scope),
                    at: short.up_to,
                    life,
                    body: Body::Receipt(short),
                }))
            }
            other => Ok(Heard::Whole(other)),
        }
    }
}

fn life(hello: &Hello) -> Life {
    Life {
        hub: hello.hub,
        origin: hello.origin,
        epoch: hello.epoch,
    }
}

/// The short form, where all else is as it was said last.
fn again(old: &Hello, new: &Hello) -> Option<Again> {
    let named = |hello: &Hello| match &hello.certificate {
        CertificateForm::Hash(hash) => *hash,
        CertificateForm::Whole(bytes) => certificate_hash(bytes),
    };
    // A certificate that is sent whole was asked for; its name alone would not do.
    let asked = matches!(new.certificate, CertificateForm::Whole(_))
        && matches!(old.certificate, CertificateForm::Hash(_));
    let repeated = Hello {
        certificate: old.certificate.clone(),
        revocations: old.revocations,
        digest: old.digest,
        ..new.clone()
    };
    (!asked && named(old) == named(new) && repeated == *old).then_some(Again {
        revocations: new.revocations,
        digest: new.digest,
    })
}
