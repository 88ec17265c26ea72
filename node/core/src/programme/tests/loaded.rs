//! Several programmes at once: the site's own in place of shipped ones, versions, clashes.

use super::*;

fn own(folder: &str, from: &str, to: &str) -> Source {
    let mut source = replaced(&small(), SERVICE_FILE, from, to);
    source.folder = folder.to_owned();
    source
}

fn offered(programmes: &Programmes) -> Vec<(&str, u32)> {
    let offered = programmes.offered();
    offered.map(|one| (one.code(), one.version())).collect()
}

#[test]
fn every_shipped_programme_compiles_and_is_offered() {
    let sources = Source::shipped();
    let programmes = shipped().unwrap();
    assert_eq!(programmes.offered().count(), sources.len());
    for source in sources {
        let mut offered = programmes.offered();
        assert!(
            offered.any(|one| one.code() == source.folder),
            "{}",
            source.folder
        );
    }
}

#[test]
fn a_programme_of_the_site_takes_the_place_of_the_shipped_one() {
    let mine = own("mine", "version = 3", "version = 2");
    let (programmes, refused) = Programmes::load_over(&[small()], &[mine]).unwrap();
    assert!(refused.is_empty(), "{refused:?}");
    assert_eq!(
        offered(&programmes),
        [("small", 2)],
        "also with a lower version"
    );
    assert!(
        programmes.find("small", 3).is_some(),
        "sessions may run on it"
    );
}

#[test]
fn of_several_versions_the_highest_is_offered_and_all_are_loaded() {
    let sources = [
        own("new", "version = 3", "version = 5"),
        own("old", "version = 3", "version = 4"),
    ];
    let (programmes, refused) = Programmes::load_over(&[small()], &sources).unwrap();
    assert!(refused.is_empty(), "{refused:?}");
    assert_eq!(offered(&programmes), [("small", 5)]);
    for version in 3..=5 {
        assert!(programmes.find("small", version).is_some(), "{version}");
    }
}

#[test]
fn a_broken_programme_is_refused_and_the_shipped_one_stays() {
    let broken = own("mine", "next = \"end\"", "next = \"nowhere\"");
    let (programmes, refused) = Programmes::load_over(&[small()], &[broken]).unwrap();
    assert_eq!(offered(&programmes), [("small", 3)]);
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].folder, "mine");
    assert!(
        refused[0].findings[0].message.contains("nowhere"),
        "{refused:?}"
    );
}

#[test]
fn what_two_programmes_want_alike_only_one_gets() {
    let clash = |source: Source| {
        let (programmes, refused) = Programmes::load_over(&Source::shipped(), &[source]).unwrap();
        assert!(programmes.find("small", 3).is_none());
        refused[0].findings[0].message.clone()
    };
    assert_eq!(
        clash(own("a", "number = 7", "number = 1")),
        "maternal-child already has the number 1"
    );
    assert_eq!(
        clash(own("a", "words = [\"small\"]", "words = [\"reg\"]")),
        "its word REG begins a form of maternal-child"
    );
    let twice = [
        own("a", "version = 3", "version = 3"),
        own("b", "version = 3", "version = 3"),
    ];
    let (_, refused) = Programmes::load_over(&[], &twice).unwrap();
    assert_eq!(refused[0].folder, "b");
    check(
        &own("a", "number = 7", "number = 99"),
        "key number",
        "99 is no number",
    );
}

#[test]
fn one_role_has_one_dialogue_of_a_programme() {
    let audience = "audience = [\"citizen\", \"officer\", \"administrator\"]";
    let both = shipped_with(SERVICE_FILE, audience, "audience = [\"health_worker\"]");
    check(
        &both,
        "dialogue my-status",
        "register has the same audience",
    );
}
