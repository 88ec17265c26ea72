//! Which message a delivery receipt is about (CHANNELS rules CH8, CH10; decision 0019).
//!
//! A receipt is compared with what was handed over on the same account, to the same phone, inside
//! the validity. Ids meet in their canonical forms; of two candidates only our own reference, or
//! the way in which this account always writes ids, can choose. Ids that cannot meet are replaced
//! by our own reference, then by the only open message to that phone.

use channels_core::smpp::receipt::{Form, canonical, is_comparable, namesakes};
use node_core::message::state::MessageState;
use rusqlite::params;

use super::Receipt;
use crate::hub_store::StoreError;
use crate::tx::Tx;

/// Open messages to one phone that are looked at; with more there is no only one anyway.
const OPEN_MAX: i64 = 64;
/// Receipts of one form, and of no other lately, from which on an account is known to use it.
const HABIT_MIN: i64 = 3;
/// Receipts of one form that are counted; more prove nothing more.
const HABIT_MAX: i64 = 8;

// Recipient 0: handed over before format 3, to a phone that is not known any more.
const BY_KEY: &str = "SELECT message, reference, told IS NOT NULL FROM handover
    WHERE account = ?1 AND key = ?2 AND recipient IN (?3, 0) AND until >= ?4 LIMIT 65";
const BY_KEY_ALONE: &str = "SELECT message, reference, told IS NOT NULL FROM handover
    WHERE account = ?1 AND key = ?2 AND until >= ?3 LIMIT 65";
const OPEN: &str = "SELECT handover.message, reference, key, state FROM handover
    JOIN message ON message.number = handover.message
    WHERE handover.recipient = ?1 AND (account = ?2 OR account IS NULL) AND until >= ?3
    AND +state IN (1, 2, 6) LIMIT ?4";
const FORMS: &str = "SELECT form, seen FROM receipt_form WHERE account = ?1";
const FORM_SEEN: &str = "INSERT INTO receipt_form (account, form, seen) VALUES (?1, ?2, 1)
    ON CONFLICT DO UPDATE SET seen = min(seen + 1, ?3)";
const FORM_FADES: &str =
    "UPDATE receipt_form SET seen = seen - 1 WHERE account = ?1 AND form <> ?2";
const FORM_GONE: &str = "DELETE FROM receipt_form WHERE account = ?1 AND seen <= 0";

/// What a receipt is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Match {
    /// This message.
    One(i64),
    /// A message whose id is not known yet may be meant.
    Wait,
    /// Nothing for certain.
    Nothing,
}

/// A message whose id may be the receipt's.
struct Named {
    message: i64,
    /// Our own reference of it; -1 where none was given.
    reference: i64,
    /// A receipt spoke of it before.
    is_told: bool,
    form: Form,
}

/// An open message to the phone of a receipt.
struct Open {
    message: i64,
    reference: i64,
    key: Option<String>,
    is_submitting: bool,
}

impl Tx<'_> {
    /// The message that a receipt is about; without `may_wait` it must decide now.
    pub(super) fn match_receipt(
        &self,
        receipt: &Receipt,
        may_wait: bool,
    ) -> Result<Match, StoreError> {
        let Some(recipient) = receipt.recipient else {
            return self.match_without_phone(receipt);
        };
        let named = self.named(receipt, recipient)?;
        let open = self.open_to(receipt, recipient)?;
        let awaited = may_wait && open.iter().any(|open| open.is_submitting);
        if named.is_empty() {
            return Ok(among_open(receipt, &open, awaited));
        }
        if let Some(message) = by_reference(receipt, &named) {
            return Ok(Match::One(message));
        }
        let habit = self.habit(&receipt.account)?;
        let [only] = &named[..] else {
            return Ok(of_several(&named, habit));
        };
        let is_usual = only.form == habit.unwrap_or(Form::Same);
        // Spelled unusually, or told of before, it may be the id of a message that has none yet.
        if awaited && (only.is_told || !is_usual) {
            return Ok(Match::Wait);
        }
        if !is_usual && open.iter().any(|open| open.key.is_none()) {
            return Ok(Match::Nothing);
        }
        self.note_form(receipt, only.form, habit)?;
        Ok(Match::One(only.message))
    }

    /// Messages to this phone whose id may be the receipt's.
    fn named(&self, receipt: &Receipt, recipient: i64) -> Result<Vec<Named>, StoreError> {
        let mut found = Vec::new();
        let mut statement = self.db.prepare_cached(BY_KEY)?;
        for (form, key) in namesakes(&receipt.message_id) {
            let rows = statement.query_map(
                params![receipt.account, key, recipient, self.now_ms()],
                |row| Named::read(row, form),
            )?;
            for row in rows {
                found.push(row?);
            }
        }
        Ok(found)
    }

    /// Without a phone only the very same id counts.
    fn match_without_phone(&self, receipt: &Receipt) -> Result<Match, StoreError> {
        let key = canonical(&receipt.message_id);
        let mut statement = self.db.prepare_cached(BY_KEY_ALONE)?;
        let found = statement
            .query_map(params![receipt.account, key, self.now_ms()], |row| {
                Named::read(row, Form::Same)
            })?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(match &found[..] {
            [] => Match::Nothing,
            [only] => Match::One(only.message),
            several => match by_reference(receipt, several) {
                Some(message) => Match::One(message),
                None => of_several(several, Some(Form::Same)),
            },
        })
    }

    fn open_to(&self, receipt: &Receipt, recipient: i64) -> Result<Vec<Open>, StoreError> {
        let mut statement = self.db.prepare_cached(OPEN)?;
        let rows = statement.query_map(
            params![recipient, receipt.account, self.now_ms(), OPEN_MAX],
            |row| {
                Ok(Open {
                    message: row.get(0)?,
                    reference: row.get(1)?,
                    key: row.get(2)?,
                    is_submitting: row.get::<_, u8>(3)? == MessageState::Submitting.number(),
                })
            },
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The form in which an account writes ids in receipts, when it wrote no other one lately.
    fn habit(&self, account: &str) -> Result<Option<Form>, StoreError> {
        let mut statement = self.db.prepare_cached(FORMS)?;
        let forms = statement
            .query_map([account], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<Vec<(u8, i64)>, _>>()?;
        Ok(match forms[..] {
            [(form, seen)] if seen >= HABIT_MIN => Form::of_number(form),
            _ => None,
        })
    }

    /// Counts a receipt that only one message could mean, whose id reads differently in each base.
    fn note_form(
        &self,
        receipt: &Receipt,
        form: Form,
        habit: Option<Form>,
    ) -> Result<(), StoreError> {
        if habit == Some(form) || namesakes(&receipt.message_id).len() < 2 {
            return Ok(());
        }
        let number = form.number();
        self.db
            .prepare_cached(FORM_SEEN)?
            .execute(params![receipt.account, number, HABIT_MAX])?;
        self.db
            .prepare_cached(FORM_FADES)?
            .execute(params![receipt.account, number])?;
        self.db
            .prepare_cached(FORM_GONE)?
            .execute([&receipt.account])?;
        Ok(())
    }
}

impl Named {
    fn read(row: &rusqlite::Row<'_>, form: Form) -> rusqlite::Result<Self> {
        Ok(Self {
            message: row.get(0)?,
            reference: row.get(1)?,
            is_told: row.get(2)?,
            form,
        })
    }
}

/// Our own reference names one of several messages.
fn by_reference(receipt: &Receipt, named: &[Named]) -> Option<i64> {
    let reference = i64::from(receipt.reference?);
    let mut ours = named.iter().filter(|named| named.reference == reference);
    match (ours.next(), ours.next()) {
        (Some(only), None) => Some(only.message),
        _ => None,
    }
}

/// Several ids meet: those written as this account always writes them, and of those with one and
/// the same id (counters of 8 bits repeat) the one that no receipt spoke of yet.
fn of_several(several: &[Named], habit: Option<Form>) -> Match {
    let first = several.first().map(|named| named.form);
    let all_alike = several.iter().all(|named| Some(named.form) == first);
    let Some(form) = habit.or(first.filter(|_| all_alike)) else {
        return Match::Nothing;
    };
    let usual: Vec<&Named> = several.iter().filter(|named| named.form == form).collect();
    if let [only] = usual[..] {
        return Match::One(only.message);
    }
    let mut untold = usual.iter().filter(|named| !named.is_told);
    match (untold.next(), untold.next()) {
        (Some(only), None) => Match::One(only.message),
        _ => Match::Nothing,
    }
}

/// Rule CH10: our reference, else the only open message, unless its id says that it is another.
fn among_open(receipt: &Receipt, open: &[Open], awaited: bool) -> Match {
    let reference = receipt.reference.map(i64::from);
    let mut ours = open.iter().filter(|open| Some(open.reference) == reference);
    if let (Some(only), None) = (ours.next(), ours.next()) {
        return Match::One(only.message);
    }
    match open {
        _ if awaited => Match::Wait,
        [only] if !is_other(only, receipt) => Match::One(only.message),
        _ => Match::Nothing,
    }
}

/// Whether the ids are of one kind and would have met if they meant one message.
fn is_other(open: &Open, receipt: &Receipt) -> bool {
    match &open.key {
        Some(key) if !receipt.message_id.is_empty() => is_comparable(key, &receipt.message_id),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn matching_uses_an_index() {
        for sql in [
            BY_KEY,
            BY_KEY_ALONE,
            OPEN,
            FORMS,
            FORM_SEEN,
            FORM_FADES,
            FORM_GONE,
        ] {
            check_index(sql);
        }
    }

    fn named(message: i64, form: Form, is_told: bool) -> Named {
        Named {
            message,
            reference: -1,
            is_told,
            form,
        }
    }

    #[test]
    fn of_two_candidates_only_the_habit_or_an_untold_one_is_meant() {
        use Form::{FromDecimal, FromHex, Same};
        let two = [named(1, Same, false), named(2, FromDecimal, false)];
        assert_eq!(of_several(&two, None), Match::Nothing);
        assert_eq!(of_several(&two, Some(Same)), Match::One(1));
        assert_eq!(of_several(&two, Some(FromDecimal)), Match::One(2));
        assert_eq!(of_several(&two, Some(FromHex)), Match::Nothing);
        let again = [named(1, Same, true), named(2, Same, false)];
        assert_eq!(of_several(&again, None), Match::One(2));
        let both = [named(1, Same, false), named(2, Same, false)];
        assert_eq!(of_several(&both, None), Match::Nothing);
        let told = [named(1, Same, true), named(2, FromDecimal, false)];
        assert_eq!(
            of_several(&told, None),
            Match::Nothing,
            "it may be a repeat"
        );
    }
}
