//! mypersonalDataUsage: who has read a record, from the log of reads (DRS-37).
//!
//! `databaseId` is the code of a served registry, `userId` the id of a record in it; the reads of
//! all its versions are one list, newest first. A reader is a client, so it has no initials, and
//! its institution is known by its code only: see docs/API.md.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use node_core::event::entry_text;
use node_core::query::{Answer, Query as Question};
use node_core::read::{ReadRow, Reader, RecordName};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Registries;
use super::answer::{Refusal, ok};
use super::caller::Client;
use super::write::ID_CHARS_MAX;
use crate::port::PortError;

/// Of whom, and in which registry.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(rename = "userId")]
    user: String,
    #[serde(rename = "databaseId")]
    database: String,
}

pub(super) async fn usage(
    State(registries): State<Arc<Registries>>,
    _: Client,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refusal> {
    answered(&registries, asked)
        .await
        .map_err(Refusal::without_body)
}

async fn answered(
    registries: &Registries,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Ok(Query(Asked { user, database })) = asked else {
        return Err(Refusal::bad(
            "query.form",
            "userId and databaseId are needed",
        ));
    };
    if user.is_empty() || user.chars().count() > ID_CHARS_MAX {
        return Err(Refusal::field(
            "id.form",
            "/userId",
            "must have 1 to 128 characters",
        ));
    }
    let mut served = registries.config.registries.iter();
    let found = served.find(|registry| registry.code.eq_ignore_ascii_case(&database));
    let registry = found.ok_or_else(Refusal::no_registry)?;
    let (mut rows, mut known) = (Vec::new(), false);
    for version in &registry.versions {
        let record = RecordName {
            registry: registry.code.clone(),
            version: version.clone(),
            id: user.clone(),
        };
        known |= is_there(registries, &record).await?;
        rows.extend(reads(registries, record).await?);
    }
    if !known && rows.is_empty() {
        return Err(Refusal::no_record());
    }
    rows.sort_by_key(|row| core::cmp::Reverse((row.at, row.entry)));
    let rows: Vec<Value> = rows.iter().map(|row| entry(row, &user)).collect();
    Ok(ok(&Value::Array(rows)))
}

async fn is_there(registries: &Registries, record: &RecordName) -> Result<bool, Refusal> {
    let RecordName {
        registry,
        version,
        id,
    } = record.clone();
    let question = Question::Record {
        registry,
        version,
        id,
    };
    match registries.port.query(question).await? {
        Answer::Record(row) => Ok(row.is_some()),
        _ => Err(PortError::Failed.into()),
    }
}

async fn reads(registries: &Registries, record: RecordName) -> Result<Vec<ReadRow>, Refusal> {
    match registries.port.query(Question::RecordReads(record)).await? {
        Answer::Reads(rows) => Ok(rows),
        _ => Err(PortError::Failed.into()),
    }
}

/// One read in the shape of the file.
fn entry(row: &ReadRow, user: &str) -> Value {
    let reader = match &row.reader {
        Reader::Client(client) => client.as_str(),
        _ => "",
    };
    let institution = reader.rsplit_once('/').map_or(reader, |(own, _)| own);
    let name = institution.rsplit('/').next().unwrap_or(institution);
    json!({
        "id": entry_text(&row.entry),
        "readerId": reader,
        "readerInitials": "",
        "readerInstitutionId": institution,
        "readerInstitutionName": name,
        "readerApplicationName": row.application,
        "searchDateTime": row.at.to_string(),
        "refrences": [{"ReferenceId": user}],
    })
}
