//! Settings that are read, refused, and kept equal to their template.

use std::collections::BTreeSet;

use super::*;

/// The template with every setting switched on.
fn complete() -> String {
    let on = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '[') => {
            rest.to_owned()
        }
        _ => line.to_owned(),
    };
    template().lines().map(|line| on(line) + "\n").collect()
}

fn check(change: (&str, &str)) -> SettingsError {
    let text = complete();
    assert!(
        text.contains(change.0),
        "{} is not in the template",
        change.0
    );
    Settings::parse(&text.replacen(change.0, change.1, 1)).unwrap_err()
}

#[test]
fn template_is_settings_with_and_without_its_comments() {
    let bare = Settings::parse(template()).unwrap();
    assert_eq!((bare.hub, bare.smpp.len()), (None, 0));
    assert_eq!(bare.node.staff_pin_hours, STAFF_PIN_HOURS, "asked at first");
    let all = Settings::parse(&complete()).unwrap();
    assert!(all.hub.is_some());
    assert_eq!((all.ussd_gateway.len(), all.http_sms.len()), (1, 1));
    assert_eq!(all.own_cell.unwrap().guard_s, default_guard_s());
    assert_eq!(
        all.govstack.upstream["registries"].timeout_s,
        default_timeout_s()
    );
    assert_eq!((all.smpp[0].window, all.smpp[0].rate), (10, 10));
}

/// Asks serde itself which keys a table has, so that a new field cannot be forgotten.
#[test]
fn template_names_every_setting_and_explains_it() {
    let text = complete();
    let mut headers: Vec<&str> = text.lines().filter(|line| line.starts_with('[')).collect();
    headers.push("");
    let table: toml::Table = toml::from_str(&text).unwrap();
    for header in headers {
        let probe = match header {
            "" => format!("zz = 1\n{text}"),
            _ => text.replacen(&format!("{header}\n"), &format!("{header}\nzz = 1\n"), 1),
        };
        let message = toml::from_str::<Settings>(&probe)
            .unwrap_err()
            .message()
            .to_owned();
        assert!(
            message.starts_with("unknown field `zz`"),
            "{header}: {message}"
        );
        let known: BTreeSet<&str> = message.split('`').skip(3).step_by(2).collect();
        let mut place = &toml::Value::Table(table.clone());
        for part in header
            .trim_matches(['[', ']'])
            .split('.')
            .filter(|part| !part.is_empty())
        {
            place = place.get(part).unwrap();
            place = place.as_array().map_or(place, |all| &all[0]);
        }
        let named: BTreeSet<&str> = place
            .as_table()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        // `[govstack]` has no section of its own: its tables stand under dotted headers.
        assert_eq!(named, known, "{header}");
    }
    let explained = template()
        .lines()
        .zip(template().lines().skip(1))
        .filter(|(_, line)| {
            line.trim_start_matches('#').split_once(" = ").is_some() && !line.starts_with("# ")
        });
    for (before, line) in explained {
        assert!(before.starts_with("# "), "{line} has no explanation");
    }
}

#[test]
fn an_unknown_key_is_refused_with_line_key_and_nearest() {
    let error = check(("country = ", "contry = "));
    assert_eq!(error.key, "node.contry");
    assert_eq!(error.nearest.as_deref(), Some("country"));
    let line = template()
        .lines()
        .position(|line| line.starts_with("country"))
        .unwrap()
        + 1;
    assert_eq!(error.line, line);
    assert_eq!(error.hint(), "did you mean `country`?");
}

#[test]
fn an_unknown_value_names_the_nearest() {
    let error = check(("client_header = \"x-road\"", "client_header = \"xroad\""));
    assert_eq!(error.key, "govstack.upstream.registries.client_header");
    assert_eq!(error.nearest.as_deref(), Some("x-road"));
    let error = check(("bind = \"transceiver\"", "bind = \"postman\""));
    assert_eq!((error.key.as_str(), error.nearest), ("smpp.bind", None));
}

#[test]
fn the_dialled_code_and_the_folder_of_own_programmes_have_their_form() {
    let dial = check(("dial = \"*384*7#\"", "dial = \"384\""));
    assert_eq!(dial.key, "node.dial");
    let folder = check(("\"/etc/outpost/programmes\"", "\"programmes\""));
    assert_eq!(folder.key, "node.programmes");
}

#[test]
fn values_out_of_range_are_refused_with_their_line() {
    let cases = [
        ("country = \"UG\"", "country = \"Uganda\"", "node.country"),
        ("name = \"Clinic\"", "name = \"\"", "node.name"),
        ("minutes = 10", "minutes = 0", "lan.minutes"),
        ("minutes = 10", "minutes = 1441", "lan.minutes"),
        ("node = 7", "node = 0", "lan.peer.node"),
        (
            "address = \"10.0.0.7:8444\"",
            "address = \"10.0.0.7\"",
            "lan.peer.address",
        ),
        ("sender = \"384\"", "sender = \"+384\"", "node.sender"),
        (
            "language = \"en\"",
            "language = \"english please\"",
            "node.language",
        ),
        (
            "folder = \"/var/lib/outpost\"",
            "folder = \"here\"",
            "node.folder",
        ),
        (
            "anchor = \"/boot/firmware/outpost.anchor\"",
            "anchor = \"outpost.anchor\"",
            "node.anchor",
        ),
        (
            "anchor = \"/boot/firmware/outpost.anchor\"",
            "anchor = \"/var/lib/outpost/anchor\"",
            "node.anchor",
        ),
        ("hub.example:8443", "hub.example", "node.hub_address"),
        (
            "staff_pin_hours = 24",
            "staff_pin_hours = 169",
            "node.staff_pin_hours",
        ),
        ("scope = 16", "scope = 8", "hub.area.scope"),
        ("code = \"12\"", "code = \"1\"", "hub.area.code"),
        ("code = \"12\"", "code = \"1234567\"", "hub.area.code"),
        ("code = \"12\"", "code = \"99\"", "hub.area.code"),
        ("code = \"12\"", "code = \"1a\"", "hub.area.code"),
        ("dial = \"*384#\"", "dial = \"*384\"", "hub.dial"),
        ("dial = \"*384#\"", "dial = \"*384**7#\"", "hub.dial"),
    ];
    check_lines(&cases);
}

#[test]
fn links_and_upstreams_out_of_range_are_refused_with_their_line() {
    let cases = [
        ("binds = 1", "binds = 9", "smpp.binds"),
        ("code_ton = 0", "code_ton = 7", "smpp.code_ton"),
        ("idle_s = 30", "idle_s = 0", "smpp.idle_s"),
        ("aborts = [129]", "aborts = [18]", "ussd_dialect.aborts"),
        ("mask = 65534", "mask = 0", "ussd_dialect.mask"),
        ("127.0.0.1:2776", "0.0.0.0:2776", "smpp_server.listen"),
        ("queue = 1000", "queue = 0", "smpp_application.queue"),
        (
            "dialect = \"standard\"",
            "dialect = \"odd\"",
            "smpp.dialect",
        ),
        (
            "timeout_s = 20",
            "timeout_s = 0",
            "govstack.upstream.registries.timeout_s",
        ),
        (
            "https://security",
            "http://security",
            "govstack.upstream.registries.url",
        ),
        (
            "ET/GOV/90000009/registries/data",
            "ET/GOV",
            "govstack.upstream.registries.service",
        ),
        ("window = 10", "window = 101", "smpp.window"),
        (
            "callers = [\"127.0.0.1\"]",
            "callers = [\"127.0.0.1/33\"]",
            "ussd_gateway.callers",
        ),
        (
            "address = \"127.0.0.1\"",
            "address = \"192.0.2.1\"",
            "own_cell.address",
        ),
        ("entity = \"menu\"", "entity = \"\"", "own_cell.entity"),
        ("guard_s = 255", "guard_s = 29", "own_cell.guard_s"),
        (
            "_OPERATOR_A_PASSWORD\"",
            "-s3cret\"",
            "smpp.password_variable",
        ),
    ];
    check_lines(&cases);
}

#[test]
fn values_of_aggregators_out_of_range_are_refused_with_their_line() {
    check_lines(&[
        (
            "dialect = \"africas-talking\"",
            "dialect = \"smoke\"",
            "ussd_gateway.dialect",
        ),
        (
            "name = \"gateway\"",
            "name = \"operator-a\"",
            "ussd_gateway.name",
        ),
        (
            "https://api.example/version1/messaging",
            "http://api.example/version1/messaging",
            "http_sms.url",
        ),
        (
            "https://api.example/ussd/send",
            "ftp://api.example",
            "ussd_gateway.post.url",
        ),
    ]);
}

fn check_lines(cases: &[(&str, &str, &str)]) {
    for &(old, new, key) in cases {
        let error = check((old, new));
        assert_eq!(error.key, key, "{new}");
        let line = complete()
            .lines()
            .position(|line| line.contains(old))
            .unwrap()
            + 1;
        assert_eq!(error.line, line, "{new}");
    }
}

#[test]
fn each_of_several_areas_needs_a_village_code_of_its_own() {
    let with = |more: &str| {
        let area = format!("code = \"12\"\n[[hub.area]]\nname = \"Moto\"\nscope = 24\n{more}");
        Settings::parse(&complete().replacen("code = \"12\"", &area, 1))
    };
    let areas = with("code = \"22\"").unwrap().hub.unwrap().area;
    assert_eq!(areas[1].code.as_deref(), Some("22"));
    for wrong in ["", "code = \"12\""] {
        assert_eq!(with(wrong).unwrap_err().key, "hub.area.code", "{wrong}");
    }
    // One area alone needs none.
    let alone = complete().replacen("code = \"12\"\n", "", 1);
    assert_eq!(
        Settings::parse(&alone).unwrap().hub.unwrap().area[0].code,
        None
    );
}

#[test]
fn a_plain_link_to_another_machine_is_refused() {
    let (before, after) = template().split_once("#[[smpp]]").unwrap();
    let link = "[[smpp]]\nname = \"a\"\naddress = \"192.0.2.10:2775\"\nsystem_id = \"a\"\n\
                password_variable = \"A\"\n";
    let error = Settings::parse(&format!("{before}{link}{after}")).unwrap_err();
    assert_eq!(error.key, "smpp.address");
    let tls = "[smpp.tls]\nserver_name = \"smsc.example\"\nroots_file = \"/etc/roots.pem\"\n";
    let settings = Settings::parse(&format!("{before}{link}{tls}{after}")).unwrap();
    assert!(settings.smpp[0].tls.is_some());
    let fallback =
        link.replace("192.0.2.10", "127.0.0.1") + "fallback_addresses = [\"192.0.2.11:2775\"]\n";
    let error = Settings::parse(&format!("{before}{fallback}{after}")).unwrap_err();
    assert_eq!(error.key, "smpp.address");
}

#[test]
fn a_dialect_of_the_country_can_be_named_and_the_shipped_ones_are_six() {
    let all = Settings::parse(&complete()).unwrap();
    assert_eq!(all.ussd_dialect[0].name, "our-gateway");
    assert_eq!(shipped_dialects().unwrap().len(), 6);
    let named = complete().replace("dialect = \"standard\"", "dialect = \"our-gateway\"");
    assert_eq!(
        Settings::parse(&named).unwrap().smpp[0].dialect,
        "our-gateway"
    );
    let error = check(("name = \"our-gateway\"", "name = \"standard\""));
    assert_eq!(error.key, "ussd_dialect.name");
}

/// Pages with names and passphrases are not for a network without TLS.
#[test]
fn the_office_is_served_to_others_behind_tls_only() {
    let on = |listen: &str, tls: &str| {
        let office = format!("listen = \"{listen}\"");
        let text = complete().replacen("listen = \"127.0.0.1:8081\"", &office, 1);
        Settings::parse(&text.replacen("tls_in_front = true", tls, 1))
    };
    for (listen, tls) in [
        ("127.0.0.1:8081", ""),
        ("[::1]:8081", "tls_in_front = false"),
        ("0.0.0.0:8081", "tls_in_front = true"),
    ] {
        let office = on(listen, tls).unwrap().hub.unwrap().office.unwrap();
        assert_eq!(office.listen.to_string(), listen);
    }
    for (listen, tls) in [
        ("0.0.0.0:8081", ""),
        ("192.0.2.7:80", "tls_in_front = false"),
    ] {
        assert_eq!(on(listen, tls).unwrap_err().key, "hub.office.listen");
    }
    on("office.example:8081", "").unwrap_err();
}

#[test]
fn a_type_error_names_its_key() {
    let error = check(("scope = 16", "scope = \"sixteen\""));
    assert_eq!(error.key, "hub.area.scope");
    assert!(error.to_string().contains("cannot be read"), "{error}");
    let error = check(("listen = \"0.0.0.0:8443\"", "listen = \"anywhere\""));
    assert_eq!(error.key, "hub.listen");
}

#[test]
fn a_missing_section_and_broken_toml_are_refused() {
    assert!(
        Settings::parse("")
            .unwrap_err()
            .to_string()
            .contains("node")
    );
    let error = Settings::parse("[node]\nname = \"x\n").unwrap_err();
    assert_eq!(error.line, 2);
}

#[test]
fn an_open_registry_without_keys_is_refused() {
    let text = complete();
    let (before, after) = text.split_once("[[govstack.serve.client]]").unwrap();
    let after = after.split_once("[[smpp]]").unwrap().1;
    let open = format!("{before}[[smpp]]{after}");
    assert!(
        Settings::parse(&open)
            .unwrap()
            .govstack
            .serve
            .unwrap()
            .client
            .is_empty()
    );
    let open = open.replace("listen = \"127.0.0.1:8090\"", "listen = \"0.0.0.0:8090\"");
    assert_eq!(
        Settings::parse(&open).unwrap_err().key,
        "govstack.serve.listen"
    );
}

#[test]
fn callers_are_named_by_address_or_signature() {
    let text = complete().replacen("callers = [\"127.0.0.1\"]", "callers = []", 1);
    assert!(
        Settings::parse(&text).unwrap().ussd_gateway[0]
            .callers
            .is_empty()
    );
    let (before, after) = text.split_once("[ussd_gateway.signature]").unwrap();
    let after = after.split_once("[ussd_gateway.post]").unwrap().1;
    let unsigned = format!("{before}[ussd_gateway.post]{after}");
    assert_eq!(
        Settings::parse(&unsigned).unwrap_err().key,
        "ussd_gateway.callers"
    );
}

#[test]
fn the_table_of_one_gateway_says_that_it_is_a_list() {
    let text = complete().replacen("[[ussd_gateway]]", "[ussd_gateway]", 1);
    let error = Settings::parse(&text).unwrap_err();
    assert_eq!(error.key, "ussd_gateway");
    assert!(
        error.hint().contains("[[ussd_gateway]]"),
        "{}",
        error.hint()
    );
}

#[test]
fn modems_out_of_range_are_refused_with_their_key() {
    for (from, to, key) in [
        (
            "number = \"+256772000100\"",
            "number = \"0772000100\"",
            "modem.number",
        ),
        (
            "port = \"/dev/outpost/main-at\"",
            "port = \"ttyUSB0\"",
            "modem.port",
        ),
        ("baud = 115200", "baud = 115201", "modem.baud"),
        ("\nminute = 10", "\nminute = 0", "modem.minute"),
        ("\nhour = 200", "\nhour = 3601", "modem.hour"),
        ("\nday = 2000", "\nday = 20001", "modem.day"),
        ("is UGX {amount}", "is UGX", "modem.balance_pattern"),
        (
            "balance_code = \"*131#\"",
            "balance_code = \"AT\"",
            "modem.balance_code",
        ),
        (
            "country_code = \"256\"",
            "country_code = \"+256\"",
            "modem.country_code",
        ),
        (
            "board_command = []",
            "board_command = [\"help\"]",
            "modem.board_file",
        ),
        ("name = \"main\"", "name = \"a b\"", "modem.name"),
    ] {
        assert_eq!(check((from, to)).key, key, "{to}");
    }
}
