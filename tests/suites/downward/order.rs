//! What arrives in another order than it was written ends the same (SYNC SY11, field failure 9).

use super::*;

/// The registry's answer may come before the registration, over another road (decision 0072).
#[tokio::test]
async fn an_answer_that_comes_first_waits_for_its_registration() {
    let mut world = World::new(2).await;
    everybody_meets(&mut world).await;
    world.register(0, 0).await;
    let met = contact(&world.nodes[0], &world.hub, world.clock()).await;
    assert_eq!(met, Finish::Done);
    the_registry_answers(&world).await;
    let (of_node, registration) = passed_on(&world, 0).await;
    let of_hub = ChainId {
        origin: own(&world.hub).await.node,
        epoch: own(&world.hub).await.epoch,
        ..of_node
    };
    let reader = &world.nodes[1];
    let held = heads(reader).await;
    let held = held.iter().find(|head| head.chain == of_hub);
    let after = held.map_or(Seq(0), |head| head.seq);
    let answer = frames_of(&world.hub, (of_hub, after)).await;
    for frame in answer.iter().chain(&registration) {
        let taken = reader.accept(frame.clone(), world.clock().now()).await;
        assert!(
            matches!(taken, Ok(Acceptance::Accepted { .. })),
            "{taken:?}"
        );
    }
    let rows = registrations(reader).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].status, Status::Accepted);
    assert!(reader.check(true).expect("a check").is_sound());
}

/// Readers are given the same three edits of one person, each in another order (SYNC SY11).
#[tokio::test]
async fn updates_arriving_3_1_2_end_equal() {
    const ORDERS: [[usize; 3]; 3] = [[0, 1, 2], [2, 0, 1], [2, 1, 0]];
    let world = World::new(2 + ORDERS.len()).await;
    contact(&world.nodes[0], &world.hub, world.clock()).await;
    world.register(0, 0).await;
    for node in &world.nodes {
        let met = contact(node, &world.hub, world.clock()).await;
        assert_eq!(met, Finish::Done);
    }
    let known = heads(&world.nodes[0]).await;
    let mother = registrations(&world.hub).await[0].registration.mother;
    let number = number_of(&world.hub, &mother).await;
    let writers = [&world.nodes[0], &world.nodes[1], &world.hub];
    for (writer, [given, family]) in
        writers
            .into_iter()
            .zip([["Aisha", "Wambui"], ["Asha", "Wambui"], ["Ayesha", "Njeri"]])
    {
        let fields = fields(&[(Field::GivenName, given), (Field::FamilyName, family)]);
        world.update(writer, (&number, fields)).await;
    }
    for node in [0, 1] {
        let met = contact(&world.nodes[node], &world.hub, world.clock()).await;
        assert_eq!(met, Finish::Done);
    }
    let at_hub = heads(&world.hub).await;
    let mut news = Vec::new();
    for writer in [&world.nodes[0], &world.nodes[1], &world.hub] {
        let of = own(writer).await.node;
        let head = at_hub.iter().find(|head| {
            head.chain.origin == of && head.chain.scope == FIRST_AREA.with_lane(Lane::Registration)
        });
        let chain = head.expect("a chain").chain;
        let before = known.iter().find(|head| head.chain == chain);
        let after = before.map_or(Seq(0), |head| head.seq);
        news.push(frames_of(&world.hub, (chain, after)).await);
    }
    let share = Share {
        chains: at_hub
            .iter()
            .filter(|head| head.chain.scope == FIRST_AREA.with_lane(Lane::Registration))
            .map(|head| head.chain)
            .collect(),
    };
    let expected = world.hub.state_hash(&share).expect("a hash");
    let whole = person(&world.hub, &mother).await;
    let apart = BTreeSet::from([Field::GivenName, Field::FamilyName]);
    assert_eq!(whole.edited_apart, apart);
    for (reader, order) in world.nodes[2..].iter().zip(ORDERS) {
        for writer in order {
            for frame in &news[writer] {
                let taken = reader.accept(frame.clone(), world.clock().now()).await;
                assert!(
                    matches!(taken, Ok(Acceptance::Accepted { .. })),
                    "{taken:?}"
                );
            }
        }
        assert_eq!(person(reader, &mother).await, whole, "{order:?}");
        assert_eq!(
            reader.state_hash(&share).expect("a hash"),
            expected,
            "{order:?}"
        );
    }
}
