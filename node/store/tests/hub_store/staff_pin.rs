//! The staff PIN on a store: first chosen behind a code, tries charged before the hash, clocks that
//! jump, roles and PINs that end in the middle of a call, two people on one phone, texts.
//!
//! The hash here is a cheap one in place of Argon2id, as in `pin`.

use channels_core::{Address, Msisdn, UssdOp};
use node_core::command::Command;
use node_core::contact::{BearerLimits, Contact, ContactAnswer, Moment};
use node_core::pin::{Pin, WAIT_S};
use node_core::query::{Answer, Query};
use node_core::role::{CodeOrder, RoleEnd, RoleGrant};
use node_core::turn::{Acceptance, Claim, Committed, Turn};
use node_store::{Accepting, HubStore, SqliteStore, StoreConfig};
use sync_core::{ClockQuality, Lane, NodeId, Seq};
use tempfile::TempDir;

use crate::pin::{does, done_at, told};
use crate::world::{
    AREA, WORKER_A, WORKER_B, administrator, at, claim_messages, command, config, frames, frontier,
    grant, link, pair, programmes, sqlite, sync, worker,
};

const CODE: &str = "48291736";
const OWN: &str = "491507";
const OTHER: &str = "837264";
const HOUR_S: i64 = 3_600;
const PIN_ASKED: &str = "Your staff PIN?";
const CODE_ASKED: &str = "The one-time code from your office (8 digits)?";
const CHOICE_ASKED: &str = "Choose a staff PIN";
const MENU: &str = "Mother and child";

/// A hub and a node that asks for staff PINs.
struct Site {
    folder: TempDir,
    hub: SqliteStore,
    a: SqliteStore,
}

fn open(folder: &TempDir) -> SqliteStore {
    let config = StoreConfig {
        staff_pin_hours: 24,
        ..config(&programmes(), folder.path(), "kibo")
    };
    SqliteStore::open(config).unwrap()
}

async fn site() -> Site {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let hub = world.hub;
    drop((world.a, world.b));
    let a = open(&folder);
    Site { folder, hub, a }
}

impl Site {
    /// The power goes, and the node starts again.
    fn restarted(self) -> Self {
        let Self { folder, hub, a } = self;
        drop(a);
        let a = open(&folder);
        Self { folder, hub, a }
    }

    async fn gives(&self, index: u32, code: &str, second: i64) {
        let order = CodeOrder {
            scope: AREA,
            index,
            code: Pin::code(code).unwrap(),
            not_after: at(30 * 24 * HOUR_S).at,
        };
        let give = Command::GiveStaffCode(order);
        does(&self.hub, &administrator(), give, second)
            .await
            .unwrap();
        sync(&self.a, &self.hub, second).await;
    }

    /// Types one step of a call.
    async fn types(
        &self,
        number: &str,
        (call, step): (&str, u32),
        text: &str,
        now: Moment,
    ) -> String {
        let op = if step == 0 {
            UssdOp::Begin
        } else {
            UssdOp::Continue
        };
        match done_at(&self.a, contact(number, (call, step), op, text), now)
            .await
            .0
        {
            Committed::Contact(ContactAnswer::Screen { text, .. }) => text,
            other => panic!("no screen: {other:?}"),
        }
    }

    /// A call in which these keys are pressed; its last screen.
    async fn call(&self, number: &str, keys: &[&str], second: i64) -> String {
        let call = format!("{second}");
        let mut screen = self.types(number, (&call, 0), "", at(second)).await;
        for (step, key) in (1_u32..).zip(keys) {
            screen = self.types(number, (&call, step), key, at(second)).await;
        }
        screen
    }

    /// With a PIN that was chosen at this second.
    async fn with_pin(second: i64) -> Self {
        let site = site().await;
        site.gives(1, CODE, second).await;
        let menu = site.call(WORKER_A, &[CODE, OWN], second).await;
        assert!(menu.starts_with(MENU), "{menu}");
        site
    }
}

fn contact(number: &str, (call, step): (&str, u32), op: UssdOp, text: &str) -> Turn {
    Turn::Contact(Contact::Ussd {
        link: link(),
        session: call.to_owned(),
        from: Msisdn::parse(number).unwrap(),
        code: String::new(),
        op,
        text: text.to_owned(),
        step: Some(step.to_string()),
        screen_taken: true,
        limits: BearerLimits {
            gsm7: 182,
            ucs2: 80,
        },
    })
}

#[tokio::test]
async fn a_thief_of_a_fresh_phone_sets_no_pin_and_sees_nothing() {
    let site = site().await;
    let shut = site.call(WORKER_A, &[], 10).await;
    assert!(shut.starts_with("No staff PIN is set here"), "{shut}");
    for command in [Command::ShowMyWork, Command::ShowTasks, pair(1)] {
        let said = told(&site.a, &worker(WORKER_A, 1), command, 11).await;
        assert_eq!(said, "reject-staff-pin");
    }
    let set = Command::SetPin {
        pin: Pin::parse(OWN).unwrap(),
        hint: None,
        short: false,
    };
    let said = told(&site.a, &worker(WORKER_A, 1), set, 12).await;
    assert_eq!(said, "reject-staff-pin");
    let citizen = site.call("+254799000001", &[], 13).await;
    assert!(!citizen.contains("staff"), "{citizen}");
    // With the code, and the choice cut short: the code stays good, the next call asks for it.
    site.gives(1, CODE, 20).await;
    assert_eq!(site.call(WORKER_A, &[], 30).await, CODE_ASKED);
    let choice = site.call(WORKER_A, &[CODE], 31).await;
    assert!(choice.starts_with(CHOICE_ASKED), "{choice}");
    assert_eq!(site.call(WORKER_A, &[], 40).await, CODE_ASKED);
    let menu = site.call(WORKER_A, &["4829 1736", OWN], 50).await;
    assert!(menu.starts_with(MENU), "{menu}");
    assert_eq!(
        told(&site.a, &worker(WORKER_A, 1), pair(1), 51).await,
        "done"
    );
    // The code was for one use, and neither is anywhere in clear.
    let again = Command::ProveStaffCode {
        code: Pin::code(CODE).unwrap(),
    };
    let said = told(&site.a, &worker(WORKER_A, 1), again, 52).await;
    assert_eq!(said, "staff-code-none");
    let texts = claim_messages(&site.a, 60).await;
    let tells =
        |claim: &Claim| matches!(claim, Claim::Message { text, .. } if text.0.contains(OWN));
    assert!(!texts.iter().any(tells));
    assert!(site.a.check(true).unwrap().is_sound());
}

#[tokio::test]
async fn a_choice_left_alone_for_a_minute_asks_for_the_code_again() {
    let site = site().await;
    site.gives(1, CODE, 20).await;
    site.types(WORKER_A, ("one", 0), "", at(30)).await;
    let choice = site.types(WORKER_A, ("one", 1), CODE, at(31)).await;
    assert!(choice.starts_with(CHOICE_ASKED), "{choice}");
    let late = site.types(WORKER_A, ("one", 2), OWN, at(92)).await;
    assert_eq!(late, CODE_ASKED, "somebody else may hold the phone");
    site.types(WORKER_A, ("two", 0), "", at(100)).await;
    site.types(WORKER_A, ("two", 1), CODE, at(101)).await;
    let soon = site.types(WORKER_A, ("two", 2), OWN, at(160)).await;
    assert!(soon.starts_with(MENU), "the control: {soon}");
}

#[tokio::test]
async fn a_power_cut_between_the_charge_and_the_hash_gives_no_try_back() {
    let mut site = Site::with_pin(100).await;
    let day = 25 * HOUR_S;
    for cut in 0..3 {
        let call = format!("cut {cut}");
        let screen = site.types(WORKER_A, (&call, 0), "", at(day)).await;
        assert_eq!(screen, PIN_ASKED);
        let turn = contact(WORKER_A, (&call, 1), UssdOp::Continue, OTHER);
        let stopped = site.a.commit(turn, at(day)).await.unwrap();
        assert!(matches!(stopped, Committed::Stretch(_)), "{stopped:?}");
        site = site.restarted();
    }
    let wait = site.call(WORKER_A, &[], day + 1).await;
    assert!(wait.starts_with("Too many wrong PINs"), "{wait}");
    let right = site.call(WORKER_A, &[OWN], day + WAIT_S).await;
    assert!(right.starts_with(MENU), "{right}");
    // The control: a right PIN gave the tries back, so three more wait only an hour.
    let wrong = site.call(WORKER_A, &[], day + WAIT_S + 1).await;
    assert!(wrong.starts_with(MENU), "open for a day: {wrong}");
}

#[tokio::test]
async fn six_wrong_in_all_wait_for_a_new_code_from_the_hub() {
    let site = Site::with_pin(100).await;
    for round in 0..2 {
        let second = (25 + 2 * round) * HOUR_S;
        let wrong = site.call(WORKER_A, &[OTHER, OTHER, OTHER], second).await;
        assert!(wrong.starts_with("That PIN is not right"), "{wrong}");
    }
    let locked = site.call(WORKER_A, &[], 900 * HOUR_S).await;
    assert!(locked.starts_with("This PIN is locked"), "{locked}");
    let open = Command::OpenStaff {
        pin: Pin::parse(OWN).unwrap(),
    };
    let said = told(&site.a, &worker(WORKER_A, 1), open, 900 * HOUR_S).await;
    assert_eq!(said, "staff-pin-locked", "the right one, too");
    let site = Site::with_pin(100).await;
    site.gives(1, "83920174", 200).await;
    let old = site.call(WORKER_A, &[CODE], 300).await;
    assert!(old.starts_with("That code is not right"), "{old}");
    let anew = site.call(WORKER_A, &["83920174", OTHER], 301).await;
    assert!(anew.starts_with(MENU), "{anew}");
}

#[tokio::test]
async fn a_clock_that_jumps_opens_nothing() {
    let site = Site::with_pin(2 * HOUR_S).await;
    let menu = site.call(WORKER_A, &[], 3 * HOUR_S).await;
    assert!(menu.starts_with(MENU), "the control: {menu}");
    // Back before its last use, and back before the PIN.
    let first = site.call(WORKER_A, &[], 3 * HOUR_S - 600).await;
    assert_eq!(first, PIN_ASKED);
    let again = site.call(WORKER_A, &[OWN], 3 * HOUR_S - 599).await;
    assert!(again.starts_with(MENU), "{again}");
    assert_eq!(site.call(WORKER_A, &[], HOUR_S).await, PIN_ASKED);
    // A day later it is over, and stays so when the clock goes back into the day.
    site.call(WORKER_A, &[OWN], HOUR_S + 1).await;
    assert_eq!(site.call(WORKER_A, &[], 26 * HOUR_S).await, PIN_ASKED);
    assert_eq!(site.call(WORKER_A, &[], 5 * HOUR_S).await, PIN_ASKED);
    let late = 5 * HOUR_S + 1;
    let refused = told(&site.a, &worker(WORKER_A, 1), Command::ShowMyWork, late).await;
    assert_eq!(refused, "reject-staff-pin");
    // A clock that nobody trusts counts as any other.
    let unknown = |second| Moment {
        quality: ClockQuality::Unknown,
        ..at(second)
    };
    let ask = site
        .types(WORKER_A, ("u", 0), "", unknown(6 * HOUR_S))
        .await;
    assert_eq!(ask, PIN_ASKED);
    let menu = site
        .types(WORKER_A, ("u", 1), OWN, unknown(6 * HOUR_S))
        .await;
    assert!(menu.starts_with(MENU), "{menu}");
}

#[tokio::test]
async fn what_was_left_unfinished_comes_behind_the_pin_in_the_same_call() {
    let site = Site::with_pin(100).await;
    let asked = site.call(WORKER_A, &["1", "Achieng"], 20 * HOUR_S).await;
    assert!(asked.starts_with("Mother's family name?"), "{asked}");
    let second = 25 * HOUR_S;
    let hidden = site.call(WORKER_A, &[OTHER], second).await;
    assert!(!hidden.contains("Achieng") && !hidden.contains("family"));
    let offered = site.call(WORKER_A, &[OWN], second + 1).await;
    assert!(
        offered.starts_with("Continue where you stopped?"),
        "{offered}"
    );
    // The PIN's hours end in the middle of a call: the next key is not taken, the PIN is asked.
    let late = second + 24 * HOUR_S;
    let screen = site.types(WORKER_A, ("mid", 0), "", at(late - 5)).await;
    assert!(screen.starts_with("Continue"), "{screen}");
    let name = site.types(WORKER_A, ("mid", 1), "1", at(late - 4)).await;
    assert!(name.starts_with("Mother's family name?"), "{name}");
    let ask = site
        .types(WORKER_A, ("mid", 2), "Nyambura", at(late + 1))
        .await;
    assert_eq!(ask, PIN_ASKED);
    let offered = site.types(WORKER_A, ("mid", 3), OWN, at(late + 2)).await;
    assert!(offered.starts_with("Continue"), "{offered}");
    let name = site.types(WORKER_A, ("mid", 4), "1", at(late + 3)).await;
    assert!(name.starts_with("Mother's family name?"), "{name}");
}

async fn ends(site: &Site, index: u32, second: i64) {
    let end = RoleEnd {
        scope: AREA,
        index,
        at: at(second).at,
        reason: "lost phone".to_owned(),
        hub: NodeId(0),
        signature: [0; 64],
    };
    let ended = Command::RevokeRole(end);
    command(&site.hub, &administrator(), ended, second)
        .await
        .unwrap();
    sync(&site.a, &site.hub, second).await;
}

#[tokio::test]
async fn a_role_taken_back_a_new_phone_and_a_new_code_end_an_opening_at_once() {
    let site = Site::with_pin(100).await;
    let menu = site.types(WORKER_A, ("role", 0), "", at(200)).await;
    assert!(menu.starts_with(MENU), "the control: {menu}");
    // A new code, as for a stolen phone: the call in the middle of which it arrives asks for it.
    site.gives(1, "83920174", 201).await;
    let asked = site.types(WORKER_A, ("role", 1), "1", at(202)).await;
    assert_eq!(asked, CODE_ASKED);
    site.call(WORKER_A, &["83920174", OWN], 210).await;
    let menu = site.types(WORKER_A, ("end", 0), "", at(220)).await;
    assert!(menu.starts_with(MENU), "{menu}");
    ends(&site, 1, 221).await;
    let after = site.types(WORKER_A, ("end", 1), "1", at(222)).await;
    let citizen = site.call("+254799000001", &[], 223).await;
    assert_eq!(after, citizen, "whoever holds it is nobody now");
    // Her new phone is another place of the list: no PIN, no opening, a code of its own.
    let phone = "+254700000033";
    let anew = Command::GrantRole(grant(phone));
    command(&site.hub, &administrator(), anew, 230)
        .await
        .unwrap();
    sync(&site.a, &site.hub, 231).await;
    let shut = site.call(phone, &[], 240).await;
    assert!(shut.starts_with("No staff PIN is set here"), "{shut}");
    // The role given again to the old number does not bring the old PIN back.
    let again = Command::GrantRole(grant(WORKER_A));
    command(&site.hub, &administrator(), again, 250)
        .await
        .unwrap();
    sync(&site.a, &site.hub, 251).await;
    let shut = site.call(WORKER_A, &[], 260).await;
    assert!(shut.starts_with("No staff PIN is set here"), "{shut}");
}

#[tokio::test]
async fn two_people_on_one_staff_phone_have_each_a_pin_of_their_own() {
    let site = Site::with_pin(100).await;
    let second = RoleGrant {
        name: "Juma Otieno".to_owned(),
        not_after: "2028-01-01T00:00:00Z".parse().unwrap(),
        ..grant(WORKER_A)
    };
    let give = Command::GrantRole(second);
    let granted = command(&site.hub, &administrator(), give, 150).await;
    let index: u32 = granted.unwrap().values["index"].parse().unwrap();
    sync(&site.a, &site.hub, 151).await;
    let other = worker(WORKER_A, index);
    let hers = told(&site.a, &worker(WORKER_A, 1), Command::ShowMyWork, 200).await;
    assert_eq!(hers, "done", "the control");
    let his = told(&site.a, &other, Command::ShowMyWork, 200).await;
    assert_eq!(his, "reject-staff-pin", "her PIN opens her place only");
    let open = Command::OpenStaff {
        pin: Pin::parse(OWN).unwrap(),
    };
    assert_eq!(told(&site.a, &other, open, 201).await, "staff-code-none");
    site.gives(index, "83920174", 210).await;
    let still = told(&site.a, &worker(WORKER_A, 1), Command::ShowMyWork, 220).await;
    assert_eq!(still, "done", "his code ends nothing of hers");
    // What one of them left unfinished is offered to neither.
    site.call(WORKER_A, &["1", "Achieng"], 300).await;
    let menu = site.call(WORKER_A, &[], 301).await;
    assert!(menu.starts_with(MENU), "{menu}");
}

#[tokio::test]
async fn texts_of_staff_wait_for_the_pin_and_one_word_replies_do_not() {
    let site = site().await;
    site.gives(1, CODE, 10).await;
    let sms = async |text: &str, second: i64| {
        let contact = Contact::Sms {
            link: link(),
            from: Address::parse(WORKER_A).unwrap(),
            text: text.to_owned(),
            sent: Some(at(second).at),
        };
        let committed = done_at(&site.a, Turn::Contact(contact), at(second)).await.0;
        assert_eq!(committed, Committed::Contact(ContactAnswer::Done));
        let mut texts = claim_messages(&site.a, second).await;
        match texts.pop() {
            Some(Claim::Message { text, .. }) => text.0,
            other => panic!("no answer: {other:?}"),
        }
    };
    let neutral = "This opens with your staff PIN. Please dial the service code.";
    assert_eq!(sms("MENU", 20).await, neutral);
    let stop = sms("STOP", 30).await;
    assert!(stop.starts_with("You get no more"), "{stop}");
    assert!(!sms("START", 35).await.contains("staff PIN"));
    let reply = sms("417 1", 40).await;
    assert!(reply.contains("417"), "an answer about the review: {reply}");
    assert_eq!(sms("SLIP 7294058630", 50).await, neutral);
    site.call(WORKER_A, &[CODE, OWN], 60).await;
    let menu = sms("MENU", 70).await;
    assert!(menu.starts_with(MENU), "{menu}");
}

#[tokio::test]
async fn a_code_that_its_hub_did_not_sign_is_refused() {
    let site = site().await;
    site.gives(1, CODE, 10).await;
    let control = AREA.with_lane(Lane::Control);
    let head = frontier(&site.hub)
        .await
        .into_iter()
        .find(|head| head.chain.scope == control && head.chain.origin == NodeId(1))
        .unwrap();
    let mut frame = frames(&site.hub, head.chain, Seq(0)).await.remove(0);
    let last = frame.len() - 1;
    frame[last] ^= 1;
    let forged = site.a.accept(frame, at(20)).await.unwrap();
    assert!(matches!(forged, Acceptance::Refused { .. }), "{forged:?}");
    // A node gives none: it is no hub, and a clerk of the hub is no administrator.
    let order = CodeOrder {
        scope: AREA,
        index: 2,
        code: Pin::code(CODE).unwrap(),
        not_after: at(HOUR_S).at,
    };
    let give = Command::GiveStaffCode(order.clone());
    let said = told(&site.a, &administrator(), give.clone(), 30).await;
    assert_eq!(said, "reject-not-allowed");
    let said = told(&site.hub, &worker(WORKER_B, 2), give.clone(), 31).await;
    assert_eq!(said, "reject-not-allowed");
    assert_eq!(told(&site.hub, &administrator(), give, 32).await, "done");
    let nobody = Command::GiveStaffCode(CodeOrder { index: 9, ..order });
    let said = told(&site.hub, &administrator(), nobody, 33).await;
    assert_eq!(said, "reject-no-role");
    let Answer::Staff(staff) = site.hub.query(Query::Staff { scope: AREA }).await.unwrap() else {
        panic!("no staff");
    };
    assert_eq!(staff.len(), 2);
}

#[tokio::test]
async fn a_day_of_calls_costs_one_hash() {
    let site = Site::with_pin(100).await;
    let mut hashes = Vec::new();
    for day in 1..=3 {
        let mut cost = 0;
        for call in 0..20 {
            let second = day * 25 * HOUR_S + call * HOUR_S;
            let call = format!("day {day}, call {call}");
            let begin = contact(WORKER_A, (&call, 0), UssdOp::Begin, "");
            let (committed, none) = done_at(&site.a, begin, at(second)).await;
            assert!(none.is_empty(), "dialling costs nothing");
            let Committed::Contact(ContactAnswer::Screen { text, .. }) = committed else {
                panic!("no screen");
            };
            let key = if text == PIN_ASKED { OWN } else { "2" };
            let next = contact(WORKER_A, (&call, 1), UssdOp::Continue, key);
            cost += done_at(&site.a, next, at(second)).await.1.len();
        }
        hashes.push(cost);
    }
    assert_eq!(hashes, [1, 1, 1]);
}
