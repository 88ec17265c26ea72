//! The paged list of a registry, with search, exact filters and order.

use std::cmp::Ordering;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::response::Response;
use serde_json::{Value, json};

use super::Registries;
use super::answer::{Refusal, ok};
use super::caller::Caller;
use super::content::{Content, at, contains, plain, stored};
use super::read::{candidates, page};

/// Most records on one page; a larger `pageSize` gets this many, and `next` leads on.
const PAGE_RECORDS_MAX: u32 = 200;
/// Records on a page when `pageSize` is not given.
const PAGE_RECORDS_DEFAULT: u32 = 50;
/// Most parameters of a query string; more are refused.
const PARAMETERS_MAX: usize = 32;

/// A query string, in the order of its parts.
type Parameters = Vec<(String, String)>;

/// A record's id and content.
type Record = (String, Content);

/// What a list was asked for.
struct Wanted {
    parameters: Parameters,
    page: u32,
    page_records: u32,
    search: Option<String>,
    filter: Option<String>,
    ordering: Option<String>,
    exact: Parameters,
}

pub(super) async fn list(
    State(registries): State<Arc<Registries>>,
    caller: Caller,
    headers: HeaderMap,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Ok(Query(parameters)) = parameters else {
        return Err(Refusal::bad("query.form", "query string is malformed"));
    };
    let wanted = Wanted::parse(parameters)?;
    let (results, count): (Vec<Record>, u64) = if wanted.needs_candidates() {
        let rows = candidates(&registries.port, &caller, wanted.costly_field()).await?;
        let mut found = Vec::new();
        for row in rows {
            let content = stored(&row.content)?;
            if wanted.takes(&content) {
                found.push((row.id, content));
            }
        }
        wanted.order(&mut found);
        let count = u64::try_from(found.len()).unwrap_or(u64::MAX);
        let offset = usize::try_from(wanted.offset()).unwrap_or(usize::MAX);
        let take = usize::try_from(wanted.page_records).unwrap_or(usize::MAX);
        (found.into_iter().skip(offset).take(take).collect(), count)
    } else {
        let (rows, total) = page(
            &registries.port,
            &caller,
            wanted.offset(),
            wanted.page_records,
        )
        .await?;
        let records = rows
            .into_iter()
            .map(|row| Ok((row.id, stored(&row.content)?)));
        let records: Result<Vec<Record>, Refusal> = records.collect();
        (records?, total)
    };
    let shown = results.iter().map(|(id, _)| caller.named(id)).collect();
    registries.port.note(&caller.client, "list", shown).await?;
    let results: Vec<Content> = results.into_iter().map(|(_, content)| content).collect();
    let mut body = json!({"count": count, "results": results});
    let root = root(&registries, &caller, &headers);
    let seen = u64::from(wanted.offset()).saturating_add(u64::from(wanted.page_records));
    // Absent rather than null: the file has them as plain texts.
    if let (Some(root), Some(members)) = (root, body.as_object_mut()) {
        if count > seen {
            members.insert(
                "next".to_owned(),
                wanted.link(&root, wanted.page.saturating_add(1)),
            );
        }
        if wanted.page > 1 {
            members.insert(
                "previous".to_owned(),
                wanted.link(&root, wanted.page.saturating_sub(1)),
            );
        }
    }
    Ok(ok(&body))
}

impl Wanted {
    fn parse(parameters: Parameters) -> Result<Self, Refusal> {
        if parameters.len() > PARAMETERS_MAX {
            return Err(Refusal::bad("query.form", "more than 32 parameters"));
        }
        let text = |name: &str| {
            let value = parameters
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value);
            value.filter(|value| !value.is_empty()).cloned()
        };
        let number = |name: &str, default: u32| match text(name) {
            None => Ok(default),
            Some(value) => value
                .parse()
                .ok()
                .filter(|number| *number > 0)
                .ok_or_else(|| {
                    Refusal::field("query.form", &format!("/{name}"), "must be a number from 1")
                }),
        };
        let exact = parameters.iter().filter_map(|(key, value)| {
            key.strip_prefix("query.")
                .map(|field| (field.to_owned(), value.clone()))
        });
        Ok(Self {
            page: number("page", 1)?,
            page_records: number("pageSize", PAGE_RECORDS_DEFAULT)?.min(PAGE_RECORDS_MAX),
            search: text("search"),
            filter: text("filter"),
            ordering: text("ordering"),
            exact: exact.collect(),
            parameters,
        })
    }

    fn needs_candidates(&self) -> bool {
        self.search.is_some() || self.ordering.is_some() || !self.exact.is_empty()
    }

    /// The parameter to name when there are too many candidates.
    fn costly_field(&self) -> &str {
        match self.exact.first() {
            Some((field, _)) => field,
            None if self.search.is_some() => "search",
            None => "ordering",
        }
    }

    fn offset(&self) -> u32 {
        self.page
            .saturating_sub(1)
            .saturating_mul(self.page_records)
    }

    fn takes(&self, content: &Content) -> bool {
        let found = |text: &String| contains(content, self.filter.as_deref(), text);
        let equals = |(field, value): &(String, String)| {
            at(content, field).and_then(plain).as_deref() == Some(value.as_str())
        };
        self.search.as_ref().is_none_or(found) && self.exact.iter().all(equals)
    }

    /// `descending`, `ascending` (by `filter`, else by id), or a field, with `-` for descending.
    fn order(&self, found: &mut [Record]) {
        let Some(ordering) = self.ordering.as_deref() else {
            return;
        };
        let named = self.filter.as_deref().unwrap_or("id");
        let (field, descending) = match ordering {
            "descending" | "desc" => (named, true),
            "ascending" | "asc" => (named, false),
            field => field
                .strip_prefix('-')
                .map_or((field, false), |field| (field, true)),
        };
        found.sort_by(|(_, one), (_, two)| {
            let order = compare(at(one, field), at(two, field));
            if descending { order.reverse() } else { order }
        });
    }

    fn link(&self, root: &str, page: u32) -> Value {
        let mut pairs: Parameters = self
            .parameters
            .iter()
            .filter(|(key, _)| key != "page")
            .cloned()
            .collect();
        pairs.push(("page".to_owned(), page.to_string()));
        let address = reqwest::Url::parse_with_params(root, pairs);
        address.map_or(Value::Null, |address| Value::from(address.as_str()))
    }
}

/// Numbers by value, texts by their characters, what is missing last.
fn compare(one: Option<&Value>, two: Option<&Value>) -> Ordering {
    match (one, two) {
        (Some(Value::Number(one)), Some(Value::Number(two))) => one
            .as_f64()
            .unwrap_or(0.0)
            .total_cmp(&two.as_f64().unwrap_or(0.0)),
        (Some(one), Some(two)) => plain(one).cmp(&plain(two)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

/// Absolute address of this list; `None` when neither settings nor the request name a host.
fn root(registries: &Registries, caller: &Caller, headers: &HeaderMap) -> Option<String> {
    let server = match &registries.config.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{}", headers.get(HOST)?.to_str().ok()?),
    };
    let root = format!("{server}/data/{}/{}", caller.registry.code, caller.version);
    reqwest::Url::parse(&root).ok().map(|url| url.to_string())
}
