//! The results of a run, as lines on the terminal and as JSON in the file named by
//! `OUTPOST_RECORD`. The cases of one run add to the same file.

use std::fs::File;
use std::io::{Read, Seek, Write};

use serde_json::{Map, Value};

/// Prints one case's result and adds it to the record, if one is kept.
pub fn note(case: &str, result: &Value) {
    println!("{case}: {result}");
    let Some(path) = std::env::var_os("OUTPOST_RECORD") else {
        return;
    };
    let options = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path);
    let mut file = options.expect("open the record");
    file.lock().expect("lock the record");
    let mut text = String::new();
    file.read_to_string(&mut text).expect("read the record");
    let mut record: Map<String, Value> = serde_json::from_str(&text).unwrap_or_default();
    record.insert(case.to_owned(), result.clone());
    let text = serde_json::to_string_pretty(&record).expect("JSON");
    file.rewind().expect("rewind the record");
    file.set_len(0).expect("empty the record");
    file.write_all(text.as_bytes()).expect("write the record");
}

/// A number of the environment, or the usual one.
pub fn size(variable: &str, usual: u64) -> u64 {
    let set = std::env::var(variable).ok();
    set.map_or(usual, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{variable} is not a number"))
    })
}
