//! The terminal phone: the same dialogues as over the air, typed at a keyboard, and its recorder.
//!
//! It runs a small hub of its own (a hub serves phones itself), so that it needs no other process;
//! what is recorded is exactly what the engine and the store answered.

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::time::Duration;

use channels::handset::{Handset, HandsetError, LoopBack, Screen, USSD_LIMITS};
use channels_core::{Address, LinkName, Msisdn};
use node_core::query::{Answer, Query};
use node_core::role::{Role, RoleGrant};
use node_store::{HubStore, SqliteStore, StoreError};

use crate::clock::Clock;
use crate::roles::hub::{self, HubError, Solo};
use crate::roles::station::Station;

/// Name of the bearer in logs and in stored messages.
const LINK: &str = "handset";
/// Longest wait for one message of a step, in milliseconds.
const RECEIVE_ROUND_MS: u64 = 200;
/// Most such waits after a step; what comes later is shown with the next one.
const RECEIVE_ROUNDS_MAX: usize = 10;

/// Who holds the phone, and where its conversation is kept.
#[derive(Clone, Debug)]
pub struct PhoneConfig {
    /// Folder of the store; `None` = a temporary one.
    pub folder: Option<PathBuf>,
    /// The number that calls.
    pub number: Msisdn,
    /// Who holds it.
    pub role: Role,
    /// Codes of the services that are offered; none = the usual one.
    pub services: Vec<String>,
    /// Language of the screens, BCP 47.
    pub language: String,
    /// Folder of own programmes.
    pub programmes: Option<PathBuf>,
    /// Where the golden transcript goes.
    pub record: Option<PathBuf>,
    /// The clock of the store.
    pub clock: Clock,
}

/// Why the phone stopped; surfaces at the command line.
#[derive(Debug, thiserror::Error)]
pub enum PhoneError {
    /// The hub behind the phone did not start.
    #[error("start the phone's own hub")]
    Hub(#[from] HubError),
    /// Terminal or transcript.
    #[error("read the keyboard or write the transcript")]
    Io(#[from] std::io::Error),
    /// The store cannot be read.
    #[error("look for messages")]
    Store(#[from] StoreError),
    /// The phone got no answer.
    #[error("get an answer for the phone")]
    Handset(#[from] HandsetError),
}

/// Runs until the input ends or `quit` is typed.
///
/// # Errors
/// [`PhoneError`] when the store, the terminal or the transcript fails.
pub async fn run(
    config: PhoneConfig,
    input: &mut impl BufRead,
    out: &mut impl Write,
) -> Result<(), PhoneError> {
    let Solo {
        store,
        folder: _kept,
    } = hub::solo(
        config.folder.as_deref(),
        config.clock,
        (&config.language, config.programmes.as_deref()),
        &config.services,
    )
    .await?;
    if config.role != Role::Citizen {
        let place = (hub::FIRST_AREA, config.clock.now().at);
        let words = config.role.words();
        let worker = hub::worker(&config.number, words, &config.language, place);
        let grant = RoleGrant {
            role: config.role,
            ..worker
        };
        hub::grant(&store, config.clock, grant).await?;
    }
    let mut station = Station::start(store.clone(), config.clock);
    let (bearer, channel) = LoopBack::new(LinkName(LINK.to_owned()));
    station.attach(channel, Address::ShortCode("384".to_owned()));
    let handset = bearer.handset(config.number.clone(), USSD_LIMITS);
    let mut conversation = Conversation {
        store,
        handset,
        transcript: Transcript::head(&config),
        shown: 0,
    };
    conversation.talk(input, out).await?;
    if let Some(path) = &config.record {
        std::fs::write(path, &conversation.transcript.text)?;
    }
    station.stop().await;
    Ok(())
}

/// A handset, what it showed so far, and what of its inbox was printed.
struct Conversation {
    store: SqliteStore,
    handset: Handset,
    transcript: Transcript,
    shown: usize,
}

impl Conversation {
    async fn talk(
        &mut self,
        input: &mut impl BufRead,
        out: &mut impl Write,
    ) -> Result<(), PhoneError> {
        writeln!(
            out,
            "Dial a code such as *384*7#, answer screens, `sms TEXT` sends a message, `ring` is a missed call, `quit` ends."
        )?;
        let mut line = String::new();
        let mut open = false;
        loop {
            write!(out, "> ")?;
            out.flush()?;
            line.clear();
            if input.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let typed = line.trim_end_matches(['\n', '\r']);
            match typed.strip_prefix("sms ") {
                Some(text) => self.text(text).await?,
                None if typed == "quit" => return Ok(()),
                None if typed == "ring" => self.ring().await?,
                None => open = self.step(typed, open, out).await?,
            }
            self.receive().await?;
            self.print_inbox(out)?;
        }
    }

    /// Waits until what the step caused has arrived, so that a record has it in its place.
    async fn receive(&self) -> Result<(), PhoneError> {
        for _ in 0..RECEIVE_ROUNDS_MAX {
            let Answer::Counts(counts) = self.store.query(Query::Counts).await? else {
                return Ok(());
            };
            let waiting = |word: &str| counts.messages.get(word).is_some_and(|count| *count > 0);
            if !waiting("queued") && !waiting("submitting") {
                return Ok(());
            }
            let more = self.handset.inbox().len().saturating_add(1);
            let round = Duration::from_millis(RECEIVE_ROUND_MS);
            // Late is no fault: a message may wait for its time.
            if tokio::time::timeout(round, self.handset.inbox_reaches(more))
                .await
                .is_err()
            {
                tracing::debug!("a message of the outbox has not arrived yet");
            }
        }
        Ok(())
    }

    /// Dials or answers; true while the session is open.
    async fn step(
        &mut self,
        typed: &str,
        open: bool,
        out: &mut impl Write,
    ) -> Result<bool, PhoneError> {
        let dials = typed.starts_with('*') && typed.ends_with('#');
        if !open && !dials {
            writeln!(out, "No session is open. Dial a code first.")?;
            return Ok(false);
        }
        let screen = if dials {
            self.handset.dial(typed).await?
        } else {
            self.handset.answer(typed).await?
        };
        self.transcript.step(typed, &screen);
        for shown in screen.text.lines() {
            writeln!(out, "  {shown}")?;
        }
        if !screen.open {
            writeln!(out, "  [session closed]")?;
        }
        Ok(screen.open)
    }

    async fn text(&mut self, text: &str) -> Result<(), PhoneError> {
        self.transcript.line(&format!("sms> {text}"));
        self.handset
            .sms(Address::ShortCode("384".to_owned()), text)
            .await?;
        Ok(())
    }

    async fn ring(&mut self) -> Result<(), PhoneError> {
        self.transcript.line("! missed-call");
        Ok(self.handset.ring().await?)
    }

    fn print_inbox(&mut self, out: &mut impl Write) -> Result<(), PhoneError> {
        let inbox = self.handset.inbox();
        for sms in inbox.iter().skip(self.shown) {
            writeln!(out, "  SMS from {}: {}", sms.from, sms.text)?;
            let number = self.handset.number().to_e164();
            let lines = format!("sms< {number} {}", sms.text.replace('\n', "\nsms| "));
            self.transcript.line(&lines);
        }
        self.shown = inbox.len();
        Ok(())
    }
}

/// A golden transcript in the making; the format is described in docs/TESTING.md.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Transcript {
    text: String,
}

impl Transcript {
    fn head(config: &PhoneConfig) -> Self {
        let role = match config.role {
            Role::HealthWorker => "worker",
            Role::Officer => "officer",
            _ => "citizen",
        };
        let services = if config.services.is_empty() {
            "maternal-child".to_owned()
        } else {
            config.services.join(",")
        };
        let text = format!(
            "# recorded at a terminal\nservice {services}   caller {}   role {role}\nlanguage {}   bearer ussd   clock {}   quality fake\n\n",
            config.number.to_e164(),
            config.language,
            config.clock.now().at,
        );
        Self { text }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn step(&mut self, typed: &str, screen: &Screen) {
        self.line(format!("> {typed}").trim_end());
        for shown in screen.text.lines() {
            self.line(format!("< {shown}").trim_end());
        }
        if !screen.open {
            self.line("<end");
        }
    }
}
