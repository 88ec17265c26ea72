//! `outpost demo`: the page, or the scripted tour.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use node::clock::Clock;
use node::roles::demo::{DemoError, World, bearers, evidence, gap, page, tour};
use node_console::demo::{self, DemoPort};
use serde::Serialize;
use sync_core::ClockQuality;
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::failure::Failure;
use super::say;

#[derive(Args, Debug)]
pub(crate) struct DemoArguments {
    /// Keep everything in this folder; without it a temporary one is used
    #[arg(long)]
    data: Option<PathBuf>,
    /// Where the page is served
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Play a scripted day instead of serving the page
    #[arg(long, num_args = 0..=1, default_missing_value = "registration")]
    tour: Option<TourName>,
    /// Write what came true to this file as JSON
    #[arg(long, requires = "tour")]
    json: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum TourName {
    /// Registrations without uplink reach the registry, and the answers return
    Registration,
    /// SMS menu, keyword SMS, missed call, and a session that goes on by SMS after a restart
    Bearers,
    /// No line for a week: a district moves by stick, a village by SMS alone
    Gap,
    /// All of them
    All,
}

/// What came true, by tour.
#[derive(Default, Serialize)]
struct Played {
    #[serde(skip_serializing_if = "Option::is_none")]
    registration: Option<evidence::Evidence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bearers: Option<bearers::Evidence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gap: Option<gap::Evidence>,
}

impl Played {
    fn is_complete(&self) -> bool {
        self.registration
            .as_ref()
            .is_none_or(evidence::Evidence::is_complete)
            && self
                .bearers
                .as_ref()
                .is_none_or(bearers::Evidence::is_complete)
            && self.gap.as_ref().is_none_or(gap::Evidence::is_complete)
    }

    fn print(&self, out: &mut impl Write) -> std::io::Result<()> {
        if let Some(evidence) = &self.registration {
            evidence.print(out)?;
        }
        if let Some(evidence) = &self.bearers {
            evidence.print(out)?;
        }
        if let Some(evidence) = &self.gap {
            evidence.print(out)?;
        }
        Ok(())
    }

    /// One tour by itself, several by name.
    fn json(&self) -> Result<String, serde_json::Error> {
        match (&self.registration, &self.bearers, &self.gap) {
            (Some(only), None, None) => serde_json::to_string_pretty(only),
            (None, Some(only), None) => serde_json::to_string_pretty(only),
            (None, None, Some(only)) => serde_json::to_string_pretty(only),
            _ => serde_json::to_string_pretty(self),
        }
    }
}

pub(crate) async fn run(arguments: DemoArguments, out: &mut impl Write) -> Result<(), Failure> {
    let kept = match &arguments.data {
        Some(_) => None,
        None => Some(TempDir::new().map_err(|error| {
            Failure::of(
                "make a temporary folder",
                &error,
                "name one with `--data DIR`",
            )
        })?),
    };
    let temporary = kept.as_ref().map(TempDir::path);
    let folder = arguments
        .data
        .as_deref()
        .or(temporary)
        .unwrap_or(Path::new("."));
    // A demo's clock is the computer's own: its quality is not claimed.
    let clock = Clock::system(ClockQuality::Ntp);
    match arguments.tour {
        Some(tour) => play(tour, (folder, clock), &arguments, out).await,
        None => serve(world(folder, clock).await?, &arguments, out).await,
    }
}

async fn world(folder: &Path, clock: Clock) -> Result<World, Failure> {
    World::start(folder, clock).await.map_err(|error| {
        Failure::of(
            "start the demo",
            &error,
            "check the folder, or leave `--data` away",
        )
    })
}

async fn play(
    tour: TourName,
    place: (&Path, Clock),
    arguments: &DemoArguments,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let evidence = play_on(tour, place, out).await?;
    say(
        out,
        "\n== What came true, counted from stores, registry and network:\n",
    )?;
    evidence.print(out).map_err(Failure::output)?;
    if let Some(path) = &arguments.json {
        let json = evidence
            .json()
            .map_err(|error| Failure::of("write the evidence", &error, "report this"))?;
        std::fs::write(path, json + "\n").map_err(|error| {
            Failure::of("write the evidence", &error, "check the path of `--json`")
        })?;
    }
    if evidence.is_complete() {
        return Ok(());
    }
    Err(Failure::new(
        "the tour did not come true",
        "the table above says what is missing",
    ))
}

async fn play_on(
    tour: TourName,
    (folder, clock): (&Path, Clock),
    out: &mut impl Write,
) -> Result<Played, Failure> {
    let mut played = Played::default();
    if tour != TourName::Gap {
        let mut world = world(folder, clock).await?;
        let done = play_in(&mut world, (tour, &mut played), out).await;
        world.stop().await;
        done.map_err(unplayed)?;
    }
    if matches!(tour, TourName::Gap | TourName::All) {
        let evidence = gap::play(folder, &gap::MISHAPS, out).await;
        played.gap = Some(evidence.map_err(unplayed)?);
    }
    Ok(played)
}

async fn play_in(
    world: &mut World,
    (tour, played): (TourName, &mut Played),
    out: &mut impl Write,
) -> Result<(), DemoError> {
    if matches!(tour, TourName::Registration | TourName::All) {
        played.registration = Some(tour::registration(world, out).await?);
    }
    if matches!(tour, TourName::Bearers | TourName::All) {
        played.bearers = Some(bearers::play(world, out).await?);
    }
    Ok(())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the form that `map_err` takes"
)]
fn unplayed(error: DemoError) -> Failure {
    Failure::of("play the tour", &error, "run it again with `--log info`")
}

async fn serve(
    mut world: World,
    arguments: &DemoArguments,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let bind = |error: std::io::Error| {
        Failure::of(
            "serve the page",
            &error,
            "name another address with `--listen`",
        )
    };
    let listener = TcpListener::bind(arguments.listen).await.map_err(bind)?;
    let address = listener.local_addr().map_err(bind)?;
    let failed = |error| {
        Failure::of(
            "open the demo's office",
            &error,
            "run it again with `--log info`",
        )
    };
    let office = world.open_office().await.map_err(failed)?;
    let world = Arc::new(world);
    let (port, requests) = DemoPort::new();
    let shutdown = world.hub.station.shutdown();
    let desk = tokio::spawn(page::run(Arc::clone(&world), requests, shutdown));
    say(
        out,
        &format!("Open http://{address} in a browser and follow the list on the page."),
    )?;
    say(out, "Press Ctrl-C to stop.")?;
    let pages = demo::router(port).merge(office);
    let served = axum::serve(listener, pages).with_graceful_shutdown(stop_signal());
    served.await.map_err(bind)?;
    desk.abort();
    if let Some(world) = Arc::into_inner(world) {
        world.stop().await;
    }
    Ok(())
}

/// Ends when the person or the service manager asks for it.
pub(crate) fn stop_signal() -> impl Future<Output = ()> {
    // Registered at the call, so that nothing is missed between it and the first poll.
    let terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    async move {
        match terminated {
            Ok(mut terminated) => {
                // Both arms are cancel safe.
                tokio::select! {
                    _ = tokio::signal::ctrl_c() => {}
                    _ = terminated.recv() => {}
                }
            }
            Err(_) => {
                if let Err(error) = tokio::signal::ctrl_c().await {
                    tracing::error!(error = %error, "no signal can be heard");
                }
            }
        }
    }
}
