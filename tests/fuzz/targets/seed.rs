//! Writes the seeds of all targets into the corpus folders that lie in the given folder.

use std::env;
use std::fs;
use std::io;
use std::path::PathBuf;

fn main() -> io::Result<()> {
    let corpus = PathBuf::from(env::args_os().nth(1).unwrap_or_else(|| "corpus".into()));
    for target in targets::TARGETS {
        let folder = corpus.join(target.name);
        fs::create_dir_all(&folder)?;
        for input in targets::seed::inputs(target.name) {
            fs::write(folder.join(targets::seed::file_name(&input)), input)?;
        }
    }
    Ok(())
}
