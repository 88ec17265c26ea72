//! An office with one registered family: a founded hub's data folder, for commands that read it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use node_core::command::{Command, ConsentAnswer};
use node_core::contact::Moment;
use node_core::person::{Field, PersonFields};
use node_core::programme;
use node_core::role::{Principal, Role};
use node_core::turn::{Committed, Turn};
use node_store::{AgeKeys, Area, Founding, HubStore, SqliteStore, StoreConfig};
use sync_core::{ClockQuality, Scope};

/// Birth year of the mother.
pub const YEAR: &str = "1994";
/// The one area.
pub const AREA: Scope = Scope(16);

/// The moment at which everything happens.
///
/// # Panics
/// Never: the text is a time.
pub fn moment() -> Moment {
    let at: Timestamp = "2026-03-14T10:00:00Z".parse().expect("a time");
    Moment {
        at,
        quality: ClockQuality::Ntp,
    }
}

/// A person with these fields.
pub fn fields(pairs: &[(Field, &str)]) -> PersonFields {
    let mut fields = PersonFields::default();
    for (field, value) in pairs {
        fields.set(*field, *value);
    }
    fields
}

/// A mother said yes to the agreement of the usual programme.
pub fn agreed() -> ConsentAnswer {
    ConsentAnswer {
        agreement: "maternal-child/registration".to_owned(),
        revision: 1,
        text_hash: [4; 32],
        language: "en".to_owned(),
        opt_in: true,
        channel: "ussd".to_owned(),
        purposes: Vec::new(),
        basis: node_core::consent::Basis::Consent,
        witness: None,
    }
}

/// The registration of the family.
pub fn family() -> Command {
    Command::RegisterPair {
        programme: "maternal-child".to_owned(),
        programme_version: 1,
        mother: fields(&[
            (Field::GivenName, "Achieng"),
            (Field::FamilyName, "Nyambura"),
            (Field::BirthDate, YEAR),
            (Field::Village, "KB"),
        ]),
        child: fields(&[
            (Field::GivenName, "Baraka"),
            (Field::BirthDate, "2026-03-02"),
            (Field::Sex, "M"),
            (Field::PlaceOfBirth, "home"),
        ]),
        consent: agreed(),
    }
}

/// The store in `folder/data`.
///
/// # Panics
/// When it does not open, which is a failure of the test.
pub fn reopen(folder: &Path) -> SqliteStore {
    SqliteStore::open(StoreConfig {
        folder: folder.join("data"),
        name: "office".to_owned(),
        is_hub: true,
        villages: Arc::default(),
        country: "UG".to_owned(),
        language: "en".to_owned(),
        sender: "384".to_owned(),
        staff_pin_hours: 0,
        programmes: Arc::new(programme::usual().expect("programmes")),
    })
    .expect("a store")
}

/// Makes `folder/data` a hub's store with the family in it; the mother's registration number.
///
/// # Panics
/// When the store refuses, which is a failure of the test.
pub async fn open(folder: &Path) -> (SqliteStore, String) {
    let store = reopen(folder);
    let founding = Founding {
        realm: "test".to_owned(),
        areas: vec![Area {
            programme: "maternal-child".to_owned(),
            scope: AREA,
        }],
        age: AgeKeys {
            identity: "AGE-SECRET-KEY-1TEST".to_owned(),
            recipient: "age1test".to_owned(),
        },
    };
    store.found_hub(founding, moment()).await.expect("a hub");
    let told = as_worker(&store, family()).await;
    let number = told["mother_number"].clone();
    (store, number)
}

/// Gives a command as the area's worker; what it tells.
///
/// # Panics
/// When the store refuses, which is a failure of the test.
pub async fn as_worker(store: &SqliteStore, command: Command) -> BTreeMap<String, String> {
    let principal = Principal {
        role: Role::HealthWorker,
        author: 1,
        ..Principal::system(AREA, "en")
    };
    let turn = Turn::Command { principal, command };
    match store.commit(turn, moment()).await.expect("a commit") {
        Committed::Command(Ok(outcome)) => outcome.values,
        other => panic!("not done: {other:?}"),
    }
}
