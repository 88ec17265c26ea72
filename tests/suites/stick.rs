//! A hub and three nodes that meet by stick alone: copies are cut at random bytes, sticks are
//! pulled, come twice, late and full, and in the end all hold the same (SYNC SY16).

use std::fs;

use node::stick::{Carrier, Extent, Fate, ImportReport};
use node_core::query::{Answer, Query};
use node_store::{Accepting, HubStore, SqliteStore};
use ring::signature::Ed25519KeyPair;
use sync::identity::AgeIdentity;
use sync::stick::Stick;
use sync::stick::sealed::seal;
use sync_core::bundle::{BundleReader, Direction, Draft, Item, Manifest, Part};
use sync_core::{Lane, NodeId, Seq};
use tests::random::Random;
use tests::stick::{World, differences, files, heads};

/// Seed of all cuts.
const SEED: u64 = 0x0073_7469_636b_2e31;

async fn export(carrier: &Carrier, stick: &Stick) -> node::stick::ExportReport {
    carrier.export(stick, None).await.expect("an export")
}

async fn import(carrier: &Carrier, stick: &Stick) -> ImportReport {
    carrier.import(stick).await.expect("an import")
}

/// The stick at the hub, then at every node.
async fn round(world: &mut World, stick: &Stick) {
    world.later();
    let hub = world.carrier(&world.hub).await;
    import(&hub, stick).await;
    export(&hub, stick).await;
    for node in &world.nodes {
        import(&world.carrier(node).await, stick).await;
    }
}

async fn unequal(world: &World) -> Vec<String> {
    let mut all = Vec::new();
    for node in &world.nodes {
        all.extend(differences(&world.hub, node).await);
    }
    all
}

fn taken(report: &ImportReport) -> (u32, u32) {
    let files = report.files.iter();
    files.fold((0, 0), |(taken, known), file| {
        (taken + file.taken, known + file.known)
    })
}

/// One stick goes from the hub to three nodes and back, four times; before each whole stick a copy
/// arrives that is cut at random bytes.
#[tokio::test]
async fn a_stick_goes_round_with_cuts_and_all_converge() {
    let mut world = World::new(3).await;
    let mut random = Random(SEED);
    let mut damaged = 0;
    let stick = world.stick();
    for turn in 0..4 {
        let hub = world.carrier(&world.hub).await;
        export(&hub, &stick).await;
        for node in 0..3 {
            let carrier = world.carrier(&world.nodes[node]).await;
            import(&carrier, &world.cut_copy(&mut random)).await;
            import(&carrier, &stick).await;
            world.later();
            for family in 0..2 {
                world.register(node, turn * 2 + family).await;
            }
            let carrier = world.carrier(&world.nodes[node]).await;
            let report = export(&carrier, &stick).await;
            assert!(!report.written.is_empty() && report.extent == Extent::All);
        }
        assert!(
            !unequal(&world).await.is_empty(),
            "the control: news are open"
        );
        world.later();
        let hub = world.carrier(&world.hub).await;
        for _ in 0..2 {
            let cut = import(&hub, &world.cut_copy(&mut random)).await;
            damaged += cut
                .files
                .iter()
                .filter(|file| file.fate != Fate::Whole)
                .count();
        }
        world.grant(&format!("+25677000010{turn}")).await;
        let whole = import(&hub, &stick).await;
        assert!(whole.files.iter().all(|file| file.fate == Fate::Whole));
        let answer = whole.answer.expect("answers");
        assert_eq!(answer.written.len(), 3, "{answer}");
    }
    for node in &world.nodes {
        import(&world.carrier(node).await, &stick).await;
    }
    assert_eq!(unequal(&world).await, Vec::<String>::new());
    for node in &world.nodes {
        let Ok(Answer::Counts(counts)) = node.query(Query::Counts).await else {
            panic!("no counts");
        };
        assert_eq!((counts.registrations, counts.not_carried), (24, 0));
    }
    assert!(damaged > 12, "only {damaged} copies were cut");
    // One bundle each way for each node: older ones were replaced.
    assert_eq!(stick.list().expect("a list").found.len(), 6);
}

#[tokio::test]
async fn a_stick_that_comes_twice_or_after_another_link_changes_nothing() {
    let mut world = World::new(1).await;
    let stick = world.stick();
    round(&mut world, &stick).await;
    world.register(0, 1).await;
    let node = world.carrier(&world.nodes[0]).await;
    export(&node, &stick).await;
    let hub = world.carrier(&world.hub).await;
    let first = import(&hub, &stick).await;
    assert!(taken(&first).0 > 0);
    let before = heads(&world.hub).await;
    let again = import(&hub, &stick).await;
    assert_eq!(taken(&again).0, 0);
    assert_eq!(taken(&again).1, taken(&first).0);
    assert_eq!(heads(&world.hub).await, before);
    // The same range over another link first, then by stick.
    world.later();
    world.register(0, 2).await;
    for head in heads(&world.nodes[0]).await {
        over_another_link(&world, head.chain, head.receipted).await;
    }
    let node = world.carrier(&world.nodes[0]).await;
    export(&node, &stick).await;
    let before = heads(&world.hub).await;
    let late = import(&world.carrier(&world.hub).await, &stick).await;
    assert_eq!(taken(&late).0, 0);
    assert!(taken(&late).1 > 0);
    assert_eq!(heads(&world.hub).await, before);
    import(&node, &stick).await;
    assert_eq!(unequal(&world).await, Vec::<String>::new());
}

async fn over_another_link(world: &World, chain: sync_core::ChainId, after: Seq) {
    let query = Query::Frames {
        chain,
        after,
        bytes_max: 1 << 20,
        packed: false,
    };
    let Ok(Answer::Frames(frames)) = world.nodes[0].query(query).await else {
        panic!("no frames");
    };
    for frame in frames {
        let now = world.clock().now();
        world.hub.accept(frame, now).await.expect("an answer");
    }
}

/// Copying frees nothing: whatever becomes of a stick, the next one has it all again, and an answer
/// that was lost is given again.
#[tokio::test]
async fn a_lost_stick_and_a_lost_answer_cost_nothing() {
    let mut world = World::new(1).await;
    let stick = world.stick();
    round(&mut world, &stick).await;
    world.later();
    world.register(0, 1).await;
    let node = world.carrier(&world.nodes[0]).await;
    let lost = Stick::open(&world.other("lost")).expect("a stick");
    let first = export(&node, &lost).await;
    let second = export(&node, &stick).await;
    assert_eq!(first.written[0].frames, second.written[0].frames);
    assert!(second.written[0].name.number > first.written[0].name.number);
    let hub = world.carrier(&world.hub).await;
    import(&hub, &stick).await;
    for (path, _) in files(&world.stick_folder()) {
        if path.to_string_lossy().contains("r-") {
            fs::remove_file(world.stick_folder().join(path)).expect("removed");
        }
    }
    import(&node, &stick).await;
    assert!(!unequal(&world).await.is_empty(), "the answer is lost");
    export(&node, &stick).await;
    import(&hub, &stick).await;
    import(&node, &stick).await;
    assert_eq!(unequal(&world).await, Vec::<String>::new());
    // The lost stick is found again, months later.
    let late = import(&hub, &lost).await;
    assert_eq!(taken(&late).0, 0);
    assert_eq!(unequal(&world).await, Vec::<String>::new());
}

/// A node carries what others wrote to another stick; it cannot read it.
#[tokio::test]
async fn bundles_of_others_are_carried_unread() {
    let mut world = World::new(2).await;
    let stick = world.stick();
    round(&mut world, &stick).await;
    world.register(0, 1).await;
    let report = export(&world.carrier(&world.nodes[0]).await, &stick).await;
    let name = report.written[0].name;
    let other_node = world.carrier(&world.nodes[1]).await;
    let seen = import(&other_node, &stick).await;
    assert!(seen.for_others > 0);
    let looked = other_node.inspect(&stick).expect("a look");
    let looked = looked
        .bundles
        .iter()
        .find(|bundle| bundle.name == Some(name));
    let looked = looked.expect("the other's bundle");
    assert!(looked.content.is_none() && looked.fault.is_some());
    let second = Stick::open(&world.other("second")).expect("a stick");
    second.carry(&stick, &name).expect("carried");
    let hub = world.carrier(&world.hub).await;
    let seen = hub.inspect(&second).expect("a look");
    let content = seen.bundles[0].content.as_ref().expect("sealed to the hub");
    assert_eq!(
        usize::try_from(content.frames),
        Ok(report.written[0].frames)
    );
    assert!(content.entries[&Lane::Registration] > 0);
    assert!(taken(&import(&hub, &second).await).0 > 0);
}

/// A copy that is damaged in its second 64 KiB: what lies before is taken, the rest with the next.
#[tokio::test]
async fn what_came_before_the_damage_is_taken() {
    let mut world = World::new(1).await;
    let stick = world.stick();
    round(&mut world, &stick).await;
    world.register(0, 1).await;
    let node = world.carrier(&world.nodes[0]).await;
    let name = export(&node, &stick).await.written[0].name;
    let keys = world.hub.bundle_keys().await.expect("keys");
    let key = AgeIdentity::parse(&keys.age_identities[0]).expect("a key");
    let path = world.stick_folder().join(name.to_string());
    let whole = fs::read(&path).expect("the bundle");
    let (manifest, frames) = read(&key.open(&whole).expect("ours"));
    let mut draft = Draft::new(usize::MAX);
    let (first, rest) = frames.split_at(frames.len() / 2);
    let filler = vec![Item::Receipt(vec![6; 129]); 900];
    for item in [first, &filler, rest].concat() {
        draft.offer(&item).expect("an item");
    }
    let own = world.nodes[0].bundle_keys().await.expect("keys").pkcs8;
    let own = Ed25519KeyPair::from_pkcs8(&own).expect("a key");
    let long = draft.write(manifest, &own).expect("a bundle");
    let sealed = seal(&[&key.recipient()], &long).expect("sealed");
    fs::write(&path, &sealed[..sealed.len() - 9]).expect("a file");
    let hub = world.carrier(&world.hub).await;
    let report = import(&hub, &stick).await;
    let [file] = report.files.as_slice() else {
        panic!("{report}");
    };
    assert_eq!(file.fate, Fate::Damaged);
    assert_eq!(usize::try_from(file.taken), Ok(first.len()));
    let said = format!("{} of {} frames taken", first.len(), frames.len());
    let told = report.to_string();
    assert!(
        told.contains(&said) && told.contains("copy the stick again"),
        "{told}"
    );
    fs::write(&path, &whole).expect("a file");
    let again = import(&hub, &stick).await;
    assert_eq!(again.files[0].fate, Fate::Whole);
    assert_eq!(usize::try_from(again.files[0].taken), Ok(rest.len()));
    import(&node, &stick).await;
    assert_eq!(unequal(&world).await, Vec::<String>::new());
}

/// The manifest and the frames of a bundle.
fn read(plain: &[u8]) -> (Manifest, Vec<Item>) {
    let mut reader = BundleReader::default();
    reader.push(plain).expect("short");
    let Ok(Some(Part::Manifest(signed))) = reader.next_part() else {
        panic!("no manifest");
    };
    let mut frames = Vec::new();
    while let Ok(Some(Part::Item(item))) = reader.next_part() {
        frames.push(item);
    }
    (signed.unproven().clone(), frames)
}

/// The order of a bundle is that of lanes, so what a full stick takes is the most urgent.
#[tokio::test]
async fn a_full_stick_gets_the_most_urgent_first() {
    let mut world = World::new(1).await;
    let stick = world.stick();
    round(&mut world, &stick).await;
    for family in 0..40 {
        world.register(0, family).await;
    }
    let node = world.carrier(&world.nodes[0]).await;
    let whole = export(&node, &stick).await;
    let small = Stick::open(&world.other("small")).expect("a stick");
    let bytes = u64::try_from(whole.written[0].bytes).expect("a length");
    let small = small.with_quota(bytes * 2 / 3);
    let report = export(&node, &small).await;
    assert!(report.extent == Extent::Full, "{report}");
    let frames: usize = report.written.iter().map(|written| written.frames).sum();
    assert!(frames > 0 && frames < whole.written[0].frames, "{report}");
    let hub = world.carrier(&world.hub).await;
    assert!(taken(&import(&hub, &small).await).0 > 0);
    // The rest follows with the whole stick.
    import(&hub, &stick).await;
    import(&node, &stick).await;
    assert_eq!(unequal(&world).await, Vec::<String>::new());
    let none = Stick::open(&world.other("none")).expect("a stick");
    let report = export(&node, &none.with_quota(10)).await;
    assert!(report.written.is_empty());
}

/// Every bundle of a node in the order of its lanes, as the hub reads them.
#[tokio::test]
async fn frames_lie_by_lane_and_names_tell_the_way() {
    let mut world = World::new(1).await;
    let stick = world.stick();
    let hub = world.carrier(&world.hub).await;
    let written = export(&hub, &stick).await.written;
    assert_eq!(written[0].name.direction, Direction::Answer);
    assert_eq!(written[0].name.from, NodeId(1));
    round(&mut world, &stick).await;
    world.register(0, 1).await;
    let node = world.carrier(&world.nodes[0]).await;
    let name = export(&node, &stick).await.written[0].name;
    assert_eq!((name.direction, name.to), (Direction::News, NodeId(1)));
    let seen = hub.inspect(&stick).expect("a look").bundles;
    let seen = seen.iter().find(|seen| seen.name == Some(name));
    let content = seen.and_then(|seen| seen.content.as_ref());
    let manifest = &content.expect("sealed to the hub").manifest;
    let lanes: Vec<_> = manifest
        .ranges
        .iter()
        .map(|range| range.chain.scope.lane())
        .collect();
    assert!(lanes.len() > 1 && lanes.is_sorted(), "{lanes:?}");
    let own: Vec<_> = heads(&world.nodes[0]).await;
    let open: u32 = own
        .iter()
        .filter(|head| head.chain.origin == name.from)
        .map(|head| head.seq.0 - head.receipted.0)
        .sum();
    let entries: u32 = manifest
        .ranges
        .iter()
        .map(|range| range.to.0 - range.from.0 + 1)
        .sum();
    assert_eq!(entries, open);
}

/// A device that was set back to an older state finds its own later bundles: it says so, counts on
/// behind them and removes none.
#[tokio::test]
async fn a_device_that_was_set_back_hears_it_from_its_stick() {
    let mut world = World::new(1).await;
    let stick = world.stick();
    round(&mut world, &stick).await;
    world.register(0, 1).await;
    let node = world.carrier(&world.nodes[0]).await;
    let first = export(&node, &stick).await.written[0].name;
    let later = sync_core::bundle::BundleName {
        number: first.number + 40,
        ..first
    };
    let bytes = files(&world.stick_folder());
    let path = world.stick_folder().join(first.to_string());
    let (_, bytes) = bytes
        .iter()
        .find(|(below, _)| path.ends_with(below))
        .expect("the bundle");
    stick.write(&later, bytes).expect("written");
    let report = export(&node, &stick).await;
    assert!(report.was_set_back);
    assert_eq!(report.replaced, 0);
    assert_eq!(report.written[0].name.number, later.number + 1);
    assert!(report.to_string().contains("set back"));
    let of = |store: &SqliteStore| store.clone();
    let hub = world.carrier(&of(&world.hub)).await;
    let report = import(&hub, &stick).await;
    // A bundle under another name than its own is not taken.
    let renamed = report.files.iter().find(|file| file.name == later);
    assert!(matches!(
        renamed.map(|file| &file.fate),
        Some(Fate::Refused(_))
    ));
}
