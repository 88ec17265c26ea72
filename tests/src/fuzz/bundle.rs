//! Bundles as they are read in pieces, with a right seal of their content or as they are; names.
//!
//! With form 1 the manifest's content is the fuzzer's and its signature and the end hash are right,
//! so that what lies behind them is reached.

use ring::digest::{Context, SHA256};
use sync_core::bundle::{
    BundleError, BundleName, BundleReader, Item, MANIFEST_BYTES_MAX, MARK, PIECE_BYTES_MAX, Part,
};
use sync_core::varint::Reader;

use super::Reached;
use super::frame::{origin, public};

/// Each part, each way to refuse, and names.
pub(super) const REACHES: &[&str] = &[
    "bundle: manifest",
    "bundle: opened",
    "bundle: not opened",
    "bundle: frame",
    "bundle: receipt",
    "bundle: certificate",
    "bundle: end",
    "bundle: of another version",
    "bundle: too large",
    "bundle: malformed",
    "bundle: cut short",
    "bundle: trailing",
    "bundle: end hash",
    "name",
    "no name",
];

/// The form chooses what the bytes are; the first of them chooses the pieces.
pub(super) fn run(form: u8, bytes: &[u8], reached: &mut Reached) {
    let Some((piece, rest)) = bytes.split_first() else {
        return;
    };
    let piece = usize::from(*piece).saturating_add(1);
    match form % 3 {
        0 => read(rest, piece, reached),
        1 => {
            if let Some(whole) = signed(rest) {
                read(&whole, piece, reached);
            }
        }
        _ => name(&String::from_utf8_lossy(rest), reached),
    }
}

/// Two bytes of length and a manifest's content, then items.
fn signed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(bytes);
    let length = usize::from(reader.u16()?).min(reader.remaining());
    let content = [&MARK[..], reader.bytes(length)?].concat();
    let signature = origin().sign(&[b"outpost.bundle.1", content.as_slice()].concat());
    let items = reader.bytes(reader.remaining())?;
    let mut whole = [content.as_slice(), signature.as_ref(), items].concat();
    let mut hash = Context::new(&SHA256);
    hash.update(b"outpost.bundle.end.1");
    hash.update(&whole);
    whole.extend(hash.finish().as_ref());
    Some(whole)
}

fn read(bytes: &[u8], piece: usize, reached: &mut Reached) {
    let (parts, end) = parts(bytes, piece);
    let whole = self::parts(bytes, PIECE_BYTES_MAX);
    assert!(
        (&whole.0, &whole.1) == (&parts, &end),
        "pieces change what is read"
    );
    for part in &parts {
        match part {
            Part::Manifest(signed) => {
                reached.insert("bundle: manifest");
                let again = signed.unproven().sign(&origin());
                let again = again.expect("what was read can be signed");
                let content = again.len() - 64;
                assert!(again.len() <= MANIFEST_BYTES_MAX);
                assert!(again[..content] == bytes[..content], "two encodings");
                let opened = signed.as_ref().clone().open(&public(&origin()));
                reached.insert(if opened.is_ok() {
                    "bundle: opened"
                } else {
                    "bundle: not opened"
                });
            }
            Part::Item(Item::Frame(_)) => {
                reached.insert("bundle: frame");
            }
            Part::Item(Item::Receipt(_)) => {
                reached.insert("bundle: receipt");
            }
            Part::Item(Item::Certificate(_)) => {
                reached.insert("bundle: certificate");
            }
            Part::Item(Item::Revocations(_)) => {
                reached.insert("bundle: revocations");
            }
            Part::End => {
                reached.insert("bundle: end");
            }
        }
    }
    assert!(
        end.is_some() || parts.last() == Some(&Part::End),
        "a bundle without its end is whole"
    );
    if let Some(error) = end {
        reached.insert(word(&error));
    }
}

fn word(error: &BundleError) -> &'static str {
    match error {
        BundleError::Version => "bundle: of another version",
        BundleError::TooLarge { .. } => "bundle: too large",
        BundleError::Malformed(_) => "bundle: malformed",
        BundleError::Truncated => "bundle: cut short",
        BundleError::Trailing => "bundle: trailing",
        BundleError::EndHash => "bundle: end hash",
    }
}

fn parts(bytes: &[u8], piece: usize) -> (Vec<Part>, Option<BundleError>) {
    let mut reader = BundleReader::default();
    let mut parts = Vec::new();
    for piece in bytes.chunks(piece) {
        if let Err(error) = reader.push(piece) {
            return (parts, Some(error));
        }
        loop {
            match reader.next_part() {
                Ok(Some(part)) => parts.push(part),
                Ok(None) => break,
                Err(error) => {
                    let again = reader.next_part();
                    assert!(
                        again.is_err() && reader.finish().is_err(),
                        "an error is final"
                    );
                    return (parts, Some(error));
                }
            }
        }
    }
    (parts, reader.finish().err())
}

/// Hub, receiver and file with a slash between them.
fn name(text: &str, reached: &mut Reached) {
    let mut fields = text.splitn(3, '/');
    let (Some(hub), Some(to), Some(file)) = (fields.next(), fields.next(), fields.next()) else {
        return;
    };
    let Some(name) = BundleName::parse(hub, to, file) else {
        reached.insert("no name");
        return;
    };
    assert_eq!(name.parts(), [hub, to, file], "a name is written otherwise");
    let is_plain = |part: &String| !part.contains(['/', '\\', '\0']) && part != "..";
    assert!(name.parts().iter().all(is_plain), "a name leads elsewhere");
    reached.insert("name");
}
