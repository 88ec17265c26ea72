//! The pages of a district office as part of a hub: where they are served, and how accounts are
//! opened at its command line (decision 0033).

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use channels_core::Msisdn;
use node_console::office::{OfficePages, OfficePort, router};
use node_core::command::Command;
use node_core::pin::Pin;
use node_core::query::{Answer, Query};
use node_core::role::{Role, RoleGrant};
use node_core::text::Texts;
use node_core::turn::{Committed, Turn};
use node_store::{HubStore, SqliteStore};
use tokio::net::TcpListener;

use super::hub::{FIRST_AREA, HubError, administrator};
use super::station::Station;
use crate::clock::Clock;
use crate::runtime::office::Office;
use crate::runtime::pin::Stretcher;

/// What the pages are served with.
#[derive(Clone, Debug)]
pub struct OfficeConfig {
    /// Name of the hub, on each page.
    pub name: String,
    /// Whether browsers reach them over TLS only.
    pub tls: bool,
}

/// The pages of a hub, answered by a loop of its station.
///
/// # Errors
/// [`HubError::Rejected`] when the shared texts do not parse, which only a broken build has.
pub fn pages(station: &mut Station<SqliteStore>, config: OfficeConfig) -> Result<Router, HubError> {
    let texts = Texts::shipped().map_err(|error| HubError::Rejected(error.to_string()))?;
    let (port, asks) = OfficePort::new();
    let store = station.store.clone();
    let office = Office::new(store, station.clock, station.bells.clone(), FIRST_AREA);
    let shutdown = station.shutdown();
    station.spawn(office.run(asks, shutdown));
    Ok(router(OfficePages {
        port,
        texts: Arc::new(texts),
        name: config.name,
        tls: config.tls,
    }))
}

/// Serves the pages until the station stops; says where.
///
/// # Errors
/// [`HubError`] when the address cannot be used.
pub async fn serve(
    station: &mut Station<SqliteStore>,
    listen: SocketAddr,
    config: OfficeConfig,
) -> Result<SocketAddr, HubError> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let pages = pages(station, config)?;
    let pages = pages.route("/", get(async || Redirect::to("/office")));
    let mut end = station.shutdown();
    let ended = async move {
        if end.changed().await.is_err() {
            tracing::debug!("the hub is gone");
        }
    };
    station.spawn(async move {
        let served = axum::serve(listener, pages).with_graceful_shutdown(ended);
        if let Err(error) = served.await {
            tracing::error!(error = %error, "the office's pages are not served any more");
        }
    });
    Ok(address)
}

/// Opens the account of a number in a role, or gives it another passphrase; says how many places
/// of staff lists it is for.
///
/// # Errors
/// [`HubError`] when the store fails, or the number does not hold the role.
pub async fn open_account(
    store: &SqliteStore,
    clock: Clock,
    (phone, role): (&Msisdn, Role),
    passphrase: &Pin,
) -> Result<usize, HubError> {
    let mut opened = 0_usize;
    for grant in grants(store, clock, (phone, role)).await? {
        let command = Command::OpenAccount {
            scope: grant.scope,
            index: grant.index,
            passphrase: passphrase.clone(),
        };
        let principal = administrator(grant.scope);
        let turn = Turn::Command { principal, command };
        let stretcher = Stretcher::default();
        match stretcher.commit(store, turn, || clock.now()).await? {
            Committed::Command(Ok(_)) => opened = opened.saturating_add(1),
            Committed::Command(Err(rejection)) => return Err(HubError::Rejected(rejection.text)),
            _ => {}
        }
    }
    if opened == 0 {
        return Err(HubError::Rejected("reject-no-role".to_owned()));
    }
    Ok(opened)
}

/// The grants of a number in a role that hold now, in all areas of this hub.
pub(crate) async fn grants(
    store: &SqliteStore,
    clock: Clock,
    (phone, role): (&Msisdn, Role),
) -> Result<Vec<RoleGrant>, HubError> {
    let (phone, now) = (phone.to_e164(), clock.now().at);
    let mut held = Vec::new();
    let Answer::Self_(own) = store.query(Query::Self_).await? else {
        return Ok(held);
    };
    for scope in own.scopes {
        let Answer::Staff(staff) = store.query(Query::Staff { scope }).await? else {
            continue;
        };
        for grant in staff {
            let place = Query::StaffPlace {
                scope: grant.scope,
                index: grant.index,
            };
            let fits = grant.phone == phone && grant.role == role && grant.is_live(now);
            if fits && let Answer::Staff(live) = store.query(place).await? {
                held.extend(live);
            }
        }
    }
    Ok(held)
}
