//! `cargo golden`: plays all golden transcripts, shows what changed, and writes them anew.
//!
//! `cargo golden NAME…` takes only files whose path contains one of the names. The screen sheets of
//! the shipped programmes in `docs/sheets` are written, too.

use anyhow::{Context, Result};
use tests::sheets;
use tests::transcript::difference::difference;
use tests::transcript::{Transcript, files, play};
use tests::tree;

#[tokio::main]
async fn main() -> Result<()> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let mut changed = 0;
    for path in files() {
        let place = path.display().to_string();
        if !names.is_empty() && !names.iter().any(|name| place.contains(name)) {
            continue;
        }
        let old = tree::text(&path);
        let transcript = Transcript::parse(&old).with_context(|| place.clone())?;
        let new = play(&transcript, transcript.head.bearer)
            .await
            .with_context(|| place.clone())?;
        let shown = difference(&old, &new);
        if !shown.is_empty() {
            println!("--- {place}\n{shown}");
            std::fs::write(tree::root().join(&path), new)?;
            changed += 1;
        }
    }
    let expected = sheets::expected();
    for path in sheets::stale(&expected) {
        let place = path.display().to_string();
        if !names.is_empty() && !names.iter().any(|name| place.contains(name)) {
            continue;
        }
        println!("--- {place}");
        let target = tree::root().join(&path);
        match expected.iter().find(|(other, _)| *other == path) {
            Some((_, text)) => {
                std::fs::create_dir_all(tree::root().join(sheets::FOLDER))?;
                std::fs::write(target, text)?;
            }
            None => std::fs::remove_file(target)?,
        }
        changed += 1;
    }
    println!("{changed} files rewritten; read the difference before you commit it");
    Ok(())
}
