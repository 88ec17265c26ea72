//! The week without a line: the tour comes true by the program itself, and tells the truth where it
//! cannot.

use node::roles::demo::gap::{self, Mishap};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::play;

/// Price of an SMS in the tour.
const PRICE: u64 = 50;

fn take(evidence: &mut Value, name: &str) -> u64 {
    let number = evidence.as_object_mut().and_then(|all| all.remove(name));
    number
        .and_then(|number| number.as_u64())
        .expect("a number of this name")
}

#[tokio::test]
async fn a_week_without_a_line_comes_true() {
    let (mut evidence, tale) = play("gap").await;
    let up = take(&mut evidence, "sms_to_office");
    let down = take(&mut evidence, "sms_to_village");
    let cost = take(&mut evidence, "sms_cost");
    let promised = json!({
        "registered": 8, "held": 8, "carried": 8, "accepted": 8, "registrations_at_hub": 8,
        "records_at_registry": 8, "write_calls_at_registry": 8, "boards_equal_to_hub": 4,
        "boards_with_list": 4, "defects": 0, "bundles_on_stick": 6, "sms_lost": 1,
        "sms_miscounted": 0, "confirmed_by_sms": 8,
    });
    assert_eq!(evidence, promised);
    assert!(up > 5 && down > 5 && cost == PRICE * (up + down), "{tale}");
    check_tale(&tale);
}

/// What a visitor must see: who, what lies on the stick, how each status rises.
fn check_tale(tale: &str) {
    let count = |text: &str| tale.lines().filter(|line| line.contains(text)).count();
    assert_eq!(count("| Registered: held here"), 8, "{tale}");
    let of = |board: &str, status: &str| {
        let ends = format!(" {status}");
        let rows = tale.lines().filter(|line| line.trim().starts_with(board));
        rows.filter(|line| line.contains(&ends)).count()
    };
    // Five tables, two families a board.
    assert_eq!((of("Kibo ", "held"), of("Kibo ", "carried")), (6, 2));
    assert_eq!((of("Lira ", "held"), of("Lira ", "carried")), (8, 0));
    assert_eq!((of("Tororo ", "held"), of("Tororo ", "carried")), (2, 2));
    assert_eq!((of("Kibo ", "accepted"), of("Lira ", "accepted")), (2, 2));
    assert_eq!(of("Tororo ", "accepted"), 6);
    assert_eq!(count("nothing taken: the file is damaged"), 1, "{tale}");
    assert!(count(": the list of closed boards, ") >= 3, "{tale}");
    assert!(
        count(" receipts, ") >= 9 && count(", 3 receipts") >= 3,
        "{tale}"
    );
    assert_eq!(count("The network lost 1 of its SMS"), 1, "{tale}");
    assert_eq!(count("The signed list of closed boards is in Tororo"), 1);
    for worker in 0..4 {
        let told = format!("SMS at +25677000001{worker}: 2 accepted, 0 rejected");
        assert_eq!(count(&told), 1, "{tale}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_courier_who_does_not_come_and_a_family_typed_twice_are_told_and_fail_the_tour() {
    let folder = TempDir::new().expect("a folder");
    let mut tale = Vec::new();
    let mishaps = [
        Mishap::StickPulled,
        Mishap::LastTripMissed,
        Mishap::RegisteredTwice,
    ];
    let played = gap::play(folder.path(), &mishaps, &mut tale).await;
    let evidence = played.expect("the days are played");
    let tale = String::from_utf8(tale).expect("text");
    assert!(!evidence.is_complete(), "{tale}");
    // Lira's two lie on a board and on half a file; of the others nothing is missing.
    assert_eq!((evidence.registered, evidence.held), (9, 9), "{tale}");
    assert_eq!((evidence.carried, evidence.accepted), (7, 2), "{tale}");
    assert_eq!(evidence.registrations_at_hub, 7, "{tale}");
    assert_eq!(evidence.boards_equal_to_hub, 3, "{tale}");
    assert_eq!(evidence.boards_with_list, 3, "{tale}");
    assert_eq!((evidence.sms_lost, evidence.sms_miscounted), (0, 0));
    assert_eq!(evidence.defects, 0);
    // Who plays it again in the same folder is told so.
    let again = gap::play(folder.path(), &mishaps, &mut Vec::new()).await;
    assert!(again.is_err_and(|error| error.to_string().contains("--data")));
}
