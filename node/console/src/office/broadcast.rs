//! Large broadcasts that wait for a second person: what would be sent, to how many, at what price,
//! who proposed it; an officer who is somebody else approves or refuses with a reason.
//!
//! The command is that of the answer by SMS (decision 0042), and so are its rules.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use node_core::command::Command;
use node_core::message::approval::ProposalRow;
use node_core::message::broadcast::BroadcastState;
use node_core::role::right::{Right, may};
use serde::Deserialize;

use super::page::{Head, Notice, moment};
use super::{Look, OfficePages, Pages, Posted, Seen};

pub(super) const BROADCASTS: &str = "/office/broadcasts";
pub(super) const BROADCAST: &str = "/office/broadcasts/{number}";

#[derive(Deserialize)]
pub(super) struct SettleForm {
    form: String,
    answer: String,
    #[serde(default)]
    reason: String,
}

pub(super) async fn list(State(pages): Pages, headers: HeaderMap) -> Response {
    pages.show(&headers, Look::Broadcasts, None).await
}

pub(super) async fn settle(
    State(pages): Pages,
    headers: HeaderMap,
    Path(number): Path<String>,
    form: Posted<SettleForm>,
) -> Response {
    let (Ok(broadcast), Ok(Form(typed))) = (number.parse::<u32>(), form) else {
        return pages.missing(&headers).await;
    };
    let approve = match typed.answer.as_str() {
        "approve" => true,
        "refuse" => false,
        _ => return pages.missing(&headers).await,
    };
    let command = Command::DecideBroadcast {
        broadcast,
        approve,
        reason: typed.reason,
    };
    pages
        .order(
            &headers,
            typed.form,
            command,
            (Look::Broadcasts, BROADCASTS),
        )
        .await
}

/// A proposal as it stands on the page.
struct Line<'a> {
    number: u32,
    text: &'a str,
    recipients: u64,
    parts_each: u32,
    parts: u64,
    price_minor: u64,
    ucs2: bool,
    by: &'a str,
    until: String,
    /// What became of it, in words.
    end: String,
    reason: &'a str,
}

impl<'a> Line<'a> {
    fn new(row: &'a ProposalRow) -> Self {
        let decided = row.decided.as_ref();
        Self {
            number: row.broadcast,
            text: &row.text,
            recipients: row.preview.recipients,
            parts_each: row.preview.parts_each,
            parts: row.preview.parts,
            price_minor: row.preview.price_minor,
            ucs2: row.preview.ucs2,
            by: &row.by,
            until: moment(row.until),
            end: end(row),
            reason: decided.map_or("", |decided| &decided.reason),
        }
    }
}

/// What became of a proposal.
fn end(row: &ProposalRow) -> String {
    match &row.decided {
        Some(decided) if decided.approve => {
            format!("approved by {}; {}", decided.by, stand(row.state))
        }
        Some(decided) => format!("refused by {}", decided.by),
        None if row.state == BroadcastState::Refused => "nobody answered in time".to_owned(),
        None => stand(row.state).to_owned(),
    }
}

fn stand(state: BroadcastState) -> &'static str {
    match state {
        BroadcastState::Draft => "a draft",
        BroadcastState::Running => "it is being sent",
        BroadcastState::Paused => "it is paused",
        BroadcastState::Finished => "it was sent",
        BroadcastState::Cancelled => "it was ended",
        BroadcastState::Proposed => "it waits",
        BroadcastState::Refused => "it is not sent",
    }
}

#[derive(Template)]
#[template(path = "office_broadcasts.html")]
struct BroadcastsView<'a> {
    head: Head<'a>,
    form: &'a str,
    may_settle: bool,
    open: Vec<Line<'a>>,
    done: Vec<Line<'a>>,
}

pub(super) fn page(
    pages: &OfficePages,
    seen: &Seen,
    rows: &[ProposalRow],
    notice: Option<&Notice>,
) -> Result<String, askama::Error> {
    let (open, done): (Vec<&ProposalRow>, Vec<&ProposalRow>) =
        rows.iter().partition(|row| row.is_open(seen.at));
    BroadcastsView {
        head: Head::new(pages, Some(&seen.who), notice),
        form: seen.who.form.text(),
        may_settle: may(seen.who.role, Right::Approve),
        open: open.into_iter().map(Line::new).collect(),
        done: done.into_iter().map(Line::new).collect(),
    }
    .render()
}
