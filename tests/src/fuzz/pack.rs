//! Packed runs: hostile ones, and journals of any content that must come back as they were.

use std::collections::BTreeMap;

use sync_core::document::{self, Document};
use sync_core::entry::{ClockQuality, Entry, EntryKind, EntryMeta, EntryRef};
use sync_core::id::{ChainId, DocId, Epoch, HubId, NodeId, Scope, Seq};
use sync_core::journal;
use sync_core::pack::{
    About, EmptyShelf, FieldCodec, PackField, PackSchema, PackSet, Run, Template, TemplatePiece,
    Usual, pack, unpack,
};

use super::Reached;

/// What a hostile run may turn out to be, and what a journal may hold.
pub(super) const REACHES: &[&str] = &[
    "run: refused",
    "run: person",
    "run: edit",
    "run: fact",
    "run: empty",
    "journal: packed",
    "journal: person",
    "journal: edit",
    "journal: fact",
    "journal: raw change",
];

const ACTOR: [u8; 8] = *b"actor--a";
const PERSON: u16 = 1;
const FACT: u16 = 3;
/// Keys of the set's fields, and one that it does not have.
const KEYS: [&str; 8] = ["n", "g", "f", "b", "s", "p", "i", "z"];

/// The chain of all runs.
pub(super) fn chain() -> ChainId {
    ChainId {
        hub: HubId([1, 2, 3, 4]),
        origin: NodeId(7),
        epoch: Epoch::new(1, 5),
        scope: Scope(0x103),
    }
}

/// A set with every codec.
pub(super) fn set() -> PackSet {
    let phone = FieldCodec::Phone {
        country: "256".to_owned(),
        digits: 9,
    };
    let codecs = [
        FieldCodec::Leased { digits: 10 },
        FieldCodec::Name,
        FieldCodec::Name,
        FieldCodec::Date,
        FieldCodec::Choice(vec!["F".to_owned(), "M".to_owned()]),
        phone,
        FieldCodec::Integer,
    ];
    let field = |(key, codec): (&str, FieldCodec)| PackField {
        key: key.to_owned(),
        codec,
        present: [12, 4],
    };
    let usual = |is_fact, schema, about| Usual {
        is_fact,
        schema,
        about,
    };
    PackSet {
        schemas: vec![PackSchema {
            schema: PERSON,
            fields: KEYS.into_iter().zip(codecs).map(field).collect(),
        }],
        templates: vec![Template {
            schema: FACT,
            pieces: vec![
                TemplatePiece::Bytes(b"as usual".to_vec()),
                TemplatePiece::Back(1),
            ],
        }],
        usual: vec![
            usual(false, PERSON, About::New),
            usual(true, FACT, About::Back(1)),
        ],
    }
}

fn run(set: &PackSet, hlc: u64) -> Run<'_> {
    Run {
        chain: chain(),
        actor: ACTOR,
        first: Seq(1),
        hlc,
        set,
        shelf: &EmptyShelf,
    }
}

/// A run as it came: the first byte is its count.
pub(super) fn hostile(data: &[u8], reached: &mut Reached) {
    let Some((count, bytes)) = data.split_first() else {
        return;
    };
    let set = set();
    let run = run(&set, 1_790_000_000_000 << 16);
    let Ok(entries) = unpack(&run, u16::from(*count), bytes) else {
        reached.insert("run: refused");
        return;
    };
    assert_eq!(entries.len(), usize::from(*count), "another count");
    if entries.is_empty() {
        reached.insert("run: empty");
    }
    for entry in &entries {
        reached.insert(match (entry.meta.kind, entry.meta.doc_ref) {
            (EntryKind::Fact, _) => "run: fact",
            (EntryKind::Change, None) => "run: person",
            (EntryKind::Change, Some(_)) => "run: edit",
        });
    }
    again(&run, &entries);
}

/// What packs comes back as it was.
fn again(run: &Run<'_>, entries: &[Entry]) -> bool {
    let Some(bytes) = pack(run, entries) else {
        return false;
    };
    let count = u16::try_from(entries.len()).expect("a short run");
    let read = unpack(run, count, &bytes).expect("what was packed unpacks");
    assert!(read == entries, "entries differ");
    true
}

/// A journal from a script of lines: kind, key, text.
pub(super) fn journal(data: &[u8], reached: &mut Reached) {
    let mut writing = Writing::default();
    for line in data.split(|byte| *byte == b'\n').take(24) {
        writing.line(line, reached);
    }
    let set = set();
    let hlc = writing.entries.last().map_or(0, |entry| entry.meta.hlc);
    if again(&run(&set, hlc), &writing.entries) {
        reached.insert("journal: packed");
    }
}

#[derive(Default)]
struct Writing {
    entries: Vec<Entry>,
    documents: BTreeMap<u32, Document>,
    hlc: u64,
}

impl Writing {
    fn line(&mut self, line: &[u8], reached: &mut Reached) {
        let [kind, key, text @ ..] = line else { return };
        let at = u32::try_from(self.entries.len()).expect("few entries") + 1;
        let texts = String::from_utf8_lossy(text);
        let words = texts.split('|').zip(usize::from(*key)..);
        let fields: BTreeMap<String, String> = words
            .map(|(word, key)| (KEYS[key % KEYS.len()].to_owned(), word.to_owned()))
            .collect();
        let last = self.documents.keys().next_back().copied();
        self.hlc += 1 + (u64::from(*key) << 20);
        match (kind % 4, last) {
            (0, _) => {
                let Ok((document, body)) = Document::create(ACTOR, &fields) else {
                    return;
                };
                self.documents.insert(at, document);
                self.push(EntryKind::Change, at, Some(at), body);
                reached.insert("journal: person");
            }
            (1, Some(of)) => {
                let document = self.documents.get_mut(&of).expect("a document");
                let Ok(body) = document.edit(ACTOR, &fields) else {
                    return;
                };
                self.push(EntryKind::Change, at, Some(of), body);
                reached.insert("journal: edit");
            }
            (2, _) if document::inspect(text).is_err() && !text.is_empty() => {
                self.push(EntryKind::Change, at, Some(at), text.to_vec());
                reached.insert("journal: raw change");
            }
            _ => {
                self.push(EntryKind::Fact, at, last, text.to_vec());
                reached.insert("journal: fact");
            }
        }
    }

    fn push(&mut self, kind: EntryKind, at: u32, of: Option<u32>, body: Vec<u8>) {
        let chain = chain();
        let about = of.map(|of| EntryRef::new(&chain, Seq(of)));
        let doc = about.map_or(DocId::NONE, |it| journal::doc_id(chain.hub, &it));
        let meta = EntryMeta {
            seq: Seq(at),
            kind,
            quality: ClockQuality::Ntp,
            hlc: self.hlc,
            doc,
            doc_ref: about.filter(|it| it.seq != Seq(at)),
            schema: if kind == EntryKind::Fact {
                FACT
            } else {
                PERSON
            },
            author: 2,
            session: at - 1,
        };
        self.entries.push(Entry { meta, body });
    }
}

/// A journal of every kind of entry, as a script and as a packed run with its count.
pub(super) fn example() -> (Vec<u8>, Vec<u8>) {
    let mut script = Vec::new();
    let lines: [(u8, u8, &str); 7] = [
        (0, 0, "2938475610|Amina|Okello|1999-04-03|F|+256772000001|7"),
        (3, 1, "as usual"),
        (1, 1, "Halima"),
        (0, 1, "Juma|El Hadji|2026|M|none|x|\u{12a0}"),
        (1, 7, "another field"),
        (2, 0, "no change at all"),
        (3, 0, "something else"),
    ];
    for (kind, key, text) in lines {
        script.extend([kind, key]);
        script.extend(text.as_bytes());
        script.push(b'\n');
    }
    let mut writing = Writing::default();
    for line in script.split(|byte| *byte == b'\n') {
        writing.line(line, &mut Reached::new());
    }
    let set = set();
    let run = run(&set, 1_790_000_000_000 << 16);
    let packed = pack(&run, &writing.entries).expect("a journal packs");
    let count = u8::try_from(writing.entries.len()).expect("few entries");
    (script, [&[count][..], &packed].concat())
}
