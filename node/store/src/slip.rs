//! Slips: what the shell needs to sign one for a person, and the evidence to check one.
//!
//! Stretching of claims happens between two calls, outside the writer, since it takes long on
//! purpose. A slip counts as given only when its entry is committed.

use core::fmt;

use node_core::command::{Command, Rejection};
use node_core::contact::Moment;
use node_core::person::Field;
use node_core::role::Principal;
use node_core::slip::code::Code;
use node_core::slip::{Claim, Evidence, Issuer, Slip, SlipFault, commitment, day_of};
use node_core::status::Status;
use node_core::view::{Token, TokenKind};
use sync_core::{ClockQuality, EntryRef};

use crate::engine::Starts;
use crate::hub_store::StoreError;
use crate::sqlite::SqliteStore;
use crate::tx::Tx;

/// For whom a slip is to be signed.
#[derive(Clone, PartialEq, Eq)]
pub struct SlipSubject {
    person: EntryRef,
    programme: String,
    issuer: Issuer,
    /// Number and birth year, to be stretched.
    pub claim: Claim,
}

impl fmt::Debug for SlipSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SlipSubject({:?})", self.person)
    }
}

/// Why no slip can be signed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SlipRefusal {
    /// Nobody here has the number, or no registration of the person holds.
    #[error("no registration that holds has this number")]
    NotRegistered,
    /// The hub has not certified this life, so nobody could check the slip.
    #[error("this node is not certified")]
    NotCertified,
    /// The rules said no.
    #[error("the rules refused it: {}", .0.text)]
    Rejected(Rejection),
}

/// What a short code is worth here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CodeAnswer {
    /// A node of an area that we know made it for this claim.
    Valid {
        /// Programme of the registration.
        programme: String,
    },
    /// Not for this claim, or of an area whose key is not here.
    NotValid,
    /// It held once.
    Revoked,
}

impl SqliteStore {
    /// Whom a slip would be for, by registration number (digits only); the newest registration
    /// that was not refused.
    ///
    /// # Errors
    /// [`StoreError`] of the question; a [`SlipRefusal`] is an answer.
    pub async fn slip_subject(
        &self,
        number: String,
    ) -> Result<Result<SlipSubject, SlipRefusal>, StoreError> {
        self.read(move |tx| tx.slip_subject(&number)).await
    }

    /// Signs a slip and notes it; `stretched` is the subject's claim, stretched with `salt`.
    ///
    /// # Errors
    /// [`StoreError`] of the transaction; a [`SlipRefusal`] is an answer.
    pub async fn issue_slip(
        &self,
        subject: SlipSubject,
        salt: [u8; 16],
        stretched: [u8; 32],
        now: Moment,
    ) -> Result<Result<Slip, SlipRefusal>, StoreError> {
        self.write(now, move |tx| tx.issue_slip(&subject, salt, &stretched))
            .await
    }

    /// Checks a slip, and where a claim is given also whose it is: `stretched` is the claim,
    /// stretched with the slip's salt. The programme, where that was asked.
    ///
    /// # Errors
    /// [`StoreError`] of the question; a [`SlipFault`] is an answer.
    pub async fn check_slip(
        &self,
        slip: Slip,
        stretched: Option<[u8; 32]>,
        now: Moment,
    ) -> Result<Result<Option<String>, SlipFault>, StoreError> {
        self.read(move |tx| tx.check_slip(&slip, stretched.as_ref(), now))
            .await
    }

    /// Checks a short code with the keys of all areas that are known here.
    ///
    /// # Errors
    /// [`StoreError`] of the question.
    pub async fn check_code(&self, code: Code, claim: Claim) -> Result<CodeAnswer, StoreError> {
        self.read(move |tx| tx.check_code(&code, &claim)).await
    }
}

impl Tx<'_> {
    fn slip_subject(&self, number: &str) -> Result<Result<SlipSubject, SlipRefusal>, StoreError> {
        let identity = &self.identity;
        if !identity.certified {
            return Ok(Err(SlipRefusal::NotCertified));
        }
        let token = Token {
            kind: TokenKind::Number,
            value: number.to_owned(),
        };
        let Some(person) = self.persons_by_token(&token)?.into_iter().next() else {
            return Ok(Err(SlipRefusal::NotRegistered));
        };
        let rows = self.registrations_by_person(&person.document)?;
        let holding = rows
            .iter()
            .filter(|row| !matches!(row.status, Status::Rejected | Status::Withdrawn));
        let newest = holding.max_by_key(|row| (row.captured_at, row.id));
        let year = person
            .fields
            .birth_date()
            .map(|date| date.year().to_string());
        let own = person.fields.get(Field::Number).unwrap_or_default();
        let claim = Claim::parse(own, year.as_deref()).ok();
        Ok(newest
            .zip(claim)
            .map(|(newest, claim)| SlipSubject {
                person: person.document,
                programme: newest.registration.programme.clone(),
                issuer: Issuer {
                    hub: identity.hub,
                    node: identity.node,
                    epoch: identity.epoch,
                },
                claim,
            })
            .ok_or(SlipRefusal::NotRegistered))
    }

    fn issue_slip(
        &self,
        subject: &SlipSubject,
        salt: [u8; 16],
        stretched: &[u8; 32],
    ) -> Result<Result<Slip, SlipRefusal>, StoreError> {
        let SlipSubject {
            person,
            programme,
            issuer,
            ..
        } = subject;
        if issuer.epoch != self.identity.epoch {
            return Ok(Err(SlipRefusal::NotCertified));
        }
        let key = self.vault.epoch_key(issuer.epoch)?;
        let bound = commitment(stretched, programme);
        let slip = Slip::issue(*issuer, day_of(self.now.at), salt, bound, &key);
        let principal = Principal::system(person.scope, &self.config.language);
        let command = Command::NoteSlip {
            person: *person,
            slip: slip.id(),
        };
        let noted = self.perform(&principal, &command, &mut Starts::new())?;
        Ok(noted.map(|_outcome| slip).map_err(SlipRefusal::Rejected))
    }

    fn check_slip(
        &self,
        slip: &Slip,
        stretched: Option<&[u8; 32]>,
        now: Moment,
    ) -> Result<Result<Option<String>, SlipFault>, StoreError> {
        let issuer = slip.issuer();
        let certificate = self.issuer(issuer.node, issuer.epoch)?;
        let evidence = Evidence {
            hub: self.identity.hub,
            certificate: certificate.as_ref(),
            today: (now.quality != ClockQuality::Unknown).then(|| day_of(now.at)),
            is_revoked: self.is_revoked(slip.id())?,
        };
        let Some(stretched) = stretched else {
            return Ok(slip.check(&evidence).map(|()| None));
        };
        let codes = self.programme_codes();
        let told = slip.programme(&evidence, stretched, codes.iter().map(String::as_str));
        Ok(told.map(|programme| Some(programme.to_owned())))
    }

    fn check_code(&self, code: &Code, claim: &Claim) -> Result<CodeAnswer, StoreError> {
        let codes = self.programme_codes();
        for area in &self.identity.areas {
            let keys = self.code_keys(*area)?;
            let programmes = codes.iter().map(String::as_str);
            if let Some(programme) = code.programme(&keys, claim, programmes) {
                return Ok(if self.is_revoked(code.id())? {
                    CodeAnswer::Revoked
                } else {
                    CodeAnswer::Valid {
                        programme: programme.to_owned(),
                    }
                });
            }
        }
        Ok(CodeAnswer::NotValid)
    }
}
