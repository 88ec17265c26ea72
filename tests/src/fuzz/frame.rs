//! Frames, raw and forged; the message stream; changes of documents.
//!
//! A mutated frame never has a right signature, so a forged one is signed here, as a faulty or
//! hostile origin could do it; that is the way to the code behind the signature. The four bytes
//! of `check` cannot be guessed: what stops there was parsed in full.

use ring::digest::{SHA256, digest};
use ring::signature::{Ed25519KeyPair, KeyPair};
use sync_core::document::{Document, TEXT_BYTES_MAX, inspect};
use sync_core::frame::{
    self, ENTRIES_MAX, FRAME_BYTES_MAX, FrameError, FrameHeader, HEADER_BYTES, Keys, OpenedFrame,
    SealInput, Signer,
};
use sync_core::id::Seq;
use sync_core::message::{CertificateForm, Message, MessageError, Parser};
use sync_core::refusal::Refusal;
use sync_core::varint::Reader;

use super::Reached;

/// Seed of the origin's key, that of the golden frames.
pub(super) const ORIGIN_SEED: [u8; 32] = [7; 32];
/// Seed of the key of the hub's receipts, likewise.
const HUB_SEED: [u8; 32] = [1; 32];
/// Form bit of a frame that a hub expressed anew, in byte 1.
const REEXPRESSED: u8 = 4;
/// Where `payload_bytes` stands in a header: its last four bytes.
const PAYLOAD_BYTES_AT: usize = HEADER_BYTES - 4;
/// Where the checksum of a change chunk stands; the rest is under it.
const CHECKSUM_AT: core::ops::Range<usize> = 4..8;

/// The forms of a frame, all refusals of one, every message type and error, changes.
pub(super) const REACHES: &[&str] = &[
    "plain frame",
    "zstd frame",
    "re-expressed frame",
    "too_large",
    "malformed",
    "version",
    "rebuild",
    "unknown_dictionary",
    "scope",
    "signature",
    "duplicate",
    "gap",
    "forked",
    "content",
    "actor",
    "check",
    "hello with hash",
    "hello with certificate",
    "have",
    "want",
    "frame",
    "receipt",
    "refuse",
    "bye",
    "message: unknown type",
    "message: too large",
    "message: truncated",
    "message: trailing",
    "message: malformed",
    "message: unfinished",
    "creating change",
    "editing change",
    "change: refused",
    "document: refused",
    "document: repeated change",
];

/// The origin of all frames.
pub(super) fn origin() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&ORIGIN_SEED).expect("32 bytes")
}

/// The hub that passes on.
pub(super) fn hub() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&HUB_SEED).expect("32 bytes")
}

fn keys() -> Keys {
    Keys {
        origin: public(&origin()),
        receipts: Some(public(&hub())),
    }
}

pub(super) fn public(key: &Ed25519KeyPair) -> [u8; 32] {
    key.public_key()
        .as_ref()
        .try_into()
        .expect("a public key has 32 bytes")
}

/// A refusal names its reason, and the reason is a sentence without content.
pub(super) fn refuse(refusal: &Refusal, reached: &mut Reached) {
    assert!(
        !refusal.reason.is_empty() && refusal.reason.len() < 200,
        "a reason is a sentence"
    );
    reached.insert(refusal.code.word());
}

/// The bytes as they came.
pub(super) fn raw(bytes: &[u8], reached: &mut Reached) {
    match frame::header(bytes) {
        Err(refusal) => {
            refuse(&refusal, reached);
            let opened = frame::open(bytes, (Seq(0), [0; 32]), keys());
            assert_eq!(opened, Err(refusal), "a refused header opens");
        }
        Ok(header) => {
            assert_eq!(
                bytes.get(..HEADER_BYTES),
                Some(&header.encode()[..]),
                "header differs"
            );
            assert!(bytes.len() <= FRAME_BYTES_MAX && header.count <= ENTRIES_MAX);
            let before = Seq(header.first_seq.0 - 1);
            open(bytes, (before, header.previous), reached);
        }
    }
}

fn open(bytes: &[u8], head: (Seq, [u8; 32]), reached: &mut Reached) {
    match frame::open(bytes, head, keys()) {
        Err(refusal) => refuse(&refusal, reached),
        Ok(opened) => {
            reached.insert(if opened.header.is_reexpressed() {
                "re-expressed frame"
            } else if opened.header.form == 0 {
                "plain frame"
            } else {
                "zstd frame"
            });
            seal_again(bytes, &opened);
        }
    }
}

/// What opened seals again and opens as the same entries, with the same bytes where both are plain.
fn seal_again(bytes: &[u8], opened: &OpenedFrame) {
    let entries: Vec<_> = opened
        .entries
        .iter()
        .map(|(entry, _)| entry.clone())
        .collect();
    assert_eq!(entries.len(), usize::from(opened.header.count));
    let previous = opened.header.previous;
    let chain = opened.header.chain();
    let input = SealInput {
        chain,
        previous,
        seeds: &opened.seeds,
        entries: &entries,
    };
    let (origin, hub) = (origin(), hub());
    let signer = if opened.header.is_reexpressed() {
        Signer::Hub {
            receipts: &hub,
            origin: public(&origin),
        }
    } else {
        Signer::Origin(&origin)
    };
    let sealed = match frame::seal(signer, &input) {
        Ok(sealed) => sealed,
        Err(error) => {
            assert!(
                matches!(error, FrameError::TooLarge { .. }),
                "what opened does not seal"
            );
            return;
        }
    };
    let before = Seq(opened.header.first_seq.0 - 1);
    let again = frame::open(&sealed, (before, previous), keys());
    let again = again.expect("what was sealed opens");
    assert!(
        again.entries == opened.entries && again.seeds == opened.seeds,
        "entries differ"
    );
    if opened.header.form == 0 && again.header.form == 0 {
        assert!(
            sealed == bytes,
            "one run of entries has two plain encodings"
        );
    }
}

/// A header and a payload, signed; the first byte says what the head of the chain is.
pub(super) fn forged(data: &[u8], reached: &mut Reached) {
    let Some((place, content)) = data.split_first() else {
        return;
    };
    let Some(bytes) = forge(content) else { return };
    let Ok(FrameHeader {
        first_seq,
        previous,
        ..
    }) = frame::header(&bytes)
    else {
        return raw(&bytes, reached);
    };
    let mut fork = previous;
    fork[31] ^= 1;
    let head = match place % 4 {
        0 => (Seq(first_seq.0 - 1), previous),
        1 => (Seq(first_seq.0.saturating_sub(2)), previous),
        2 => (first_seq, previous),
        _ => (Seq(first_seq.0 - 1), fork),
    };
    open(&bytes, head, reached);
}

/// Signs a header and a payload, whatever they say; the payload's length is put right.
fn forge(content: &[u8]) -> Option<Vec<u8>> {
    let (header, payload) = content.split_at_checked(HEADER_BYTES)?;
    let mut bytes = header.to_vec();
    let length = u32::try_from(payload.len()).ok()?;
    bytes[PAYLOAD_BYTES_AT..].copy_from_slice(&length.to_be_bytes());
    let hash = digest(&SHA256, payload);
    let (key, context): (_, &[u8]) = if header.get(1)? & REEXPRESSED == 0 {
        (origin(), b"outpost.frame.1")
    } else {
        (hub(), b"outpost.frame.hub.1")
    };
    let signature = key.sign(&[context, &bytes[..], hash.as_ref()].concat());
    bytes.extend(payload);
    bytes.extend(signature.as_ref());
    Some(bytes)
}

fn kind(message: &Message) -> &'static str {
    match message {
        Message::Hello(hello) => match hello.certificate {
            CertificateForm::Hash(_) => "hello with hash",
            CertificateForm::Whole(_) => "hello with certificate",
        },
        Message::Have(_) => "have",
        Message::Want(_) => "want",
        Message::Frame(_) => "frame",
        Message::Receipt(_) => "receipt",
        Message::Refuse(_) => "refuse",
        Message::Bye(_) => "bye",
        Message::Certificate(_) => "certificate",
        Message::Revocations(_) => "revocations",
        Message::Held(_) => "held",
        Message::Again(_) => "again",
        Message::ShortFrame(_) => "short frame",
        Message::ShortReceipt(_) => "short receipt",
    }
}

fn message_error(error: MessageError) -> &'static str {
    match error {
        MessageError::UnknownType(_) => "message: unknown type",
        MessageError::TooLarge { limit, got } => {
            assert!(got > limit, "refused within its limit");
            "message: too large"
        }
        MessageError::Truncated => "message: truncated",
        MessageError::Trailing => "message: trailing",
        MessageError::Malformed(_) => "message: malformed",
    }
}

/// A stream in pieces: each message has one encoding, and pieces change nothing.
pub(super) fn messages(data: &[u8], reached: &mut Reached) {
    let Some((piece, stream)) = data.split_first() else {
        return;
    };
    let (whole, end) = parse(stream, stream.len());
    assert!(
        (whole.clone(), end) == parse(stream, usize::from(*piece)),
        "pieces change the stream"
    );
    let again: Vec<u8> = whole.iter().flat_map(Message::encode).collect();
    assert!(stream.starts_with(&again), "a message has two encodings");
    for message in &whole {
        reached.insert(kind(message));
        assert_eq!(message.wire_bytes(), message.encode().len());
        if let Message::Frame(bytes) = message {
            raw(bytes, reached);
        }
    }
    match end {
        Err(error) => {
            reached.insert(message_error(error));
        }
        Ok(0) => {}
        Ok(_) => {
            reached.insert("message: unfinished");
        }
    }
    if let Err(error) = Message::decode(stream) {
        assert!(
            whole.len() != 1 || end != Ok(0),
            "a single message does not decode"
        );
        reached.insert(message_error(error));
    }
}

/// The messages of a stream, and how many bytes wait behind them or why it ended.
fn parse(stream: &[u8], piece: usize) -> (Vec<Message>, Result<usize, MessageError>) {
    let mut parser = Parser::default();
    let mut messages = Vec::new();
    for piece in stream.chunks(piece.max(1)) {
        let pushed = parser.push(piece);
        assert_eq!(
            pushed,
            Ok(()),
            "a parser that is read from takes every piece"
        );
        loop {
            match parser.next_message() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(parser.next_message(), Err(error), "an error is final");
                    assert_eq!(parser.pending_bytes(), 0);
                    return (messages, Err(error));
                }
            }
        }
    }
    (messages, Ok(parser.pending_bytes()))
}

/// Changes of one document, each with two bytes of length before it and its checksum put right.
pub(super) fn changes(data: &[u8], reached: &mut Reached) {
    let mut reader = Reader::new(data);
    let mut document: Option<Document> = None;
    for _ in 0..32 {
        let Some(length) = reader.u16() else { break };
        let Some(bytes) = reader.bytes(usize::from(length).min(reader.remaining())) else {
            break;
        };
        let change = with_checksum(bytes);
        let head = match inspect(&change) {
            Ok(head) => head,
            Err(error) => {
                reached.insert("change: refused");
                let made = Document::from_first_change(&change, [0; 8]);
                assert_eq!(made.err(), Some(error), "a refused change makes a document");
                continue;
            }
        };
        let is_first = head.dependencies.is_empty();
        reached.insert(if is_first {
            "creating change"
        } else {
            "editing change"
        });
        match &mut document {
            None => match Document::from_first_change(&change, head.actor) {
                Ok(made) => document = Some(made),
                Err(_) => {
                    reached.insert("document: refused");
                }
            },
            Some(document) => apply(document, &change, head.actor, reached),
        }
    }
    if let Some(document) = document {
        check_document(&document);
    }
}

fn apply(document: &mut Document, change: &[u8], actor: [u8; 8], reached: &mut Reached) {
    let before = document.clone();
    if document.apply(change, actor).is_err() {
        reached.insert("document: refused");
        assert!(
            document.values() == before.values(),
            "a refused change changed the document"
        );
        return;
    }
    let values = document.values();
    document
        .apply(change, actor)
        .expect("a change that is here may come again");
    assert!(
        document.values() == values,
        "a repeated change changed the document"
    );
    reached.insert("document: repeated change");
}

fn check_document(document: &Document) {
    let values = document.values();
    assert!(
        values
            .values()
            .flatten()
            .all(|value| value.len() <= TEXT_BYTES_MAX)
    );
    let loaded = Document::load(&document.save()).expect("what was saved loads");
    assert!(
        loaded.values() == values,
        "a saved document loads with other values"
    );
}

/// The change with the checksum that its bytes need.
fn with_checksum(bytes: &[u8]) -> Vec<u8> {
    let mut change = bytes.to_vec();
    if let Some(content) = bytes.get(CHECKSUM_AT.end..) {
        let hash = digest(&SHA256, content);
        change[CHECKSUM_AT].copy_from_slice(&hash.as_ref()[..4]);
    }
    change
}
