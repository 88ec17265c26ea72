//! The sentences that a person reads after a stick: what was copied or taken, and what to do now.

use core::fmt;

use sync::stick::listing::PassedOver;
use sync_core::Lane;
use sync_core::bundle::Direction;

use super::inspect::Content;
use super::{ExportReport, Extent, Fate, FileReport, ImportReport, InspectReport, Inspected};

impl fmt::Display for ExportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for written in &self.written {
            let list = if written.list {
                "the list of closed boards, "
            } else {
                ""
            };
            writeln!(
                f,
                "copied {}: {list}{} frames, {} receipts, {} bytes",
                written.name, written.frames, written.receipts, written.bytes
            )?;
        }
        if self.replaced > 0 {
            writeln!(
                f,
                "removed {} older bundles that these replace",
                self.replaced
            )?;
        }
        if self.was_set_back {
            writeln!(
                f,
                "the stick holds a later bundle of this device than it ever wrote: it was set back \
                 to an older state. Restore it with `outpost restore`, then enrol it again"
            )?;
        }
        match self.extent {
            Extent::ReadOnly => {
                writeln!(f, "the stick cannot be written to: nothing was copied")
            }
            Extent::Full => writeln!(
                f,
                "the stick is full: the most urgent was copied. Empty it or take another one, \
                 then export again"
            ),
            Extent::All if self.written.is_empty() => writeln!(f, "nothing new to carry"),
            Extent::All => writeln!(
                f,
                "everything is copied and verified: the stick may be pulled"
            ),
        }
    }
}

impl fmt::Display for FileReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.name)?;
        if let Fate::Refused(reason) = &self.fate {
            return write!(f, "nothing taken: {reason}");
        }
        let good = self.taken.saturating_add(self.known);
        if self.fate == Fate::Damaged {
            write!(f, "{good} of {} frames taken", self.frames)?;
        } else {
            write!(f, "{good} frames taken")?;
        }
        if self.known > 0 {
            write!(f, " ({} of them known before)", self.known)?;
        }
        if self.receipts > 0 {
            write!(f, ", {} receipts", self.receipts)?;
        }
        if self.refused > 0 {
            write!(f, ", {} frames refused", self.refused)?;
        }
        for reason in &self.reasons {
            write!(f, "; {reason}")?;
        }
        if self.fate == Fate::Damaged {
            write!(f, "; the rest is damaged: copy the stick again")?;
        }
        Ok(())
    }
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.files {
            writeln!(f, "{file}")?;
        }
        if self.files.is_empty() {
            writeln!(f, "nothing on the stick is for this device")?;
        }
        if self.for_others > 0 {
            writeln!(
                f,
                "{} bundles are for others and stay on the stick",
                self.for_others
            )?;
        }
        passed_over(f, &self.passed_over)?;
        match &self.answer {
            Some(answer) if answer.extent == Extent::ReadOnly => writeln!(
                f,
                "the stick cannot be written to: it goes back without answer. Export onto another \
                 one"
            ),
            Some(answer) => {
                writeln!(f, "answers for the nodes whose news were taken:")?;
                write!(f, "{answer}")
            }
            None => Ok(()),
        }
    }
}

impl fmt::Display for InspectReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for bundle in &self.bundles {
            writeln!(f, "{bundle}")?;
        }
        if self.bundles.is_empty() {
            writeln!(f, "no bundle is on the stick")?;
        }
        passed_over(f, &self.passed_over)
    }
}

impl fmt::Display for Inspected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            let what = match name.direction {
                Direction::News => "news",
                Direction::Answer => "answer",
            };
            write!(f, "{name}: {what} of {} for {}, ", name.from.0, name.to.0)?;
        }
        write!(f, "{} bytes", self.bytes)?;
        if let Some(content) = &self.content {
            write!(f, ", {content}")?;
        }
        match &self.fault {
            Some(fault) => write!(f, "; {fault}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let manifest = &self.manifest;
        write!(
            f,
            "{} of {} frames, {} receipts",
            self.frames, manifest.frames, self.receipts
        )?;
        for (lane, entries) in &self.entries {
            write!(f, ", {entries} entries of {}", word(*lane))?;
        }
        Ok(())
    }
}

fn word(lane: Lane) -> &'static str {
    match lane {
        Lane::Control => "control",
        Lane::Money => "money",
        Lane::Referral => "referrals",
        Lane::Registration => "registrations",
        Lane::Audit => "audit",
    }
}

fn passed_over(f: &mut fmt::Formatter<'_>, over: &PassedOver) -> fmt::Result {
    let counts = [
        (
            over.strange_names,
            "other files below OUTPOST were left alone",
        ),
        (
            over.not_regular,
            "links, folders or devices under a bundle's name were left alone",
        ),
        (
            over.too_many,
            "bundles or folders are over the limits of a stick: carry them on another one",
        ),
    ];
    for (count, words) in counts.into_iter().filter(|(count, _)| *count > 0) {
        writeln!(f, "{count} {words}")?;
    }
    Ok(())
}
