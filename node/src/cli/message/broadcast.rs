//! A broadcast from a file: read line by line, so that a list may be larger than the memory.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use channels_core::Msisdn;
use clap::Args;
use node_core::message::audience::Audience;
use node_core::message::broadcast::LIST_LINES_MAX;
use node_core::message::order::{Order, Ordered};
use node_core::query::Query;
use node_core::role::Role;

use super::Desk;
use crate::cli::failure::Failure;
use crate::cli::office::role;

/// Lines without a number that are named; of more only the count is told.
const NAMED_MAX: usize = 5;

#[derive(Args, Debug)]
pub(crate) struct DraftArguments {
    /// The text
    #[arg(long)]
    text: String,
    /// File with one number a line, like +256770000001; without it the audience below
    #[arg(long, conflicts_with_all = ["programme", "village", "role", "to_language"])]
    list: Option<PathBuf>,
    /// People of this programme
    #[arg(long)]
    programme: Option<String>,
    /// People of the village with this code
    #[arg(long)]
    village: Option<String>,
    /// Staff with this role instead of people
    #[arg(long, value_parser = role)]
    role: Option<Role>,
    /// People who chose this language
    #[arg(long)]
    to_language: Option<String>,
    /// Hours after which it is stale for a recipient
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=168))]
    hours: u32,
}

impl DraftArguments {
    fn audience(&self) -> Audience {
        Audience {
            area: None,
            programme: self.programme.clone(),
            village: self.village.clone(),
            role: self.role,
            language: self.to_language.clone(),
        }
    }
}

/// What became of the lines.
#[derive(Default)]
struct Lines {
    read: usize,
    /// Line numbers without a number, the first ones.
    wrong: Vec<usize>,
    wrong_count: usize,
}

impl<W: Write> Desk<'_, W> {
    /// Drafts a broadcast, takes its list in and shows what it takes.
    pub(super) async fn draft(&mut self, draft: &DraftArguments) -> Result<(), Failure> {
        let order = Order::DraftBroadcast {
            text: draft.text.clone(),
            validity_s: draft.hours.saturating_mul(3_600),
        };
        let Ordered::Broadcast(broadcast) = self.order(order).await? else {
            return Err(Failure::new("failed to begin the broadcast", "report this"));
        };
        match &draft.list {
            Some(path) => self.add_file(broadcast, path).await?,
            None => self.add_audience(broadcast, draft.audience()).await?,
        }
        if !self.json {
            writeln!(self.out, "broadcast {broadcast}").map_err(Failure::output)?;
        }
        self.ask(Query::BroadcastPreview { broadcast }).await
    }

    async fn add_file(&mut self, broadcast: u32, path: &Path) -> Result<(), Failure> {
        let unreadable = |error: std::io::Error| {
            Failure::of("read the list", &error, "check the path of `--list`")
        };
        let file = File::open(path).map_err(unreadable)?;
        let mut lines = Lines::default();
        let mut numbers = Vec::new();
        for line in BufReader::new(file).lines() {
            let line = line.map_err(unreadable)?;
            lines.read = lines.read.saturating_add(1);
            match Msisdn::parse(line.trim()) {
                Ok(number) => numbers.push(number.to_e164()),
                Err(_) if line.trim().is_empty() => {}
                Err(_) => lines.note_wrong(),
            }
            if numbers.len() >= LIST_LINES_MAX {
                let numbers = std::mem::take(&mut numbers);
                self.order(Order::AddRecipients { broadcast, numbers })
                    .await?;
            }
        }
        if !numbers.is_empty() {
            self.order(Order::AddRecipients { broadcast, numbers })
                .await?;
        }
        self.tell_wrong(&lines)
    }

    async fn add_audience(&self, broadcast: u32, audience: Audience) -> Result<(), Failure> {
        let mut after = Some(0);
        while let Some(place) = after {
            let order = Order::AddAudience {
                broadcast,
                audience: audience.clone(),
                after: place,
            };
            after = match self.order(order).await? {
                Ordered::Page { next, .. } => next,
                _ => None,
            };
        }
        Ok(())
    }

    fn tell_wrong(&mut self, lines: &Lines) -> Result<(), Failure> {
        if lines.wrong_count == 0 || self.json {
            return Ok(());
        }
        let named: Vec<String> = lines.wrong.iter().map(ToString::to_string).collect();
        writeln!(
            self.out,
            "{} of {} lines hold no number, such as line {}",
            lines.wrong_count,
            lines.read,
            named.join(", ")
        )
        .map_err(Failure::output)
    }
}

impl Lines {
    fn note_wrong(&mut self) {
        self.wrong_count = self.wrong_count.saturating_add(1);
        if self.wrong.len() < NAMED_MAX {
            self.wrong.push(self.read);
        }
    }
}
