//! Seeds of service definitions, published lists, and proofs of registration.

use node_core::slip::code::{Code, CodeKey};
use node_core::slip::{Claim, Issuer, SLIP_PREFIX, Slip};
use ring::signature::Ed25519KeyPair;
use sync_core::{Epoch, HubId, NodeId};

use super::super::service::{DEFINITION, TEXTS};
use super::form;

const LIST: &str = "list = \"crops\"\n\n[[item]]\ncode = \"MZ\"\nname = \"Maize\"\n\
    text = \"Plant with the first rain.\"\n\n[[item]]\ncode = \"BE\"\n\
    names = { en = \"Beans\", fr = \"Haricots\" }\nposition = \"2.2456 32.5361\"\n";

pub(super) fn services() -> Vec<Vec<u8>> {
    vec![
        form(0, DEFINITION),
        form(
            0,
            DEFINITION.replace("next = \"open\"", "next = \"nowhere\""),
        ),
        form(0, DEFINITION.replace("[[dialogues]]", "[[dialogues")),
        form(0, ""),
        form(1, TEXTS),
        form(1, TEXTS.replace("open = ", "shut = ")),
        form(1, TEXTS.replace("Goodbye.", "{ $who }")),
        form(2, LIST),
        form(2, LIST.replace("\"BE\"", "\"MZ\"")),
        form(2, LIST.replace("position", "place")),
        form(2, LIST.replace("2.2456", "200.5")),
    ]
}

pub(super) fn slips() -> Vec<Vec<u8>> {
    let claim = Claim::parse("7294058630", Some("1994")).expect("a number");
    let code = Code::issue(&CodeKey([7; 32]), &claim, "maternal-child", 74, 0xABCDE).to_string();
    let key = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).expect("a key");
    let issuer = Issuer {
        hub: HubId([1, 2, 3, 4]),
        node: NodeId(2),
        epoch: Epoch(1),
    };
    let slip = Slip::issue(issuer, 2_240, [5; 16], [6; 16], &key).text();
    let (prefix, body) = slip.split_at(SLIP_PREFIX.len());
    let later = format!("{prefix}Z{}", body.get(1..).expect("more than a letter"));
    vec![
        form(0, &slip),
        form(0, later),
        form(0, slip.to_lowercase().replace('A', " a")),
        form(0, slip.get(..slip.len() - 3).expect("a part")),
        form(0, "OUTPOST"),
        form(0, "A".repeat(5_000)),
        form(1, &code),
        form(1, code.to_lowercase().replace('-', " ")),
        form(1, code.get(1..).expect("a part")),
        form(2, "729 405-8630\n1994"),
        form(2, "7294058630"),
        form(2, "7294058631\n1994"),
        form(2, "7294058630\n94"),
    ]
}
