//! Seeds of frames, of the message stream and of changes.

use std::collections::BTreeMap;

use ring::signature::Ed25519KeyPair;
use sync_core::document::Document;
use sync_core::frame::{HEADER_BYTES, SIGNATURE_BYTES, SealInput, Signer, seal};
use sync_core::id::{ChainId, DocId, Epoch, HubId, NodeId, Scope, Seq};
use sync_core::message::{
    Again, Bye, ByeReason, CertificateForm, Have, HaveItem, Hello, Message, Range, Refuse, VERSION,
};
use sync_core::refusal::RefusalCode;
use sync_core::{ClockQuality, Entry, EntryKind, EntryMeta, EntryRef, journal};

use super::super::frame::{hub, origin, public};
use super::form;

pub(super) fn inputs() -> Vec<Vec<u8>> {
    let mixed = sealed(&origin(), &mixed(&origin()));
    let fact = sealed(&origin(), &facts(1, 1));
    let many = sealed(&origin(), &facts(1, 70));
    let mut inputs: Vec<Vec<u8>> = [&mixed, &fact, &many]
        .into_iter()
        .map(|frame| form(0, frame))
        .collect();
    for frame in [&mixed, &fact, &many] {
        inputs.push(form(1, [&[0], content(frame)].concat()));
    }
    let later = sealed(&origin(), &facts(5, 2));
    inputs.extend((0..4).map(|place| form(1, [&[place], content(&later)].concat())));
    // Signed by the origin, with changes of another actor.
    let stranger = Ed25519KeyPair::from_seed_unchecked(&[8; 32]).expect("32 bytes");
    let strange = sealed(&stranger, &self::mixed(&stranger));
    inputs.push(form(1, [&[0], content(&strange)].concat()));
    let passed_on = passed_on(&self::mixed(&origin()));
    inputs.push(form(0, &passed_on));
    inputs.push(form(1, [&[0], content(&passed_on)].concat()));
    inputs.extend(broken(&fact));
    inputs.extend(
        streams(&fact)
            .into_iter()
            .map(|stream| form(2, [vec![5], stream].concat())),
    );
    inputs.extend(documents());
    inputs
}

/// A frame of one fact, for other seeds.
pub(super) fn one() -> Vec<u8> {
    sealed(&origin(), &facts(1, 1))
}

fn content(frame: &[u8]) -> &[u8] {
    &frame[..frame.len() - SIGNATURE_BYTES]
}

/// One changed byte of the header for each refusal of it, and of the signature.
fn broken(frame: &[u8]) -> Vec<Vec<u8>> {
    let changed = |at: usize, byte: u8| {
        let mut bytes = frame.to_vec();
        bytes[at] = byte;
        bytes
    };
    let scope_lane = 2 + 4 + 4 + 8 + 3;
    let (check, dictionary, payload_bytes) =
        (HEADER_BYTES - 10, HEADER_BYTES - 5, HEADER_BYTES - 4);
    let mut inputs: Vec<Vec<u8>> = [
        (0, 2),
        (1, 1),
        (1, 4),
        (1, 128),
        (scope_lane, 7),
        (dictionary, 1),
        (payload_bytes, 9),
    ]
    .into_iter()
    .map(|(at, byte)| form(0, changed(at, byte)))
    .collect();
    inputs.push(form(0, changed(frame.len() - 1, 0xAA)));
    inputs.push(form(0, &frame[..frame.len() - 1]));
    inputs.push(form(
        1,
        [&[0], content(&changed(check, frame[check] ^ 1))].concat(),
    ));
    inputs.push(form(
        1,
        [&[0], &frame[..HEADER_BYTES], &[0xFF; 30]].concat(),
    ));
    inputs
}

fn chain() -> ChainId {
    ChainId {
        hub: HubId([0xAA; 4]),
        origin: NodeId(7),
        epoch: Epoch::new(1, 0),
        scope: Scope(0x103),
    }
}

fn sealed(key: &Ed25519KeyPair, entries: &[Entry]) -> Vec<u8> {
    sealed_by(key.into(), entries)
}

/// As the hub passes on what the origin wrote.
fn passed_on(entries: &[Entry]) -> Vec<u8> {
    let signer = Signer::Hub {
        receipts: &hub(),
        origin: public(&origin()),
    };
    sealed_by(signer, entries)
}

fn sealed_by(signer: Signer<'_>, entries: &[Entry]) -> Vec<u8> {
    // Bytes that do not repeat, so that a short payload stays plain.
    let seed: [u8; 16] = *b"0f1e2d3c4b5a6978";
    let seeds = [(0, seed), (1, seed)];
    let previous = journal::genesis(&chain());
    seal(
        signer,
        &SealInput {
            chain: chain(),
            previous,
            seeds: &seeds,
            entries,
        },
    )
    .expect("a frame of a seed")
}

fn entry(seq: u32, kind: EntryKind, about: Option<EntryRef>, body: Vec<u8>) -> Entry {
    let own = EntryRef::new(&chain(), Seq(seq));
    let doc = about.map_or(DocId::NONE, |it| journal::doc_id(chain().hub, &it));
    let meta = EntryMeta {
        seq: Seq(seq),
        kind,
        quality: ClockQuality::Ntp,
        hlc: (1_767_225_600_000 + u64::from(seq)) << 16,
        doc,
        doc_ref: about.filter(|it| *it != own),
        schema: 12,
        author: 2,
        session: 0,
    };
    Entry { meta, body }
}

fn facts(first: u32, count: u32) -> Vec<Entry> {
    (first..first + count)
        .map(|seq| entry(seq, EntryKind::Fact, None, format!("fact {seq}").into()))
        .collect()
}

/// A document, its edit, and facts about it, about another chain's, about none.
fn mixed(key: &Ed25519KeyPair) -> Vec<Entry> {
    let [first, edit, ..] = changes(key);
    let own = EntryRef::new(&chain(), Seq(1));
    let elsewhere = EntryRef {
        origin: NodeId(900),
        seq: Seq(77),
        ..own
    };
    vec![
        entry(1, EntryKind::Change, Some(own), first),
        entry(2, EntryKind::Change, Some(own), edit),
        entry(3, EntryKind::Fact, Some(own), b"three".to_vec()),
        entry(4, EntryKind::Fact, Some(elsewhere), b"four".to_vec()),
        entry(5, EntryKind::Fact, Some(elsewhere), b"five".to_vec()),
        entry(6, EntryKind::Fact, None, b"six".to_vec()),
    ]
}

/// A creating change, an edit of it, and an edit of that by another actor.
fn changes(key: &Ed25519KeyPair) -> [Vec<u8>; 3] {
    let actor = journal::actor(&public(key), Epoch::new(1, 0));
    let (mut document, first) =
        Document::create(actor, &fields(&[("g", "Amina"), ("v", "kyenjojo")])).expect("a document");
    let edit = document
        .edit(actor, &fields(&[("v", "kasese")]))
        .expect("an edit");
    let other = document
        .edit([3; 8], &fields(&[("l", "sw"), ("v", "")]))
        .expect("an edit");
    [first, edit, other]
}

fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn documents() -> Vec<Vec<u8>> {
    let [first, edit, other] = changes(&origin()).map(|change| {
        let length = u16::try_from(change.len()).expect("a short change");
        [&length.to_be_bytes()[..], &change].concat()
    });
    vec![
        form(3, [&first[..], &edit, &edit, &other].concat()),
        // An edit of what is not here, and one out of order.
        form(3, &edit),
        form(3, [&first[..], &other, &edit].concat()),
        form(3, [0, 3, 1, 2, 3]),
    ]
}

fn hello(certificate: CertificateForm) -> Message {
    Message::Hello(Hello {
        version: VERSION,
        hub: chain().hub,
        origin: NodeId(7),
        epoch: Epoch::new(1, 0),
        certificate,
        sets: [1; 8],
        frame_bytes_max: 65_536,
        revocations: 1,
        digest: [2; 8],
    })
}

fn streams(frame: &[u8]) -> Vec<Vec<u8>> {
    let (up_to, receipted) = (Seq(6), Seq(5));
    let item = |scope| HaveItem {
        chain: ChainId {
            scope: Scope(scope),
            ..chain()
        },
        up_to,
        receipted,
        head: [3; 8],
    };
    let range = Range {
        chain: chain(),
        from: Seq(2),
        to: Seq(6),
    };
    let code = RefusalCode::Gap;
    let refuse = Refuse {
        code,
        chain: chain(),
        seq: Seq(3),
        epoch: Epoch(0),
    };
    let bye = Message::Bye(Bye {
        reason: ByeReason::More,
        next_contact_s: 60,
    });
    let messages = [
        hello(CertificateForm::Hash([4; 16])),
        hello(CertificateForm::Whole(vec![5; 100])),
        Message::Have(Have {
            items: vec![item(0x100), item(0x103)],
        }),
        Message::Have(Have::default()),
        Message::Want(vec![range]),
        Message::Frame(frame.to_vec()),
        Message::Receipt(vec![6; 129]),
        Message::Refuse(refuse),
        bye.clone(),
        Message::Certificate(vec![7; 90]),
        Message::Revocations(vec![8; 90]),
        Message::Held(vec![(Scope(0x100), Seq(7)), (Scope(0x103), Seq(300))]),
        Message::Again(Again {
            revocations: 3,
            digest: [9; 8],
        }),
        Message::decode(&short(
            12,
            &[vec![0, 0x40, 1, 2], vec![1; 12], vec![0], vec![2; 90]].concat(),
        ))
        .expect("a short frame"),
        Message::decode(&short(13, &[vec![0x40, 9], vec![3; 72]].concat()))
            .expect("a short receipt"),
    ];
    let mut streams: Vec<Vec<u8>> = messages.iter().map(Message::encode).collect();
    streams.push(streams.concat());
    streams.extend([
        vec![14, 0],
        vec![10, 0],
        vec![10, 4, 0x40, 1, 0x40, 1],
        vec![11, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8],
        vec![7, 100],
        vec![7, 2, 0, 0],
        vec![7, 3, 0, 0, 0],
        vec![7, 2, 9, 0],
        vec![7, 5, 0],
        bye.encode().repeat(2),
    ]);
    streams
}

fn short(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u8::try_from(body.len()).expect("a short body");
    [&[kind, length][..], body].concat()
}
