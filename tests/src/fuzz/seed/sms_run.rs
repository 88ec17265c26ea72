//! Seeds of short runs and of changes of the revocation list.

use std::collections::BTreeMap;

use sync_core::document::Document;
use sync_core::entry::{ClockQuality, Entry, EntryKind, EntryMeta, EntryRef};
use sync_core::frame::SealInput;
use sync_core::frame::bare::seal_bare;
use sync_core::id::Seq;
use sync_core::journal;
use sync_core::revocation::{ListChange, sign};
use sync_core::sms::run::shorten;

use super::super::sms_run::{chain, key, known, list, packing, seeds};
use super::form;

pub(super) fn inputs() -> Vec<Vec<u8>> {
    let (all, none) = (short(true), short(false));
    let edited = |at: usize, octet: u8| {
        let mut octets = all.clone();
        octets[at] = octet;
        form(0, octets)
    };
    let signed = sign(&list(2), &key()).expect("a list");
    let change = ListChange::of(&signed, (1, 1)).expect("a change").encode();
    let older = ListChange::of(&signed, (0, 0)).expect("a change").encode();
    vec![
        form(0, &all),
        form(0, &none),
        edited(0, 0x01),
        edited(0, 0xa0),
        edited(3, 0),
        edited(5, 9),
        form(0, &all[..70]),
        form(1, &change),
        form(1, older),
        form(1, &change[1..]),
    ]
}

/// A person, as a receiver that holds the seed of the block gets her, or one that does not.
fn short(is_seed_known: bool) -> Vec<u8> {
    let known_seeds = seeds();
    let held: &[_] = if is_seed_known { &known_seeds } else { &[] };
    let known = known(held);
    let values = [("g", "Amina"), ("v", "Kisoga")];
    let values = values.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let actor = journal::actor(&known.key, chain().epoch);
    let made = Document::create(actor, &BTreeMap::from(values));
    let (_, body) = made.expect("a document");
    let own = EntryRef::new(&chain(), Seq(1));
    let meta = EntryMeta {
        seq: Seq(1),
        kind: EntryKind::Change,
        quality: ClockQuality::Ntp,
        hlc: 1_790_000_000_000 << 16,
        doc: journal::doc_id(chain().hub, &own),
        doc_ref: None,
        schema: 1,
        author: 2,
        session: 0,
    };
    let input = SealInput {
        chain: chain(),
        previous: known.previous,
        seeds: &known_seeds,
        entries: &[Entry { meta, body }],
    };
    let frame = seal_bare((&key()).into(), &input, &packing()).expect("sealed");
    shorten(&frame.expect("it packs"), &known, &packing()).expect("a short run")
}
