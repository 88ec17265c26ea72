//! Reads lines: final results, headers with their fields, noise (TS 27.007 §4.1, §5.7).
//!
//! A line that begins with `^`, `*` or an unknown name is noise unless a command asked for that
//! name. Nothing here panics on any text.

/// Most fields of one line that are read; the rest is left out.
const FIELDS_MAX: usize = 16;
/// `+CMS ERROR: 500` (TS 27.005 §3.2.5): unknown error, taken where the text has no number.
const UNKNOWN_ERROR: u16 = 500;

/// How a command ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Final {
    /// Done.
    Ok,
    /// Not done, without a reason.
    Error,
    /// Not done, by equipment or SIM (TS 27.007 §9.2).
    Cme(u16),
    /// Not done, by the message service (TS 27.005 §3.2.5).
    Cms(u16),
}

/// What a line says when it is a final result.
pub fn final_result(line: &str) -> Option<Final> {
    match line {
        "OK" => return Some(Final::Ok),
        "ERROR" | "COMMAND NOT SUPPORT" => return Some(Final::Error),
        _ => {}
    }
    let number = |rest: &str| rest.trim().parse().unwrap_or(UNKNOWN_ERROR);
    if let Some(rest) = line.strip_prefix("+CMS ERROR:") {
        return Some(Final::Cms(number(rest)));
    }
    line.strip_prefix("+CME ERROR:")
        .map(|rest| Final::Cme(number(rest)))
}

/// What follows `+NAME:` in a line of that name.
pub fn after<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(name)?.strip_prefix(':')?;
    Some(rest.trim_start())
}

/// The name of a line such as `+CSQ` or `^RSSI`; `None` for text without one.
pub fn name(line: &str) -> Option<&str> {
    let (name, _) = line.split_once(':')?;
    let mark = name.starts_with(['+', '^', '*', '$', '#']);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '^' | '*' | '$' | '#');
    (mark && name.chars().all(plain)).then_some(name)
}

/// The fields of an answer, without quotation marks; a comma inside marks does not part.
pub fn fields(text: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                if fields.len() >= FIELDS_MAX {
                    break;
                }
                fields.push(String::new());
            }
            _ => {
                if let Some(field) = fields.last_mut() {
                    field.push(character);
                }
            }
        }
    }
    for field in &mut fields {
        let trimmed = field.trim();
        if trimmed.len() < field.len() {
            *field = trimmed.to_owned();
        }
    }
    fields
}

/// A number in a field.
pub fn number(fields: &[String], index: usize) -> Option<u32> {
    fields.get(index)?.parse().ok()
}

/// Whether a modem is registered, from the fields of `+CREG` (TS 27.007 §7.2).
///
/// The answer to a question has the mode first, the unsolicited line has not; both come with two
/// to five fields. `None`: no state can be read.
pub fn registration(fields: &[String], asked: bool) -> Option<bool> {
    // An unsolicited line may come instead of the answer; its second field is an area of four digits.
    let is_answer = asked && fields.get(1).is_some_and(|field| field.len() < 3);
    let state = number(fields, usize::from(is_answer));
    state.map(|state| matches!(state, 1 | 5 | 6 | 7))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn final_results_are_told_from_other_lines() {
        assert_eq!(final_result("OK"), Some(Final::Ok));
        assert_eq!(final_result("+CMS ERROR: 38"), Some(Final::Cms(38)));
        assert_eq!(final_result("+CME ERROR: 14"), Some(Final::Cme(14)));
        assert_eq!(final_result("+CMS ERROR: no luck"), Some(Final::Cms(500)));
        assert_eq!(final_result("OK?"), None);
    }

    #[test]
    fn commas_between_quotation_marks_do_not_part() {
        assert_eq!(fields("0,\"a, b\",15"), ["0", "a, b", "15"]);
        assert_eq!(fields(""), [""]);
        assert_eq!(fields(&",".repeat(99)).len(), FIELDS_MAX);
    }

    #[test]
    fn names_are_those_of_codes() {
        assert_eq!(name("^RSSI: 20"), Some("^RSSI"));
        assert_eq!(name("*PSUTTZ: 2026"), Some("*PSUTTZ"));
        assert_eq!(name("DST: 0"), None);
        assert_eq!(after("+CSQ:5,99", "+CSQ"), Some("5,99"));
        assert_eq!(after("+CSQN: 5", "+CSQ"), None);
    }

    #[test]
    fn registration_is_read_with_any_count_of_fields() {
        let read = |text: &str, asked| registration(&fields(text), asked);
        assert_eq!(read("2,1,\"00A1\",\"1234\",7", true), Some(true));
        assert_eq!(read("1,0,1", true), Some(false));
        assert_eq!(read("5,\"00A1\",\"1234\"", false), Some(true));
        assert_eq!(read("2,\"0001\",\"1234\"", true), Some(false));
        assert_eq!(read("0,6", true), Some(true));
        assert_eq!(read("x", false), None);
    }
}
