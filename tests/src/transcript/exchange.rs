//! A store that serves phones, with the people who call it: dialling, answering, texting.
//!
//! Below the bearers and above nothing: what a phone does becomes one turn of the real store. Time
//! is whatever the conversation says.

use std::path::Path;

use anyhow::{Context, Result, bail};
use channels_core::{Address, LinkName, Msisdn, SmsStatus, SubmitOutcome, UssdOp};
use node::clock::Clock;
use node::roles::hub::{self, FIRST_AREA, HubConfig};
use node::roles::staff;
use node::runtime::pin::Stretcher;
use node_core::command::Command;
use node_core::contact::{Contact, ContactAnswer, Moment};
use node_core::pin::Pin;
use node_core::query::{Answer, Counts, Query};
use node_core::role::{Principal, Role, RoleGrant};
use node_core::turn::{Claim, ClaimKind, Committed, Finish, Turn};
use node_core::village::{Village, Villages};
use node_store::{HubStore, Outbox, SqliteStore};
use sync_core::Scope;
use tempfile::TempDir;

use super::head::Over;

/// The code of the service in every transcript.
const DIALLED: &str = "*384*7#";
/// Most messages that leave at once; more than a conversation ever causes.
const MESSAGES_MAX: u32 = 100;
/// Most rounds of messages; a message that causes messages without end fails.
const ROUNDS_MAX: usize = 20;

/// A store and its moment.
#[derive(Debug)]
pub struct Exchange {
    /// The store.
    pub store: SqliteStore,
    /// Now.
    pub moment: Moment,
    site: Site,
    stretcher: Stretcher,
    folder: TempDir,
}

/// Where the conversation takes place.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Site {
    /// Language of the site.
    pub language: String,
    /// Codes of its villages, one area each; usually none.
    pub villages: Vec<String>,
    /// Codes of the programmes that it offers; none = the usual one.
    pub services: Vec<String>,
    /// Hours for which a right staff PIN opens the screens; usually none is asked.
    pub staff_pin_hours: u16,
}

/// One phone, as its operator sees it.
#[derive(Clone, Debug)]
pub struct Phone {
    /// Its number.
    pub number: Msisdn,
    over: Over,
    sessions: u32,
    steps: u32,
    last: Option<Contact>,
}

impl Exchange {
    /// A new store whose site has this language, these services and these village codes.
    ///
    /// # Errors
    /// Folder or store cannot be made.
    pub async fn open(site: &Site, moment: Moment) -> Result<Self> {
        Self::open_in(TempDir::new()?, site.clone(), moment).await
    }

    async fn open_in(folder: TempDir, site: Site, moment: Moment) -> Result<Self> {
        let codes = &site.villages;
        let clock = Clock::fixed(moment.at, moment.quality);
        let village = |(code, area): (&String, Scope)| Village {
            code: code.clone(),
            area,
        };
        let alone = hub::solo_config(folder.path(), clock, &site.language);
        let config = HubConfig {
            services: site.services.clone(),
            staff_pin_hours: site.staff_pin_hours,
            areas: areas(codes).collect(),
            villages: Villages {
                dial: DIALLED.to_owned(),
                list: codes.iter().zip(areas(codes)).map(village).collect(),
            },
            ..alone
        };
        let store = hub::open(&config).await?;
        Ok(Self {
            store,
            moment,
            site,
            stretcher: Stretcher::default(),
            folder,
        })
    }

    /// Gives a number a role in every village.
    ///
    /// # Errors
    /// The store refuses.
    pub async fn grant(&self, number: &Msisdn, role: Role) -> Result<()> {
        let clock = Clock::fixed(self.moment.at, self.moment.quality);
        for area in areas(&self.site.villages) {
            let place = (area, self.moment.at);
            let worker = hub::worker(number, role.words(), &self.site.language, place);
            let grant = RoleGrant { role, ..worker };
            hub::grant(&self.store, clock, grant).await?;
        }
        Ok(())
    }

    /// Gives a number a one-time code for its staff PIN, in every village.
    ///
    /// # Errors
    /// The number holds no role, or the store fails.
    pub async fn staff_code(&self, number: &Msisdn, code: &Pin) -> Result<()> {
        let clock = Clock::fixed(self.moment.at, self.moment.quality);
        let phone = number.to_e164();
        for scope in areas(&self.site.villages) {
            let Answer::Staff(staff) = self.store.query(Query::Staff { scope }).await? else {
                bail!("the store answered another question");
            };
            for grant in staff.iter().filter(|grant| grant.phone == phone) {
                staff::give_code(&self.store, clock, (scope, grant.index), code).await?;
            }
        }
        Ok(())
    }

    /// What lies on the medium now, as a power cut would leave it.
    ///
    /// # Errors
    /// A file cannot be copied.
    pub fn medium(&self) -> Result<TempDir> {
        let copy = TempDir::new()?;
        copy_files(self.folder.path(), copy.path())?;
        Ok(copy)
    }

    /// Goes on with what a power cut left.
    ///
    /// # Errors
    /// The store does not open.
    pub async fn restart(&mut self, medium: TempDir) -> Result<()> {
        *self = Self::open_in(medium, self.site.clone(), self.moment).await?;
        Ok(())
    }

    /// Commits one contact.
    ///
    /// # Errors
    /// The store fails.
    pub async fn contact(&self, contact: Contact) -> Result<ContactAnswer> {
        let turn = Turn::Contact(contact);
        let committed = self.stretcher.commit(&self.store, turn, || self.moment);
        match committed.await? {
            Committed::Contact(answer) => Ok(answer),
            other => bail!("a contact was answered with {other:?}"),
        }
    }

    /// Reminds people and tells staff what is due, as the program does by itself.
    ///
    /// # Errors
    /// The store fails.
    pub async fn due(&self) -> Result<()> {
        for command in [
            Command::SendReminders,
            Command::SettleChanges,
            Command::SendTaskDigests,
        ] {
            for area in areas(&self.site.villages) {
                let turn = Turn::Command {
                    principal: Principal::system(area, &self.site.language),
                    command: command.clone(),
                };
                match self.store.commit(turn, self.moment).await? {
                    Committed::Command(Ok(_)) => {}
                    other => bail!("what is due was answered with {other:?}"),
                }
            }
        }
        Ok(())
    }

    /// Sends what is due and reports it delivered; number and text of each message, in order.
    ///
    /// # Errors
    /// The store fails, or messages cause messages without end.
    pub async fn messages(&self, over: Over) -> Result<Vec<(String, String)>> {
        let mut sent = Vec::new();
        for _ in 0..ROUNDS_MAX {
            let claims = self
                .store
                .claim(ClaimKind::Messages, MESSAGES_MAX, self.moment)
                .await?;
            if claims.is_empty() {
                return Ok(sent);
            }
            for claim in claims {
                let Claim::Message { id, to, text, .. } = claim else {
                    bail!("not a message")
                };
                sent.push((to, text.0));
                self.delivered(id, over).await?;
            }
        }
        bail!("messages cause messages without end")
    }

    async fn delivered(&self, id: String, over: Over) -> Result<()> {
        let link = over.link().to_owned();
        let outcome = SubmitOutcome::Sent {
            message_id: id.clone(),
        };
        let finish = Finish::Message {
            id: id.clone(),
            link: link.clone(),
            outcome,
        };
        self.store.finish(finish, self.moment).await?;
        let status = SmsStatus::new(LinkName(link), id, Some(true));
        self.store
            .commit(Turn::MessageStatus(status), self.moment)
            .await?;
        Ok(())
    }

    /// Counts from the tables.
    ///
    /// # Errors
    /// The store fails.
    pub async fn counts(&self) -> Result<Counts> {
        match self.store.query(Query::Counts).await? {
            Answer::Counts(counts) => Ok(counts),
            _ => bail!("the store answered another question"),
        }
    }
}

impl Phone {
    /// A phone that is not in a session.
    pub fn new(number: Msisdn, over: Over) -> Self {
        Self {
            number,
            over,
            sessions: 0,
            steps: 0,
            last: None,
        }
    }

    /// The step that dials, or answers where the text is no code.
    pub fn types(&mut self, text: &str) -> Contact {
        let dials = text.starts_with('*') && text.ends_with('#');
        if dials || self.last.is_none() {
            self.sessions += 1;
            self.steps = 0;
        } else {
            self.steps += 1;
        }
        let dialled = text;
        let (op, text) = if dials {
            (UssdOp::Begin, "")
        } else {
            (UssdOp::Continue, text)
        };
        let code = if dials { dialled } else { "" };
        let contact = self.step(op, (code, text));
        self.last = Some(contact.clone());
        contact
    }

    /// The last step again, as a gateway sends it that got no answer.
    ///
    /// # Errors
    /// Nothing was typed yet.
    pub fn again(&self) -> Result<Contact> {
        self.last.clone().context("nothing was typed yet")
    }

    /// The operator closes the session.
    pub fn is_cut_off(&mut self) -> Contact {
        self.last = None;
        self.step(UssdOp::Abort, ("", ""))
    }

    /// An SMS from this phone.
    pub fn texts(&self, text: &str) -> Contact {
        Contact::Sms {
            link: LinkName(self.over.link().to_owned()),
            from: Address::Phone(self.number.clone()),
            text: text.to_owned(),
            sent: None,
        }
    }

    /// A call that nobody answers.
    pub fn rings(&self) -> Contact {
        Contact::MissedCall {
            link: LinkName(self.over.link().to_owned()),
            from: self.number.clone(),
        }
    }

    fn step(&self, op: UssdOp, (code, text): (&str, &str)) -> Contact {
        Contact::Ussd {
            link: LinkName(self.over.link().to_owned()),
            session: format!("{}-{}", self.number.as_str(), self.sessions),
            from: self.number.clone(),
            code: code.to_owned(),
            op,
            text: text.to_owned(),
            step: Some(self.steps.to_string()),
            screen_taken: true,
            limits: self.over.limits(),
        }
    }
}

/// An area for each village, and one where there is none.
fn areas(villages: &[String]) -> impl Iterator<Item = Scope> + use<> {
    let all = (FIRST_AREA.0..).step_by(8).map(Scope);
    all.take(villages.len().max(1))
}

fn copy_files(from: &Path, to: &Path) -> Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        // The index of the WAL is shared memory: it does not outlive a power cut.
        if entry.file_type()?.is_file() && !entry.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
