//! Building Blocks that the settings name: the registry that a hub calls, registries it serves.

use std::time::Duration;

use firmware_config::settings::{
    Auth as AuthSetting, ClientHeader, Generation as GenerationSetting, Route as RouteSetting,
    ServeSettings, UpstreamSettings,
};
use node::roles::hub::RECORDS_AREA;
use node::roles::station::Station;
use node::wiring;
use node_govstack::port::Port;
use node_govstack::registries::client::{Generation, RegistryClient, RegistryTarget};
use node_govstack::registries::server::{
    self, Access, ClientKey, RegistryDefinition, ServerConfig,
};
use node_govstack::upstream::{Auth, HeaderFamily, Route, Secret, UpstreamConfig};
use node_store::SqliteStore;
use tokio::net::TcpListener;

use super::configured::secret;
use super::failure::Failure;

/// The client of the registry that the settings name.
pub(super) fn client(settings: &UpstreamSettings) -> Result<RegistryClient, Failure> {
    let hint = "check `[govstack.upstream.registries]` in the settings";
    let roots_pem = match &settings.roots_file {
        Some(path) => std::fs::read_to_string(path)
            .map_err(|error| Failure::of("read the registry's roots", &error, hint))?,
        None => String::new(),
    };
    let config = UpstreamConfig {
        name: "registries".to_owned(),
        url: settings.url.clone(),
        route: route(settings),
        base_path: settings.base_path.clone(),
        client_header: header(settings.client_header),
        client: settings.client.clone(),
        auth: auth(settings)?,
        timeout: Duration::from_secs(u64::from(settings.timeout_s)),
        roots_pem,
    };
    let target = RegistryTarget {
        registry: settings.registry.clone(),
        version: settings.version.clone(),
        generation: match settings.generation {
            GenerationSetting::Camel => Generation::Camel,
            GenerationSetting::Hyphens => Generation::Hyphens,
        },
    };
    RegistryClient::new(&config, &target)
        .map_err(|error| Failure::of("configure the registry", &error, hint))
}

fn route(settings: &UpstreamSettings) -> Route {
    match (settings.route, &settings.service) {
        (RouteSetting::R1, Some(service)) => Route::R1 {
            service: service.clone(),
        },
        _ => Route::Direct,
    }
}

fn header(header: ClientHeader) -> HeaderFamily {
    match header {
        ClientHeader::InformationMediator => HeaderFamily::InformationMediator,
        ClientHeader::Govstack => HeaderFamily::GovStack,
        ClientHeader::XRoad => HeaderFamily::XRoad,
        ClientHeader::None => HeaderFamily::None,
    }
}

fn auth(settings: &UpstreamSettings) -> Result<Auth, Failure> {
    let Some(variable) = &settings.secret_variable else {
        return Ok(Auth::None);
    };
    Ok(match settings.auth {
        AuthSetting::None => Auth::None,
        AuthSetting::Bearer => Auth::Bearer(Secret(secret(variable)?)),
        AuthSetting::ApiKey => Auth::ApiKey(Secret(secret(variable)?)),
    })
}

/// Serves the registries that the settings name from the hub's own store.
pub(super) async fn serve(
    station: &mut Station<SqliteStore>,
    settings: &ServeSettings,
) -> Result<(), Failure> {
    let hint = "check `[govstack.serve]` in the settings";
    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(|error| Failure::of("serve the registries", &error, hint))?;
    let definition = |registry: &firmware_config::settings::RegistrySettings| RegistryDefinition {
        code: registry.code.clone(),
        name: registry.name.clone(),
        versions: registry.versions.clone(),
        primary_key: "id".to_owned(),
    };
    let mut keys = Vec::new();
    for client in &settings.client {
        let key = Secret(secret(&client.key_variable)?);
        keys.push(ClientKey {
            client: client.client.clone(),
            key,
        });
    }
    let config = ServerConfig {
        registries: settings.registry.iter().map(definition).collect(),
        client_header: header(settings.client_header),
        access: if keys.is_empty() {
            Access::Loopback
        } else {
            Access::Keys(keys)
        },
        public_url: settings.public_url.clone(),
        ..ServerConfig::default()
    };
    let (port, asks) = Port::new();
    let (store, clock) = (station.store.clone(), station.clock);
    let shutdown = station.shutdown();
    station.spawn(wiring::serve_port(
        store,
        clock,
        RECORDS_AREA,
        asks,
        shutdown.clone(),
    ));
    let mut end = shutdown;
    let ended = async move {
        if end.changed().await.is_err() {
            tracing::debug!("the hub is gone");
        }
    };
    station.spawn(async move {
        if let Err(error) = server::serve(listener, port, config, ended).await {
            tracing::error!(error = %error, "registries are not served any more");
        }
    });
    Ok(())
}
