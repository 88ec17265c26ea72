//! Sticks: what is written is there, and a hostile or pulled stick changes nothing and costs little.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use ring::signature::Ed25519KeyPair;
use sync_core::bundle::{BundleName, Direction, Draft, FILES_MAX, Item, Manifest};
use sync_core::{Epoch, HubId, NodeId};
use tempfile::TempDir;

use super::*;

mod sealing;

fn name(number: u32) -> BundleName {
    BundleName {
        hub: HubId([1, 2, 3, 4]),
        to: NodeId(1),
        direction: Direction::News,
        from: NodeId(7),
        epoch: Epoch::new(1, 0),
        number,
    }
}

/// A bundle of so many receipts.
fn bundle(receipts: usize) -> Vec<u8> {
    let mut draft = Draft::new(usize::MAX);
    for _ in 0..receipts {
        assert_eq!(draft.offer(&Item::Receipt(vec![6; 129])), Ok(true));
    }
    let manifest = Manifest {
        hub: name(1).hub,
        direction: Direction::News,
        to: NodeId(1),
        from: NodeId(7),
        epoch: Epoch::new(1, 0),
        number: 1,
        hlc: 9,
        revocations: 3,
        frames: 0,
        items: 0,
        bytes: 0,
        certificate: vec![5; 300],
        have: Vec::new(),
        ranges: Vec::new(),
    };
    let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    draft.write(manifest, &key).unwrap()
}

/// A folder in the place of a stick, and where the bundles of [`name`] lie in it.
fn stick() -> (TempDir, Stick, PathBuf) {
    let folder = TempDir::new().unwrap();
    let stick = Stick::open(folder.path()).unwrap();
    let place = folder.path().join("OUTPOST/01020304/1");
    (folder, stick, place)
}

fn read(stick: &Stick, name: &BundleName) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut file = stick.read(name).unwrap();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

fn names(stick: &Stick) -> Vec<u32> {
    let found = stick.list().unwrap().found;
    found.iter().map(|found| found.name.number).collect()
}

#[test]
fn what_is_written_is_listed_and_read() {
    let (_folder, stick, place) = stick();
    assert_eq!(stick.list().unwrap(), Listing::default());
    for number in [10, 9] {
        stick.write(&name(number), &bundle(3)).unwrap();
    }
    assert_eq!(names(&stick), [9, 10]);
    assert_eq!(read(&stick, &name(9)), bundle(3));
    assert!(place.join("7-0000000100000000-9.opb").is_file());
    assert!(matches!(
        stick.write(&name(9), b"other"),
        Err(StickError::Exists)
    ));
    assert_eq!(read(&stick, &name(9)), bundle(3));
    stick.remove(&name(9)).unwrap();
    stick.remove(&name(9)).unwrap();
    assert_eq!(names(&stick), [10]);
    assert!(stick.room().unwrap() > 0);
}

#[test]
fn a_quota_leaves_the_rest_to_others() {
    let (_folder, stick, _) = stick();
    let bytes = bundle(2);
    let length = u64::try_from(bytes.len()).unwrap();
    let stick = stick.with_quota(length * 2 - 1);
    stick.write(&name(1), &bytes).unwrap();
    assert_eq!(stick.room().unwrap(), length - 1);
    assert!(matches!(
        stick.write(&name(2), &bytes),
        Err(StickError::Full)
    ));
    assert_eq!(names(&stick), [1]);
}

#[test]
fn a_bundle_is_carried_to_another_stick_as_it_is() {
    let ((_one, from, _), (_two, to, _)) = (stick(), stick());
    from.write(&name(1), &bundle(900)).unwrap();
    to.carry(&from, &name(1)).unwrap();
    assert_eq!(read(&to, &name(1)), bundle(900));
    assert!(matches!(to.carry(&from, &name(1)), Err(StickError::Exists)));
}

/// A stick that was pulled while it was written: cut temporary files are no bundles, and the next
/// copy takes their place.
#[test]
fn a_cut_copy_is_passed_over_and_written_again() {
    let (_folder, stick, place) = stick();
    let bytes = bundle(2);
    fs::create_dir_all(&place).unwrap();
    for cut in (0..=bytes.len()).step_by(41) {
        fs::write(place.join("7-0000000100000000-1.opb.tmp"), &bytes[..cut]).unwrap();
        let listing = stick.list().unwrap();
        assert!(listing.found.is_empty(), "cut at {cut}");
        assert_eq!(listing.passed_over.strange_names, 1);
        stick.write(&name(1), &bytes).unwrap();
        assert_eq!(read(&stick, &name(1)), bytes);
        assert_eq!(stick.list().unwrap().passed_over, PassedOver::default());
        stick.remove(&name(1)).unwrap();
    }
}

/// What fails while writing leaves no file, and does not touch another.
#[test]
fn a_copy_that_fails_is_not_there() {
    struct Broken(usize);
    impl Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.min(buffer.len());
            self.0 -= count;
            match count {
                0 => Err(io::Error::from_raw_os_error(28)),
                count => Ok(count),
            }
        }
    }
    let (_folder, stick, place) = stick();
    stick.write(&name(1), &bundle(1)).unwrap();
    for bytes in [0, 1, 100_000] {
        let failed = stick.write_from(&name(2), &mut Broken(bytes));
        assert!(matches!(failed, Err(StickError::Full)), "{failed:?}");
        assert_eq!(names(&stick), [1]);
        assert_eq!(fs::read_dir(&place).unwrap().count(), 1);
    }
    // The control: with nothing broken the same file is there.
    stick.write_from(&name(2), &mut &bundle(1)[..]).unwrap();
    assert_eq!(names(&stick), [1, 2]);
}

#[test]
fn what_reads_back_otherwise_is_not_verified() {
    let long = vec![3; 3 * COMPARED_BYTES];
    let mut other = long.clone();
    other[2 * COMPARED_BYTES + 5] = 4;
    let same = |left: &[u8], right: &[u8]| same(&mut &*left, &mut &*right).unwrap();
    assert!(same(&long, &long));
    assert!(!same(&long, &other));
    assert!(!same(&long, &long[..long.len() - 1]));
    assert!(!same(&long[..COMPARED_BYTES], &long));
}

#[test]
fn links_devices_and_folders_are_passed_over() {
    let (folder, stick, place) = stick();
    let outside = folder.path().join("outside");
    fs::write(&outside, bundle(1)).unwrap();
    fs::create_dir_all(&place).unwrap();
    symlink(&outside, place.join("7-0000000100000000-1.opb")).unwrap();
    symlink("/dev/zero", place.join("7-0000000100000000-2.opb")).unwrap();
    fs::create_dir(place.join("7-0000000100000000-3.opb")).unwrap();
    symlink(&place, folder.path().join("OUTPOST/01020304/2")).unwrap();
    symlink("/", folder.path().join("OUTPOST/aaaaaaaa")).unwrap();
    let listing = stick.list().unwrap();
    assert!(listing.found.is_empty());
    assert_eq!(listing.passed_over.not_regular, 5);
    for number in [1, 2, 3] {
        let read = stick.read(&name(number));
        assert!(matches!(read, Err(StickError::NotRegular)), "{read:?}");
        assert!(matches!(
            stick.write(&name(number), b"x"),
            Err(StickError::Exists)
        ));
    }
    // A link in the place of a temporary file is removed, not written through.
    symlink(&outside, place.join("7-0000000100000000-4.opb.tmp")).unwrap();
    stick.write(&name(4), &bundle(2)).unwrap();
    assert_eq!(fs::read(&outside).unwrap(), bundle(1));
    assert_eq!(names(&stick), [4]);
}

#[test]
fn a_link_in_the_place_of_our_folder_leads_nowhere() {
    let (folder, stick, _) = stick();
    let outside = TempDir::new().unwrap();
    symlink(outside.path(), folder.path().join("OUTPOST")).unwrap();
    assert!(matches!(stick.list(), Err(StickError::NotRegular)));
    assert!(matches!(
        stick.write(&name(1), b"x"),
        Err(StickError::NotRegular)
    ));
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn empty_and_huge_files_are_refused_unread() {
    let (_folder, stick, place) = stick();
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join("7-0000000100000000-1.opb"), b"").unwrap();
    let huge = File::create(place.join("7-0000000100000000-2.opb")).unwrap();
    for (length, is_refused) in [(FILE_BYTES_MAX, false), (FILE_BYTES_MAX + 1, true)] {
        huge.set_len(length).unwrap();
        let read = stick.read(&name(2));
        assert_eq!(matches!(read, Err(StickError::TooLarge { .. })), is_refused);
    }
    assert!(matches!(stick.read(&name(1)), Err(StickError::Empty)));
}

#[test]
fn strange_names_and_too_many_files_are_counted_and_left() {
    let (folder, stick, place) = stick();
    fs::create_dir_all(&place).unwrap();
    for number in 1..=FILES_MAX + 4 {
        fs::write(place.join(format!("7-0000000100000000-{number}.opb")), b"x").unwrap();
    }
    for strange in ["autorun.inf", "7-0000000100000000-1.opb~", "..%2f..%2fkeys"] {
        fs::write(place.join(strange), b"x").unwrap();
    }
    fs::create_dir_all(folder.path().join("OUTPOST/holiday pictures")).unwrap();
    let listing = stick.list().unwrap();
    assert_eq!(listing.found.len(), FILES_MAX);
    assert_eq!(
        listing.passed_over,
        PassedOver {
            strange_names: 4,
            not_regular: 0,
            too_many: 4
        }
    );
}

#[test]
fn errors_of_the_system_have_their_words() {
    use rustix::io::Errno;
    let of = |number: Errno| StickError::from(number);
    assert!(matches!(of(Errno::NOSPC), StickError::Full));
    assert!(matches!(of(Errno::ROFS), StickError::ReadOnly));
    assert!(matches!(of(Errno::LOOP), StickError::NotRegular));
    assert!(matches!(of(Errno::IO), StickError::Io(_)));
}
