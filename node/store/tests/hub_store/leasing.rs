//! Effects of any store: leased to one, unknown when a lease lapses, settled by the peer's word once.

use node_core::turn::{Claim, EffectOutcome};

use crate::subject::Subject;

fn id(claim: &Claim) -> String {
    match claim {
        Claim::Effect { request_id, .. } => request_id.clone(),
        other => panic!("not an effect: {other:?}"),
    }
}

fn attempt(claim: &Claim) -> u32 {
    match claim {
        Claim::Effect { attempt, .. } => *attempt,
        other => panic!("not an effect: {other:?}"),
    }
}

fn accepted(registry_id: &str) -> EffectOutcome {
    EffectOutcome::Accepted {
        registry_id: registry_id.to_owned(),
    }
}

fn rejected() -> EffectOutcome {
    EffectOutcome::Rejected {
        code: "400".to_owned(),
        field: None,
        reason: "schema".to_owned(),
    }
}

/// Three effects that wait.
async fn three<S: Subject>(subject: &S) {
    let (_, frame) = subject.three().await;
    subject.offer(frame).await;
    subject.plan().await;
    let states = subject.states().await;
    assert_eq!(states.iter().map(|row| row.1).collect::<Vec<_>>(), [0; 3]);
}

/// State number of one effect.
async fn state<S: Subject>(subject: &S, request_id: &str) -> i64 {
    let states = subject.states().await;
    states
        .into_iter()
        .find(|row| row.0 == request_id)
        .unwrap()
        .1
}

fn ids(claims: &[Claim]) -> Vec<String> {
    claims.iter().map(id).collect()
}

pub(crate) async fn check_a_lease_and_its_lapse<S: Subject>(subject: &S) {
    three(subject).await;
    let first = ids(&subject.claim(1, 130).await);
    let others = ids(&subject.claim(100, 130).await);
    assert_eq!((first.len(), others.len()), (1, 2));
    assert!(!others.contains(&first[0]));
    assert_eq!(subject.claim(100, 131).await, []);
    // Nobody said what became of them: unknown, and the same ids go again.
    let again = subject.claim(100, 191).await;
    let mut all = [first.clone(), others].concat();
    let mut same = ids(&again);
    all.sort();
    same.sort();
    assert_eq!(same, all);
    assert_eq!(again.iter().map(attempt).collect::<Vec<_>>(), [2; 3]);
    goes_again_with_its_id(subject, &first[0]).await;
}

async fn goes_again_with_its_id<S: Subject>(subject: &S, one: &str) {
    subject.finish(one, EffectOutcome::Unknown, 192).await;
    assert_eq!(state(subject, one).await, 2);
    assert_eq!(ids(&subject.claim(100, 240).await), [one]);
    let later = EffectOutcome::TryLater { after_s: 60 };
    subject.finish(one, later, 241).await;
    assert_eq!(subject.claim(100, 245).await, []);
    let due = ids(&subject.claim(100, 10_000).await);
    assert!(due.iter().any(|id| id == one));
}

pub(crate) async fn check_repeated_reports<S: Subject>(subject: &S) {
    three(subject).await;
    let one = id(&subject.claim(1, 130).await[0]);
    let before = (subject.rows().await, subject.heads().await);
    subject.finish(&one, accepted("r1"), 131).await;
    let after = (subject.rows().await, subject.heads().await);
    assert_ne!(before, after, "the peer's word is written down");
    report_again(subject, &one).await;
    assert_eq!((subject.rows().await, subject.heads().await), after);
}

async fn report_again<S: Subject>(subject: &S, one: &str) {
    for outcome in [
        accepted("r1"),
        accepted("r2"),
        rejected(),
        EffectOutcome::Unknown,
        EffectOutcome::TryLater { after_s: 1 },
    ] {
        subject.finish(one, outcome, 132).await;
    }
    subject.finish("nobody-knows", accepted("r3"), 133).await;
    assert_eq!(state(subject, one).await, 3);
    let left = ids(&subject.claim(100, 10_000).await);
    assert!(left.len() == 2 && !left.contains(&one.to_owned()));
}

pub(crate) async fn check_a_refusal_is_final<S: Subject>(subject: &S) {
    three(subject).await;
    let claims = subject.claim(1, 130).await;
    let one = id(&claims[0]);
    // The word of the peer counts after the lease as well.
    subject.finish(&one, rejected(), 400).await;
    subject.finish(&one, accepted("late"), 401).await;
    assert_eq!(state(subject, &one).await, 4);
    let left = subject.claim(100, 10_000).await;
    assert!(left.iter().all(|claim| id(claim) != one));
}
