//! `outpost run`, `hub` and `enrol`: what a settings file starts, and the orders of an officer.

use std::io::Write;
use std::path::PathBuf;

use channels::smpp::esme::Esme;
use channels_core::Msisdn;
use clap::{Args, Subcommand};
use firmware_config::settings::Settings;
use node::enrolment::Provision;
use node::roles::hub::{self, Hub};
use node::roles::node::{self as node_role, Node};
use node::roles::station::Station;
use node::runtime::anchor;
use node_core::role::Role;
use node_store::SqliteStore;
use tokio::sync::watch;

use super::configured::{area, clock, hub_config, node_config, sender, settings};
use super::demo::stop_signal;
use super::failure::Failure;
use super::publish;
use super::{
    account, aggregator, cell, household, nodes, policy, say, smpp, staff, take_back, upstream,
};

/// How a change of roles reaches nodes.
pub(super) const HEARD: &str = "the nodes of the area hear of it with their next session";

#[derive(Args, Debug)]
pub(crate) struct RunArguments {
    /// The settings file; `outpost-firmware settings-template` prints one
    #[arg(long)]
    config: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct HubArguments {
    /// The settings file
    #[arg(long)]
    config: PathBuf,
    #[command(subcommand)]
    order: Option<HubOrder>,
}

#[derive(Subcommand, Debug)]
enum HubOrder {
    /// Publish a list of reference data (places, crops, tips, agreements) to the nodes
    Publish(publish::Publication),
    /// Open a slot for a node: writes the provisioning file and prints the one-time code
    Slot {
        /// Name of the node
        #[arg(long)]
        name: String,
        /// Name of its area
        #[arg(long)]
        area: String,
        /// Host and port at which the node reaches this hub
        #[arg(long)]
        address: String,
        /// Where the provisioning file goes
        #[arg(long)]
        out: PathBuf,
    },
    /// Give a role to a number; prints the one-time code for its staff PIN
    Grant(staff::Grant),
    /// Give a worker a new one-time code; the PIN that she has ends
    StaffCode(staff::StaffCode),
    /// Take a role back from a number
    Revoke {
        /// The role, as in `grant`
        #[arg(long, value_parser = role)]
        role: Role,
        /// The number, like +256770000001
        #[arg(long)]
        phone: String,
        /// Name of the area
        #[arg(long)]
        area: String,
        /// Why, without names: `left`, `lost phone`
        #[arg(long)]
        reason: String,
    },
    /// Approve that a person's data are erased; the second of two people's approvals erases
    Erase {
        /// The person's registration number
        #[arg(long)]
        number: String,
        /// Number of the officer or administrator who approves
        #[arg(long)]
        by: String,
        /// Why, without names: `asked`
        #[arg(long)]
        reason: String,
    },
    /// Take back a registration that should not be; the registry is asked to remove its record
    TakeBack(take_back::TakeBack),
    /// List erasures that a node or a Building Block has not confirmed yet
    Erasures,
    /// List the nodes: number, life, until when they are certified, closed or not
    Nodes,
    /// Close a board that was lost or stolen; every node refuses it from its next contact on
    CloseNode(nodes::CloseNode),
    /// Add areas to a node or end them, without a new enrolment
    NodeAreas(nodes::NodeAreas),
    /// Settle households that two sides changed apart
    Households(household::Households),
    /// Open an account on the hub's pages; the passphrase is read from standard input
    Account(account::Account),
}

pub(super) fn role(name: &str) -> Result<Role, String> {
    let granted = Role::HELD.into_iter().filter(|role| *role != Role::Citizen);
    let names: Vec<String> = granted.map(|role| role.words().replace(' ', "-")).collect();
    Role::parse_granted(name).ok_or_else(|| format!("one of {}", names.join(", ")))
}

#[derive(Args, Debug)]
pub(crate) struct EnrolArguments {
    /// The settings file
    #[arg(long)]
    config: PathBuf,
    /// The provisioning file that the hub wrote
    #[arg(long)]
    provision: PathBuf,
    /// The one-time code
    #[arg(long)]
    code: String,
}

pub(crate) async fn run(arguments: RunArguments, out: &mut impl Write) -> Result<(), Failure> {
    let settings = settings(&arguments.config)?;
    let config = node_config(&settings);
    let failed = |error: node_role::NodeError| {
        Failure::of(
            "start the node",
            &error,
            "check the settings and the data folder",
        )
    };
    let store = node_role::open(&config).map_err(failed)?;
    if let Some(address) = &settings.node.hub_address {
        node_role::use_hub_address(&config.folder, address).map_err(failed)?;
    }
    let kept = settings.node.anchor.clone();
    anchor::weigh(&store, &kept, config.clock).await;
    let (_switch, plugged) = watch::channel(true);
    let mut node = Node::start(&config, store, plugged).await.map_err(failed)?;
    node.station.keep_anchor(kept);
    attach_bearers(&mut node.station, &settings).await?;
    let stop = stop_signal();
    say(out, &format!("node {} runs", settings.node.name))?;
    stop.await;
    node.station.stop().await;
    Ok(())
}

pub(crate) async fn hub(arguments: HubArguments, out: &mut impl Write) -> Result<(), Failure> {
    let settings = settings(&arguments.config)?;
    match arguments.order {
        None => run_hub(&settings, out).await,
        Some(order) => give_order(&settings, order, out).await,
    }
}

async fn run_hub(settings: &Settings, out: &mut impl Write) -> Result<(), Failure> {
    let failed = |error: hub::HubError| {
        Failure::of(
            "start the hub",
            &error,
            "check the settings and the data folder",
        )
    };
    let config = hub_config(settings, true)?;
    let store = hub::open(&config).await.map_err(failed)?;
    let kept = settings.node.anchor.clone();
    anchor::weigh(&store, &kept, config.clock).await;
    let mut hub = Hub::start_on(&config, store).await.map_err(failed)?;
    hub.station.keep_anchor(kept);
    attach_bearers(&mut hub.station, settings).await?;
    if let Some(registries) = settings.govstack.upstream.get("registries") {
        hub.station.project(upstream::client(registries)?);
    }
    if let Some(serve) = &settings.govstack.serve {
        upstream::serve(&mut hub.station, serve).await?;
    }
    let office = account::serve(&mut hub.station, settings).await?;
    let link = hub.link.map(|address| address.to_string());
    let link = link.unwrap_or_default() + &office;
    let stop = stop_signal();
    say(
        out,
        &format!("hub {} runs, nodes connect to {link}", settings.node.name),
    )?;
    stop.await;
    hub.station.stop().await;
    Ok(())
}

async fn give_order(
    settings: &Settings,
    order: HubOrder,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let failed = |error: hub::HubError| {
        Failure::of(
            "give the order",
            &error,
            "check the settings and the data folder",
        )
    };
    let store = hub::open(&hub_config(settings, false)?)
        .await
        .map_err(failed)?;
    match order {
        HubOrder::Slot {
            name,
            area: place,
            address,
            out: path,
        } => {
            let scope = area(settings, &place)?;
            let provision = hub::open_slot(&store, clock(settings), &name, (scope, &address))
                .await
                .map_err(failed)?;
            write_provision(&path, &provision)?;
            say(
                out,
                &format!("provisioning file written to {}", path.display()),
            )?;
            say(out, &format!("one-time code: {}", provision.code))?;
            say(
                out,
                "Tell the code to whoever sets up the node; it is good for 7 days and one use.",
            )
        }
        HubOrder::Nodes => nodes::list(&store, out).await,
        HubOrder::NodeAreas(order) => nodes::areas((&store, settings), order, out).await,
        HubOrder::CloseNode(order) => nodes::close(&store, clock(settings), order, out).await,
        other => staff_order(&store, settings, other, out).await,
    }
}

/// Orders about people: roles and erasures.
async fn staff_order(
    store: &SqliteStore,
    settings: &Settings,
    order: HubOrder,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let failed =
        |error: hub::HubError| Failure::of("give the order", &error, "check role, number and area");
    match order {
        HubOrder::Slot { .. }
        | HubOrder::Nodes
        | HubOrder::NodeAreas(_)
        | HubOrder::CloseNode(_) => Ok(()),
        HubOrder::Grant(order) => {
            staff::grant(store, settings, (order, clock(settings)), out).await
        }
        HubOrder::StaffCode(order) => {
            staff::code(store, settings, (order, clock(settings)), out).await
        }
        HubOrder::Account(of) => account::open(store, clock(settings), &of, out).await,
        HubOrder::Publish(publication) => {
            let scopes = match &publication.area {
                Some(name) => vec![area(settings, name)?],
                None => hub_config(settings, false)?.areas,
            };
            publish::publish(store, clock(settings), &publication, &scopes, out).await
        }
        HubOrder::Revoke {
            role,
            phone,
            area: place,
            reason,
        } => {
            let place = (area(settings, &place)?, role);
            let ended = hub::revoke(store, clock(settings), &number(&phone)?, place, &reason)
                .await
                .map_err(failed)?;
            say(out, &format!("taken back ({ended}); {HEARD}"))
        }
        HubOrder::Erase {
            number: of,
            by,
            reason,
        } => {
            let by = number(&by)?;
            let what = (of.as_str(), reason.as_str());
            let state = hub::erase(store, clock(settings), what, &by)
                .await
                .map_err(failed)?;
            say(
                out,
                &format!("{state}; `outpost hub erasures` lists who has not confirmed"),
            )
        }
        HubOrder::Erasures => {
            for line in hub::open_erasures(store).await.map_err(failed)? {
                say(out, &line)?;
            }
            Ok(())
        }
        HubOrder::Households(order) => household::order(store, clock(settings), order, out).await,
        HubOrder::TakeBack(order) => take_back::order(store, clock(settings), order, out).await,
    }
}

pub(super) fn number(phone: &str) -> Result<Msisdn, Failure> {
    Msisdn::parse(phone).map_err(|error| {
        Failure::of(
            "read the number",
            &error,
            "write it like --phone +256770000001",
        )
    })
}

fn write_provision(path: &PathBuf, provision: &Provision) -> Result<(), Failure> {
    let text = toml::to_string(provision)
        .map_err(|error| Failure::of("write the provisioning file", &error, "report this"))?;
    std::fs::write(path, text).map_err(|error| {
        Failure::of(
            "write the provisioning file",
            &error,
            "check the path of `--out`",
        )
    })
}

pub(crate) async fn enrol(arguments: EnrolArguments, out: &mut impl Write) -> Result<(), Failure> {
    let settings = settings(&arguments.config)?;
    let unreadable = "name the provisioning file that the hub wrote with `outpost hub slot`";
    let text = std::fs::read_to_string(&arguments.provision)
        .map_err(|error| Failure::of("read the provisioning file", &error, unreadable))?;
    let mut provision: Provision = toml::from_str(&text)
        .map_err(|error| Failure::of("read the provisioning file", &error, unreadable))?;
    provision.code = arguments.code;
    let config = node_config(&settings);
    let failed = |error: node_role::NodeError| {
        Failure::of(
            "enrol",
            &error,
            "check code, file and the road to the hub, then try again",
        )
    };
    let store: SqliteStore = node_role::open(&config).map_err(failed)?;
    let (_switch, plugged) = watch::channel(true);
    node_role::enrol(&store, &provision, plugged, config.clock)
        .await
        .map_err(failed)?;
    say(out, &format!("{} is enrolled", settings.node.name))
}

/// Attaches operators, modems, aggregators and own cell that the settings name; hubs and nodes alike.
async fn attach_bearers(
    station: &mut Station<SqliteStore>,
    settings: &Settings,
) -> Result<(), Failure> {
    policy::apply(&station.store, station.clock, &settings.messages).await?;
    for link in &settings.smpp {
        station.attach(
            Esme::new(smpp::esme(link, settings)?).map_err(|error| {
                Failure::of(
                    "configure an SMPP link",
                    &error,
                    "check its section in the settings",
                )
            })?,
            sender(settings),
        );
    }
    if let Some(desk) = smpp::desk(settings).await? {
        station.serve_applications(desk);
    }
    super::modem::attach(station, settings)?;
    super::sms_link::attach(station, settings).await?;
    for gateway in &settings.ussd_gateway {
        station.listen(aggregator::gateway(gateway).await?);
    }
    for link in &settings.http_sms {
        station.attach(aggregator::sms(link).await?, sender(settings));
    }
    if let Some(own) = &settings.own_cell {
        station.listen(cell::channel(own, &settings.node.language)?);
    }
    Ok(())
}
