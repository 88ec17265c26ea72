//! A hub's store under test beside the nodes that write for it: what both suites ask of a store that
//! offers accept, claim and finish.

use node_core::turn::{Acceptance, Claim, ClaimKind, EffectOutcome, Finish};
use node_store::{Accepting, Outbox, SqliteStore};
use sync_core::refusal::RefusalCode;
use sync_core::{ChainId, Seq};

use crate::world::{WORKER_A, World, at, frames, register, registration_chain};

/// A chain's head: up to where, and the hash there.
pub(crate) type Head = (ChainId, Seq, [u8; 32]);

/// A hub's store and what surrounds it; ends with its value.
pub(crate) trait Subject: Sized {
    type Store: Accepting + Outbox;

    /// An empty hub and two enrolled nodes.
    async fn start() -> Self;
    /// The nodes, and the hub that enrolled them.
    fn world(&self) -> &World<SqliteStore>;
    fn folder(&self) -> &std::path::Path;
    fn store(&self) -> &Self::Store;
    /// Brings what the hub of the world signed since.
    async fn refresh(&mut self);
    /// Plans an effect for each registration that was accepted.
    async fn plan(&self);
    /// How many rows each table has.
    async fn rows(&self) -> Vec<(String, i64)>;
    async fn heads(&self) -> Vec<Head>;
    /// State numbers of all effects, by request id.
    async fn states(&self) -> Vec<(String, i64)>;

    async fn offer(&self, frame: Vec<u8>) -> Acceptance {
        self.store().accept(frame, at(100)).await.unwrap()
    }

    async fn refusal(&self, frame: Vec<u8>) -> RefusalCode {
        match self.offer(frame).await {
            Acceptance::Refused { code, .. } => RefusalCode::parse(code).unwrap(),
            other => panic!("not refused: {other:?}"),
        }
    }

    async fn head(&self, chain: &ChainId) -> Option<(Seq, [u8; 32])> {
        let heads = self.heads().await;
        let found = heads.into_iter().find(|head| head.0 == *chain);
        found.map(|(_, seq, hash)| (seq, hash))
    }

    /// Three registrations of a node as one frame of twelve entries.
    async fn three(&self) -> (ChainId, Vec<u8>) {
        for n in 0..3 {
            register(&self.world().a, WORKER_A, n, 10).await;
        }
        let chain = registration_chain(&self.world().a).await;
        (chain, self.frame_after(chain, Seq(0)).await)
    }

    /// What stands behind an entry of a node's chain, as one frame.
    async fn frame_after(&self, chain: ChainId, after: Seq) -> Vec<u8> {
        let mut all = frames(&self.world().a, chain, after).await;
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    async fn claim(&self, limit: u32, second: i64) -> Vec<Claim> {
        let kind = ClaimKind::Effects {
            upstream: "registries".to_owned(),
        };
        self.store().claim(kind, limit, at(second)).await.unwrap()
    }

    async fn finish(&self, request_id: &str, outcome: EffectOutcome, second: i64) {
        let finish = Finish::Effect {
            request_id: request_id.to_owned(),
            outcome,
        };
        self.store().finish(finish, at(second)).await.unwrap();
    }
}

/// The checks that hold of every store, as tests of one.
macro_rules! both_suites {
    ($subject:ty) => {
        #[tokio::test]
        async fn the_same_frame_twice_gives_the_same_receipt() {
            crate::taking::check_the_same_frame_twice(
                &<$subject as crate::subject::Subject>::start().await,
            )
            .await;
        }

        #[tokio::test]
        async fn frames_that_overlap_add_only_what_is_new() {
            crate::taking::check_overlapping_frames(
                &<$subject as crate::subject::Subject>::start().await,
            )
            .await;
        }

        #[tokio::test]
        async fn a_frame_beyond_the_head_is_a_gap_and_changes_no_row() {
            crate::taking::check_a_gap(&<$subject as crate::subject::Subject>::start().await).await;
        }

        #[tokio::test]
        async fn two_branches_of_one_chain_are_a_fork() {
            crate::taking::check_a_fork(&<$subject as crate::subject::Subject>::start().await)
                .await;
        }

        #[tokio::test]
        async fn nothing_of_a_closed_node_is_taken_and_nothing_outside_its_scopes() {
            crate::taking::check_closed_and_outside(
                <$subject as crate::subject::Subject>::start().await,
            )
            .await;
        }

        #[tokio::test]
        async fn damaged_frames_change_no_row() {
            crate::taking::check_damaged_frames(
                &<$subject as crate::subject::Subject>::start().await,
            )
            .await;
        }

        #[tokio::test]
        async fn a_claimed_effect_is_nobody_elses_and_goes_again_with_its_id() {
            crate::leasing::check_a_lease_and_its_lapse(
                &<$subject as crate::subject::Subject>::start().await,
            )
            .await;
        }

        #[tokio::test]
        async fn a_repeated_or_late_report_changes_nothing() {
            crate::leasing::check_repeated_reports(
                &<$subject as crate::subject::Subject>::start().await,
            )
            .await;
        }

        #[tokio::test]
        async fn a_refusal_of_the_peer_is_final() {
            crate::leasing::check_a_refusal_is_final(
                &<$subject as crate::subject::Subject>::start().await,
            )
            .await;
        }
    };
}
pub(crate) use both_suites;
