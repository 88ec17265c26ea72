//! Seeds of bundles: whole ones, one of each fault, and names of files.

use jiff::Timestamp;
use sync_core::bundle::{BundleName, Direction, Draft, Item, Manifest};
use sync_core::certificate::{self, NodeCertificate, NodeKind, Rights, ScopeGrant};
use sync_core::id::{ChainId, Epoch, HubId, Lane, NodeId, Scope, Seq};
use sync_core::message::HaveItem;

use super::super::frame::{origin, public};
use super::form;

/// Bytes of a manifest's signature, of the mark before it, and of the hash at a bundle's end.
const SIGNATURE: usize = 64;
const MARK: usize = 4;
const END: usize = 32;

pub(super) fn inputs() -> Vec<Vec<u8>> {
    let raw = |bytes: &[u8]| form(0, [&[99], bytes].concat());
    let items = [
        Item::Revocations(vec![5; 90]),
        Item::Certificate(certificate()),
        Item::Receipt(vec![6; 129]),
        Item::Frame(super::frame::one()),
    ];
    let whole = written(&items, manifest(Direction::News));
    let mut inputs = vec![
        raw(&whole),
        raw(&written(&items[..1], manifest(Direction::Answer))),
        raw(&whole[..whole.len() - END - 1]),
        raw(&[&whole[..], b"x"].concat()),
        raw(b"OPB2"),
        raw(&whole[..MARK]),
        signed(&whole, &items),
        signed(&written(&[], manifest(Direction::News)), &[]),
    ];
    let mut changed = whole.clone();
    if let Some(last) = changed.last_mut() {
        *last ^= 1;
    }
    inputs.push(raw(&changed));
    let head = whole.len() - END - bytes_of(&items);
    let mut unsigned = whole.clone();
    unsigned[head - 1] ^= 1;
    inputs.push(raw(&unsigned));
    // An item of an unknown kind, and one that is longer than any.
    let mut unknown = whole.clone();
    unknown[head] = 99;
    inputs.push(raw(&unknown));
    let mut long = whole;
    long[head + 1] = 255;
    inputs.push(raw(&long));
    inputs.extend(names());
    inputs
}

fn bytes_of(items: &[Item]) -> usize {
    items.iter().map(|item| item.bytes().len() + 5).sum()
}

/// The content of a manifest and the items, without what the target adds.
fn signed(whole: &[u8], items: &[Item]) -> Vec<u8> {
    let head = whole.len() - END - bytes_of(items);
    let content = &whole[MARK..head - SIGNATURE];
    let length = u16::try_from(content.len()).expect("a short manifest");
    let items = &whole[head..whole.len() - END];
    form(
        1,
        [&[7], &length.to_be_bytes()[..], content, items].concat(),
    )
}

fn written(items: &[Item], manifest: Manifest) -> Vec<u8> {
    let mut draft = Draft::new(usize::MAX);
    for item in items {
        draft.offer(item).expect("an item of a seed");
    }
    draft
        .write(manifest, &origin())
        .expect("a bundle of a seed")
}

fn manifest(direction: Direction) -> Manifest {
    let chain = ChainId {
        hub: HubId([0xAA; 4]),
        origin: NodeId(7),
        epoch: Epoch::new(1, 0),
        scope: Scope(0x103),
    };
    let have = HaveItem {
        chain,
        up_to: Seq(4),
        receipted: Seq(1),
        head: [9; 8],
    };
    Manifest {
        hub: chain.hub,
        direction,
        to: NodeId(1),
        from: NodeId(7),
        epoch: chain.epoch,
        number: 3,
        hlc: 1_767_225_600_000 << 16,
        revocations: 3,
        frames: 0,
        items: 0,
        bytes: 0,
        certificate: certificate(),
        have: vec![have],
        ranges: Vec::new(),
    }
}

fn certificate() -> Vec<u8> {
    let second = |second| Timestamp::from_second(second).expect("a time");
    let certificate = NodeCertificate {
        realm: "r".to_owned(),
        hub: NodeId(1),
        node: NodeId(7),
        epoch: Epoch::new(1, 0),
        key: public(&origin()),
        age_recipient: "age1".to_owned(),
        serial: 1,
        kind: NodeKind::Node,
        issuer_number: 7,
        scopes: vec![ScopeGrant {
            programme: "p".to_owned(),
            area: Scope(0x100),
            lanes: vec![Lane::Registration],
            rights: Rights::CAPTURE,
        }],
        not_before: second(1_767_225_600),
        not_after: second(1_798_761_600),
        min_version: 1,
        previous_heads: Vec::new(),
    };
    certificate::sign(&certificate, &origin()).expect("a certificate of a seed")
}

fn names() -> Vec<Vec<u8>> {
    let name = |direction| BundleName {
        hub: HubId([1, 2, 3, 4]),
        to: NodeId(1),
        direction,
        from: NodeId(7),
        epoch: Epoch::new(1, 0),
        number: 12,
    };
    let texts = [
        name(Direction::News).parts().join("/"),
        name(Direction::Answer).parts().join("/"),
        "01020304/1/../../keys".to_owned(),
        "01020304/1/7-1-12.opb".to_owned(),
    ];
    texts
        .iter()
        .map(|text| form(2, [&[0], text.as_bytes()].concat()))
        .collect()
}
