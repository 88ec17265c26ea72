//! The benchmark of SMPP: how many `submit_sm` a second over loopback, and how many are durable.
//!
//! The first number is codec and session only: both machines on blocking sockets, window 50, no
//! store. The second one is what the node can promise: each message is queued, claimed and
//! reported, and each of the three is committed before the next.
//! `cargo run --release -p tests --bin smpp_rate`.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use channels_core::smpp::pdu::{Bind, BindKind, ShortMessage, SmeAddress};
use channels_core::smpp::session::{Account, Action, BindMode, Input, Outcome, Session, Settings};
use channels_core::{Address, LinkName, SubmitOutcome};
use jiff::{SignedDuration, Timestamp};
use node::clock::Clock;
use node::roles::hub;
use node_core::contact::Contact;
use node_core::turn::{Claim, ClaimKind, Finish, Turn};
use node_store::{HubStore, Outbox, SqliteStore};
use sync_core::ClockQuality;
use tests::bench;
use tokio::task::JoinSet;

/// Requests without an answer.
const WINDOW: u8 = 50;
/// Messages of the first measurement.
const SUBMITS: u64 = 100_000;
/// Messages of the second one.
const DURABLE: u32 = 1_000;
/// Goal of the issue, for the first number.
const SUBMITS_PER_S_MIN: f64 = 10_000.0;

#[tokio::main]
async fn main() -> Result<()> {
    let session_per_s = tokio::task::spawn_blocking(session_rate).await??;
    let durable_per_s = durable_rate().await?;
    println!(
        "submit_sm by codec and session  /s  {session_per_s:.0} (goal > {SUBMITS_PER_S_MIN}; window {WINDOW})"
    );
    println!(
        "queued, claimed and reported    /s  {durable_per_s:.0} (no goal: three commits each)"
    );
    if let Ok(path) = std::env::var("OUTPOST_RECORD") {
        let record = serde_json::json!({
            "submits": SUBMITS, "window": WINDOW, "session_per_s": session_per_s.round(),
            "durable_messages": DURABLE, "durable_per_s": durable_per_s.round(),
        });
        std::fs::write(path, format!("{record}\n"))?;
    }
    ensure!(session_per_s > SUBMITS_PER_S_MIN, "too slow");
    println!("goal reached");
    Ok(())
}

fn settings() -> Settings {
    Settings {
        window: WINDOW,
        rate_per_s: u16::MAX,
        ..Settings::default()
    }
}

fn session_rate() -> Result<f64> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || serve(&listener));
    let began = submit_all(TcpStream::connect(address)?)?;
    let elapsed = began.elapsed();
    let served = server.join().ok().context("the SMSC stopped")??;
    if served != SUBMITS {
        bail!("{served} of {SUBMITS} arrived");
    }
    Ok(per_second(SUBMITS, elapsed))
}

fn per_second(count: u64, elapsed: Duration) -> f64 {
    Duration::from_secs(count).as_secs_f64() / elapsed.as_secs_f64()
}

/// Virtual time that runs with the monotonic clock.
fn now(since: Instant) -> Timestamp {
    let elapsed = SignedDuration::try_from(since.elapsed()).unwrap_or_default();
    Timestamp::UNIX_EPOCH + elapsed
}

/// The SMSC: takes every message at once; gives how many came.
fn serve(listener: &TcpListener) -> Result<u64> {
    let (mut stream, _) = listener.accept()?;
    stream.set_nodelay(true)?;
    let account = Account {
        system_id: "bench".to_owned(),
        password: "secret".to_owned(),
        mode: BindMode::Any,
        senders: Vec::new(),
        rate_per_s: u32::MAX,
    };
    let since = Instant::now();
    let accounts = vec![account];
    let mut session = Session::smsc("smsc".to_owned(), accounts, settings(), now(since));
    let mut buffer = vec![0; 65_536];
    let mut count = 0;
    while !session.is_ended() {
        // The peer closes when it has all its answers; a reset is the same.
        let length = stream.read(&mut buffer).unwrap_or(0);
        let mut inputs = vec![Input::Received(buffer[..length].to_vec())];
        if length == 0 {
            inputs = vec![Input::Disconnected { jitter: 0 }];
        }
        let mut out = Vec::new();
        while let Some(input) = inputs.pop() {
            for action in session.handle(now(since), input) {
                match action {
                    Action::Send(octets) => out.extend(octets),
                    Action::Asked { ticket, .. } => {
                        count += 1;
                        inputs.push(Input::Answered {
                            ticket,
                            status: 0,
                            message_id: count.to_string(),
                        });
                    }
                    Action::Close => inputs.push(Input::Disconnected { jitter: 0 }),
                    _ => {}
                }
            }
        }
        if stream.write_all(&out).is_err() {
            break;
        }
    }
    Ok(count)
}

/// The ESME: keeps the window full; gives when the first message left.
fn submit_all(mut stream: TcpStream) -> Result<Instant> {
    stream.set_nodelay(true)?;
    let since = Instant::now();
    let bind = Bind {
        kind: BindKind::Transceiver,
        system_id: "bench".to_owned(),
        password: "secret".to_owned(),
        system_type: String::new(),
        interface_version: 0x34,
        address_range: String::new(),
    };
    let mut session = Session::esme(bind, settings(), now(since));
    session.handle(now(since), Input::Timeout);
    let mut actions = session.handle(now(since), Input::Connected);
    let mut buffer = vec![0; 65_536];
    let (mut asked, mut done) = (0, 0);
    let mut began = since;
    while done < SUBMITS {
        let mut out = Vec::new();
        let mut wanted = 0;
        for action in actions {
            match action {
                Action::Send(octets) => out.extend(octets),
                Action::Bound { .. } => {
                    began = Instant::now();
                    wanted += u64::from(WINDOW) * 2;
                }
                Action::Finished { outcome, .. } => {
                    if !matches!(outcome, Outcome::Answered { status: 0, .. }) {
                        bail!("a message ended as {outcome:?}");
                    }
                    done += 1;
                    wanted += 1;
                }
                _ => {}
            }
        }
        for _ in 0..wanted.min(SUBMITS - asked) {
            asked += 1;
            for action in session.handle(now(since), request(asked)) {
                if let Action::Send(octets) = action {
                    out.extend(octets);
                }
            }
        }
        stream.write_all(&out)?;
        if done == SUBMITS {
            break;
        }
        let length = stream.read(&mut buffer)?;
        actions = session.handle(now(since), Input::Received(buffer[..length].to_vec()));
    }
    Ok(began)
}

/// A message of 100 characters, sent as a screen is: the pace agreed with an operator, one message
/// every so many microseconds, is not what is measured.
fn request(token: u64) -> Input {
    let address = |ton, text: &str| SmeAddress {
        ton,
        npi: 1,
        address: text.to_owned(),
    };
    Input::Request {
        token,
        message: Box::new(ShortMessage {
            source: address(0, "384"),
            destination: address(1, "256770000001"),
            registered_delivery: 1,
            short_message: vec![b'a'; 100],
            ..ShortMessage::default()
        }),
        urgent: true,
    }
}

async fn durable_rate() -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let clock = Clock::system(ClockQuality::Ntp);
    let store = hub::open(&bench::hub(folder.path())).await?;
    let began = Instant::now();
    let mut turns = JoinSet::new();
    for number in 0..DURABLE {
        let turn = Turn::Contact(Contact::Sms {
            link: LinkName("bench".to_owned()),
            from: Address::parse(&format!("+25677{:07}", 1_000_000 + number))?,
            text: "STOP".to_owned(),
            sent: None,
        });
        let store = store.clone();
        turns.spawn(async move { store.commit(turn, clock.now()).await });
        while turns.len() >= usize::from(WINDOW) {
            turns.join_next().await.context("a turn")???;
        }
    }
    while let Some(turn) = turns.join_next().await {
        turn??;
    }
    send_all(&store, clock).await?;
    Ok(per_second(u64::from(DURABLE), began.elapsed()))
}

/// Claims everything and reports it as taken.
async fn send_all(store: &SqliteStore, clock: Clock) -> Result<()> {
    let mut turns = JoinSet::new();
    let mut sent: u32 = 0;
    while sent < DURABLE {
        let claims = store
            .claim(ClaimKind::Messages, u32::from(WINDOW), clock.now())
            .await?;
        if claims.is_empty() {
            bail!("{sent} of {DURABLE} were queued");
        }
        for claim in claims {
            let Claim::Message { id, .. } = claim else {
                bail!("an effect among messages");
            };
            sent += 1;
            let finish = Finish::Message {
                id,
                link: "bench".to_owned(),
                outcome: SubmitOutcome::Sent {
                    message_id: sent.to_string(),
                },
            };
            let store = store.clone();
            turns.spawn(async move { store.finish(finish, clock.now()).await });
        }
        while let Some(turn) = turns.join_next().await {
            turn??;
        }
    }
    Ok(())
}
