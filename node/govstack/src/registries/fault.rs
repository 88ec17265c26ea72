//! Loses answers on purpose, for the demo and for tests: the write is done, its answer never
//! arrives. Not part of any serving configuration.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use hyper::body::Frame;

/// How many answers to writes are still to be lost.
#[derive(Debug, Default)]
pub struct LostAnswers {
    left: AtomicU32,
}

impl LostAnswers {
    /// Loses the next `count` answers to `updateOrCreate` and `delete`.
    pub fn lose(&self, count: u32) {
        self.left.store(count, Ordering::Release);
    }

    /// How many are still to be lost.
    pub fn left(&self) -> u32 {
        self.left.load(Ordering::Acquire)
    }

    fn take(&self) -> bool {
        let one_less = |left: u32| left.checked_sub(1);
        self.left
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, one_less)
            .is_ok()
    }
}

/// Wraps a registry: while answers are to be lost, a write is carried out and its connection
/// breaks before a byte of the answer's body.
pub fn lossy(router: Router, lost: Arc<LostAnswers>) -> Router {
    router.layer(from_fn(move |request: Request, next: Next| {
        let lost = Arc::clone(&lost);
        async move { Ok::<_, Infallible>(pass(&lost, request, next).await) }
    }))
}

async fn pass(lost: &LostAnswers, request: Request, next: Next) -> Response {
    let path = request.uri().path().trim_end_matches('/');
    let write = ["/updateOrCreate", "/update-or-create", "/delete"]
        .iter()
        .any(|operation| path.ends_with(operation));
    let response = next.run(request).await;
    if write && response.status().is_success() && lost.take() {
        return Response::new(Body::new(Broken));
    }
    response
}

/// A body whose first read fails, upon which the server closes the connection.
struct Broken;

impl hyper::body::Body for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionAborted.into())))
    }
}
