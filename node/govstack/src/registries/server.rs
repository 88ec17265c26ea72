//! Serves the Digital Registries Data API on the hub's own store.
//!
//! A 2xx means committed here. Both spellings of an operation and a trailing slash are one route.
//! Deviations: `createEntries` and schema changes are not served.
//! Which records an answer shows to whom is noted before it is sent (DRS-8, DRS-35, DRS-37).

mod answer;
mod caller;
mod content;
mod definition;
mod list;
mod read;
mod received;
mod trace;
mod usage;
mod write;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, delete, get, post, put};
use tokio::net::TcpListener;
use tower_http::timeout::TimeoutLayer;

pub use caller::{Access, ClientKey};
pub use definition::{RegistryDefinition, ServerConfig};
pub use received::Received;

use crate::port::Port;
use answer::Refusal;

/// Largest request body in bytes; a larger one is answered 413 and changes nothing.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Longest time for one request, its body included; after it the caller hears 408.
pub const REQUEST_WAIT_MAX: Duration = Duration::from_mins(1);

/// What every handler needs.
#[derive(Debug)]
struct Registries {
    port: Port,
    config: ServerConfig,
}

/// The router of all operations, to be merged with others or given to [`serve`].
///
/// It trusts the client header unless the configuration names keys, so without keys it belongs
/// behind [`serve`], which then refuses any address but loopback.
pub fn router(port: Port, config: ServerConfig) -> Router {
    let state = Arc::new(Registries { port, config });
    let mut router = Router::new();
    for (path, methods) in operations() {
        router = router.route(path, methods.clone());
        router = router.route(&format!("{path}/"), methods);
    }
    router
        .method_not_allowed_fallback(async || Refusal::method_not_allowed())
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            REQUEST_WAIT_MAX,
        ))
        .layer(from_fn_with_state(Arc::clone(&state), trace::observe))
        .with_state(state)
}

/// A path and its methods.
type Operation = (&'static str, MethodRouter<Arc<Registries>>);

fn operations() -> [Operation; 13] {
    [
        ("/data/mypersonalDataUsage", get(usage::usage)),
        ("/data/{registry}/{version}", get(list::list)),
        ("/data/{registry}/{version}/create", post(write::create)),
        ("/data/{registry}/{version}/exists", post(read::exists)),
        ("/data/{registry}/{version}/read", post(read::read)),
        ("/data/{registry}/{version}/update", put(write::update)),
        (
            "/data/{registry}/{version}/updateEntries",
            put(write::update_entries),
        ),
        (
            "/data/{registry}/{version}/update-entries",
            put(write::update_entries),
        ),
        (
            "/data/{registry}/{version}/updateOrCreate",
            post(write::update_or_create),
        ),
        (
            "/data/{registry}/{version}/update-or-create",
            post(write::update_or_create),
        ),
        (
            "/data/{registry}/{version}/{id}/delete",
            delete(write::delete),
        ),
        (
            "/data/{registry}/{version}/{id}/readValue/{file}",
            get(read::read_value),
        ),
        (
            "/data/{registry}/{version}/{id}/read-value/{file}",
            get(read::read_value),
        ),
    ]
}

/// Why the API was not served; surfaces at start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// No keys are configured and the address can be reached from other machines.
    #[error("registries without client keys can be served on a loopback address only")]
    Open {
        /// Where it would have been.
        address: SocketAddr,
    },
    /// The socket failed.
    #[error("serving registries failed")]
    Socket(#[source] std::io::Error),
}

/// Serves until `shutdown` completes and open requests are answered.
///
/// # Errors
/// [`ServeError::Open`] before the first request; [`ServeError::Socket`] when the socket fails.
pub async fn serve(
    listener: TcpListener,
    port: Port,
    config: ServerConfig,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let address = listener.local_addr().map_err(ServeError::Socket)?;
    if matches!(config.access, Access::Loopback) && !address.ip().is_loopback() {
        return Err(ServeError::Open { address });
    }
    let served = axum::serve(listener, router(port, config)).with_graceful_shutdown(shutdown);
    served.await.map_err(ServeError::Socket)
}

#[cfg(test)]
mod tests;
