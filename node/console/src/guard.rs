//! What every page of ours says to the browser, and which forms it takes at all.
//!
//! Forms that another site sends are refused by their `Origin`; what else protects a session is
//! with its pages ([`crate::office`]).

use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Refuses forms that another site sends, and tells the browser what the page may load.
pub(crate) async fn harden(policy: &'static str, request: Request, next: Next) -> Response {
    let mut response = if own_origin(request.headers()) {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    };
    let fixed: [(HeaderName, &'static str); 4] = [
        (CONTENT_SECURITY_POLICY, policy),
        // Not `no-referrer`: a browser would then send `Origin: null` with our own forms.
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether a browser that names the sending page names this one; programs name none.
fn own_origin(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match (text(ORIGIN), text(HOST)) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, own)| own == host),
        (Some(_), None) => false,
    }
}

/// A cookie that a request carries.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(axum::http::header::COOKIE).into_iter();
    let pairs = all
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'));
    let mut own = pairs.filter_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then_some(value)
    });
    match (own.next(), own.next()) {
        (Some(value), None) => Some(value),
        // Two of one name: somebody planted one of them.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;

    use super::*;

    #[test]
    fn one_cookie_of_a_name_is_read_and_two_are_none() {
        let of = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(COOKIE, HeaderValue::from_static(value));
            }
            cookie(&headers, "own").map(str::to_owned)
        };
        assert_eq!(of(&["own=1"]).as_deref(), Some("1"));
        assert_eq!(of(&["a=2; own=1;b"]).as_deref(), Some("1"));
        assert_eq!(of(&["a=2", "own=1"]).as_deref(), Some("1"));
        for none in [
            &["owner=1"][..],
            &["own"],
            &[],
            &["own=1; own=2"],
            &["own=1", "own=1"],
        ] {
            assert_eq!(of(none), None, "{none:?}");
        }
    }
}
