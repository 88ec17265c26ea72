//! Tests of addresses, headers and outcome classes; talking to a peer is tested by the clients.

use super::*;

fn config(url: &str) -> UpstreamConfig {
    UpstreamConfig {
        name: "registries".to_owned(),
        url: url.to_owned(),
        route: Route::Direct,
        base_path: String::new(),
        client_header: HeaderFamily::InformationMediator,
        client: "ET/GOV/90000021/outpost".to_owned(),
        auth: Auth::None,
        timeout: Duration::from_secs(5),
        roots_pem: String::new(),
    }
}

#[test]
fn plain_http_leaves_only_to_loopback_addresses() {
    for url in ["http://127.0.0.1:9", "http://[::1]:9", "http://127.9.9.9"] {
        assert_eq!(Upstream::new(&config(url)).unwrap().root, url, "{url}");
    }
    for url in [
        "http://10.0.0.1",
        "http://localhost:9",
        "http://registry.example",
        "ftp://127.0.0.1",
    ] {
        let refused = Upstream::new(&config(url));
        assert!(matches!(refused, Err(ConfigError::Plain { .. })), "{url}");
    }
}

#[test]
fn https_without_roots_of_its_own_is_refused() {
    let refused = Upstream::new(&config("https://registry.example"));
    assert!(matches!(refused, Err(ConfigError::Roots { .. })));
}

#[test]
fn path_goes_through_the_security_server() {
    let mut through = config("http://127.0.0.1:8080");
    through.route = Route::R1 {
        service: "ET/GOV/9/registries/data".to_owned(),
    };
    through.base_path = "/v1/".to_owned();
    let upstream = Upstream::new(&through).unwrap();
    assert_eq!(
        upstream.root,
        "http://127.0.0.1:8080/r1/ET/GOV/9/registries/data/v1"
    );
    through.route = Route::R1 {
        service: "ET/GOV/9/registries".to_owned(),
    };
    assert!(matches!(
        Upstream::new(&through),
        Err(ConfigError::Form { key: "service", .. })
    ));
}

#[test]
fn client_name_has_four_parts_and_its_header_a_family() {
    let mut own = config("http://127.0.0.1:1");
    own.client_header = HeaderFamily::XRoad;
    let upstream = Upstream::new(&own).unwrap();
    assert_eq!(
        upstream.headers.get("x-road-client").unwrap(),
        "ET/GOV/90000021/outpost"
    );
    assert_eq!(upstream.headers.get("accept").unwrap(), "application/json");
    for client in ["ET/GOV/9", "ET//9/x", "ET/GOV/9/x/y", "", "ET/GOV/9/a b"] {
        own.client = client.to_owned();
        assert!(matches!(
            Upstream::new(&own),
            Err(ConfigError::Form { key: "client", .. })
        ));
    }
}

#[test]
fn secrets_are_not_printed() {
    let mut own = config("http://127.0.0.1:1");
    own.auth = Auth::Bearer(Secret("planted-token".to_owned()));
    let upstream = Upstream::new(&own).unwrap();
    assert!(!format!("{own:?}{upstream:?}").contains("planted-token"));
}

#[test]
fn answers_fall_into_the_classes_of_the_table() {
    let check = |status: u16, body: Option<&str>| {
        let body = body.map(|text| text.as_bytes().to_vec());
        classify(StatusCode::from_u16(status).unwrap(), body)
    };
    assert_eq!(check(200, Some("{}")), Ok(serde_json::json!({})));
    for (status, body) in [
        (200, Some("<html>")),
        (200, None),
        (500, Some("{}")),
        (503, None),
    ] {
        assert_eq!(check(status, body), Err(Failure::Unknown), "{status}");
    }
    for status in [408, 429, 599] {
        assert_eq!(check(status, Some("{}")), Err(Failure::Unknown), "{status}");
    }
    for status in [301, 302, 401, 403, 404, 405] {
        assert_eq!(
            check(status, Some("{}")),
            Err(Failure::Configuration),
            "{status}"
        );
    }
    let body = r#"{"code":"type","message":"/write/content/child/birthdate: must be a date"}"#;
    assert_eq!(
        check(400, Some(body)),
        Err(Failure::Refused {
            code: "type".to_owned(),
            field: Some("/write/content/child/birthdate".to_owned()),
            reason: "/write/content/child/birthdate: must be a date".to_owned(),
        })
    );
    assert_eq!(
        check(452, None),
        Err(Failure::Refused {
            code: "452".to_owned(),
            field: None,
            reason: String::new()
        })
    );
}
