//! Somebody at a browser without script: keeps cookies, follows redirects, fills in forms as they
//! stand on the page.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, Request, StatusCode};
use tower::ServiceExt as _;

/// Names and values of a form.
type Fields<'a> = &'a [(&'a str, &'a str)];

const PAGE_BYTES_MAX: usize = 30_000;
const HOST_NAME: &str = "office.test";

/// What came back.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
}

/// A browser.
#[derive(Clone)]
pub(crate) struct Visitor {
    pages: Router,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Visitor {
    pub(crate) fn new(pages: &Router) -> Self {
        Self {
            pages: pages.clone(),
            cookies: BTreeMap::new(),
        }
    }

    /// The same browser at other pages.
    pub(crate) fn at(&self, pages: &Router) -> Self {
        Self {
            pages: pages.clone(),
            cookies: self.cookies.clone(),
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        let page = self.send("GET", path, None).await;
        self.followed(page).await
    }

    /// Posts a form of the pages themselves.
    pub(crate) async fn post(&mut self, path: &str, fields: Fields<'_>) -> Page {
        let page = self.send("POST", path, Some((fields, HOST_NAME))).await;
        self.followed(page).await
    }

    /// Posts a form as a page of another site does.
    pub(crate) async fn post_from(&mut self, path: &str, fields: Fields<'_>) -> Page {
        self.send("POST", path, Some((fields, "evil.test"))).await
    }

    async fn followed(&mut self, page: Page) -> Page {
        let mut page = page;
        for _ in 0..5 {
            let Some(to) = page.headers.get(LOCATION) else {
                break;
            };
            let to = to.to_str().expect("an address").to_owned();
            page = self.send("GET", &to, None).await;
        }
        page
    }

    async fn send(&mut self, method: &str, path: &str, form: Option<(Fields<'_>, &str)>) -> Page {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, HOST_NAME);
        let pairs = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let cookies: Vec<String> = pairs.collect();
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        let body = match form {
            Some((fields, origin)) => {
                request = request
                    .header(ORIGIN, format!("https://{origin}"))
                    .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
                Body::from(encoded(fields))
            }
            None => Body::empty(),
        };
        let request = request.body(body).expect("a request");
        let response = self
            .pages
            .clone()
            .oneshot(request)
            .await
            .expect("an answer");
        let (parts, body) = response.into_parts();
        for set in parts.headers.get_all(SET_COOKIE) {
            self.keep(set.to_str().expect("a cookie"));
        }
        let bytes = to_bytes(body, PAGE_BYTES_MAX).await.expect("a small page");
        Page {
            status: parts.status,
            headers: parts.headers,
            html: String::from_utf8(bytes.to_vec()).expect("text"),
        }
    }

    fn keep(&mut self, set: &str) {
        assert!(
            set.contains("HttpOnly") && set.contains("SameSite=Strict"),
            "{set}"
        );
        let (pair, rest) = set.split_once(';').expect("attributes");
        let (name, value) = pair.split_once('=').expect("a value");
        if rest.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

fn encoded(fields: Fields<'_>) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    let text = |text: &str| text.bytes().map(byte).collect::<String>();
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{}={}", text(name), text(value)));
    pairs.collect::<Vec<_>>().join("&")
}

impl Page {
    /// The secret of the forms on the page.
    pub(crate) fn form(&self) -> String {
        let after = self.html.split("name=\"form\" value=\"").nth(1);
        let value = after.and_then(|rest| rest.split('"').next());
        value
            .unwrap_or_else(|| panic!("no form: {}", self.html))
            .to_owned()
    }

    pub(crate) fn says(&self, words: &str) -> bool {
        self.html.contains(words)
    }
}
