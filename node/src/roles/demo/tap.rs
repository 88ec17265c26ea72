//! The tap on the demo's centre: counts what the registry really received, and can lose one answer.
//!
//! It stands in front of the served registry as a layer, so the counts are of requests that arrived
//! and not of requests that the script believes it made.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;

/// Most correlation ids remembered; beyond that the demo counts no further distinct ones.
pub const CORRELATION_IDS_MAX: usize = 10_000;

/// What arrived at the registry.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TapCounts {
    /// Calls that write (`updateOrCreate`).
    pub write_calls: u64,
    /// Distinct correlation ids among them.
    pub correlation_ids: BTreeSet<String>,
    /// Answers that were lost on purpose.
    pub lost_answers: u64,
}

#[derive(Debug, Default)]
struct TapState {
    counts: TapCounts,
    lose_next: bool,
}

/// Handle of the tap.
#[derive(Clone, Debug, Default)]
pub struct Tap(Arc<Mutex<TapState>>);

impl Tap {
    /// The next write takes place, but its answer never arrives.
    pub fn lose_next_answer(&self) {
        self.state().lose_next = true;
    }

    /// What has arrived so far.
    pub fn counts(&self) -> TapCounts {
        self.state().counts.clone()
    }

    /// Puts the tap in front of a router.
    pub fn in_front_of(&self, router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(self.clone(), pass))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, TapState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, correlation_id: Option<String>) {
        let mut state = self.state();
        state.counts.write_calls += 1;
        if let Some(id) = correlation_id
            && state.counts.correlation_ids.len() < CORRELATION_IDS_MAX
        {
            state.counts.correlation_ids.insert(id);
        }
    }

    fn takes_this_answer(&self) -> bool {
        let mut state = self.state();
        let lose = std::mem::take(&mut state.lose_next);
        if lose {
            state.counts.lost_answers += 1;
        }
        lose
    }
}

async fn pass(State(tap): State<Tap>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let writes = path.ends_with("/updateOrCreate") || path.ends_with("/update-or-create");
    if !writes {
        return next.run(request).await;
    }
    let header = request.headers().get("x-correlationid");
    tap.count(
        header
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
    );
    let response = next.run(request).await;
    if tap.takes_this_answer() {
        // The caller's own time limit ends this wait; the write above has happened.
        std::future::pending::<()>().await;
    }
    response
}
