//! A bundle that was cut or changed at any byte: whole items before it, and never one too many.

use super::*;

/// How many items lie whole before a place of the file.
fn whole_before(items: &[Item], bytes: &[u8], end: usize) -> usize {
    let lengths = items
        .iter()
        .map(|item| item.bytes().len() + ITEM_HEAD_BYTES);
    let mut at = bytes.len() - 32 - lengths.clone().sum::<usize>();
    let ends = lengths.map(|length| {
        at += length;
        at
    });
    ends.filter(|at| *at <= end).count()
}

#[test]
fn a_bundle_cut_at_any_byte_gives_its_whole_items() {
    let (bytes, items) = (bundle(), items());
    let mut seen = 0;
    for end in 0..bytes.len() {
        let (parts, error) = read(&bytes[..end], 512);
        let got = items_of(&parts);
        assert_eq!(got.len(), whole_before(&items, &bytes, end), "cut at {end}");
        assert_eq!(got, items[..got.len()]);
        assert_eq!(error, Some(BundleError::Truncated), "cut at {end}");
        assert!(!parts.contains(&Part::End));
        seen = seen.max(got.len());
    }
    assert_eq!(seen, items.len());
    // The control: uncut it is whole.
    assert_eq!(read(&bytes, 512).1, None);
}

#[test]
fn a_changed_byte_is_never_told_as_a_whole_bundle() {
    let (bytes, items) = (bundle(), items());
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        let (parts, error) = read(&changed, 4096);
        assert!(error.is_some(), "byte {at} is not missed");
        assert!(!parts.contains(&Part::End));
        let whole = whole_before(&items, &bytes, at);
        assert!(
            items_of(&parts).starts_with(&items[..whole]) || parts.is_empty(),
            "items before byte {at}"
        );
    }
}

#[test]
fn bytes_behind_the_end_are_refused() {
    let mut bytes = bundle();
    bytes.push(0);
    let (parts, error) = read(&bytes, 4096);
    assert_eq!(error, Some(BundleError::Trailing));
    assert_eq!(items_of(&parts), items());
}

#[test]
fn counts_that_are_not_those_of_the_items_are_refused() {
    let items = draft(&items());
    let whole = items.write(manifest(), &key(7)).unwrap();
    let behind = whole.len() - 32 - items.bytes();
    let counts = |frames, count, bytes| {
        let lying = Manifest {
            frames,
            items: count,
            bytes,
            ..manifest()
        };
        let head = lying.sign(&key(7)).unwrap();
        read(&[&head, &whole[behind..]].concat(), 4096).1
    };
    let bytes = u64::try_from(items.bytes()).unwrap();
    // The control lacks its ranges, so that only its end hash is another.
    assert_eq!(counts(4, 7, bytes), Some(BundleError::EndHash));
    assert_eq!(counts(3, 7, bytes), Some(BundleError::Malformed("frames")));
    assert_eq!(counts(5, 7, bytes), Some(BundleError::Malformed("counts")));
    assert_eq!(
        counts(4, 7, bytes - 1),
        Some(BundleError::Malformed("bytes"))
    );
    assert_eq!(
        counts(4, 7, bytes + 1),
        Some(BundleError::Malformed("counts"))
    );
    assert!(counts(4, 8, bytes).is_some());
}

/// What is announced costs no memory before it is there, and never more than one item.
#[test]
fn announced_lengths_are_capped() {
    let liar = Manifest {
        items: u32::MAX,
        frames: u32::MAX,
        bytes: u64::MAX,
        ..manifest()
    };
    let head = liar.sign(&key(7)).unwrap();
    let long = u32::try_from(ITEM_BYTES_MAX + 1).unwrap();
    let long = [&head[..], &[4], &long.to_be_bytes()].concat();
    let over = |error: Option<BundleError>, wanted: &str| matches!(error, Some(BundleError::TooLarge { field, .. }) if field == wanted);
    assert!(over(read(&long, 4096).1, "item"));
    let mut reader = BundleReader::default();
    let piece = vec![0; PIECE_BYTES_MAX + 1];
    assert!(over(reader.push(&piece).err(), "piece"));
    // Nobody reads: the reader does not keep it all.
    let mut reader = BundleReader::default();
    let piece = &piece[..PIECE_BYTES_MAX];
    let refused = (0..10).find_map(|_| reader.push(piece).err());
    assert!(over(refused, "unread part"));
}

#[test]
fn a_file_over_its_cap_ends() {
    let liar = Manifest {
        items: u32::MAX,
        frames: 0,
        bytes: u64::MAX,
        ..manifest()
    };
    let mut reader = BundleReader::default();
    reader.push(&liar.sign(&key(7)).unwrap()).unwrap();
    assert!(matches!(reader.next_part(), Ok(Some(Part::Manifest(_)))));
    let body = vec![0; 60_000];
    let item = [&[5][..], &60_000_u32.to_be_bytes(), &body].concat();
    let mut taken = 0_u64;
    let error = loop {
        if let Err(error) = reader.push(&item) {
            break error;
        }
        assert!(matches!(reader.next_part(), Ok(Some(Part::Item(_)))));
        taken += 1;
    };
    assert!(matches!(error, BundleError::TooLarge { field: "file", .. }));
    assert_eq!(taken, FILE_BYTES_MAX / 60_005);
}
