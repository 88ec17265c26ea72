//! The difference between two texts, line by line, for people.

/// Most lines of a text; longer ones are not compared line by line.
const LINES_MAX: usize = 2_000;

/// Lines that only the old text has, with `-`, and that only the new one has, with `+`, amid the
/// common ones; empty when the texts are equal.
pub fn difference(old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    if old.len().max(new.len()) > LINES_MAX {
        return format!("{} lines became {}\n", old.len(), new.len());
    }
    let common = lengths(&old, &new);
    let (mut i, mut j) = (0, 0);
    let mut out = String::new();
    while i < old.len() || j < new.len() {
        let (mark, line) = match (old.get(i), new.get(j)) {
            (Some(one), Some(other)) if one == other => (' ', *one),
            (Some(one), other) if other.is_none() || common[i + 1][j] >= common[i][j + 1] => {
                ('-', *one)
            }
            (_, Some(other)) => ('+', *other),
            (_, None) => break,
        };
        i += usize::from(mark != '+');
        j += usize::from(mark != '-');
        out.push(mark);
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// For every pair of tails, how many lines they have in common.
fn lengths(old: &[&str], new: &[&str]) -> Vec<Vec<usize>> {
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = if old[i] == new[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    common
}
