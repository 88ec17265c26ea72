//! A worker's answer to "same people?".

use super::{outcome, reject, reject_with};
use crate::command::{Decision, Rejection, Write};
use crate::fact::Fact;
use crate::known;
use crate::role::Principal;
use crate::role::right::{Right, may};
use crate::schema;
use crate::view::{Known, Lookup, ReviewRow};

pub(super) fn needs(principal: &Principal, review: Option<u32>, known: &Known) -> Vec<Lookup> {
    let open = Lookup::OpenReviews(principal.scope.area(), principal.author);
    let mut wanted: Vec<Lookup> = review.map(Lookup::Review).into_iter().collect();
    let rows = review.and_then(|number| known::review(known, number));
    let waiting = known::reviews(known, &open).iter().chain(rows);
    wanted.extend(waiting.map(|row| Lookup::Registration(row.registration)));
    wanted.push(open);
    known::missing(known, wanted)
}

pub(super) fn answer(
    principal: &Principal,
    review: Option<u32>,
    same: bool,
    known: &Known,
) -> Result<Decision, Rejection> {
    if !may(principal.role, Right::AnswerReview) || principal.author == 0 {
        return Err(reject("reject-not-allowed"));
    }
    let row = chosen(principal, review, known)?;
    let registration = known::registration(known, row.registration)
        .filter(|found| found.author == (principal.scope.area(), principal.author))
        .ok_or_else(|| reject("reject-not-allowed"))?;
    let told = outcome([
        ("review", row.review.to_string()),
        ("same", same.to_string()),
    ]);
    match row.answer {
        // The same answer once more, or the hub decided like it: nothing to write.
        Some(given) if given == same => Ok(Decision {
            outcome: told,
            ..Decision::default()
        }),
        Some(_) => Err(reject_with(
            "reject-review-unknown",
            "n",
            row.review.to_string(),
        )),
        None => {
            let fact = Fact::ReviewAnswered {
                review: row.review,
                registration: registration.id,
                same,
            };
            let write = Write::Fact {
                scope: registration.id.scope,
                schema: schema::of(&fact),
                about: Some(registration.registration.child),
                fact,
            };
            Ok(Decision {
                writes: vec![write],
                outcome: told,
                ..Decision::default()
            })
        }
    }
}

fn chosen<'a>(
    principal: &Principal,
    review: Option<u32>,
    known: &'a Known,
) -> Result<&'a ReviewRow, Rejection> {
    if let Some(number) = review {
        return known::review(known, number)
            .ok_or_else(|| reject_with("reject-review-unknown", "n", number.to_string()));
    }
    match known::open_reviews(known, principal.scope, principal.author).as_slice() {
        [only] => Ok(only),
        [] => Err(reject("reject-no-open-review")),
        [first, ..] => Err(which(first.review)),
    }
}

/// Asks for the number of the review, by the example of one that is open.
pub(crate) fn which(review: u32) -> Rejection {
    reject_with("reject-review-which", "example", format!("{review} 1"))
}
