//! Plays a transcript and writes it anew from what really happened.

use anyhow::{Context, Result, bail};
use node_core::contact::{Contact, ContactAnswer};
use node_core::role::Role;
use node_core::status::Status;

use super::Transcript;
use super::exchange::{Exchange, Phone};
use super::head::Over;
use super::line::{Cut, Event, Line};
use super::number::Numbers;

/// Plays a transcript over a bearer and returns it with the answers that were really given.
///
/// # Errors
/// The line that cannot be played, or a store that fails.
pub async fn play(transcript: &Transcript, over: Over) -> Result<String> {
    let head = &transcript.head;
    let exchange = Exchange::open(&head.site(), head.moment).await?;
    if head.role != Role::Citizen {
        exchange.grant(&head.caller, head.role).await?;
    }
    let mut player = Player {
        exchange,
        phone: Phone::new(head.caller.clone(), over),
        over,
        numbers: Numbers::default(),
        out: format!("{}\n", transcript.preamble),
    };
    let after = player.messages().await?;
    for line in after {
        player.write(&line);
    }
    let mut lines = transcript.lines.iter().peekable();
    while let Some(line) = lines.next() {
        let cut = match lines.peek() {
            Some(Line::Event(Event::PowerCut(cut), _)) => *cut,
            _ => Cut::Between,
        };
        player
            .line(line, cut)
            .await
            .with_context(|| format!("at {line:?}"))?;
    }
    Ok(player.out)
}

struct Player {
    exchange: Exchange,
    phone: Phone,
    over: Over,
    numbers: Numbers,
    out: String,
}

impl Player {
    async fn line(&mut self, line: &Line, cut: Cut) -> Result<()> {
        match line {
            Line::Comment(text) => self.write(text),
            // Written when they happen, wherever the file has them.
            Line::Shows | Line::Receives => {}
            Line::Types(text) => self.types(text, cut).await?,
            Line::Texts(text) => {
                self.write(&format!("sms> {text}"));
                let contact = self.phone.texts(&self.numbers.shown(text));
                self.exchange.contact(contact).await?;
                self.receive().await?;
            }
            Line::Event(event, text) => {
                self.write(&format!("! {text}"));
                self.event(event).await?;
            }
            Line::Count(what) => {
                let count = self.count(what).await?;
                self.write(&format!("= {what} {count}"));
            }
        }
        Ok(())
    }

    async fn types(&mut self, text: &str, cut: Cut) -> Result<()> {
        self.write(&marked(">", text));
        let contact = self.phone.types(&self.numbers.shown(text));
        match cut {
            Cut::Between => {
                self.answer(contact).await?;
                self.receive().await
            }
            Cut::BeforeCommit => {
                let medium = self.exchange.medium()?;
                self.exchange.contact(contact).await?;
                self.exchange.restart(medium).await
            }
            Cut::AfterCommit => {
                self.exchange.contact(contact).await?;
                self.exchange.restart(self.exchange.medium()?).await
            }
        }
    }

    /// Commits a step and writes its screen.
    async fn answer(&mut self, contact: Contact) -> Result<()> {
        let ContactAnswer::Screen { text, end } = self.exchange.contact(contact).await? else {
            bail!("the step shows no screen");
        };
        for shown in text.split('\n') {
            let hidden = self.numbers.hidden(shown);
            self.write(&marked("<", &hidden));
        }
        if end {
            self.write("<end");
        }
        Ok(())
    }

    async fn receive(&mut self) -> Result<()> {
        for message in self.messages().await? {
            self.write(&message);
        }
        Ok(())
    }

    async fn messages(&mut self) -> Result<Vec<String>> {
        let messages = self.exchange.messages(self.over).await?;
        let mut lines = Vec::new();
        for (to, text) in messages {
            // Each line by itself, as screens are read: a number's place depends on it.
            let mut shown = text.split('\n').map(|line| self.numbers.hidden(line));
            let first = shown.next().unwrap_or_default();
            lines.push(marked("sms<", &format!("{to} {first}")));
            lines.extend(shown.map(|line| marked("sms|", &line)));
        }
        Ok(lines)
    }

    async fn event(&mut self, event: &Event) -> Result<()> {
        match event {
            Event::PowerCut(Cut::Between) => {
                self.exchange.restart(self.exchange.medium()?).await?;
            }
            // The step before it took the cut.
            Event::PowerCut(Cut::BeforeCommit | Cut::AfterCommit) => {}
            Event::SessionLost => {
                let contact = self.phone.is_cut_off();
                self.exchange.contact(contact).await?;
            }
            Event::Retry => {
                let contact = self.phone.again()?;
                self.answer(contact).await?;
            }
            Event::MissedCall => {
                let contact = self.phone.rings();
                self.exchange.contact(contact).await?;
            }
            Event::Wait(duration) => self.exchange.moment.at += *duration,
            Event::Clock(at) => self.exchange.moment.at = *at,
            Event::Quality(quality) => self.exchange.moment.quality = *quality,
            Event::Grant(role, number) => self.exchange.grant(number, *role).await?,
            Event::StaffCode(code, number) => self.exchange.staff_code(number, code).await?,
            Event::Due => self.exchange.due().await?,
            Event::Caller(number) => self.phone = Phone::new(number.clone(), self.over),
        }
        self.receive().await
    }

    async fn count(&self, what: &str) -> Result<u64> {
        let counts = self.exchange.counts().await?;
        let status = match what {
            "registrations" => return Ok(counts.registrations),
            "persons" => return Ok(counts.persons),
            "review" => return Ok(counts.open_reviews),
            "held" => Status::Held,
            "carried" => Status::Carried,
            "accepted" => Status::Accepted,
            "rejected" => Status::Rejected,
            "conflict" => Status::Conflict,
            other => bail!("`= {other}` counts nothing"),
        };
        Ok(counts.by_status.get(&status).copied().unwrap_or(0))
    }

    fn write(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }
}

/// A mark and a text; an empty text leaves no blank at the end of a line.
fn marked(mark: &str, text: &str) -> String {
    if text.is_empty() {
        mark.to_owned()
    } else {
        format!("{mark} {text}")
    }
}
