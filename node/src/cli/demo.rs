//! `outpost demo`: the page, or the scripted tour.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use node::clock::Clock;
use node::roles::demo::{World, page, tour};
use node_console::demo::{self, DemoPort};
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
    /// All of them
    All,
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
    let world = World::start(folder, clock).await.map_err(|error| {
        Failure::of(
            "start the demo",
            &error,
            "check the folder, or leave `--data` away",
        )
    })?;
    match arguments.tour {
        Some(_) => play(world, &arguments, out).await,
        None => serve(world, &arguments, out).await,
    }
}

async fn play(
    world: World,
    arguments: &DemoArguments,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let played = tour::registration(&world, out).await;
    world.stop().await;
    let evidence = played
        .map_err(|error| Failure::of("play the tour", &error, "run it again with `--log info`"))?;
    say(
        out,
        "\n== What came true, counted from stores, registry and SMSC:\n",
    )?;
    evidence.print(out).map_err(Failure::output)?;
    if let Some(path) = &arguments.json {
        let json = serde_json::to_string_pretty(&evidence)
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

async fn serve(
    world: World,
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
    let world = Arc::new(world);
    let (port, requests) = DemoPort::new();
    let shutdown = world.hub.station.shutdown();
    let desk = tokio::spawn(page::run(Arc::clone(&world), requests, shutdown));
    say(
        out,
        &format!("Open http://{address} in a browser and follow the list on the page."),
    )?;
    say(out, "Press Ctrl-C to stop.")?;
    let served = axum::serve(listener, demo::router(port)).with_graceful_shutdown(stop_signal());
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
