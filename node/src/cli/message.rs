//! `outpost message`: what waits, is held, expired or failed; broadcasts; the inbox; airtime.
//!
//! It works on the data folder beside the running program, which looks at the outbox every second.
//! Numbers of people are shown by their last digits, but in the inbox, whose texts are for reading.

mod broadcast;
mod show;

use std::io::Write;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use node::clock::Clock;
use node_core::message::order::{MessageId, Order, OrderRefusal, Ordered};
use node_core::message::state::{MessageState, STATES};
use node_core::message::validity_s;
use node_core::query::{Answer, Query};
use node_core::turn::{Committed, Turn};
use node_core::view::{MessageClass, NewMessage, Terms};
use node_store::{HubStore, SqliteStore};
use sync_core::ClockQuality;

use super::failure::Failure;
use super::tool::{Place, store as failed};

/// Rows that a list shows, newest first; older ones are left out.
const ROWS_MAX: u32 = 500;

#[derive(Args, Debug)]
pub(crate) struct MessageArguments {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    order: MessageCommand,
}

#[derive(Subcommand, Debug)]
enum MessageCommand {
    /// Messages in one state: queued, held, expired, failed, unknown, …
    List {
        /// The state
        #[arg(long, default_value = "held")]
        state: String,
    },
    /// How these messages stand
    Status {
        /// Message ids, 32 hex digits each
        ids: Vec<String>,
    },
    /// Use, balance and alarm of the links that have limits
    Links,
    /// Tell the balance of a link that was read by other means
    Balance {
        /// Name of the link
        #[arg(long)]
        link: String,
        /// The balance in minor units
        #[arg(long)]
        minor: i64,
    },
    /// Keep a waiting message back
    Hold {
        /// Message id
        id: String,
    },
    /// Let a held message go
    Release {
        /// Message id
        id: String,
    },
    /// Withdraw a message (32 hex digits) or a broadcast (its number)
    Cancel {
        /// Message id or number of a broadcast
        target: String,
    },
    /// Prepare a broadcast to a file of numbers or to an audience, and show what it takes
    Broadcast(broadcast::DraftArguments),
    /// Ask a second person to approve a broadcast whose preview you have seen
    Propose {
        /// Its number
        broadcast: u32,
        /// The parts that the preview named
        #[arg(long)]
        parts: u64,
        /// Your number, which has a role here
        #[arg(long)]
        by: String,
    },
    /// Approve a broadcast that somebody else proposed
    Approve {
        /// Its number
        broadcast: u32,
        /// Your number, which has a role here
        #[arg(long)]
        by: String,
    },
    /// Refuse a broadcast that somebody else proposed
    Refuse {
        /// Its number
        broadcast: u32,
        /// Your number, which has a role here
        #[arg(long)]
        by: String,
    },
    /// Show again what a broadcast takes
    Preview {
        /// Its number
        broadcast: u32,
    },
    /// Start a broadcast whose preview you have seen
    Start {
        /// Its number
        broadcast: u32,
        /// The parts that the preview named
        #[arg(long)]
        parts: u64,
    },
    /// Stop a broadcast at its place
    Pause {
        /// Its number
        broadcast: u32,
    },
    /// Go on where it was paused
    Resume {
        /// Its number
        broadcast: u32,
    },
    /// All broadcasts
    Broadcasts,
    /// Texts of people that no rule understood
    Inbox,
    /// Answer a thread of the inbox by SMS
    Reply {
        /// The thread
        #[arg(allow_hyphen_values = true)]
        thread: i64,
        /// The answer
        #[arg(long)]
        text: String,
    },
    /// Plan a reminder; it replaces an earlier one of the same plan that still waits
    Remind {
        /// The number, like +256770000001
        #[arg(long)]
        to: String,
        /// The plan, a word of your own
        #[arg(long)]
        plan: String,
        /// When, like 2026-03-14T06:00:00Z
        #[arg(long)]
        due: Timestamp,
        /// The text
        #[arg(long)]
        text: String,
    },
}

/// Opened store and where answers go.
struct Desk<'a, W> {
    store: SqliteStore,
    clock: Clock,
    json: bool,
    out: &'a mut W,
}

pub(crate) async fn run(arguments: MessageArguments, out: &mut impl Write) -> Result<(), Failure> {
    let mut desk = Desk {
        store: arguments.place.open()?,
        clock: Clock::system(ClockQuality::Unknown),
        json: arguments.json,
        out,
    };
    match arguments.order {
        MessageCommand::List { state } => desk.list(&state).await,
        MessageCommand::Status { ids } => desk.status(&ids).await,
        MessageCommand::Links => {
            let at = desk.clock.now().at;
            desk.ask(Query::Links { at }).await
        }
        MessageCommand::Broadcasts => desk.ask(Query::Broadcasts).await,
        MessageCommand::Preview { broadcast } => {
            desk.ask(Query::BroadcastPreview { broadcast }).await
        }
        MessageCommand::Inbox => desk.ask(Query::Inbox { limit: ROWS_MAX }).await,
        MessageCommand::Broadcast(draft) => desk.draft(&draft).await,
        other => {
            let order = order_of(other)?;
            let done = desk.order(order).await?;
            desk.show_done(done)
        }
    }
}

fn message_id(text: &str) -> Result<MessageId, Failure> {
    MessageId::parse(text)
        .map_err(|error| Failure::of("read the message id", &error, "take it from `message list`"))
}

/// Orders that need nothing but their arguments.
fn order_of(command: MessageCommand) -> Result<Order, Failure> {
    Ok(match command {
        MessageCommand::Balance { link, minor } => Order::Balance {
            link,
            balance_minor: minor,
        },
        MessageCommand::Hold { id } => Order::Hold(message_id(&id)?),
        MessageCommand::Release { id } => Order::Release(message_id(&id)?),
        MessageCommand::Cancel { target } => match target.parse() {
            Ok(broadcast) => Order::CancelBroadcast(broadcast),
            Err(_) => Order::Cancel(message_id(&target)?),
        },
        MessageCommand::Start { broadcast, parts } => Order::StartBroadcast { broadcast, parts },
        MessageCommand::Propose {
            broadcast,
            parts,
            by,
        } => Order::ProposeBroadcast {
            broadcast,
            parts,
            by,
        },
        MessageCommand::Approve { broadcast, by } => decide(broadcast, true, by),
        MessageCommand::Refuse { broadcast, by } => decide(broadcast, false, by),
        MessageCommand::Pause { broadcast } => Order::PauseBroadcast(broadcast),
        MessageCommand::Resume { broadcast } => Order::ResumeBroadcast(broadcast),
        MessageCommand::Reply { thread, text } => Order::Reply { thread, text },
        MessageCommand::Remind {
            to,
            plan,
            due,
            text,
        } => Order::Queue(reminder(to, plan, due, text)),
        _ => {
            return Err(Failure::new(
                "failed to read the command",
                "run `outpost message --help`",
            ));
        }
    })
}

fn decide(broadcast: u32, approve: bool, by: String) -> Order {
    Order::DecideBroadcast {
        broadcast,
        approve,
        by,
    }
}

fn reminder(to: String, plan: String, due: Timestamp, text: String) -> NewMessage {
    NewMessage {
        cause: format!("plan:{plan}:{due}"),
        to,
        text,
        class: MessageClass::Reminder,
        validity_s: validity_s(MessageClass::Reminder),
        covers: Vec::new(),
        terms: Terms {
            due: Some(due),
            plan: Some(plan),
            ..Terms::default()
        },
    }
}

impl<W: Write> Desk<'_, W> {
    async fn list(&mut self, word: &str) -> Result<(), Failure> {
        let wanted = STATES.iter().filter(|state| state.word() == word);
        let states: Vec<MessageState> = wanted.copied().collect();
        if states.is_empty() {
            let mut words: Vec<&str> = STATES.iter().map(|state| state.word()).collect();
            words.dedup();
            return Err(Failure::new(
                format!("failed to find the state {word}"),
                format!("states are: {}", words.join(", ")),
            ));
        }
        let mut rows = Vec::new();
        for state in states {
            let query = Query::Messages {
                state,
                limit: ROWS_MAX,
            };
            if let Answer::Messages(found) = self.query(query).await? {
                rows.extend(found);
            }
        }
        self.show(&Answer::Messages(rows))
    }

    async fn status(&mut self, ids: &[String]) -> Result<(), Failure> {
        let ids = MessageId::parse_all(ids).map_err(|error| {
            Failure::of(
                "ask for the status of messages",
                &error,
                "name one or more ids; `message list` shows them",
            )
        })?;
        let query = Query::MessageStates { ids: ids.clone() };
        let answer = self.query(query).await?;
        self.show(&answer)?;
        match answer {
            Answer::Messages(rows) if rows.len() < ids.len() => {
                let missing = ids.len().saturating_sub(rows.len());
                Err(Failure::new(
                    format!("failed to find {missing} of the messages"),
                    "check the ids; they belong to this data folder only",
                ))
            }
            _ => Ok(()),
        }
    }

    async fn ask(&mut self, query: Query) -> Result<(), Failure> {
        let answer = self.query(query).await?;
        self.show(&answer)
    }

    async fn query(&self, query: Query) -> Result<Answer, Failure> {
        let answer = self.store.query(query).await;
        answer.map_err(|error| failed("read the outbox", &error))
    }

    async fn order(&self, order: Order) -> Result<Ordered, Failure> {
        let told = self
            .store
            .commit(Turn::Order(order), self.clock.now())
            .await
            .map_err(|error| failed("give the order", &error))?;
        match told {
            Committed::Ordered(Ok(done)) => Ok(done),
            Committed::Ordered(Err(refusal)) => Err(refused(&refusal)),
            _ => Err(Failure::new("failed to give the order", "report this")),
        }
    }
}

fn refused(refusal: &OrderRefusal) -> Failure {
    let hint = match refusal {
        OrderRefusal::NotThere => "look at `message list` or `message broadcasts`",
        OrderRefusal::NotNow => "look at its state first",
        OrderRefusal::Oversize(_) => "shorten the text",
        OrderRefusal::PreviewDiffers { .. } => "look at `message preview`, then name its parts",
        OrderRefusal::Capped => "look at `message list --state queued`, or wait a day",
        OrderRefusal::NeedsApproval { .. } => "ask with `message propose`; another person answers",
        OrderRefusal::NobodyApproves => "give somebody else here the role of an officer",
        OrderRefusal::Approval(_) => "look at `message broadcasts` and at who has which role",
    };
    Failure::of("give the order", refusal, hint)
}
