//! Command lines: several commands in one line, any case, basic and extended form (ITU-T V.250 §5).

/// One command of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Command<'a> {
    /// `E0`, `V1`, `Z`: a letter and its number.
    Basic(char, u32),
    /// `+NAME`, and what follows it: nothing, `?`, `=?` or `=value`.
    Extended(String, Rest<'a>),
}

/// What follows an extended name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rest<'a> {
    Nothing,
    Read,
    Test,
    Set(&'a str),
}

/// The commands of a line; `None` when it is not one.
pub(super) fn commands(line: &str) -> Option<Vec<Command<'_>>> {
    let line = line.trim();
    let body = line.get(..2).filter(|at| at.eq_ignore_ascii_case("AT"));
    body?;
    let mut commands = Vec::new();
    let mut rest = line.get(2..)?;
    while !rest.is_empty() {
        let (command, after) = if rest.starts_with(['+', '$', '^', '&', '*']) {
            extended(rest)
        } else {
            basic(rest)?
        };
        commands.push(command);
        rest = after.trim_start_matches([';', ' ']);
    }
    Some(commands)
}

fn basic(text: &str) -> Option<(Command<'_>, &str)> {
    let letter = text.chars().next().filter(char::is_ascii_alphabetic)?;
    let rest = text.get(1..)?;
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (number, after) = rest.split_at_checked(digits)?;
    let number = number.parse().unwrap_or(0);
    Some((Command::Basic(letter.to_ascii_uppercase(), number), after))
}

fn extended(text: &str) -> (Command<'_>, &str) {
    let end = end_of(text);
    let (command, after) = text.split_at_checked(end).unwrap_or((text, ""));
    let at = command.find(['=', '?']).unwrap_or(command.len());
    let (name, rest) = command.split_at_checked(at).unwrap_or((command, ""));
    let rest = match rest {
        "" => Rest::Nothing,
        "?" => Rest::Read,
        "=?" => Rest::Test,
        _ => Rest::Set(rest.trim_start_matches('=')),
    };
    (Command::Extended(name.to_ascii_uppercase(), rest), after)
}

/// Where a command ends: at the first semicolon outside quotation marks.
fn end_of(text: &str) -> usize {
    let mut quoted = false;
    for (at, character) in text.char_indices() {
        match character {
            '"' => quoted = !quoted,
            ';' if !quoted => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_several_commands_in_any_case() {
        let read = commands("ate0v1+cmee=1;+CREG=2").unwrap();
        let expected = [
            Command::Basic('E', 0),
            Command::Basic('V', 1),
            Command::Extended("+CMEE".to_owned(), Rest::Set("1")),
            Command::Extended("+CREG".to_owned(), Rest::Set("2")),
        ];
        assert_eq!(read, expected);
        assert_eq!(commands("AT"), Some(Vec::new()));
        assert_eq!(commands("hello"), None);
    }

    #[test]
    fn quotation_marks_guard_semicolons() {
        let read = commands("AT+CUSD=1,\"*1;2#\",15;+CSQ").unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(
            read[0],
            Command::Extended("+CUSD".to_owned(), Rest::Set("1,\"*1;2#\",15"))
        );
        assert_eq!(
            commands("AT+CPMS=?").unwrap()[0],
            Command::Extended("+CPMS".to_owned(), Rest::Test)
        );
    }
}
