//! Search for values in all files of a folder, in the spellings that a careless program leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A value as septets of the default alphabet, packed behind any number of others.
fn packed(value: &str) -> Vec<Vec<u8>> {
    (0..8)
        .map(|before| {
            let mut bits = vec![false; 7 * before];
            for byte in value.bytes() {
                bits.extend((0..7).map(|bit| byte >> bit & 1 == 1));
            }
            let bytes: Vec<u8> = bits
                .chunks_exact(8)
                .map(|eight| {
                    eight
                        .iter()
                        .rev()
                        .fold(0, |sum, bit| sum << 1 | u8::from(*bit))
                })
                .collect();
            bytes[before..].to_vec()
        })
        .collect()
}

pub(super) fn spellings(value: &str) -> Vec<Vec<u8>> {
    let bytes = value.as_bytes();
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap();
    let hex: String = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect();
    let wide = |order: fn(u16) -> [u8; 2]| value.encode_utf16().flat_map(order).collect();
    let mut all = vec![
        bytes.to_vec(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        wide(u16::to_le_bytes),
        wide(u16::to_be_bytes),
    ];
    all.extend(packed(value));
    for shift in 0..3 {
        const ALPHABET: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let padded = [vec![0; shift], bytes.to_vec()].concat();
        let text: Vec<u8> = padded
            .chunks_exact(3)
            .flat_map(|three| {
                let joined = three
                    .iter()
                    .fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
                [18, 12, 6, 0].map(|bits| ALPHABET[joined >> bits & 63])
            })
            .collect();
        all.push(text[if shift == 0 { 0 } else { 4 }..].to_vec());
    }
    all
}

/// Spellings, each with its value, by their first octets.
type Wanted<'a> = BTreeMap<[u8; 4], Vec<Spelt<'a>>>;
type Spelt<'a> = (Vec<u8>, &'a String);

/// Values that some file of a folder holds in any spelling; the key file is not looked at.
pub(super) fn in_files(folder: &Path, values: &[String]) -> Vec<String> {
    // By their first octets, so that each place of a file is looked at once.
    let mut wanted = Wanted::new();
    for value in values {
        for spelling in spellings(value) {
            let first = *spelling.first_chunk().unwrap();
            wanted.entry(first).or_default().push((spelling, value));
        }
    }
    let mut found = BTreeSet::new();
    search(folder, &wanted, &mut found);
    found.into_iter().collect()
}

fn search(folder: &Path, wanted: &Wanted<'_>, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            search(&path, wanted, found);
        } else if !path.ends_with("keys") {
            let bytes = fs::read(&path).unwrap();
            for (place, first) in bytes.windows(4).enumerate() {
                let spelt = wanted.get(first).into_iter().flatten();
                let here = spelt.filter(|(spelling, _)| bytes[place..].starts_with(spelling));
                found.extend(here.map(|(_, value)| (*value).clone()));
            }
        }
    }
}
