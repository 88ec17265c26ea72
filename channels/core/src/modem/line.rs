//! Cuts what a modem sends into lines and prompts (3GPP TS 27.005 §3.1, TS 27.007 §4).
//!
//! A line ends at CR or LF; the prompt for a PDU has no end and is told at once. What a line
//! means is not decided here.

/// Longest line in octets; a longer one is discarded up to its end and counted. The longest line
/// that a modem has reason to send is a PDU of 176 octets in hex, 352 characters.
pub const LINE_OCTETS_MAX: usize = 4_096;

/// Substitute, escape and NUL: echoed or sent by modems, part of no line.
const IGNORED: [u8; 3] = [0x00, 0x1A, 0x1B];

/// One thing that the modem sent.
#[derive(Clone, PartialEq, Eq)]
pub enum Token {
    /// A line without its end; never empty.
    Line(String),
    /// The modem waits for a PDU.
    Prompt,
}

impl core::fmt::Debug for Token {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Line(line) => write!(f, "Line({} octets)", line.len()),
            Self::Prompt => write!(f, "Prompt"),
        }
    }
}

/// The octets of an unfinished line.
#[derive(Clone, Default)]
pub struct Splitter {
    line: Vec<u8>,
    overlong: bool,
    discarded: u64,
}

impl Splitter {
    /// Takes octets as they come and gives what is complete.
    pub fn feed(&mut self, octets: &[u8]) -> Vec<Token> {
        let mut tokens = Vec::new();
        for &octet in octets {
            match octet {
                b'\r' | b'\n' => tokens.extend(self.end()),
                b'>' if self.line.is_empty() && !self.overlong => tokens.push(Token::Prompt),
                // The blank after a prompt, and indentation that some modems send.
                b' ' if self.line.is_empty() => {}
                _ if IGNORED.contains(&octet) => {}
                _ => self.push(octet),
            }
        }
        tokens
    }

    /// Forgets an unfinished line: the port was opened anew.
    pub fn clear(&mut self) {
        self.line.clear();
        self.overlong = false;
    }

    /// Lines that were discarded because of their length.
    pub fn discarded(&self) -> u64 {
        self.discarded
    }

    /// Octets that wait for the end of their line.
    pub fn waiting(&self) -> usize {
        self.line.len()
    }

    fn push(&mut self, octet: u8) {
        if self.overlong {
            return;
        }
        self.line.push(octet);
        if self.line.len() > LINE_OCTETS_MAX {
            self.line.clear();
            self.overlong = true;
            self.discarded = self.discarded.saturating_add(1);
        }
    }

    fn end(&mut self) -> Option<Token> {
        self.overlong = false;
        if self.line.is_empty() {
            return None;
        }
        let line = String::from_utf8_lossy(&self.line).trim_end().to_owned();
        self.line.clear();
        Some(Token::Line(line))
    }
}

impl core::fmt::Debug for Splitter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "Splitter({} octets, {} discarded)",
            self.line.len(),
            self.discarded
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(octets: &[u8]) -> Vec<Token> {
        Splitter::default().feed(octets)
    }

    fn line(text: &str) -> Token {
        Token::Line(text.to_owned())
    }

    #[test]
    fn lines_end_at_cr_and_lf_and_empty_ones_are_none() {
        assert_eq!(
            lines(b"\r\nOK\r\n\r\n+CSQ: 5,99\n"),
            [line("OK"), line("+CSQ: 5,99")]
        );
    }

    #[test]
    fn a_prompt_is_told_before_its_line_ends() {
        assert_eq!(lines(b"\r\n> "), [Token::Prompt]);
        assert_eq!(
            lines(b"AT+CMGS=5\r\r\n>"),
            [line("AT+CMGS=5"), Token::Prompt]
        );
        assert_eq!(
            lines(b"\r\n+CUSD: 0,\"1 > 0\"\r\n"),
            [line("+CUSD: 0,\"1 > 0\"")]
        );
    }

    #[test]
    fn a_line_without_end_is_bounded_and_what_follows_is_read() {
        let mut splitter = Splitter::default();
        assert_eq!(splitter.feed(&[b'x'; LINE_OCTETS_MAX * 3]), []);
        assert!(splitter.waiting() <= LINE_OCTETS_MAX);
        assert_eq!(splitter.feed(b"yy\r\nOK\r\n"), [line("OK")]);
        assert_eq!(splitter.discarded(), 1);
    }

    #[test]
    fn echoed_control_octets_and_bad_utf8_do_no_harm() {
        assert_eq!(lines(b"\x1b\x00OK\x1a\r"), [line("OK")]);
        assert_eq!(lines(b"\xff\r"), [line("\u{fffd}")]);
    }
}
