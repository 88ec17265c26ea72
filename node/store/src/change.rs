//! Carries out what the rules want changed in tables.

use node_core::view::ViewChange;

use crate::hub_store::StoreError;
use crate::tx::Tx;
use crate::view::record::RecordKey;

const LEASE_CURSOR: &str = "numbers.cursor";

impl Tx<'_> {
    /// Where the next lease begins in the permuted list.
    pub(crate) fn lease_cursor(&self) -> Result<u64, StoreError> {
        self.counter(LEASE_CURSOR)
    }

    /// Carries out one change. Effects and cancelled messages are outward and never replayed by a
    /// rebuild, so the caller takes them before.
    pub(crate) fn change(&self, change: ViewChange) -> Result<(), StoreError> {
        match change {
            ViewChange::PutPerson { row, tokens } => self.put_person(row, &tokens),
            ViewChange::PutRegistration { row, tokens } => self.put_registration(row, &tokens),
            ViewChange::SetOutcome {
                registration,
                status,
                registry_id,
                rejection,
            } => self.set_outcome(&registration, status, registry_id, rejection),
            ViewChange::PutReview(row) => self.put_review(&row),
            ViewChange::PutStaff(grant) => self.put_staff(&grant),
            ViewChange::PutPhone { phone, row } => self.put_phone(&phone, row),
            ViewChange::AddNumbers {
                node,
                epoch,
                numbers,
            } => {
                if node == self.identity.node && epoch == self.identity.epoch {
                    self.add_numbers(&numbers)
                } else {
                    self.note_leased((node, epoch), numbers.len())
                }
            }
            ViewChange::UseNumbers(numbers) => self.use_numbers(&numbers),
            ViewChange::PutAlias { document, number } => self.put_alias(&document, &number),
            ViewChange::PutRecord {
                registry,
                version,
                id,
                content,
                replay_key,
                at,
            } => {
                let key = RecordKey {
                    registry: &registry,
                    version: &version,
                    id: &id,
                };
                self.put_record(key, content, replay_key, at)
            }
            ViewChange::SetLeaseCursor(cursor) => self.put_setting(LEASE_CURSOR, &cursor),
            ViewChange::MarkDigested(ids) => self.mark_digested(&ids),
            ViewChange::CancelMessages { to } => self.cancel_messages(&to),
            ViewChange::PutEvent(row) => self.put_event(&row),
            ViewChange::VoidEntry(id) => self.void_entry(&id),
            ViewChange::AssignPeople {
                persons,
                assignment,
            } => self.assign(&persons, &assignment),
            ViewChange::Replan(person) => self.replan(&person),
            ViewChange::MarkReminded(rows) => self.mark_reminded(&rows),
            ViewChange::AddEffect(_) => Ok(()),
            ViewChange::EndStaff { scope, index } => self.end_staff(scope, index),
            ViewChange::PutPin { holder, row } => self.put_pin(holder, &row),
            ViewChange::PutConsents { person, row } => self.put_consents(&person, &row),
            ViewChange::DropEffect { registration } => self.drop_effect(&registration),
            ViewChange::RemoveRecord { registration } => self.remove_record(&registration),
            ViewChange::PutErasure { person, row } => self.put_erasure(&person, row),
            ViewChange::ErasePerson(person) => self.erase_person(&person),
            ViewChange::ConfirmErasure { person, node } => self.confirm_erasure(&person, node),
            ViewChange::RefundTry => self.refund_try(),
            ViewChange::Prove(holder) => {
                self.guard.borrow_mut().proved = Some(holder);
                Ok(())
            }
            other => self.change_office(other),
        }
    }

    /// Changes of slips, lists, proposals and alerts. What the caller takes before is nothing here.
    fn change_office(&self, change: ViewChange) -> Result<(), StoreError> {
        match change {
            ViewChange::PutSlip { slip, person } => self.put_slip(slip, &person),
            ViewChange::RevokeSlips(slips) => self.revoke_slips(&slips),
            ViewChange::PutCodeKey { scope, key } => self.put_code_key(scope, &key),
            ViewChange::PutReference { scope, part } => self.put_reference(scope, &part),
            ViewChange::SettleProposal {
                broadcast,
                approve,
                by,
                reason,
            } => self.settle_proposal(broadcast, approve, (by, &reason)),
            ViewChange::StartAlert { scope, alert, own } => self.start_alert(scope, &alert, own),
            ViewChange::PutReads { entry, at, note } => self.put_reads(&entry, at, &note),
            ViewChange::PutIssuer(bytes) => self.learn_issuer(&bytes),
            ViewChange::PutMatch(row) => self.put_match(&row),
            ViewChange::PutEdge {
                addition,
                pair,
                removed,
            } => self.put_edge(&addition, pair, removed),
            ViewChange::PutDistinct(pair) => self.put_distinct(pair),
            ViewChange::PutMembership { programme, row } => self.put_membership(&programme, &row),
            ViewChange::EndMemberships(memberships) => self.end_memberships(&memberships),
            ViewChange::PutHeld(row) => self.put_held(&row),
            _ => Ok(()),
        }
    }
}
