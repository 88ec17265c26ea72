//! Small programmes for tests: one dialogue of a health worker in English, made of its blocks.

use super::super::{PLACES_FILE, SERVICE_FILE, Source};

/// A programme from its fields and values (lines of their tables), blocks and texts.
pub(crate) fn sketch(
    (fields, values): (&str, &str),
    start: &str,
    blocks: &str,
    texts: &str,
) -> Source {
    let service = format!(
        r#"
code = "sketch"
version = 1
number = 9
title = "agreement"
schemas = [{{ name = "person", number = 1 }}]
agreement = {{ code = "sketch/all", revision = 1, text = "agreement", answer = "consent" }}
timing = {{ session_s = 180, person_s = 120, screens_max = 40, sessions_max = 4 }}
languages = [{{ code = "en", name = "English", bearers = ["ussd", "sms"], words = ["sketch"] }}]
fields = [{fields}]
values = [{values}]

[[dialogues]]
code = "all"
audience = ["health_worker"]
start = "{start}"
{}"#,
        blocks.replace("[[", "[[dialogues.")
    );
    let places = "country = \"KE\"\nutc_offset_min = 180\n\
                  places = [{ code = \"A\", name = \"A\", area = \"a\" }]\n";
    Source::default()
        .with(SERVICE_FILE, service)
        .with(PLACES_FILE, places)
        .with(
            "texts/en.ftl",
            format!("agreement = Do you agree?\n{texts}"),
        )
}
