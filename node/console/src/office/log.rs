//! The auditor's pages: the read log in parts, a person's log, complaints, and a part as a file.
//!
//! A registration number is typed into a form and never stands in an address: the answer leads to
//! the internal name of the document. A file is an export; the other end notes it with its reason
//! before it is given (decision 0053).

mod page;

use axum::Form;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use node_core::command::Command;
use node_core::event::parse_entry_text;
use node_core::office::log::{Kind, LogFilter, LogOrder, LogPage, LogPlace, parse_reader};
use node_core::query::Answer;
use serde::Deserialize;

use super::{Look, OfficePages, OfficeRefusal, Pages, Posted, SIGN_IN, Seen};

pub(super) const LOG: &str = "/office/log";
pub(super) const COMPLAINTS: &str = "/office/log/complaints";
pub(super) const FIND: &str = "/office/log/person";
pub(super) const FILE: &str = "/office/log/file";

pub(super) use page::{complaints as complaints_page, log as log_page};

/// A part of the log in an address or a form; empty words name nothing.
#[derive(Deserialize, Default)]
pub(super) struct LogWords {
    #[serde(default)]
    reader: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    day: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    before: String,
}

#[derive(Deserialize)]
pub(super) struct FindForm {
    form: String,
    number: String,
}

#[derive(Deserialize)]
pub(super) struct FileForm {
    form: String,
    #[serde(default)]
    reason: String,
    // Not flattened: that is more code than five words.
    #[serde(default)]
    reader: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    day: String,
    #[serde(default)]
    kind: String,
}

/// A word that may be missing; `Err` where it is there and means nothing.
fn word<T>(text: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, ()> {
    match text {
        "" => Ok(None),
        text => parse(text).map(Some).ok_or(()),
    }
}

impl LogWords {
    fn look(&self) -> Result<Look, ()> {
        let filter = LogFilter {
            reader: word(&self.reader, parse_reader)?,
            person: word(&self.person, parse_entry_text)?,
            day: word(&self.day, |day| day.parse::<Date>().ok())?,
            kind: word(&self.kind, Kind::parse)?.unwrap_or_default(),
        };
        Ok(Look::Log(filter, word(&self.before, LogPlace::parse)?))
    }
}

pub(super) async fn log(
    State(pages): Pages,
    headers: HeaderMap,
    words: Result<Query<LogWords>, QueryRejection>,
) -> Response {
    match words.map(|Query(words)| words.look()) {
        Ok(Ok(look)) => pages.show(&headers, look, None).await,
        Ok(Err(())) | Err(_) => pages.missing(&headers).await,
    }
}

pub(super) async fn complaints(State(pages): Pages, headers: HeaderMap) -> Response {
    pages.show(&headers, Look::Complaints, None).await
}

pub(super) async fn find(
    State(pages): Pages,
    headers: HeaderMap,
    form: Posted<FindForm>,
) -> Response {
    let Some(session) = pages.cookies().session(&headers) else {
        return Redirect::to(SIGN_IN).into_response();
    };
    let Ok(Form(typed)) = form else {
        return pages.missing(&headers).await;
    };
    let number = typed.number.chars().filter(|one| !one.is_whitespace());
    let find = LogOrder::Find {
        number: number.collect(),
    };
    match pages
        .port
        .order(session, typed.form, Command::ReadLog(find))
        .await
    {
        Ok(told) => {
            let person = told.values.get("person").map_or("", String::as_str);
            Redirect::to(&format!("{LOG}?person={person}")).into_response()
        }
        Err(refusal) => {
            let whole = Look::Log(LogFilter::default(), None);
            pages.refused_on(&headers, &refusal, whole).await
        }
    }
}

pub(super) async fn file(
    State(pages): Pages,
    headers: HeaderMap,
    form: Posted<FileForm>,
) -> Response {
    let Some(session) = pages.cookies().session(&headers) else {
        return Redirect::to(SIGN_IN).into_response();
    };
    let Ok(Form(typed)) = form else {
        return pages.missing(&headers).await;
    };
    let words = LogWords {
        reader: typed.reader,
        person: typed.person,
        day: typed.day,
        kind: typed.kind,
        before: String::new(),
    };
    let Ok(look) = words.look() else {
        return pages.missing(&headers).await;
    };
    let asked = (typed.form, typed.reason);
    match pages.port.take(session, asked, look.clone()).await {
        Ok(seen) => match &seen.answer {
            Answer::Log(Some(part)) => given(&seen, part),
            _ => pages.missing(&headers).await,
        },
        Err(refusal) => pages.refused_on(&headers, &refusal, look).await,
    }
}

fn given(seen: &Seen, part: &LogPage) -> Response {
    let day = seen.at.strftime("%Y-%m-%d");
    let name = format!("attachment; filename=\"read-log-{day}.csv\"");
    let kind = (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned());
    ([kind, (CONTENT_DISPOSITION, name)], page::file(part)).into_response()
}

impl OfficePages {
    /// A rule said no: the page stands there again with what it said.
    pub(super) async fn refused_on(
        &self,
        headers: &HeaderMap,
        refusal: &OfficeRefusal,
        look: Look,
    ) -> Response {
        match refusal {
            OfficeRefusal::Rejected(_, rejection) if rejection.text != "reject-not-allowed" => {
                let notice = self.notice(refusal);
                self.show(headers, look, Some(notice)).await
            }
            refusal => self.refused(refusal),
        }
    }
}
