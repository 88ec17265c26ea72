//! S6: 200 interleaved sessions on 50 shared numbers, four people at each; no datum of one person on
//! the screen of another, whatever is pressed, cut off or resumed.
//!
//! Data are the names of a mother and her child, which nobody else has, and the `..8630` of their
//! numbers. The watch is shown to find what it looks for: a session in the name of somebody else.

use std::collections::BTreeSet;
use std::sync::Arc;

use channels_core::{Msisdn, UssdOp};
use node_core::command::Command;
use node_core::contact::{BearerLimits, Contact, ContactAnswer};
use node_core::number;
use node_core::person::Field;
use node_core::programme::{Programmes, Source};
use node_core::turn::{Committed, Turn};
use node_store::SqliteStore;

use crate::pin::{citizen, does, done, reset};
use crate::world::{WORKER_A, World, letters, link, pair, sqlite_of, worker};

const NUMBERS: u32 = 50;
const AT_EACH: u32 = 4;
/// Keys pressed in all sessions together.
const PRESSES: u32 = 9_000;
/// Most keys that one person presses before the phone goes to the next one of its four, in the
/// middle of a session as often as not.
const TURN_MAX: u64 = 18;
/// Keys pressed with the PIN of somebody else.
const STOLEN_PRESSES: i64 = 800;
const SEED: u64 = 20_260_314;

/// A person at a shared number, and her session.
struct Person {
    phone: String,
    pin: String,
    /// Last four digits of her number and her child's.
    hints: [String; 2],
    /// What nobody else is called.
    names: BTreeSet<String>,
    session: u32,
    screen: String,
    ended: bool,
}

/// Small and repeatable; splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit.max(1)
    }
}

/// Registers everybody, binds the numbers and sets the PINs.
async fn people(store: &SqliteStore) -> Vec<Person> {
    let teller = worker(WORKER_A, 1);
    let mut all = Vec::new();
    for line in 0..NUMBERS {
        let phone = format!("+2547119{line:05}");
        for at in 0..AT_EACH {
            let n = line * AT_EACH + at;
            let names = [
                format!("Asha {}", letters(n)),
                format!("Juma {}", letters(n)),
            ];
            let mut both = pair(n);
            if let Command::RegisterPair { mother, .. } = &mut both {
                mother.set(Field::Phone, phone.as_str());
            }
            let told = does(store, &teller, both, 10).await.unwrap();
            let number = &told.values["mother_number"];
            let hints = [number, &told.values["child_number"]].map(|all| number::hint(all));
            // What the number holds may be part of a PIN; then another one is taken.
            let mut pin = String::new();
            for again in 0..9 {
                pin = (271_828 + (u64::from(n) * 3_571 + again * 79_193) % 600_000).to_string();
                if does(store, &teller, reset(number, Some(&pin)), 11)
                    .await
                    .is_ok()
                {
                    break;
                }
            }
            all.push(Person {
                phone: phone.clone(),
                pin,
                hints,
                names: names.into(),
                session: 0,
                screen: String::new(),
                ended: true,
            });
        }
        does(store, &citizen(&phone), Command::BindNumber, 12)
            .await
            .unwrap();
    }
    all
}

impl Person {
    /// One step of her session; it begins where none is open.
    async fn press(&mut self, store: &SqliteStore, key: &str, second: i64) {
        let begins = self.ended;
        self.session += u32::from(begins);
        let contact = Contact::Ussd {
            link: link(),
            session: format!("{}-{}-{}", self.phone, self.hints[0], self.session),
            from: Msisdn::parse(&self.phone).unwrap(),
            code: "*384*7#".to_owned(),
            op: if begins {
                UssdOp::Begin
            } else {
                UssdOp::Continue
            },
            text: if begins {
                String::new()
            } else {
                key.to_owned()
            },
            step: Some(second.to_string()),
            screen_taken: true,
            limits: BearerLimits {
                gsm7: 182,
                ucs2: 80,
            },
        };
        let (answer, _) = done(store, Turn::Contact(contact), second).await;
        let Committed::Contact(ContactAnswer::Screen { text, end }) = answer else {
            panic!("no screen: {answer:?}");
        };
        (self.screen, self.ended) = (text, end);
    }

    /// What she types: digits and PIN where they are asked for, otherwise a key that is shown.
    fn key(&self, random: &mut Random) -> String {
        if self.screen.contains("Last 4 digits") {
            return self.hints[0].clone();
        }
        if self.screen.contains("PIN") {
            return self.pin.clone();
        }
        let keys: Vec<&str> = self
            .screen
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(key, _)| key)
            .filter(|key| key.chars().all(|c| c.is_ascii_digit()))
            .collect();
        let count = u64::try_from(keys.len()).unwrap();
        let at = usize::try_from(random.below(count)).unwrap();
        keys.get(at).map_or("1", |key| *key).to_owned()
    }

    /// Data on her screen: hers, and somebody else's.
    fn shown(&self, all: &BTreeSet<String>) -> (usize, Vec<String>) {
        let words = self.screen.split_whitespace();
        let hints = words.filter_map(|word| {
            let digits = word.trim_matches(|c: char| c != '.' && !c.is_ascii_digit());
            digits.strip_prefix("..").filter(|hint| hint.len() == 4)
        });
        let hints = hints.map(str::to_owned);
        let named = all.iter().filter(|name| {
            // Of two names that begin alike, the longer one stands there.
            let mut found = self.screen.match_indices(name.as_str());
            found.any(|(at, _)| {
                let behind = self.screen.get(at + name.len()..);
                let next = behind.and_then(|behind| behind.chars().next());
                next.is_none_or(|c| !c.is_alphabetic())
            })
        });
        let data: Vec<String> = hints.chain(named.cloned()).collect();
        let own = |datum: &&String| self.hints.contains(datum) || self.names.contains(*datum);
        let hers = data.iter().filter(own).count();
        (
            hers,
            data.iter().filter(|datum| !own(datum)).cloned().collect(),
        )
    }
}

#[tokio::test]
async fn no_session_on_a_shared_number_shows_what_is_another_ones() {
    let folder = tempfile::tempdir().unwrap();
    let sources = Source::chosen(&["maternal-child".to_owned(), "my-data".to_owned()]);
    let programmes = Arc::new(Programmes::load(&sources).unwrap());
    let World { a, .. } = sqlite_of(programmes, folder.path()).await;
    let mut all = people(&a).await;
    let names: BTreeSet<String> = all.iter().flat_map(|one| one.names.clone()).collect();
    let mut random = Random(SEED);
    let (mut hers, mut proved) = (0, BTreeSet::new());
    let mut turns = vec![(0_u32, 0_u64); usize::try_from(NUMBERS).unwrap()];
    for press in 0..PRESSES {
        // A step at any of the numbers, of whoever holds its phone now.
        let line = u32::try_from(random.below(u64::from(NUMBERS))).unwrap();
        let (holder, left) = &mut turns[usize::try_from(line).unwrap()];
        let passed_on = *left == 0;
        if passed_on {
            *holder = u32::try_from(random.below(u64::from(AT_EACH))).unwrap();
            *left = 1 + random.below(TURN_MAX);
        }
        *left -= 1;
        let at = usize::try_from(line * AT_EACH + *holder).unwrap();
        let person = &mut all[at];
        person.ended |= passed_on;
        let key = person.key(&mut random);
        person.press(&a, &key, 100 + i64::from(press)).await;
        let (own, others) = person.shown(&names);
        assert!(
            others.is_empty(),
            "{others:?} on the screen {:?}",
            person.screen
        );
        hers += own;
        if own > 0 {
            proved.insert(at);
        }
    }
    assert!(
        hers > 60 && proved.len() > 40,
        "{hers} data of {}",
        proved.len()
    );

    // The control: somebody who types the digits and the PIN of another person at her number.
    let (thief, victim) = all.split_at_mut(1);
    let (thief, victim) = (&mut thief[0], &victim[0]);
    assert_eq!(thief.phone, victim.phone);
    thief.pin.clone_from(&victim.pin);
    let hints = std::mem::replace(&mut thief.hints, victim.hints.clone());
    thief.ended = true;
    let mut found = false;
    for press in 0..STOLEN_PRESSES {
        let key = thief.key(&mut random);
        thief.press(&a, &key, 20_000 + press).await;
        let typed = std::mem::replace(&mut thief.hints, hints.clone());
        found |= !thief.shown(&names).1.is_empty();
        thief.hints = typed;
    }
    assert!(found, "a stolen PIN opens what the watch must see");
}
