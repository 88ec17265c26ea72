//! Programmes from a folder: a site's own, in the place of the shipped ones with their codes.
//!
//! One that cannot be read or has findings is told in the log and not loaded; the shipped one
//! stays in use. What a programme means is `node_core::programme`'s.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use node_core::programme::{Finding, PLACES_FILE, Programmes, SERVICE_FILE, Source};

/// Largest file of a programme in bytes; a larger one is not read, so its programme is refused.
pub const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Most folders of programmes; further ones, by name, are not read.
pub const PROGRAMMES_MAX: usize = 98;

/// The shipped programmes that a site offers and, over them, those of a folder, which are always
/// offered. A service that nobody works for is worse than none, so a site names those it runs.
///
/// # Errors
/// The findings of a shipped programme, which only a broken build has.
pub fn load(folder: Option<&Path>, services: &[String]) -> Result<Arc<Programmes>, Vec<Finding>> {
    let own = folder.map_or_else(Vec::new, |folder| {
        read_all(folder).unwrap_or_else(|error| {
            tracing::error!(%error, folder = %folder.display(), "own programmes cannot be read");
            Vec::new()
        })
    });
    let (programmes, refused) = Programmes::load_over(&shipped(services), &own)?;
    for one in refused {
        for finding in &one.findings {
            tracing::error!(programme = %one.folder, %finding, "a programme is not loaded");
        }
    }
    Ok(Arc::new(programmes))
}

/// The shipped programmes with these codes; one that is not shipped is told in the log.
fn shipped(services: &[String]) -> Vec<Source> {
    for code in services {
        if !Source::shipped().iter().any(|one| one.folder == *code) {
            tracing::error!(%code, "no such programme is shipped");
        }
    }
    Source::chosen(services)
}

/// The programmes of a folder, each in a folder of its own, by name.
///
/// # Errors
/// The folder itself cannot be listed. A programme that cannot be read is told in the log.
pub fn read_all(folder: &Path) -> io::Result<Vec<Source>> {
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.join(SERVICE_FILE).is_file() {
            folders.push(path);
        }
    }
    folders.sort();
    folders.truncate(PROGRAMMES_MAX);
    let mut sources = Vec::new();
    for path in folders {
        match read(&path) {
            Ok(source) => sources.push(source),
            Err(error) => {
                tracing::error!(%error, folder = %path.display(), "a programme cannot be read");
            }
        }
    }
    Ok(sources)
}

/// One programme's files: `service.toml`, `places.toml`, `texts/*.ftl`. Places are its own, or
/// those beside its folder, or the shipped ones.
///
/// # Errors
/// A file that cannot be read.
pub fn read(folder: &Path) -> io::Result<Source> {
    let mut files = BTreeMap::from([(SERVICE_FILE.to_owned(), text(&folder.join(SERVICE_FILE))?)]);
    let beside = folder.parent().map(|parent| parent.join(PLACES_FILE));
    let places = [Some(folder.join(PLACES_FILE)), beside];
    if let Some(path) = places.into_iter().flatten().find(|path| path.is_file()) {
        files.insert(PLACES_FILE.to_owned(), text(&path)?);
    }
    for path in texts(&folder.join("texts"))? {
        let name = path.file_name().unwrap_or_default();
        let name = format!("texts/{}", name.to_string_lossy());
        files.insert(name, text(&path)?);
    }
    let name = folder.file_name().unwrap_or_default();
    let source = Source {
        folder: name.to_string_lossy().into_owned(),
        files,
    };
    Ok(source.with_places(Source::shipped_places()))
}

/// The text files of a folder; none where it is missing, which the check then finds.
fn texts(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "ftl") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn text(path: &Path) -> io::Result<String> {
    if std::fs::metadata(path)?.len() > FILE_BYTES_MAX {
        let reason = format!("{} is larger than {FILE_BYTES_MAX} bytes", path.display());
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
    }
    let text = std::fs::read_to_string(path);
    text.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    /// A folder with one programme made of the shipped one, changed.
    fn folder(from: &str, to: &str) -> TempDir {
        let folder = TempDir::new().unwrap();
        let own = folder.path().join("mine");
        std::fs::create_dir_all(own.join("texts")).unwrap();
        for (name, text) in Source::maternal_child().files {
            std::fs::write(own.join(&name), text.replace(from, to)).unwrap();
        }
        folder
    }

    fn offered(folder: &Path) -> u32 {
        let programmes = load(Some(folder), &[]).unwrap();
        let mut offered = programmes.offered();
        let found = offered.find(|one| one.code() == "maternal-child");
        found.unwrap().version()
    }

    #[test]
    fn a_programme_of_the_folder_is_offered_in_place_of_the_shipped_one() {
        let folder = folder("version = 1\n", "version = 71\n");
        assert_eq!(offered(folder.path()), 71);
        // Its places may lie beside it, for all programmes of the folder.
        let places = folder.path().join("mine").join(PLACES_FILE);
        std::fs::rename(places, folder.path().join(PLACES_FILE)).unwrap();
        assert_eq!(offered(folder.path()), 71);
    }

    #[test]
    fn a_site_offers_the_shipped_programmes_that_it_names() {
        let codes = |services: &[&str]| -> Vec<String> {
            let services: Vec<String> = services.iter().map(|one| (*one).to_owned()).collect();
            let programmes = load(None, &services).unwrap();
            programmes
                .offered()
                .map(|one| one.code().to_owned())
                .collect()
        };
        assert_eq!(codes(&[]), ["maternal-child"]);
        assert_eq!(codes(&["maternal-child", "no-such"]), ["maternal-child"]);
        assert!(codes(&["no-such"]).is_empty());
    }

    #[test]
    fn a_broken_or_unreadable_programme_leaves_the_shipped_one_in_use() {
        let broken = folder("next = \"mother-family-name\"", "next = \"nowhere\"");
        assert_eq!(offered(broken.path()), 1);
        let large = folder("version = 1\n", "version = 71\n");
        let file = std::fs::File::create(large.path().join("mine/texts/en.ftl")).unwrap();
        file.set_len(FILE_BYTES_MAX + 1).unwrap();
        assert_eq!(offered(large.path()), 1);
        assert_eq!(offered(Path::new("/no/such/folder")), 1);
    }
}
