//! Checks requests and answers against a published API file (OpenAPI 3.0, the part of JSON Schema
//! that those files use). A keyword that it does not know is a finding, never silence.
//!
//! Formats are checked lightly: shape of dates, uuids and addresses, not calendars.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// Deepest nesting that is followed, `$ref`s included; deeper is a finding.
const DEPTH_MAX: usize = 64;

/// Keywords that are checked, or that say nothing about validity.
const KEYWORDS: [&str; 14] = [
    "$ref",
    "type",
    "properties",
    "required",
    "items",
    "enum",
    "anyOf",
    "format",
    "description",
    "example",
    "readOnly",
    "x-nullable",
    "title",
    "default",
];

/// A published API file.
#[derive(Clone, Debug)]
pub struct Api {
    document: Value,
}

/// One request, as it went over the wire.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// Method, upper case.
    pub method: String,
    /// Path without query.
    pub path: String,
    /// Query parameters, decoded.
    pub query: Vec<(String, String)>,
    /// Header names in lower case.
    pub headers: BTreeMap<String, String>,
    /// JSON body, if there was one.
    pub body: Option<Value>,
}

/// Values of the parameters in a path.
type PathValues = BTreeMap<String, String>;

/// Where in a value the check stands.
#[derive(Clone, Debug)]
struct Place {
    pointer: String,
    depth: usize,
}

impl Place {
    fn at(pointer: &str) -> Self {
        Self {
            pointer: pointer.to_owned(),
            depth: 0,
        }
    }

    fn below(&self, part: &str) -> Self {
        Self {
            pointer: format!("{}/{part}", self.pointer),
            depth: self.depth + 1,
        }
    }

    fn deeper(&self) -> Self {
        Self {
            pointer: self.pointer.clone(),
            depth: self.depth + 1,
        }
    }
}

/// One answer.
#[derive(Clone, Debug, Default)]
pub struct Answered {
    /// Status code.
    pub status: u16,
    /// JSON body, if there was one.
    pub body: Option<Value>,
}

impl Api {
    /// Reads a file below `tests/data`.
    ///
    /// # Panics
    /// When it is missing or no JSON: then nothing can be proved.
    pub fn load(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("data")
            .join(name);
        let text = std::fs::read_to_string(&path).expect("the API file lies in tests/data");
        Self {
            document: serde_json::from_str(&text).expect("the API file is JSON"),
        }
    }

    /// What in a request contradicts the file; empty = nothing.
    ///
    /// # Panics
    /// When the file itself is no API file.
    pub fn request(&self, sent: &Sent) -> Vec<String> {
        let Some((operation, path)) = self.operation(&sent.method, &sent.path) else {
            return vec![format!(
                "{} {} is no operation of the file",
                sent.method, sent.path
            )];
        };
        let mut found = Vec::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            self.parameter(self.resolve(parameter), sent, &path, &mut found);
        }
        let wanted = self.resolve(&operation["requestBody"]);
        match (&sent.body, wanted.is_object()) {
            (Some(body), true) => {
                let schema = &wanted["content"]["application/json"]["schema"];
                self.value(body, schema, &Place::at("/body"), &mut found);
            }
            (None, true) if wanted["required"] == Value::Bool(true) => {
                found.push("/body: is required".to_owned());
            }
            (Some(_), false) => found.push("/body: the operation has none".to_owned()),
            (None, _) => {}
        }
        found
    }

    /// What in an answer contradicts the file; empty = nothing.
    ///
    /// # Panics
    /// When the file itself is no API file.
    pub fn answer(&self, sent: &Sent, answered: &Answered) -> Vec<String> {
        let Some((operation, _)) = self.operation(&sent.method, &sent.path) else {
            return vec![format!(
                "{} {} is no operation of the file",
                sent.method, sent.path
            )];
        };
        let answers = operation["responses"]
            .as_object()
            .expect("an operation has responses");
        let Some(answer) = answers.get(&answered.status.to_string()) else {
            return vec![format!("status {} is not in the file", answered.status)];
        };
        let mut found = Vec::new();
        let schema = &self.resolve(answer)["content"]["application/json"]["schema"];
        match (&answered.body, schema.is_object()) {
            (Some(body), true) => self.value(body, schema, &Place::at("/body"), &mut found),
            (None, true) => found.push("/body: is missing".to_owned()),
            (Some(_), false) => found.push("/body: the file has none".to_owned()),
            (None, false) => {}
        }
        found
    }

    /// The operation, and the values of the path's parameters; literal paths win over patterns.
    fn operation(&self, method: &str, path: &str) -> Option<(&Value, PathValues)> {
        let method = method.to_lowercase();
        let paths = self.document["paths"]
            .as_object()
            .expect("an API file has paths");
        let hits = paths.iter().filter_map(|(template, operations)| {
            let values = matched(template, path)?;
            Some((operations.get(&method)?, values))
        });
        hits.min_by_key(|(_, values)| values.len())
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let Some(target) = value.get("$ref").and_then(Value::as_str) else {
            return value;
        };
        let pointer = target
            .strip_prefix('#')
            .expect("references stay within the file");
        self.document
            .pointer(pointer)
            .expect("the file has no dangling reference")
    }

    fn parameter(
        &self,
        parameter: &Value,
        sent: &Sent,
        path: &PathValues,
        found: &mut Vec<String>,
    ) {
        let name = parameter["name"].as_str().expect("a parameter has a name");
        let place = parameter["in"].as_str().expect("a parameter has a place");
        let value = match place {
            "header" => sent.headers.get(&name.to_lowercase()),
            "query" => sent
                .query
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value),
            "path" => path.get(name),
            _ => None,
        };
        match value {
            Some(text) => {
                // Outside a body everything is text; numbers are meant where the file says so.
                let schema = self.resolve(&parameter["schema"]);
                let number = matches!(schema["type"].as_str(), Some("integer" | "number"));
                let value = match text.parse::<i64>() {
                    Ok(value) if number => Value::from(value),
                    _ => Value::from(text.as_str()),
                };
                self.value(
                    &value,
                    schema,
                    &Place::at(&format!("/{place}/{name}")),
                    found,
                );
            }
            None if parameter["required"] == Value::Bool(true) => {
                found.push(format!("/{place}/{name}: is required"));
            }
            None => {}
        }
    }

    fn value(&self, value: &Value, schema: &Value, place: &Place, found: &mut Vec<String>) {
        let schema = self.resolve(schema);
        let at = &place.pointer;
        if place.depth > DEPTH_MAX {
            found.push(format!("{at}: is nested too deeply"));
            return;
        }
        for keyword in schema
            .as_object()
            .into_iter()
            .flatten()
            .map(|(keyword, _)| keyword)
        {
            if !KEYWORDS.contains(&keyword.as_str()) {
                found.push(format!("{at}: the validator does not know `{keyword}`"));
            }
        }
        if value.is_null() && schema["x-nullable"] == Value::Bool(true) {
            return;
        }
        if let Some(wanted) = schema["type"].as_str()
            && !is_type(value, wanted)
        {
            found.push(format!("{at}: must be of type {wanted}"));
            return;
        }
        if let Some(words) = schema["enum"].as_array()
            && !words.contains(value)
        {
            found.push(format!("{at}: is none of the listed words"));
        }
        if let (Some(format), Some(text)) = (schema["format"].as_str(), value.as_str())
            && !has_format(text, format)
        {
            found.push(format!("{at}: is no {format}"));
        }
        self.choices(value, schema, place, found);
        self.members(value, schema, place, found);
    }

    fn choices(&self, value: &Value, schema: &Value, place: &Place, found: &mut Vec<String>) {
        let Some(choices) = schema["anyOf"].as_array() else {
            return;
        };
        let fits = |choice: &Value| {
            let mut inner = Vec::new();
            self.value(value, choice, &place.deeper(), &mut inner);
            inner.is_empty()
        };
        if !choices.iter().any(fits) {
            found.push(format!("{}: fits none of the forms", place.pointer));
        }
    }

    fn members(&self, value: &Value, schema: &Value, place: &Place, found: &mut Vec<String>) {
        for name in schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            if value.is_object() && value.get(name).is_none() {
                found.push(format!("{}/{name}: is required", place.pointer));
            }
        }
        for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(member) = value.get(name) {
                self.value(member, inner, &place.below(name), found);
            }
        }
        if schema["items"].is_object() {
            for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                self.value(
                    item,
                    &schema["items"],
                    &place.below(&index.to_string()),
                    found,
                );
            }
        }
    }
}

/// The values of `{name}` in a template, `None` when the path is another one.
fn matched(template: &str, path: &str) -> Option<PathValues> {
    let (pattern, path): (Vec<&str>, Vec<&str>) = (
        template.split('/').collect(),
        path.trim_end_matches('/').split('/').collect(),
    );
    if pattern.len() != path.len() {
        return None;
    }
    let mut values = BTreeMap::new();
    for (pattern, part) in pattern.into_iter().zip(path) {
        // `{field}.{ext}` is the one form with two names in a part.
        let pairs = match (pattern.split_once("}.{"), part.rsplit_once('.')) {
            (Some((one, two)), Some((left, right))) => vec![(one, left), (two, right)],
            (Some(_), None) => return None,
            (None, _) => vec![(pattern, part)],
        };
        for (pattern, part) in pairs {
            let name = pattern.trim_matches(['{', '}']);
            if name != pattern {
                values.insert(name.to_owned(), part.to_owned());
            } else if pattern != part {
                return None;
            }
        }
    }
    Some(values)
}

fn is_type(value: &Value, wanted: &str) -> bool {
    match wanted {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => false,
    }
}

fn has_format(text: &str, format: &str) -> bool {
    let shape = |shape: &str, text: &str| {
        text.len() == shape.len()
            && text
                .bytes()
                .zip(shape.bytes())
                .all(|(have, want)| match want {
                    b'9' => have.is_ascii_digit(),
                    b'x' => have.is_ascii_hexdigit(),
                    other => have == other,
                })
    };
    match format {
        "date" => shape("9999-99-99", text),
        "date-time" => {
            let zone = text.ends_with('Z') || text.get(19..).is_some_and(|rest| rest.contains('+'));
            zone && text
                .get(..19)
                .is_some_and(|head| shape("9999-99-99T99:99:99", head))
        }
        "uuid" => shape("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", text),
        "uri" => text
            .split_once("://")
            .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FILE: &str = "govstack/GovStack_Digital_registries_BB_Data_API_template-1.3.0.json";

    fn write(body: Value) -> Sent {
        let header = "information-mediator-client".to_owned();
        Sent {
            method: "POST".to_owned(),
            path: "/data/mcts/1.0/updateOrCreate".to_owned(),
            headers: BTreeMap::from([(header, "ET/GOV/90000021/outpost".to_owned())]),
            body: Some(body),
            ..Sent::default()
        }
    }

    fn check(sent: &Sent, expected: &[&str]) {
        assert_eq!(Api::load(FILE).request(sent), expected);
    }

    #[test]
    fn a_right_request_has_no_findings() {
        check(&write(json!({"write": {"content": {"id": "a"}}})), &[]);
    }

    #[test]
    fn planted_faults_are_found() {
        check(
            &write(json!({"write": {}})),
            &["/body/write/content: is required"],
        );
        let wrong = write(json!({"write": {"content": {"id": 7}}, "query": {"content": []}}));
        let (id, query) = ("/body/write/content/id", "/body/query/content");
        let id = format!("{id}: must be of type string");
        check(&wrong, &[&format!("{query}: must be of type object"), &id]);
        let mut wrong = write(json!({"write": {"content": {}}}));
        wrong.headers.clear();
        check(
            &wrong,
            &["/header/Information-Mediator-Client: is required"],
        );
        wrong = Sent {
            body: None,
            ..write(Value::Null)
        };
        check(&wrong, &["/body: is required"]);
        wrong.path = "/data/mcts/1.0/update-or-create".to_owned();
        check(
            &wrong,
            &["POST /data/mcts/1.0/update-or-create is no operation of the file"],
        );
    }

    #[test]
    fn planted_faults_in_answers_are_found() {
        let api = Api::load(FILE);
        let list = Sent {
            method: "GET".to_owned(),
            path: "/data/mcts/1.0".to_owned(),
            ..Sent::default()
        };
        let answer = |status, body| Answered {
            status,
            body: Some(body),
        };
        let good = answer(200, json!({"count": 0, "results": []}));
        assert_eq!(api.answer(&list, &good), Vec::<String>::new());
        let bad = answer(
            200,
            json!({"count": "0", "results": [{"id": 1}], "next": "here"}),
        );
        assert_eq!(
            api.answer(&list, &bad),
            [
                "/body/count: must be of type integer",
                "/body/next: is no uri",
                "/body/results/0/id: must be of type string"
            ]
        );
        assert_eq!(
            api.answer(&list, &answer(201, json!({}))),
            ["status 201 is not in the file"]
        );
    }

    #[test]
    fn literal_paths_win_and_two_names_share_a_part() {
        let api = Api::load(FILE);
        let found = api.operation("POST", "/data/mcts/createEntries");
        assert_eq!(found.unwrap().0["operationId"], "GDB-MCTS-create-entries");
        let (operation, values) = api
            .operation("GET", "/data/mcts/1.0/a-b/readValue/child.first.json")
            .unwrap();
        assert_eq!(operation["operationId"], "readValue");
        assert_eq!(
            (values["field"].as_str(), values["ext"].as_str()),
            ("child.first", "json")
        );
    }
}
