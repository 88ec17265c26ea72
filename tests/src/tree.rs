//! The working tree as the suites see it: its root, its files, its built programs.

use std::path::{Path, PathBuf};

/// Most files that a walk returns; a tree that grows beyond it fails the walk.
pub const FILES_MAX: usize = 5_000;

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests lies in the root")
        .to_path_buf()
}

/// All files below the root whose name ends with one of `endings`, relative, sorted.
///
/// Build folders, installed peers and git's own folder are passed over.
pub fn files(endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("readable folder") {
            let path = entry.expect("readable entry").path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if path.is_dir() {
                if !matches!(name.as_str(), "target" | "node_modules" | ".git" | "corpus") {
                    folders.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(
                    path.strip_prefix(root())
                        .expect("below the root")
                        .to_path_buf(),
                );
                assert!(
                    found.len() < FILES_MAX,
                    "the tree has more than {FILES_MAX} files"
                );
            }
        }
    }
    found.sort();
    found
}

/// The text of a file given relative to the root.
pub fn text(path: &Path) -> String {
    std::fs::read_to_string(root().join(path))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Where cargo puts the programs of this build: `target/<profile>`, honouring the environment.
///
/// Derived from the running program's own path, since cargo tells a binary's path only to tests of
/// the package that owns it.
pub fn programs() -> PathBuf {
    let running = std::env::current_exe().expect("a running program has a path");
    let folder = running.parent().expect("a folder");
    // Tests lie one folder deeper than programs.
    let profile = if folder.ends_with("deps") {
        folder.parent()
    } else {
        Some(folder)
    };
    profile.expect("target/<profile>").to_path_buf()
}

/// The built program `name`, from the same profile as this suite: never an older build of another.
pub fn program(name: &str) -> PathBuf {
    let path = programs().join(name);
    assert!(
        path.is_file(),
        "{name} is not built: run `cargo build -p node` with the same profile first"
    );
    path
}
