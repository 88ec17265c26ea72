//! SY18: what a stranger sends changes nothing, costs no reply and is not remembered.

use proptest::prelude::*;

use super::faults::CALM;
use super::*;

/// Link and purse as persisted, and when the machine wakes.
type State = (Vec<u8>, Vec<u8>, Option<Timestamp>);

/// A hub in the middle of a run: two parts of three came, one order is in flight.
struct Scene {
    hub: End,
    now: Timestamp,
    /// Everything that the node sent so far.
    sent: Vec<Vec<u8>>,
}

impl Scene {
    fn new() -> Self {
        let mut world = World::new(5, CALM, Fault::Nothing, Carrier::Binary);
        world.add(0, Lane::Registration, 3 * PART_OCTETS_MAX);
        world.add(0, Lane::Money, 90);
        world.add(1, Lane::Control, 150);
        (0..2).for_each(|end| world.offer(end));
        for _ in 0..5 {
            world.now = world.after(6);
            (0..2).for_each(|end| assert!(world.step(end, Input::Timeout)));
        }
        let mut sent: Vec<Vec<u8>> = Vec::new();
        for flying in world.air.extract_if(.., |it| it.to == 1) {
            sent.push(flying.octets);
        }
        // The last part is kept back, so that the run stays open.
        let last = sent.pop().unwrap();
        for octets in &sent {
            let to = 1;
            world.land(&Flying {
                at: world.now,
                to,
                octets: octets.clone(),
            });
        }
        world.now = world.after(6);
        while world.ends[1].link.deadline(&world.ends[1].purse) <= Some(world.now) {
            assert!(world.step(1, Input::Timeout));
            world.now = world.after(6);
        }
        sent.push(last);
        let [_, hub] = world.ends;
        Self {
            hub,
            now: world.now,
            sent,
        }
    }

    /// Lets a datagram arrive; what the hub does about it.
    fn arrive(&mut self, octets: &[u8]) -> Vec<Action> {
        let keys = self.hub.link.keys().clone();
        let candidate = Candidate {
            by_number: true,
            ends: ends(7),
            keys: &keys,
        };
        match find(octets, Direction::ToHub, &[candidate]) {
            None => Vec::new(),
            Some(found) => {
                let (link, purse) = (&mut self.hub.link, &mut self.hub.purse);
                link.handle(self.now, purse, Input::Received(found.opened))
            }
        }
    }

    /// What would be persisted, and when the machine wakes.
    fn state(&self) -> State {
        let End { link, purse, .. } = &self.hub;
        (link.state(), purse.state(), link.deadline(purse))
    }

    fn check_unmoved(&mut self, octets: &[u8]) {
        let before = self.state();
        assert!(self.arrive(octets).is_empty());
        assert!(self.state() == before);
    }
}

#[test]
fn ten_thousand_mutated_sms_change_nothing_and_are_not_answered() {
    let mut scene = Scene::new();
    let before = scene.state();
    let mut dice = Dice(18);
    for number in 0..10_000 {
        let at = usize::try_from(dice.below(u64::try_from(scene.sent.len()).unwrap())).unwrap();
        let mut octets = scene.sent[at].clone();
        for _ in 0..=dice.below(3) {
            let place = usize::try_from(dice.below(u64::try_from(octets.len()).unwrap())).unwrap();
            match dice.below(4) {
                0 => octets[place] ^= 1 << dice.below(8),
                1 => octets.truncate(place.max(1)),
                2 => octets.insert(place, dice.number().to_le_bytes()[0]),
                _ => octets[place] = octets[place].wrapping_add(1),
            }
        }
        if scene.sent.contains(&octets) {
            continue;
        }
        assert!(scene.arrive(&octets).is_empty(), "mutation {number}");
    }
    assert!(scene.state() == before);
}

#[test]
fn replayed_and_reflected_sms_change_nothing_and_are_not_answered() {
    let mut scene = Scene::new();
    let (last, taken) = scene
        .sent
        .split_last()
        .map(|(l, t)| (l.clone(), t.to_vec()))
        .unwrap();
    for octets in &taken {
        scene.check_unmoved(octets);
    }
    let key = ring(1).newest().1.link_key(&ends(7), Direction::ToNode);
    for kind in Kind::ALL {
        scene.check_unmoved(&seal(&key, &head(kind, 9_000), &[1; 40]).unwrap());
    }
    // The control: the part that was kept back is taken, once.
    assert!(
        scene
            .arrive(&last)
            .iter()
            .any(|it| matches!(it, Action::Deliver(_)))
    );
    scene.check_unmoved(&last);
}

#[test]
fn hostile_content_under_the_right_key_neither_panics_nor_grows() {
    let mut scene = Scene::new();
    let key = ring(1).newest().1.link_key(&ends(7), Direction::ToHub);
    let mut dice = Dice(7);
    for counter in 20_000..26_000 {
        let kind = *[Kind::Data, Kind::Ack, Kind::Query, Kind::ControlPart]
            .get(usize::try_from(dice.below(4)).unwrap())
            .unwrap();
        let octets = dice.below(108);
        let mut content: Vec<u8> = (0..octets)
            .map(|_| dice.number().to_le_bytes()[0])
            .collect();
        if kind == Kind::Data && content.len() > 2 {
            content[0] %= 64;
            content[1] = 64;
        }
        let sealed = seal(&key, &head(kind, counter), &content).unwrap();
        let actions = scene.arrive(&sealed);
        assert!(
            actions
                .iter()
                .filter(|it| matches!(it, Action::Send(_)))
                .count()
                <= 1
        );
        scene.now += SignedDuration::from_secs(1);
    }
    let octets = scene.state().0.len();
    assert!(octets < 100_000, "{octets} octets of state");
}

proptest! {
    #[test]
    fn sy18_no_change_of_an_sms_is_taken(
        which in 0_usize..6, place in 0_usize..133, change in 1_u8.., cut in any::<bool>(),
    ) {
        let mut scene = Scene::new();
        let mut octets = scene.sent[which % scene.sent.len()].clone();
        let place = place % octets.len();
        if cut {
            octets.truncate(place);
        } else {
            octets[place] ^= change;
        }
        scene.check_unmoved(&octets);
    }
}
