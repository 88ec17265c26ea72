//! A hub of three villages behind one code, a node in each, and phones that call the hub.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use channels_core::{Address, Msisdn, UssdOp};
use node_core::command::Command;
use node_core::contact::{BearerLimits, Contact, ContactAnswer};
use node_core::role::RoleGrant;
use node_core::turn::{Claim, Committed, Turn};
use node_core::village::{Village, Villages};
use node_store::{Area, Founding, HubStore, SlotOrder, SqliteStore, StoreConfig};
use sync_core::{Lane, Scope};

use crate::world::{
    CODE, WORKER_A, WORKER_B, administrator, age, at, claim_messages, command, config, counts,
    finish, frontier, grant, link, own, programmes, push, push_of,
};

pub(crate) const KIBO: Scope = Scope(16);
pub(crate) const MOTO: Scope = Scope(24);
pub(crate) const PADER: Scope = Scope(32);
pub(crate) const NODES: [(&str, Scope); 3] = [("kibo", KIBO), ("moto", MOTO), ("pader", PADER)];
/// A worker of two areas.
pub(crate) const SUPERVISOR: &str = "+254700000003";
fn area(scope: Scope) -> Area {
    Area {
        programme: "maternal-child".to_owned(),
        scope,
    }
}

/// The hub's settings: three villages behind `*384#`, or one.
pub(crate) fn hub_config(folder: &Path, villages: &[(&str, Scope)]) -> StoreConfig {
    let village = |(code, area): &(&str, Scope)| Village {
        code: (*code).to_owned(),
        area: *area,
    };
    StoreConfig {
        villages: Arc::new(Villages {
            dial: "*384#".to_owned(),
            list: villages.iter().map(village).collect(),
        }),
        ..config(&programmes(), folder, "hub")
    }
}

pub(crate) const CODES: [(&str, Scope); 3] = [("12", KIBO), ("22", MOTO), ("32", PADER)];

/// A hub of three areas with a node in each, and a worker in the first two.
pub(crate) struct District {
    pub(crate) hub: SqliteStore,
    pub(crate) nodes: Vec<SqliteStore>,
}

impl District {
    pub(crate) async fn open(folder: &Path) -> Self {
        let hub = SqliteStore::open(hub_config(folder, &CODES)).unwrap();
        let founding = Founding {
            realm: "test".to_owned(),
            areas: NODES.map(|(_, scope)| area(scope)).into(),
            age: age(),
        };
        hub.found_hub(founding, at(0)).await.unwrap();
        let mut nodes = Vec::new();
        for (name, scope) in NODES {
            let node = SqliteStore::open(config(&programmes(), folder, name)).unwrap();
            let order = SlotOrder {
                name: name.to_owned(),
                grants: vec![area(scope).grant()],
                verifier: CODE,
            };
            hub.open_slot(order, at(0)).await.unwrap();
            let request = node
                .begin_enrolment(name.to_owned(), CODE, age(), at(1))
                .await
                .unwrap();
            finish(&hub, &node, request).await;
            nodes.push(node);
        }
        for (number, scope) in [
            (WORKER_A, KIBO),
            (WORKER_B, MOTO),
            (SUPERVISOR, MOTO),
            (SUPERVISOR, PADER),
        ] {
            let grant = RoleGrant {
                scope,
                ..grant(number)
            };
            command(&hub, &administrator(), Command::GrantRole(grant), 4)
                .await
                .unwrap();
        }
        Self { hub, nodes }
    }

    /// A session of one node with the hub; what it is not granted never travels.
    pub(crate) async fn meets(&self, at: usize, second: i64) {
        push(&self.nodes[at], &self.hub, second).await;
        push_of(&self.hub, &self.nodes[at], Some(NODES[at].1), second).await;
    }

    /// Entries that the hub wrote itself, by chain.
    pub(crate) async fn written(&self) -> BTreeMap<Scope, u32> {
        let node = own(&self.hub).await.node;
        let heads = frontier(&self.hub).await.into_iter();
        heads
            .filter(|head| head.chain.origin == node)
            .map(|head| (head.chain.scope, head.seq.0))
            .collect()
    }

    /// How many entries each area has more than `before`, by area and lane.
    pub(crate) async fn since(&self, before: &BTreeMap<Scope, u32>) -> Vec<((Scope, Lane), u32)> {
        let now = self.written().await.into_iter();
        let more = now.map(|(scope, seq)| {
            let known = before.get(&scope).copied().unwrap_or(0);
            ((scope.area(), scope.lane().unwrap()), seq - known)
        });
        more.filter(|(_, count)| *count > 0).collect()
    }

    /// Numbers left to each node.
    pub(crate) async fn allotments(&self) -> Vec<u64> {
        let mut left = Vec::new();
        for node in &self.nodes {
            left.push(counts(node).await.numbers_left);
        }
        left
    }
}

/// Dials a code in a new session, or answers in it.
pub(crate) async fn types(store: &SqliteStore, from: &str, text: &str, second: i64) -> String {
    let dials = text.starts_with('*');
    let contact = Contact::Ussd {
        link: link(),
        session: format!("of {from}"),
        from: Msisdn::parse(from).unwrap(),
        code: text.to_owned(),
        op: if dials {
            UssdOp::Begin
        } else {
            UssdOp::Continue
        },
        text: if dials {
            String::new()
        } else {
            text.to_owned()
        },
        step: Some(second.to_string()),
        screen_taken: true,
        limits: BearerLimits {
            gsm7: 182,
            ucs2: 80,
        },
    };
    match store.commit(Turn::Contact(contact), at(second)).await {
        Ok(Committed::Contact(ContactAnswer::Screen { text, .. })) => text,
        other => panic!("no screen: {other:?}"),
    }
}

/// Types one after the other, a second each; the last screen.
pub(crate) async fn types_all(
    store: &SqliteStore,
    from: &str,
    texts: &[&str],
    mut second: i64,
) -> String {
    let mut screen = String::new();
    for text in texts {
        screen = types(store, from, text, second).await;
        second += 1;
    }
    screen
}

/// Texts the hub; what it texts back.
pub(crate) async fn texts(store: &SqliteStore, from: &str, text: &str, second: i64) -> Vec<String> {
    let sms = Contact::Sms {
        link: link(),
        from: Address::parse(from).unwrap(),
        text: text.to_owned(),
        sent: None,
    };
    store.commit(Turn::Contact(sms), at(second)).await.unwrap();
    let claims = claim_messages(store, second).await.into_iter();
    claims
        .filter_map(|claim| match claim {
            Claim::Message { to, text, .. } if to == from => Some(text.0),
            _ => None,
        })
        .collect()
}
