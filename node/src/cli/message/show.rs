//! Answers about messages as lines for people and as JSON for programs, with the same facts.

use std::io::Write;

use jiff::Timestamp;
use node_core::message::broadcast::Preview;
use node_core::message::order::Ordered;
use node_core::query::{Answer, BroadcastRow, InboxRow, LinkRow, MessageRow};
use serde_json::{Value, json};

use super::Desk;
use crate::cli::failure::Failure;

fn time(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| String::new(), |at| at.to_string())
}

fn message_line(row: &MessageRow) -> String {
    let why = row.held.map(|held| format!(", {held}")).unwrap_or_default();
    let twice = if row.possible_duplicate {
        ", possible duplicate"
    } else {
        ""
    };
    format!(
        "{}  {:?}  {}  to {}  until {}{why}{twice}",
        row.id,
        row.class,
        row.state.word(),
        row.to_hint,
        time(row.expires_at_ms)
    )
}

fn message_json(row: &MessageRow) -> Value {
    json!({
        "id": row.id.to_string(),
        "class": format!("{:?}", row.class).to_lowercase(),
        "state": row.state.word(),
        "held": row.held.map(|held| held.to_string()),
        "reason": row.reason,
        "to": row.to_hint,
        "created_at": time(row.created_at_ms),
        "expires_at": time(row.expires_at_ms),
        "attempt": row.attempt,
        "possible_duplicate": row.possible_duplicate,
    })
}

fn link_line(row: &LinkRow) -> String {
    let balance = row
        .balance_minor
        .map_or_else(|| "not read".to_owned(), |minor| minor.to_string());
    let hours = row
        .supply_hours
        .map(|hours| format!(", enough for {hours} h"))
        .unwrap_or_default();
    let alarm = row
        .alarm
        .map(|alarm| format!(", ALARM: {alarm}"))
        .unwrap_or_default();
    format!(
        "{}  {} parts this hour, {} this day  balance {balance}{hours}{alarm}",
        row.link, row.used.hour, row.used.day
    )
}

fn link_json(row: &LinkRow) -> Value {
    json!({
        "link": row.link,
        "hour_parts": row.used.hour,
        "day_parts": row.used.day,
        "balance_minor": row.balance_minor,
        "supply_hours": row.supply_hours,
        "alarm": row.alarm.map(|alarm| alarm.to_string()),
    })
}

fn preview_line(preview: &Preview) -> String {
    format!(
        "{} people, {} part{} each{}, {} parts, price {}",
        preview.recipients,
        preview.parts_each,
        if preview.parts_each == 1 { "" } else { "s" },
        if preview.ucs2 { " (UCS-2)" } else { "" },
        preview.parts,
        preview.price_minor
    )
}

fn preview_json(preview: &Preview) -> Value {
    json!({
        "recipients": preview.recipients,
        "parts_each": preview.parts_each,
        "ucs2": preview.ucs2,
        "parts": preview.parts,
        "price_minor": preview.price_minor,
    })
}

fn broadcast_line(row: &BroadcastRow) -> String {
    let counts: Vec<String> = row
        .counts
        .iter()
        .map(|(state, count)| format!("{count} {}", state.word()))
        .collect();
    format!(
        "{}  {}  {} of {} people queued  {}",
        row.id,
        row.state.word(),
        row.place,
        row.preview.recipients,
        counts.join(", ")
    )
}

fn broadcast_json(row: &BroadcastRow) -> Value {
    let counts: serde_json::Map<String, Value> = row
        .counts
        .iter()
        .map(|(state, count)| (state.word().to_owned(), json!(count)))
        .collect();
    json!({
        "broadcast": row.id,
        "state": row.state.word(),
        "place": row.place,
        "preview": preview_json(&row.preview),
        "messages": counts,
    })
}

fn inbox_line(row: &InboxRow) -> String {
    let desk = if row.desk.is_empty() {
        String::new()
    } else {
        format!(" [{}]", row.desk)
    };
    let way = if row.ours { "to" } else { "from" };
    format!(
        "{}  {}  {way} {}{desk}: {}",
        row.thread,
        time(row.at_ms),
        row.from,
        row.text.replace(char::is_control, " ")
    )
}

fn inbox_json(row: &InboxRow) -> Value {
    json!({
        "thread": row.thread,
        "at": time(row.at_ms),
        "ours": row.ours,
        "desk": row.desk,
        "with": row.from,
        "text": row.text,
    })
}

fn shown(answer: &Answer) -> (Vec<String>, Value) {
    match answer {
        Answer::Messages(rows) => (
            rows.iter().map(message_line).collect(),
            rows.iter().map(message_json).collect(),
        ),
        Answer::Links(rows) => (
            rows.iter().map(link_line).collect(),
            rows.iter().map(link_json).collect(),
        ),
        Answer::Broadcasts(rows) => (
            rows.iter().map(broadcast_line).collect(),
            rows.iter().map(broadcast_json).collect(),
        ),
        Answer::BroadcastPreview(preview) => (
            preview.iter().map(preview_line).collect(),
            preview.as_ref().map_or(Value::Null, preview_json),
        ),
        Answer::Inbox(rows) => (
            rows.iter().map(inbox_line).collect(),
            rows.iter().map(inbox_json).collect(),
        ),
        _ => (Vec::new(), Value::Null),
    }
}

impl<W: Write> Desk<'_, W> {
    pub(super) fn show(&mut self, answer: &Answer) -> Result<(), Failure> {
        let (lines, value) = shown(answer);
        if self.json {
            return writeln!(self.out, "{value}").map_err(Failure::output);
        }
        if lines.is_empty() {
            return writeln!(self.out, "none").map_err(Failure::output);
        }
        for line in lines {
            writeln!(self.out, "{line}").map_err(Failure::output)?;
        }
        Ok(())
    }

    pub(super) fn show_done(&mut self, done: Ordered) -> Result<(), Failure> {
        let (line, value) = match done {
            Ordered::Done => ("done".to_owned(), json!({ "done": true })),
            Ordered::Broadcast(id) => (format!("broadcast {id}"), json!({ "broadcast": id })),
            Ordered::Page { added, .. } => (format!("{added} added"), json!({ "added": added })),
            Ordered::Added(lines) => (format!("{lines} added"), json!({ "added": lines })),
        };
        if self.json {
            writeln!(self.out, "{value}").map_err(Failure::output)
        } else {
            writeln!(self.out, "{line}").map_err(Failure::output)
        }
    }
}
