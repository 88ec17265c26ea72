//! People at phones: health workers who register, correct, take back and answer, by dialogue and by
//! command, and citizens who press keys.

use channels_core::{LinkName, Msisdn, UssdOp};
use node_core::command::{Command, Outcome, Rejection, SubjectName};
use node_core::contact::{BearerLimits, Contact, ContactAnswer};
use node_core::matching::Word;
use node_core::person::Field;
use node_core::query::{Answer, Query};
use node_core::role::{Principal, Role};
use node_core::turn::{Committed, Turn};
use node_store::HubStore;
use sync_core::Scope;

use super::fault::{Broken, Fault, must};
use super::site::Cut;
use super::world::{At, Deed, Who, World};
use crate::crash::person::{Shown, Titles};
use crate::office::{agreed, fields};

/// The link that phones use.
const LINK: &str = "operator";
/// What a worker dials.
const CODE: &str = "*384*7#";
/// Families of a worker that she still thinks of.
const REMEMBERED: usize = 12;
/// Turns of one dialogue; a longer one goes round in circles.
const TURNS_MAX: u32 = 40;

/// A screen, and whether it ends the session.
type Screen = (String, bool);
/// What came of a command.
type Done = Result<Outcome, Rejection>;

/// A family as its worker knows it.
#[derive(Clone, Debug)]
pub struct Family {
    /// Which.
    pub number: u32,
    /// Registration number of the mother.
    pub mother: String,
}

/// A health worker.
#[derive(Clone, Debug)]
pub struct Worker {
    /// Her number.
    pub phone: String,
    /// Her place in the staff list.
    pub index: u32,
    /// The newest of her families.
    pub families: Vec<Family>,
    /// Sessions that she opened.
    sessions: u32,
    /// The family that she is in the middle of typing.
    typing: u32,
}

impl Worker {
    /// Somebody with a number.
    pub fn new(phone: &str, index: u32) -> Self {
        Self {
            phone: phone.to_owned(),
            index,
            families: Vec::new(),
            sessions: 0,
            typing: 0,
        }
    }

    /// Her node lost what she did: she begins anew.
    pub fn forget(&mut self) {
        self.families.clear();
        self.typing = 0;
    }
}

/// A number as letters: names of people have no digits.
pub fn letters(number: u32) -> String {
    let digit = |digit: u8| char::from(b'a' + (digit - b'0') * 2);
    format!("{number:04}").bytes().map(digit).collect()
}

/// A family's phone.
pub fn phone_of(district: usize, family: u32) -> String {
    format!("+25677{district}{family:06}")
}

fn registration(district: usize, family: u32) -> Command {
    let n = i64::from(family);
    Command::RegisterPair {
        programme: "maternal-child".to_owned(),
        programme_version: 1,
        mother: fields(&[
            (Field::GivenName, &format!("M{}", letters(family))),
            (Field::FamilyName, &format!("F{}", letters(family * 7 + 3))),
            (
                Field::BirthDate,
                &format!("{}-{:02}-{:02}", 1970 + n % 33, 1 + n % 12, 1 + n % 28),
            ),
            (Field::Phone, &phone_of(district, family)),
            (Field::Village, "kibo"),
            (Field::Sex, "F"),
        ]),
        child: fields(&[
            (Field::GivenName, &format!("C{}", letters(family * 3 + 1))),
            (Field::BirthDate, "2026-03-02"),
            (Field::Sex, if family.is_multiple_of(2) { "M" } else { "F" }),
        ]),
        consent: agreed(),
    }
}

/// What a worker types at a question of the registration, in the order of [`Titles`].
fn typed(district: usize, family: u32, question: usize) -> String {
    match question {
        1 => format!("M{}", letters(family)),
        2 => format!("F{}", letters(family * 7 + 3)),
        3 => format!(
            "{:02}{:02}{}",
            1 + family % 28,
            1 + family % 12,
            1970 + family % 33
        ),
        4 => phone_of(district, family),
        6 => "0".to_owned(),
        8 => format!("C{}", letters(family * 3 + 1)),
        9 => if family.is_multiple_of(2) { "1" } else { "2" }.to_owned(),
        10 => "02032026".to_owned(),
        11 => "2".to_owned(),
        _ => "1".to_owned(),
    }
}

impl World {
    fn worker(&self, at: At) -> &Worker {
        &self.districts[at.district].nodes[at.node].worker
    }

    fn worker_mut(&mut self, at: At) -> &mut Worker {
        &mut self.districts[at.district].nodes[at.node].worker
    }

    fn name(&self, at: At) -> String {
        self.districts[at.district].nodes[at.node].site.name.clone()
    }

    fn principal(&self, at: At) -> Principal {
        let worker = self.worker(at);
        Principal {
            role: Role::HealthWorker,
            author: worker.index,
            scope: self.districts[at.district].nodes[at.node].area,
            phone: Msisdn::parse(&worker.phone).ok(),
            channel: LINK.to_owned(),
            language: "en".to_owned(),
        }
    }

    /// One turn at a site; `None` when nothing was answered because the power went.
    async fn turn(&mut self, at: At, turn: Turn) -> Result<Option<Committed>, Broken> {
        let cut = match self.random.below(100) {
            0..2 => Some((Cut::Torn, Fault::PowerCutInside)),
            2..4 => Some((Cut::Behind, Fault::PowerCutBehind)),
            _ => None,
        };
        let cut = cut.filter(|_| !self.calm);
        let control = self.control_cut();
        let (now, name) = (self.now, self.name(at));
        let site = &mut self.districts[at.district].nodes[at.node].site;
        let witness = match (cut, control) {
            (None, false) => None,
            _ => Some(site.witness()?),
        };
        let moment = site.clock(now).now();
        let committed = site.store().commit(turn, moment).await;
        let committed = committed.map_err(|error| Broken(format!("W8 {name}: {error}")))?;
        let Some(witness) = witness else {
            return Ok(Some(committed));
        };
        if control {
            site.cut(witness, Cut::Acknowledged, &mut self.random)?;
            return Ok(Some(committed));
        }
        let Some((cut, fault)) = cut else {
            return Ok(Some(committed));
        };
        site.cut(witness, cut, &mut self.random)?;
        self.coverage.fault(fault);
        self.tell(&name, &format!("the power goes: {fault:?}"));
        self.districts[at.district].nodes[at.node].link.opening = sync_core::session::Opening::Full;
        Ok(None)
    }

    /// A command of the node's worker.
    async fn command(&mut self, at: At, command: Command) -> Result<Option<Done>, Broken> {
        let principal = self.principal(at);
        let done = self.turn(at, Turn::Command { principal, command }).await?;
        match done {
            Some(Committed::Command(result)) => Ok(Some(result)),
            Some(other) => Err(Broken(format!("not a command's end: {other:?}"))),
            None => Ok(None),
        }
    }

    /// Somebody uses a phone.
    ///
    /// # Errors
    /// [`Broken`] when a promise does not hold.
    pub async fn phone(&mut self, at: At) -> Result<(), Broken> {
        if self.calm {
            return Ok(());
        }
        let pause = self.between(3_600, 8 * 3_600);
        self.after(pause, Deed::Phone(at));
        match self.random.below(100) {
            0..38 => self.register(at).await?,
            38..46 => self.register_again(at).await?,
            46..58 => self.dialogue(at).await?,
            58..70 => self.correct(at).await?,
            70..76 => self.take_back(at).await?,
            76..86 => self.answer(at).await?,
            _ => self.keys(at).await?,
        }
        self.check_touched(Who::Node(at)).await
    }

    /// The worker registers a new family.
    ///
    /// # Errors
    /// [`Broken`] when the store fails.
    pub async fn register(&mut self, at: At) -> Result<(), Broken> {
        let families = &mut self.districts[at.district].families;
        *families += 1;
        let family = *families;
        self.register_family(at, family, "registers").await
    }

    /// A family that somebody registered, registered once more; often at another node.
    async fn register_again(&mut self, at: At) -> Result<(), Broken> {
        let families = self.districts[at.district].families;
        if families == 0 {
            return Ok(());
        }
        let drawn = self.random.below(usize::try_from(families).unwrap_or(1));
        let family = 1 + u32::try_from(drawn).unwrap_or(0);
        self.register_family(at, family, "registers again").await
    }

    async fn register_family(&mut self, at: At, family: u32, word: &str) -> Result<(), Broken> {
        let name = self.name(at);
        let command = registration(at.district, family);
        match self.command(at, command).await? {
            Some(Ok(outcome)) => {
                let mother = outcome
                    .values
                    .get("mother_number")
                    .cloned()
                    .unwrap_or_default();
                let worker = self.worker_mut(at);
                worker.families.push(Family {
                    number: family,
                    mother,
                });
                if worker.families.len() > REMEMBERED {
                    worker.families.remove(0);
                }
                self.coverage.deed("registrations");
                self.tell(&name, &format!("{word} family {family}"));
            }
            Some(Err(no)) => self.tell(&name, &format!("{word} family {family}: {}", no.text)),
            None => {}
        }
        Ok(())
    }

    fn some_family(&mut self, at: At) -> Option<Family> {
        let count = self.worker(at).families.len();
        let drawn = self.random.below(count);
        self.worker(at).families.get(drawn).cloned()
    }

    async fn correct(&mut self, at: At) -> Result<(), Broken> {
        let Some(family) = self.some_family(at) else {
            return Ok(());
        };
        let village = ["kibo", "moto", "pader"][self.random.below(3)];
        let command = Command::UpdatePerson {
            subject: SubjectName::Number(family.mother.clone()),
            fields: fields(&[(Field::Village, village)]),
        };
        let name = self.name(at);
        let done = self.command(at, command).await?;
        self.told(&name, "corrections", family.number, done);
        Ok(())
    }

    fn told(&mut self, name: &str, word: &'static str, number: u32, done: Option<Done>) {
        match done {
            Some(Ok(_)) => {
                self.coverage.deed(word);
                self.tell(name, &format!("{word} {number}"));
            }
            Some(Err(no)) => self.tell(name, &format!("{word} {number}: {}", no.text)),
            None => {}
        }
    }

    async fn take_back(&mut self, at: At) -> Result<(), Broken> {
        let name = self.name(at);
        let listed = match self.command(at, Command::ShowMyEntries).await? {
            Some(Ok(outcome)) => outcome.values.get("entries_code_1").cloned(),
            _ => None,
        };
        let Some(entry) = listed else {
            return Ok(());
        };
        let done = self.command(at, Command::WithdrawEntry { entry }).await?;
        self.told(&name, "withdrawals", 0, done);
        Ok(())
    }

    /// A worker answers what she is asked: whether two registrations, or two people, are the same.
    async fn answer(&mut self, at: At) -> Result<(), Broken> {
        let (same, name) = (self.random.below(3) > 0, self.name(at));
        let command = Command::AnswerReview { review: None, same };
        let done = self.command(at, command).await?;
        self.told(&name, "reviews", u32::from(same), done);
        let site = &self.districts[at.district].nodes[at.node].site;
        let Answer::Matches(rows) = site.ask(Query::Matches { limit: 5 }).await? else {
            return Ok(());
        };
        let open = rows.iter().find(|row| row.decided.is_none());
        let Some(number) = open.map(|row| row.number) else {
            return Ok(());
        };
        let word = if same { Word::Same } else { Word::Different };
        let done = self
            .command(at, Command::AnswerMatch { number, word })
            .await?;
        self.told(&name, "matches", u32::from(same), done);
        Ok(())
    }

    /// One step of a phone's session, now and then sent twice by the gateway.
    async fn press(
        &mut self,
        at: At,
        from: &str,
        (session, step): (u32, u32),
        text: &str,
    ) -> Result<Option<Screen>, Broken> {
        let contact = Contact::Ussd {
            link: LinkName(LINK.to_owned()),
            session: format!("{from}-{session}"),
            from: Msisdn::parse(from).map_err(|error| Broken(format!("{from}: {error}")))?,
            code: CODE.to_owned(),
            op: if step == 0 {
                UssdOp::Begin
            } else {
                UssdOp::Continue
            },
            text: if step == 0 {
                String::new()
            } else {
                text.to_owned()
            },
            step: Some(step.to_string()),
            screen_taken: true,
            limits: BearerLimits {
                gsm7: 182,
                ucs2: 80,
            },
        };
        let first = self.turn(at, Turn::Contact(contact.clone())).await?;
        let twice = self.chance(5);
        let Some(Committed::Contact(ContactAnswer::Screen { text, end })) = first else {
            return Ok(None);
        };
        if twice {
            self.coverage.fault(Fault::StepTwice);
            let again = self.turn(at, Turn::Contact(contact)).await?;
            if let Some(Committed::Contact(ContactAnswer::Screen { text: same, .. })) = again {
                must(same == text, || {
                    "a repeated step got another screen".to_owned()
                })?;
            }
        }
        Ok(Some((text, end)))
    }

    /// A worker registers by dialogue; the operator may cut her session, then she goes on.
    async fn dialogue(&mut self, at: At) -> Result<(), Broken> {
        let titles = Titles::shipped();
        let (name, from) = (self.name(at), self.worker(at).phone.clone());
        if self.worker(at).typing == 0 {
            self.districts[at.district].families += 1;
            let family = self.districts[at.district].families;
            self.worker_mut(at).typing = family;
        }
        let family = self.worker(at).typing;
        self.worker_mut(at).sessions += 1;
        let session = self.worker(at).sessions;
        let mut text = String::new();
        for step in 0..TURNS_MAX {
            let Some((screen, end)) = self.press(at, &from, (session, step), &text).await? else {
                return Ok(());
            };
            match titles.shown(&screen) {
                Shown::Registered => {
                    self.worker_mut(at).typing = 0;
                    self.coverage.deed("dialogues");
                    self.tell(&name, &format!("registers family {family} by dialogue"));
                    return Ok(());
                }
                _ if end => break,
                Shown::Question(question) => text = typed(at.district, family, question),
                Shown::Offer | Shown::Other => "1".clone_into(&mut text),
            }
            if self.chance(5) {
                self.coverage.fault(Fault::SessionLost);
                self.tell(&name, "a session is cut by the operator");
                return Ok(());
            }
        }
        self.worker_mut(at).typing = 0;
        self.tell(&name, "a dialogue ends without registration");
        Ok(())
    }

    /// A citizen dials and presses keys, most of them choices.
    async fn keys(&mut self, at: At) -> Result<(), Broken> {
        let families = self.districts[at.district].families.max(1);
        let drawn = self.random.below(usize::try_from(families).unwrap_or(1));
        let from = phone_of(at.district, 1 + u32::try_from(drawn).unwrap_or(0));
        self.worker_mut(at).sessions += 1;
        let session = self.worker(at).sessions;
        let mut text = String::new();
        for step in 0..6 {
            let Some((_screen, end)) = self.press(at, &from, (session, step), &text).await? else {
                return Ok(());
            };
            if end {
                break;
            }
            let keys = ["1", "2", "3", "0", "*", "4711", "moto"];
            (*self.random.one_of(&keys)).clone_into(&mut text);
        }
        self.coverage.deed("citizens");
        let name = self.name(at);
        self.tell(&name, "a citizen presses keys");
        Ok(())
    }

    /// What a site does by itself once a day: results to workers, numbers, reminders.
    ///
    /// # Errors
    /// [`Broken`] when the store fails.
    pub async fn digests(&mut self, who: Who) -> Result<(), Broken> {
        let district = match who {
            Who::Hub(district) => district,
            Who::Node(at) => at.district,
        };
        let site = self.districts[district].site(who);
        let own = site.own().await?;
        let scope = own.scopes.first().copied().unwrap_or(Scope(0));
        let moment = site.clock(self.now).now();
        for command in [
            Command::SendDigests,
            Command::SendReminders,
            Command::AssignNumbers,
        ] {
            let principal = Principal::system(scope, "en");
            let turn = Turn::Command { principal, command };
            let done = site.store().commit(turn, moment).await;
            done.map_err(|error| Broken(format!("W8 {}: {error}", site.name)))?;
        }
        Ok(())
    }
}
