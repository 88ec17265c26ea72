//! What left by each link and what its account holds (CH25); the stored policy of sending.
//!
//! Use is counted when a message is picked and given back when it did not leave, so that a crash
//! can only make the node slower, never faster than its operator allows.

use node_core::message::budget::{self, Account, Demand, USE_DAYS, Used};
use node_core::message::policy::Policy;
use node_core::query::LinkRow;
use rusqlite::params;

use crate::hub_store::StoreError;
use crate::tx::Tx;

/// Setting that holds the policy; the number is that of its form.
const POLICY: &str = "messages.policy.1";
/// Setting that holds the account of a link; the link's name follows.
const ACCOUNT: &str = "messages.account.1.";
/// Minutes of use that are kept.
const USE_MINUTES: i64 = (USE_DAYS + 1) * 24 * 60;
/// Rows that wait are counted for a forecast up to here; more only make the alarm surer.
const WAITING_MAX: u32 = 100_000;
/// Rows that one pick settles; the next pick goes on.
const SETTLE_MAX: u32 = 2_000;

const USE: &str = "SELECT coalesce(sum(parts), 0) FROM link_use
    WHERE link = ?1 AND minute > ?2 AND minute <= ?3";
const NOTE: &str = "INSERT INTO link_use (link, minute, parts) VALUES (?1, ?2, ?3)
    ON CONFLICT (link, minute) DO UPDATE SET parts = parts + excluded.parts";
const PRUNE: &str = "DELETE FROM link_use WHERE link = ?1 AND minute < ?2";
const WAITING: &str = "SELECT coalesce(sum(parts), 0) FROM
    (SELECT parts FROM message WHERE state = 0 LIMIT ?1)";
const SETTLE: &str = "UPDATE message SET state = 9 WHERE number IN
    (SELECT number FROM message WHERE state = 2 AND expires_at <= ?1 AND link = ?2 LIMIT ?3)";

impl Tx<'_> {
    /// The rules of sending; those of a program that never wrote any have no limits.
    pub(crate) fn policy(&self) -> Result<Policy, StoreError> {
        Ok(self.setting(POLICY)?.unwrap_or_default())
    }

    /// Replaces the rules of sending.
    pub(crate) fn set_policy(&self, policy: &Policy) -> Result<(), StoreError> {
        self.put_setting(POLICY, policy)
    }

    fn minute(&self) -> i64 {
        self.now_ms().div_euclid(60_000)
    }

    fn use_since(&self, link: &str, minutes: i64, now: i64) -> Result<u32, StoreError> {
        let parts: i64 = self
            .db
            .prepare_cached(USE)?
            .query_row(params![link, now.saturating_sub(minutes), now], |row| {
                row.get(0)
            })?;
        Ok(u32::try_from(parts.max(0)).unwrap_or(u32::MAX))
    }

    /// Parts that left by a link lately.
    pub(super) fn used(&self, link: &str) -> Result<Used, StoreError> {
        self.used_at(link, self.minute())
    }

    fn used_at(&self, link: &str, minute: i64) -> Result<Used, StoreError> {
        Ok(Used {
            minute: self.use_since(link, 1, minute)?,
            hour: self.use_since(link, 60, minute)?,
            day: self.use_since(link, 24 * 60, minute)?,
        })
    }

    /// Counts parts that were picked, or gives them back with a negative number.
    pub(crate) fn note_use(&self, link: &str, parts: i64) -> Result<(), StoreError> {
        if parts == 0 {
            return Ok(());
        }
        let minute = self.minute();
        self.db
            .prepare_cached(NOTE)?
            .execute(params![link, minute, parts])?;
        self.db
            .prepare_cached(PRUNE)?
            .execute(params![link, minute.saturating_sub(USE_MINUTES)])?;
        Ok(())
    }

    /// Gives the use of a message back that did not leave.
    pub(super) fn give_back(&self, link: &str, parts: u32) -> Result<(), StoreError> {
        if self.policy()?.links.contains_key(link) {
            self.note_use(link, i64::from(parts).saturating_neg())?;
        }
        Ok(())
    }

    fn account(&self, link: &str) -> Result<Account, StoreError> {
        Ok(self
            .setting(&format!("{ACCOUNT}{link}"))?
            .unwrap_or_default())
    }

    fn put_account(&self, link: &str, account: &Account) -> Result<(), StoreError> {
        self.put_setting(&format!("{ACCOUNT}{link}"), account)
    }

    /// How many messages a link may take now: none without credit, one to try again after a while.
    pub(super) fn claims_allowed(&self, link: &str, limit: u32) -> Result<u32, StoreError> {
        let mut account = self.account(link)?;
        if account.empty_since_ms.is_none() {
            return Ok(limit);
        }
        if account.is_shut(self.now_ms()) {
            return Ok(0);
        }
        account.empty_since_ms = Some(self.now_ms());
        self.put_account(link, &account)?;
        Ok(limit.min(1))
    }

    /// The network said that there is no credit: nothing more leaves by this link for now.
    pub(super) fn account_is_empty(&self, link: &str) -> Result<(), StoreError> {
        let mut account = self.account(link)?;
        account.empty_since_ms = Some(self.now_ms());
        self.put_account(link, &account)?;
        tracing::error!(link = %link, "no credit: messages wait");
        Ok(())
    }

    /// A message left: the account is not empty.
    pub(super) fn account_pays(&self, link: &str) -> Result<(), StoreError> {
        let mut account = self.account(link)?;
        if account.empty_since_ms.take().is_some() {
            self.put_account(link, &account)?;
        }
        Ok(())
    }

    /// Takes a reading of the balance, in minor units.
    pub(crate) fn read_balance(&self, link: &str, balance_minor: i64) -> Result<(), StoreError> {
        let price = self.policy()?.budget(link).price_minor;
        let mut account = self.account(link)?;
        account.read(balance_minor, price, self.now_ms());
        self.put_account(link, &account)
    }

    /// Ends *sent* where no receipt can come: on links without receipts, after the validity.
    pub(super) fn settle_without_receipts(&self, now: i64) -> Result<(), StoreError> {
        let policy = self.policy()?;
        for (link, _) in policy.links.iter().filter(|(_, budget)| !budget.receipts) {
            self.db
                .prepare_cached(SETTLE)?
                .execute(params![now, link, SETTLE_MAX])?;
        }
        Ok(())
    }

    /// Use, balance and alarm of every link that the policy names, as they are at a moment.
    pub(crate) fn links(&self, at: jiff::Timestamp) -> Result<Vec<LinkRow>, StoreError> {
        let now_ms = at.as_millisecond();
        let minute = now_ms.div_euclid(60_000);
        let waiting: i64 = self
            .db
            .prepare_cached(WAITING)?
            .query_row([WAITING_MAX], |row| row.get(0))?;
        let mut rows = Vec::new();
        for (link, limits) in self.policy()?.links {
            let account = self.account(&link)?;
            let demand = Demand {
                waiting_parts: waiting.cast_unsigned(),
                week_parts: u64::from(self.use_since(&link, USE_DAYS * 24 * 60, minute)?),
            };
            rows.push(LinkRow {
                used: self.used_at(&link, minute)?,
                alarm: budget::alarm(&limits, &account, &demand, now_ms),
                supply_hours: budget::supply_hours(&limits, &account, &demand),
                balance_minor: account.balance_minor,
                budget: limits,
                link,
            });
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn use_and_settlement_use_an_index() {
        for sql in [USE, PRUNE, SETTLE] {
            check_index(sql);
        }
    }
}
