//! What the tour prints: days, screens, sticks, statuses and SMS.

use core::fmt::Display;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use channels::handset::Screen;
use jiff::Timestamp;
use node_core::status::Status;
use sync::stick::Found;

use super::super::families::Family;
use super::super::{DemoError, evidence, tour};
use super::air::{PRICE, Traffic};
use super::site::{Board, Cast};

/// Where the story is told.
pub(super) struct Tale<'a, W> {
    out: &'a mut W,
    medium: PathBuf,
    /// Whether a whole dialogue was shown; further ones are told by their last screen.
    is_shown: bool,
}

impl<'a, W: Write> Tale<'a, W> {
    pub(super) fn new(out: &'a mut W, medium: PathBuf) -> Self {
        Self {
            out,
            medium,
            is_shown: false,
        }
    }

    pub(super) fn out(&mut self) -> &mut W {
        self.out
    }

    /// Opens a paragraph.
    pub(super) fn day(&mut self, now: Timestamp, text: &str) -> Result<(), DemoError> {
        let when = now.strftime("%A %-d %B, %H:%M");
        tour::headline(self.out, &format!("{when}. {text}"))
    }

    pub(super) fn line(&mut self, text: &str) -> Result<(), DemoError> {
        writeln!(self.out, "{text}")?;
        Ok(())
    }

    /// What the program says, as it says it.
    pub(super) fn report(&mut self, place: &str, report: &impl Display) -> Result<(), DemoError> {
        writeln!(self.out, "  {place}:")?;
        for line in report.to_string().lines() {
            writeln!(self.out, "    {line}")?;
        }
        Ok(())
    }

    /// The first dialogue whole, of the others the last screen.
    pub(super) fn registration(
        &mut self,
        (board, family): (&Board, &Family),
        shown: &[(String, Screen)],
    ) -> Result<(), DemoError> {
        let (mother, name, child) = (family.mother, family.family, family.child);
        writeln!(
            self.out,
            "{}: the worker registers {mother} {name} and {child}",
            board.name
        )?;
        let whole = if self.is_shown {
            shown.len().saturating_sub(1)
        } else {
            0
        };
        for (typed, screen) in shown.iter().skip(whole) {
            tour::show(self.out, &board.worker, typed, screen)?;
        }
        self.is_shown = true;
        Ok(())
    }

    /// Every registration with its status on its own board; gives how many are held there.
    pub(super) async fn statuses(&mut self, cast: &Cast) -> Result<u64, DemoError> {
        let mut held = 0;
        writeln!(self.out, "  status on the boards:")?;
        for board in &cast.boards {
            let mut rows = evidence::registrations(&board.store).await?;
            rows.sort_by_key(|row| row.captured_at);
            for (row, who) in rows.iter().zip(&board.registered) {
                held += u64::from(row.status == Status::Held);
                let id = row.registry_id.as_deref().unwrap_or_default();
                let status = row.status.word();
                let line = format!("    {:8} {who:20} {status:9} {id}", board.name);
                writeln!(self.out, "{}", line.trim_end())?;
            }
        }
        Ok(held)
    }

    /// What went over the air since a moment, and what it cost.
    pub(super) fn since(&mut self, before: Traffic, now: Traffic) -> Result<(), DemoError> {
        let up = now.from_village.saturating_sub(before.from_village);
        let down = now.from_hub.saturating_sub(before.from_hub);
        let cost = up.saturating_add(down).saturating_mul(PRICE);
        writeln!(
            self.out,
            "This took {up} SMS to the office and {down} to the village: {cost} shillings."
        )?;
        Ok(())
    }

    pub(super) fn lost(&mut self, traffic: Traffic) -> Result<(), DemoError> {
        if traffic.lost > 0 {
            let lost = "The network lost {} of its SMS; only what was missing was sent again.";
            writeln!(
                self.out,
                "{}",
                lost.replace("{}", &traffic.lost.to_string())
            )?;
        }
        Ok(())
    }

    /// Leaves the first half of a file on the stick.
    pub(super) fn cut(&mut self, board: &str, found: &Found) -> Result<(), DemoError> {
        let half = found.bytes / 2;
        let file = OpenOptions::new()
            .write(true)
            .open(self.medium.join(found.name.to_string()))?;
        file.set_len(half)?;
        writeln!(
            self.out,
            "At {board} the stick was pulled too early: {half} of {} bytes are on it.",
            found.bytes
        )?;
        Ok(())
    }
}
