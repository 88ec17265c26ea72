//! Lists the programmes of `node/programmes`, so that a new folder there is built in by being there.
//!
//! Writes one Rust expression: name of each folder, with names and texts of its files. Nothing is
//! compiled or checked here; tests prove that the shipped programmes have no findings.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[expect(
    clippy::disallowed_methods,
    reason = "a build script is no core: cargo hands it paths by variables and takes a file"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../programmes");
    let root = root.canonicalize()?;
    writeln!(io::stdout(), "cargo::rerun-if-changed={}", root.display())?;
    let mut list = String::from("&[\n");
    for folder in sorted(&root)? {
        if !folder.join("service.toml").is_file() {
            continue;
        }
        writeln!(list, "({:?}, &[", name(&folder))?;
        for file in sorted(&folder)?
            .into_iter()
            .chain(sorted(&folder.join("texts"))?)
        {
            if file.is_file() {
                let name = file.strip_prefix(&folder)?.display().to_string();
                writeln!(
                    list,
                    "({name:?}, include_str!({:?})),",
                    file.display().to_string()
                )?;
            }
        }
        list.push_str("]),\n");
    }
    list.push_str("]\n");
    fs::write(
        PathBuf::from(env::var("OUT_DIR")?).join("programmes.rs"),
        list,
    )?;
    Ok(())
}

/// What lies in a folder, by name; nothing where there is none.
fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = entries.collect::<io::Result<Vec<PathBuf>>>()?;
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
