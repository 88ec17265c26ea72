//! Packing: what is packed comes back byte for byte, whatever it is; sizes; hostile bytes.

use std::collections::BTreeMap;

use super::*;
use crate::entry::{ClockQuality, EntryRef};
use crate::id::{DocId, Epoch, NodeId, Scope};
use crate::journal;

mod golden;
mod property;
mod size;

pub(crate) const PERSON: u16 = 1;
pub(crate) const REGISTRATION: u16 = 2;
pub(crate) const CONSENT: u16 = 3;

/// A village of people: names, in no order of anything.
pub(crate) const GIVEN: [&str; 24] = [
    "Wanjiru", "Akinyi", "Fatou", "Tigist", "Amina", "Mary", "Njeri", "Aminata", "Hirut", "Zainab",
    "Grace", "Atieno", "Mariama", "Almaz", "Halima", "Faith", "Wambui", "Khady", "Meseret",
    "Khadija", "Esther", "Nyambura", "Coumba", "Rahel",
];
pub(crate) const FAMILY: [&str; 16] = [
    "Otieno", "Kamau", "Diallo", "Abebe", "Hassan", "Ochieng", "Mwangi", "Ndiaye", "Kebede",
    "Osman", "Omondi", "Njoroge", "Traore", "Tesfaye", "Ibrahim", "Kariuki",
];

/// Places as a site lists them.
pub(crate) const VILLAGES: [&str; 6] = [
    "Namutumba Town 2",
    "Kisoga",
    "Bukoto East",
    "Kyanja",
    "Lwamata Central",
    "Busembatia",
];

/// A stream of numbers that any machine repeats (`SplitMix64`).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, range: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)) % range
    }

    pub(crate) fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        let range = u64::try_from(of.len()).unwrap();
        of[usize::try_from(self.below(range)).unwrap()]
    }
}

/// A chain as it is written, and the documents in it.
pub(crate) struct Journal {
    pub(crate) chain: ChainId,
    pub(crate) actor: [u8; 8],
    pub(crate) entries: Vec<Entry>,
    pub(crate) documents: BTreeMap<EntryRef, document::Document>,
    hlc: u64,
    session: u32,
}

impl Journal {
    pub(crate) fn new() -> Self {
        let chain = ChainId {
            hub: journal::hub_id(&[0xaa; 32]),
            origin: NodeId(7),
            epoch: Epoch::new(1, 0x1234_5678),
            scope: Scope(0x103),
        };
        Self {
            chain,
            actor: *b"actor--a",
            entries: Vec::new(),
            documents: BTreeMap::new(),
            hlc: 1_790_000_000_000 << 16,
            session: 0,
        }
    }

    pub(crate) fn next(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap() + 1
    }

    /// Time goes on, and another dialogue begins.
    pub(crate) fn wait(&mut self, millis: u64) {
        self.hlc = ((self.hlc >> 16) + millis) << 16;
        self.hlc -= 1;
        self.session = 0;
    }

    fn push(&mut self, kind: EntryKind, schema: u16, of: Option<u32>, body: Vec<u8>) {
        let seq = Seq(self.next());
        self.hlc += 1;
        let own = |at| EntryRef::new(&self.chain, at);
        let about = of.map(|at| own(Seq(at)));
        let doc = about.map_or(DocId::NONE, |it| journal::doc_id(self.chain.hub, &it));
        let meta = EntryMeta {
            seq,
            kind,
            quality: ClockQuality::Ntp,
            hlc: self.hlc,
            doc,
            doc_ref: about.filter(|it| it.seq != seq),
            schema,
            author: 2,
            session: self.session,
        };
        self.session += 1;
        self.entries.push(Entry { meta, body });
    }

    pub(crate) fn person(&mut self, fields: &BTreeMap<String, String>) -> u32 {
        let at = self.next();
        let (document, body) = document::Document::create(self.actor, fields).unwrap();
        self.documents
            .insert(EntryRef::new(&self.chain, Seq(at)), document);
        self.push(EntryKind::Change, PERSON, Some(at), body);
        at
    }

    pub(crate) fn edit(&mut self, of: u32, fields: &BTreeMap<String, String>) {
        let name = EntryRef::new(&self.chain, Seq(of));
        let document = self.documents.get_mut(&name).unwrap();
        let body = document.edit(self.actor, fields).unwrap();
        self.push(EntryKind::Change, PERSON, Some(of), body);
    }

    pub(crate) fn fact(&mut self, schema: u16, of: Option<u32>, body: Vec<u8>) {
        self.push(EntryKind::Fact, schema, of, body);
    }

    /// A mother, her child, her consent, the registration: as a worker submits them.
    pub(crate) fn register(&mut self, dice: &mut Dice, lease: &[String]) {
        self.wait(60_000 + dice.below(1_200_000));
        let at = usize::try_from(self.next()).unwrap() / 2;
        let (year, born) = (1982 + dice.below(24), 2021 + dice.below(6));
        let day = |dice: &mut Dice| format!("{:02}-{:02}", dice.below(12) + 1, dice.below(28) + 1);
        let phone = format!(
            "+256{}{:07}",
            dice.one(&["77", "78", "70", "75"]),
            dice.below(10_000_000)
        );
        let birth = format!("{year}-{}", day(dice));
        let family = dice.one(&FAMILY);
        let village = dice.one(&VILLAGES);
        let mother = [
            ("g", dice.one(&GIVEN)),
            ("f", family),
            ("b", &birth),
            ("s", "F"),
            ("p", &phone),
            ("v", village),
            ("n", &lease[at]),
        ];
        let mother = self.person(&fields(&mother));
        let birth = format!("{born}-{}", day(dice));
        let child = [
            ("g", dice.one(&GIVEN)),
            ("b", &birth),
            ("s", dice.one(&["F", "M"])),
            ("o", dice.one(&["clinic", "clinic", "home"])),
            ("n", &lease[at + 1]),
        ];
        let child = self.person(&fields(&child));
        self.fact(CONSENT, Some(mother), consent("en"));
        let body = self.registration(mother, child);
        self.fact(REGISTRATION, Some(child), body);
    }

    pub(crate) fn registration(&self, mother: u32, child: u32) -> Vec<u8> {
        let mut body = vec![1, 3, 14];
        body.extend(b"maternal-child");
        body.push(1);
        for seq in [mother, child] {
            crate::varint::write(&mut body, u64::from(self.chain.origin.0));
            crate::varint::write(&mut body, self.chain.epoch.0);
            crate::varint::write(&mut body, u64::from(self.chain.scope.0));
            crate::varint::write(&mut body, u64::from(seq));
        }
        body
    }

    pub(crate) fn run<'a>(&self, first: u32, set: &'a PackSet, shelf: &'a dyn Shelf) -> Run<'a> {
        Run {
            chain: self.chain,
            actor: self.actor,
            first: Seq(first),
            hlc: self.entries.last().map_or(0, |it| it.meta.hlc),
            set,
            shelf,
        }
    }

    /// The documents as a reader has them before the entry at `first`.
    pub(crate) fn before(&self, first: u32) -> TestShelf {
        let mut shelf = TestShelf::default();
        for entry in self.entries.iter().take_while(|it| it.meta.seq.0 < first) {
            shelf.take(&self.chain, self.actor, entry);
        }
        shelf
    }
}

/// A document and a change of it.
type Named = (EntryRef, [u8; 32]);

/// A shelf that holds what it was given.
#[derive(Default)]
pub(crate) struct TestShelf {
    documents: BTreeMap<EntryRef, document::Document>,
    changes: BTreeMap<EntryRef, [u8; 32]>,
    own: Vec<(Seq, Named)>,
    pub(crate) lease: Vec<String>,
}

impl TestShelf {
    pub(crate) fn take(&mut self, chain: &ChainId, actor: [u8; 8], entry: &Entry) {
        if entry.meta.kind == EntryKind::Fact {
            return;
        }
        let at = EntryRef::new(chain, entry.meta.seq);
        let of = entry.meta.doc_ref.unwrap_or(at);
        let hash = document::inspect(&entry.body).unwrap().hash;
        self.changes.insert(at, hash);
        self.own.push((entry.meta.seq, (of, hash)));
        if let Some(document) = self.documents.get_mut(&of) {
            document.apply(&entry.body, actor).unwrap();
            return;
        }
        let document = document::Document::from_first_change(&entry.body, actor).unwrap();
        self.documents.insert(of, document);
    }
}

impl Shelf for TestShelf {
    fn document(&self, of: &EntryRef) -> Option<document::Document> {
        self.documents.get(of).cloned()
    }

    fn change(&self, at: &EntryRef) -> Option<[u8; 32]> {
        self.changes.get(at).copied()
    }

    fn entry(&self, _of: &EntryRef, change: &[u8; 32]) -> Option<EntryRef> {
        let found = self.changes.iter().find(|(_, hash)| *hash == change);
        found.map(|(at, _)| *at)
    }

    fn own_last(&self, of: &EntryRef, seq: Seq) -> Option<[u8; 32]> {
        let own = self.own.iter().rev();
        let found = own.filter(|(at, (about, _))| *at < seq && about == of);
        found.map(|(_, (_, hash))| *hash).next()
    }

    fn lease(&self) -> &[String] {
        &self.lease
    }
}

pub(crate) fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

/// A consent as it lies in the journal: agreement, revision, hash of the text, and so on.
pub(crate) fn consent(language: &str) -> Vec<u8> {
    let mut body = vec![1, 4, 28];
    body.extend(b"maternal-child/data-sharing1");
    body.push(1);
    body.extend(journal::hash(&[
        b"the text that was shown in ",
        language.as_bytes(),
    ]));
    body.push(2);
    body.extend(language.as_bytes());
    body.extend([1, 4]);
    body.extend(b"ussd");
    body.extend([0, 0, 0, 0]);
    body
}

/// Numbers of ten digits in the order of use.
pub(crate) fn lease() -> Vec<String> {
    let mut dice = Dice(99);
    (0..4_000)
        .map(|_| format!("{:010}", 2_000_000_000 + dice.below(8_000_000_000)))
        .collect()
}

pub(crate) fn usual(is_fact: bool, schema: u16, about: About) -> Usual {
    Usual {
        is_fact,
        schema,
        about,
    }
}

/// What both ends hold in these tests.
pub(crate) fn set() -> PackSet {
    let choice = |all: &[&str]| FieldCodec::Choice(all.iter().map(|it| (*it).to_owned()).collect());
    let field = |(key, codec, present): (&str, FieldCodec, [u8; 2])| PackField {
        key: key.to_owned(),
        codec,
        present,
    };
    let phone = FieldCodec::Phone {
        country: "256".to_owned(),
        digits: 9,
    };
    let person = [
        ("n", FieldCodec::Leased { digits: 10 }, [15, 15]),
        ("g", FieldCodec::Name, [15, 12]),
        ("f", FieldCodec::Name, [14, 4]),
        ("b", FieldCodec::Date, [15, 15]),
        ("s", choice(&["F", "M"]), [15, 15]),
        ("p", phone, [14, 1]),
        ("v", choice(&VILLAGES), [15, 2]),
        ("i", FieldCodec::Code, [4, 1]),
        ("o", choice(&["home", "clinic", "other"]), [1, 15]),
        ("l", choice(&["en", "fr", "sw", "am", "ar"]), [4, 1]),
    ];
    let journal = Journal::new();
    let bytes = |bytes: Vec<u8>| vec![TemplatePiece::Bytes(bytes)];
    let head = journal.registration(1, 2).into_iter().take(18).collect();
    let registration = vec![
        TemplatePiece::Bytes(head),
        TemplatePiece::Back(3),
        TemplatePiece::Back(2),
    ];
    let template = |schema, pieces| Template { schema, pieces };
    PackSet {
        schemas: vec![PackSchema {
            schema: PERSON,
            fields: person.map(field).to_vec(),
        }],
        templates: vec![
            template(CONSENT, bytes(consent("en"))),
            template(CONSENT, bytes(consent("sw"))),
            template(REGISTRATION, registration),
        ],
        usual: vec![
            usual(false, PERSON, About::New),
            usual(false, PERSON, About::New),
            usual(true, CONSENT, About::Back(2)),
            usual(true, REGISTRATION, About::Back(2)),
        ],
    }
}
