//! Golden bytes in files of hex digits, for the tests of every format.

/// Bytes of a file of hex digits; lines that begin with `#` are comments.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let digits: Vec<u32> = lines
        .flat_map(str::chars)
        .filter_map(|c| c.to_digit(16))
        .collect();
    let pair = |pair: &[u32]| u8::try_from(pair[0] * 16 + pair[1]).unwrap();
    digits.chunks(2).map(pair).collect()
}

/// The digits of such a file, 32 bytes a line.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<_> = digits.chunks(32).map(<[String]>::concat).collect();
    lines.join("\n")
}

/// Today's bytes are those of the file; else they are printed.
pub(crate) fn check(golden: &str, today: &[u8]) {
    assert!(unhex(golden) == today, "today's bytes:\n{}", hex(today));
}
