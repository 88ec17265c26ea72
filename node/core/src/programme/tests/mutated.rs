//! Two hundred broken programmes: each has findings and never loads, none ends the program.

use super::*;

/// Broken programmes; the seed of each is its number.
const MUTATED: u64 = 200;
/// Programmes with a few octets changed, which may still be right.
const SCRATCHED: u64 = 400;

/// Numbers that follow from a seed alone.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        // The constants of Knuth's MMIX generator; the high bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % count.max(1)
    }
}

/// Lines of a file that contain a part.
fn lines_with(text: &str, part: &str) -> Vec<usize> {
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| line.contains(part) && !line.starts_with('#'))
        .map(|(index, _)| index)
        .collect()
}

/// The file with one line changed.
fn with_line(text: &str, index: usize, change: impl Fn(&str) -> String) -> String {
    let lines = text.lines().enumerate();
    let changed = lines.map(|(at, line)| {
        if at == index {
            change(line)
        } else {
            line.to_owned()
        }
    });
    changed.collect::<Vec<_>>().join("\n")
}

/// Changes of a line of `service.toml`: what the line contains, and what takes its place.
const OF_SERVICE: [(&str, &str); 8] = [
    ("next = \"", "next = \"no-such-"),
    ("kind = \"", "kind = \"un"),
    ("code = \"", "colour = 1\ncode = \""),
    ("\"", ""),
    ("text = \"", "text = \"no-such-"),
    ("saves = \"", "saves = \"no_such_"),
    ("command = \"", "command = \"un"),
    ("audience = [", "audience = [\"bishop\", "),
];

/// A change that no programme survives, by its number: what it is, and the programme.
fn mutated(seed: u64) -> (String, Source) {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    for _ in 0..5 {
        dice.below(2);
    }
    let shipped = Source::shipped();
    let source = shipped[dice.below(shipped.len())].clone();
    let service = source.files[SERVICE_FILE].clone();
    let at = |dice: &mut Dice, text: &str, part: &str| {
        let lines = lines_with(text, part);
        lines[dice.below(lines.len())]
    };
    let kind = dice.below(12);
    if let Some((part, other)) = OF_SERVICE.get(kind) {
        let index = at(&mut dice, &service, part);
        let text = with_line(&service, index, |line| line.replacen(part, other, 1));
        let what = format!("{part} in {}", source.folder);
        return (what, source.with(SERVICE_FILE, text));
    }
    if kind == 8 {
        // Cut inside the first half, where much must still follow.
        let end = dice.below(service.len() / 2);
        let kept = service.chars().take(end).collect::<String>();
        let what = format!("the first {end} characters of {}", source.folder);
        return (what, source.with(SERVICE_FILE, kept));
    }
    let languages: Vec<String> = source.files.keys().cloned().collect();
    let languages: Vec<&String> = languages
        .iter()
        .filter(|name| name.starts_with("texts/"))
        .collect();
    let own = languages[dice.below(languages.len())];
    let text = source.files[own].clone();
    let index = at(&mut dice, &text, " = ");
    let long = " and then some more words".repeat(120);
    let text = with_line(&text, index, |line| match kind {
        9 => format!("x{line}"),
        10 => format!("{line}{long}"),
        _ => format!("{line} {{ $no_such }}"),
    });
    let what = format!("kind {kind} in {own} of {}", source.folder);
    (what, source.with(own, text))
}

#[test]
fn two_hundred_mutated_programmes_have_findings_and_never_load() {
    let shipped = Source::shipped();
    let versions: Vec<(String, u32)> = offered_versions(&Programmes::load(&shipped).unwrap());
    let mut own: Vec<Source> = Vec::new();
    for seed in 0..MUTATED {
        let (what, source) = mutated(seed);
        let Err(findings) = compile(&source) else {
            panic!("seed {seed}: {what} compiles")
        };
        assert!(!findings.is_empty(), "seed {seed}: {what}");
        for finding in &findings {
            assert!(
                !finding.message.is_empty() && !finding.fix.is_empty(),
                "{what}"
            );
        }
        // Loading compiles once more; a part of them shows that nothing else decides.
        if seed % 10 == 0 {
            own.push(source);
        }
    }
    let (programmes, refused) = Programmes::load_over(&shipped, &own).unwrap();
    assert_eq!(refused.len(), own.len(), "one of them loaded");
    assert_eq!(offered_versions(&programmes), versions);
    // The control: what was not mutated has no findings.
    assert!(shipped.iter().all(|source| compile(source).is_ok()));
}

fn offered_versions(programmes: &Programmes) -> Vec<(String, u32)> {
    let offered = programmes.offered();
    offered
        .map(|one| (one.code().to_owned(), one.version()))
        .collect()
}

#[test]
fn any_octets_changed_give_a_programme_or_findings() {
    let mut compiled = 0_u64;
    for seed in 0..SCRATCHED {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let source = small();
        let names: Vec<String> = source.files.keys().cloned().collect();
        let name = &names[dice.below(names.len())];
        let mut octets = source.files[name].clone().into_bytes();
        for _ in 0..=dice.below(4) {
            let at = dice.below(octets.len());
            octets[at] = u8::try_from(dice.below(128)).unwrap();
        }
        let text = String::from_utf8_lossy(&octets).into_owned();
        match compile(&source.with(name, text)) {
            Ok(_) => compiled += 1,
            Err(findings) => assert!(!findings.is_empty()),
        }
    }
    assert!(compiled > 0 && compiled < SCRATCHED, "{compiled} compiled");
}

#[test]
fn findings_name_the_line_of_their_block() {
    let (_, line) = line_of("next = \"end\"", "next = \"nowhere\"");
    let shown = line.to_string();
    assert!(shown.starts_with("service.toml:"), "{shown}");
    let number = line.line.unwrap();
    let text = small().files[SERVICE_FILE].clone();
    let own = text.lines().nth(number - 1).unwrap();
    assert_eq!(own, "code = \"note\"");
}

/// The first finding of a change.
fn line_of(from: &str, to: &str) -> (Source, Finding) {
    let broken = replaced(&small(), SERVICE_FILE, from, to);
    let finding = compile(&broken).unwrap_err().remove(0);
    (broken, finding)
}
