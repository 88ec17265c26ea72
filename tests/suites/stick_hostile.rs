//! Hostile sticks (SYNC SY15, SECURITY S3): each file is refused with a reason, no row changes, and
//! memory hardly grows. Alone in its program, so that the memory measured is its own. Changes by chance
//! are in `tests/suites/hostile.rs`, beside frames and SMS.

use std::fs;
use std::path::PathBuf;

use node::stick::{Carrier, Fate, FileReport};
use node_core::query::{Answer, Query};
use node_store::HubStore;
use ring::digest::{SHA256, digest};
use ring::signature::Ed25519KeyPair;
use sync::identity::AgeIdentity;
use sync::stick::sealed;
use sync_core::bundle::{BundleName, Direction, Draft, FILE_BYTES_MAX, Item, Manifest};
use sync_core::frame::{FrameHeader, header};
use sync_core::id::{Epoch, HubId, NodeId};
use tests::hostile::{peak, rows};
use tests::stick::World;

/// Bytes that memory may grow: SY15 says 16 MB.
const RISE_BYTES_MAX: u64 = 16_000_000;

/// What a finder of the stick knows, and what a thief of the node knows.
struct Attack {
    world: World,
    hub: Carrier,
    place: PathBuf,
    name: BundleName,
    recipient: String,
    plain: Vec<u8>,
    manifest: Manifest,
    key: Ed25519KeyPair,
    items: Vec<Item>,
}

impl Attack {
    /// A hub that holds all that its node has.
    async fn new() -> Self {
        let mut world = World::new(1).await;
        let stick = world.stick();
        let hub = world.carrier(&world.hub).await;
        hub.export(&stick, None).await.expect("an export");
        let node = world.carrier(&world.nodes[0]).await;
        node.import(&stick).await.expect("an import");
        world.later();
        world.register(0, 1).await;
        let written = node.export(&stick, None).await.expect("an export").written;
        let name = written[0].name;
        hub.take(&stick).await.expect("an import");
        let seen = hub.inspect(&stick).expect("a look").bundles;
        let seen = seen.into_iter().find(|seen| seen.name == Some(name));
        let manifest = seen.and_then(|seen| seen.content).expect("ours").manifest;
        let place = world.stick_folder().join(name.to_string());
        let keys = world.hub.bundle_keys().await.expect("keys");
        let key = AgeIdentity::parse(&keys.age_identities[0]).expect("a key");
        let sealed = fs::read(&place).expect("the bundle");
        let node_keys = world.nodes[0].bundle_keys().await.expect("keys");
        let mut reader = sync_core::bundle::BundleReader::default();
        let plain = key.open(&sealed).expect("sealed to the hub");
        reader.push(&plain).expect("short");
        let mut items = Vec::new();
        while let Ok(Some(part)) = reader.next_part() {
            if let sync_core::bundle::Part::Item(item) = part {
                items.push(item);
            }
        }
        Self {
            hub,
            place,
            name,
            recipient: key.recipient(),
            plain,
            manifest,
            key: Ed25519KeyPair::from_pkcs8(&node_keys.pkcs8).expect("a key"),
            items,
            world,
        }
    }

    /// What the hub makes of the stick.
    async fn report(&self) -> FileReport {
        let report = self.hub.take(&self.world.stick()).await.expect("an import");
        let mut files = report.files.into_iter();
        files
            .find(|file| file.name == self.name)
            .expect("the bundle")
    }

    async fn of_bytes(&self, sealed: &[u8]) -> FileReport {
        fs::write(&self.place, sealed).expect("a file");
        self.report().await
    }

    async fn of_plain(&self, plain: &[u8]) -> FileReport {
        let sealed = sealed::seal(&[&self.recipient], plain).expect("sealed");
        self.of_bytes(&sealed).await
    }

    /// A bundle by somebody with the node's key.
    fn signed(&self, change: impl FnOnce(&mut Manifest), items: &[Item]) -> Vec<u8> {
        let mut manifest = self.manifest.clone();
        change(&mut manifest);
        let mut draft = Draft::new(usize::MAX);
        for item in items {
            draft.offer(item).expect("an item");
        }
        draft.write(manifest, &self.key).expect("a bundle")
    }

    /// A frame that the node's key signed, with any payload, behind the last one of its chain.
    async fn forged(&self, payload: &[u8]) -> Vec<u8> {
        let frame = self.items.iter().rev().find_map(|item| match item {
            Item::Frame(bytes) => Some(bytes.clone()),
            Item::Receipt(_) | Item::Certificate(_) | Item::Revocations(_) => None,
        });
        let last = header(&frame.expect("a frame")).expect("a header");
        let Ok(Answer::Frontier(heads)) = self.world.hub.query(Query::Frontier).await else {
            panic!("no frontier");
        };
        let head = heads
            .iter()
            .find(|head| head.chain == last.chain())
            .expect("a chain");
        let forged = FrameHeader {
            form: 2,
            first_seq: sync_core::Seq(head.seq.0 + 1),
            count: 1,
            previous: head.hash,
            payload_bytes: u32::try_from(payload.len()).expect("short"),
            ..last
        };
        let head = forged.encode();
        let to_sign = [
            b"outpost.frame.1",
            &head[..],
            digest(&SHA256, payload).as_ref(),
        ]
        .concat();
        [&head, payload, self.key.sign(&to_sign).as_ref()].concat()
    }
}

/// 64 MiB of zeros in 2 KiB: a zstd frame of runs.
fn bomb() -> Vec<u8> {
    let mut bytes = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x50];
    for block in 0..512_u32 {
        let head = (0x0002_0000_u32 << 3) | 2 | u32::from(block == 511);
        bytes.extend(&head.to_le_bytes()[..3]);
        bytes.push(0);
    }
    bytes
}

fn is_refused(report: &FileReport) -> bool {
    matches!(&report.fate, Fate::Refused(reason) if !reason.is_empty()) && report.taken == 0
}

#[tokio::test]
async fn hostile_sticks_change_no_row_and_cost_little_memory() {
    let attack = Attack::new().await;
    let folder = attack.world.hub_folder();
    assert_eq!(attack.of_plain(&attack.plain).await.fate, Fate::Whole);
    let before = rows(&folder);
    let _forgotten = peak();
    let begun = peak();
    unread_files(&attack).await;
    strange_manifests(&attack).await;
    strange_frames(&attack).await;
    let risen = peak().saturating_sub(begun);
    println!("memory rose by {risen} bytes");
    assert!(risen < RISE_BYTES_MAX, "{risen} bytes");
    assert_eq!(rows(&folder), before);
    // The control: news of the real node do change rows, and go through the same door.
    attack.world.register(0, 2).await;
    let node = attack.world.carrier(&attack.world.nodes[0]).await;
    let stick = attack.world.stick();
    node.export(&stick, None).await.expect("an export");
    attack.hub.take(&stick).await.expect("an import");
    assert_ne!(rows(&folder), before);
}

async fn unread_files(attack: &Attack) {
    let sealed = fs::read(&attack.place).expect("the bundle");
    let other = AgeIdentity::generate().recipient();
    let to_others = sealed::seal(&[&other], &attack.plain).expect("sealed");
    for bytes in [
        &b""[..],
        b"PK\x03\x04zip",
        &sealed[..60],
        &attack.plain,
        &to_others,
    ] {
        let report = attack.of_bytes(bytes).await;
        assert!(is_refused(&report), "{report}");
    }
    let huge = fs::File::create(&attack.place).expect("a file");
    huge.set_len(FILE_BYTES_MAX + 1).expect("a hole");
    assert!(is_refused(&attack.report().await));
    // As long as allowed, and no bundle.
    huge.set_len(FILE_BYTES_MAX).expect("a hole");
    assert!(is_refused(&attack.report().await));
    let endless = [
        b"age-encryption.org/v1\n".to_vec(),
        b"-> X25519 A\n".repeat(9_000),
    ]
    .concat();
    assert!(is_refused(&attack.of_bytes(&endless).await));
    // Names that lead elsewhere are no bundles, and what they point to is not touched.
    let near = attack.place.parent().expect("a folder");
    let outside = attack.world.other("outside").join("keys");
    fs::write(&outside, b"secret").expect("a file");
    fs::write(near.join("..\\..\\keys.opb"), &sealed).expect("a file");
    std::os::unix::fs::symlink(&outside, near.join("7-0000000100000000-9.opb")).expect("a link");
    let report = attack
        .hub
        .take(&attack.world.stick())
        .await
        .expect("an import");
    let over = report.passed_over;
    assert_eq!((over.strange_names, over.not_regular), (1, 1));
    assert_eq!(fs::read(&outside).expect("a file"), b"secret");
}

async fn strange_manifests(attack: &Attack) {
    let stranger = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).expect("32 bytes");
    let items = &attack.items;
    let mut by_stranger = Draft::new(usize::MAX);
    for item in items {
        by_stranger.offer(item).expect("an item");
    }
    let unsigned = by_stranger.write(attack.manifest.clone(), &stranger);
    let bundles = [
        unsigned.expect("a bundle"),
        attack.signed(|manifest| manifest.hub = HubId([1; 4]), items),
        attack.signed(|manifest| manifest.to = NodeId(44), items),
        attack.signed(|manifest| manifest.from = NodeId(44), items),
        attack.signed(|manifest| manifest.epoch = Epoch::new(9, 9), items),
        attack.signed(|manifest| manifest.number += 1, items),
        attack.signed(|manifest| manifest.direction = Direction::Answer, items),
        attack.signed(|manifest| manifest.certificate = vec![1; 100], items),
    ];
    for (number, plain) in bundles.iter().enumerate() {
        let report = attack.of_plain(plain).await;
        assert!(is_refused(&report), "{number}: {report}");
    }
    // The control: nothing changed, and it is taken.
    let report = attack.of_plain(&attack.signed(|_manifest| {}, items)).await;
    assert_eq!(report.fate, Fate::Whole);
}

async fn strange_frames(attack: &Attack) {
    let bomb = attack.forged(&bomb()).await;
    let nonsense = attack.forged(b"\x28\xB5\x2F\xFDnonsense").await;
    let mut foreign = bomb.clone();
    foreign[2] ^= 1;
    for frame in [bomb, nonsense, foreign] {
        let plain = attack.signed(|_manifest| {}, &[Item::Frame(frame)]);
        let report = attack.of_plain(&plain).await;
        assert_eq!((report.taken, report.refused), (0, 1), "{report}");
        assert!(!report.reasons.is_empty());
    }
    // A receipt is for nodes, and a certificate of somebody else is no renewal.
    let others = [
        Item::Receipt(vec![6; 129]),
        Item::Certificate(attack.manifest.certificate.clone()),
    ];
    let report = attack
        .of_plain(&attack.signed(|_manifest| {}, &others))
        .await;
    assert_eq!((report.receipts, report.reasons.len()), (0, 2), "{report}");
}
