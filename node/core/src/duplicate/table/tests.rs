//! Shipped tables compile and do what their rows say; broken tables give findings.

use proptest::prelude::*;

use super::*;

fn table(country: &str) -> NameTable {
    NameTable::of(country).unwrap()
}

fn check(name: &str, country: &str, expected: &str) {
    assert_eq!(table(country).normalise(name), expected, "{name}");
}

#[test]
fn names_come_to_one_spelling() {
    check("Fatou", "SN", "fatu");
    check("FATMA", "KE", "fatu");
    check("Mohammed", "KE", "mohamed");
    check("Muhammad", "KE", "mohamed");
    check("Mamadou", "ML", "mohamed");
    check("Aïcha", "CI", "aisha");
    check("Awa", "SN", "aua");
    check("Djibril", "SN", "jibril");
    check("Philippe", "CM", "filip");
    check("Philippe", "KE", "filipe");
    check("Wanjiru", "KE", "uanjiru");
    check("Khadija bint Ali", "KE", "khadija ali");
    check("Née Traoré", "FR", "traor");
    check("El", "KE", "el");
    check("  N’Diaye  ", "SN", "njai");
    check("Ngũgĩ wa Thiong'o", "KE", "ngugi tiongo");
    check("Choudhury", "PK", "chaudry");
    check("Elsadig Mohammed", "SD", "alsadig muhamad");
    check("Ðorđe", "HR", "dorde");
}

#[test]
fn words_sound_alike() {
    let kenya = table("KE");
    for (one, other) in [
        ("uanjiru", "uangiru"),
        ("nyambura", "nyambora"),
        ("karanja", "kalanja"),
        ("muangi", "muanji"),
    ] {
        assert_eq!(kenya.code(one), kenya.code(other), "{one}");
    }
    for (one, other) in [
        ("otieno", "ochieng"),
        ("kamau", "kimani"),
        ("fatu", "halima"),
    ] {
        assert_ne!(kenya.code(one), kenya.code(other), "{one}");
    }
    assert_eq!(kenya.code("አበበ"), "አበ");
    assert_eq!(kenya.code("aua"), "a");
    assert_eq!(kenya.code(""), "");
}

#[test]
fn short_forms_are_found_both_ways() {
    let kenya = table("KE");
    let word = |name: &str| kenya.normalise(name);
    assert!(kenya.is_short_form(&word("Elizabeth"), &word("Liz")));
    assert!(kenya.is_short_form(&word("Liz"), &word("Elizabeth")));
    assert!(!kenya.is_short_form(&word("Liz"), &word("Mary")));
}

#[test]
fn every_shipped_table_compiles_and_no_country_has_two() {
    let mut countries = BTreeSet::new();
    for (name, text) in SHIPPED {
        let table = NameTable::compile(text).map_err(|findings| named(name, findings));
        for country in table.unwrap().countries {
            assert!(countries.insert(country.clone()), "{country} in {name}");
        }
    }
    assert!(table("AQ").countries.is_empty());
}

#[test]
fn broken_tables_give_findings() {
    let (_, good) = SHIPPED[5];
    let findings = NameTable::compile(good).err();
    assert_eq!(findings, None);
    for (from, to) in [
        ("countries = []", "countries = [\"Kenya\"]"),
        ("[\"ou\", \"u\"]", "[\"OU\", \"u\"]"),
        ("[\"ou\", \"u\"]", "[\"\", \"u\"]"),
        ("short_forms = []", "short_forms = [[\"liz\"]]"),
        ("\"muhamad\", ", "\"muhamad\", \"fatma\", "),
        ("\"fatu\", \"fatma\"", "\"muhamad\", \"fatma\""),
        ("\"bp\"", "\"bpv\""),
        ("order = \"any\"", "order = \"none\""),
        ("endings = []", "ends = []"),
    ] {
        let broken = good.replacen(from, to, 1);
        assert_ne!(broken, good, "{from}");
        let findings = NameTable::compile(&broken).err().unwrap_or_default();
        assert!(!findings.is_empty(), "{to}");
    }
}

proptest! {
    #[test]
    fn normalising_never_panics_and_keeps_no_upper_case(name in "\\PC{0,60}") {
        let table = table("SN");
        let once = table.normalise(&name);
        prop_assert!(!once.chars().any(|c| c.is_ascii_uppercase()));
        prop_assert!(!once.starts_with(' ') && !once.ends_with(' '));
        prop_assert!(table.words(&name).iter().all(|word| !table.code(word).is_empty()));
    }

    #[test]
    fn case_and_marks_never_matter(name in "[a-zé]{1,12}( [a-z]{1,12})?") {
        let table = table("KE");
        prop_assert_eq!(table.normalise(&name), table.normalise(&name.to_uppercase()));
        prop_assert_eq!(table.normalise(&name), table.normalise(&name.replace('é', "e\u{301}")));
    }

    #[test]
    fn compiling_never_panics(text in "\\PC{0,200}") {
        let findings = NameTable::compile(&text).err().unwrap_or_default();
        prop_assert!(!findings.is_empty());
    }
}
