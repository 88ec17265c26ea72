//! Letters without case and marks, as far as Latin script goes.
//!
//! A table instead of full Unicode NFKD: combining marks are dropped, the precomposed letters of
//! the Latin blocks lose theirs, ligatures are spelt out; other scripts pass as they are.

/// The words of a text: folded letters and digits; apostrophes join, everything else parts.
pub fn words(text: &str) -> Vec<String> {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        fold_into(letter, &mut folded);
    }
    folded.split_whitespace().map(str::to_owned).collect()
}

fn fold_into(letter: char, folded: &mut String) {
    match letter {
        '\u{300}'..='\u{36f}' | '\'' | '`' | '\u{2bb}'..='\u{2bf}' | '\u{2018}' | '\u{2019}' => {}
        'a'..='z' | '0'..='9' => folded.push(letter),
        _ => match spelt_out(letter) {
            Some(spelling) => folded.push_str(spelling),
            None if letter.is_alphanumeric() => folded.push(letter),
            None => folded.push(' '),
        },
    }
}

/// Plain spellings, and the marked letters and ligatures that have them, in lower case.
const SPELLINGS: [(&str, &str); 31] = [
    ("a", "àáâãäåāăąǎǟǡǻȁȃȧªḁẚạảấầẩẫậắằẳẵặ"),
    ("ae", "æǣǽ"),
    ("b", "ḃḅḇɓ"),
    ("c", "çćĉċčḉ"),
    ("d", "ďđðḋḍḏḑḓɗɖ"),
    ("e", "èéêëēĕėęěȅȇȩɛǝəḕḗḙḛḝẹẻẽếềểễệ"),
    ("f", "ḟƒ"),
    ("g", "ĝğġģǧǵḡɠ"),
    ("h", "ĥħȟḣḥḧḩḫẖɦ"),
    ("i", "ìíîïĩīĭįıǐȉȋḭḯỉịɨ"),
    ("j", "ĵǰ"),
    ("k", "ķĸǩḱḳḵƙ"),
    ("l", "ĺļľŀłḷḹḻḽ"),
    ("m", "ḿṁṃ"),
    ("n", "ñńņňŉŋǹṅṇṉṋɲ"),
    ("o", "òóôõöøōŏőơǒǫǭȍȏȯɔºṍṏṑṓọỏốồổỗộớờởỡợ"),
    ("oe", "œ"),
    ("p", "ṕṗƥ"),
    ("r", "ŕŗřȑȓṙṛṝṟ"),
    ("s", "śŝşšșſṡṣṥṧṩ"),
    ("ss", "ß"),
    ("t", "ţťŧțṫṭṯṱẗƭ"),
    ("th", "þ"),
    ("u", "ùúûüũūŭůűųưǔȕȗʉṳṵṷṹṻụủứừửữự"),
    ("v", "ṽṿʋ"),
    ("w", "ŵẁẃẅẇẉẘ"),
    ("x", "ẋẍ"),
    ("y", "ýÿŷȳẏẙỳỵỷỹƴ"),
    ("z", "źżžẑẓẕƶ"),
    ("fi", "ﬁ"),
    ("fl", "ﬂ"),
];

fn spelt_out(letter: char) -> Option<&'static str> {
    SPELLINGS
        .iter()
        .find(|(_, marked)| marked.contains(letter))
        .map(|(plain, _)| *plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_case_and_ligatures_fold_away() {
        assert_eq!(words("Œuvre-ÉTÉ  Straße"), ["oeuvre", "ete", "strasse"]);
        assert_eq!(words("N'Diaye N’Diaye"), ["ndiaye", "ndiaye"]);
        assert_eq!(words("e\u{301}a\u{308}"), ["ea"]);
        assert_eq!(words("አበበ 12"), ["አበበ", "12"]);
        assert!(words(" .,! ").is_empty());
    }
}
