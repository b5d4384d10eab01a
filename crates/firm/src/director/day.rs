//! One fact on one day: who does it, and how it is kept from being done twice.

use strata_kernel::Date;

use super::journal::Journal;
use crate::calendar::{Act, Fact};
use crate::data::Firm;
use crate::people::People;
use crate::{Error, Result};

/// A day being lived.
pub(super) struct Day<'a> {
    pub(super) firm: &'a Firm,
    pub(super) people: &'a People,
    pub(super) journal: &'a Journal,
    pub(super) date: Date,
    /// An earlier start was killed on this day: records may be there although the journal does not know them.
    pub(super) careful: bool,
}

impl Day<'_> {
    /// Does one thing, unless the journal has it.
    pub(super) async fn act(&self, fact: Fact) -> Result<()> {
        let deed = self.deed(fact);
        if self.journal.has(&deed) {
            return Ok(());
        }
        let id = self.perform(fact).await?;
        self.journal.note(&deed, &id)
    }

    /// Performs a fact and says what the vendor calls the result, empty when nobody asks for it later.
    async fn perform(&self, fact: Fact) -> Result<String> {
        let at = fact.at as usize;
        match fact.act {
            Act::LegalEntity => self.legal_entity(at).await,
            Act::CostCenter => self.cost_center(at).await,
            Act::ReceiptLimit => self.receipt_limit(at).await,
            Act::ExchangeRate => self.exchange_rate(at).await,
            Act::TransferRate => self.transfer_rate(at).await,
            Act::Account => self.account(at).await,
            Act::RateLine => self.rate_line(at).await,
            Act::InternalProject => self.internal_project(at).await,
            Act::Hire => self.hire(at).await,
            Act::ChangeJob => self.change_job(at).await,
            Act::ChangePay => self.change_pay(at).await,
            Act::Terminate => self.terminate(at).await,
            Act::OpenProspect => self.open_prospect(at).await,
            Act::OpenDeal => self.open_deal(at).await,
            Act::MendCostCenter => self.mend_cost_center(at).await,
            Act::Amend => self.amend(at).await,
            Act::WinDeal => self.win_deal(at).await,
            Act::DraftSheet => self.write_sheet(fact.at).await,
            Act::SubmitSheet => self.submit_sheet(fact.at).await,
            Act::SubmitExpense => self.submit_expense(at).await,
            Act::ApproveSheet => self.decide_sheet(fact.at, true).await,
            Act::RejectSheet => self.decide_sheet(fact.at, false).await,
            Act::Correct => self.correct(at).await,
            Act::ApproveExpense => self.approve_expense(at).await,
            Act::Estimate => self.estimate(at).await,
            Act::AcceptMilestone => self.accept_milestone(at).await,
            Act::Pay => self.pay(at).await,
        }
    }

    /// Stable name of a fact, by the record's own id where it has one.
    fn deed(&self, fact: Fact) -> String {
        let firm = self.firm;
        let at = fact.at as usize;
        let id = match fact.act {
            Act::Account => &firm.customers[at].id,
            Act::LegalEntity => &firm.legal_entities[at].id,
            Act::CostCenter => &firm.cost_centers[at].id,
            Act::ReceiptLimit => &firm.currencies[at].code,
            Act::RateLine => &firm.rate_lines[at].id,
            Act::InternalProject | Act::MendCostCenter => &firm.projects[at].id,
            Act::Hire | Act::Terminate => &firm.employees[at].id,
            Act::OpenProspect => &firm.opportunities[at].id,
            Act::OpenDeal | Act::WinDeal => &firm.contracts[at].id,
            Act::Amend => &firm.amendments[at].id,
            Act::SubmitExpense | Act::ApproveExpense => &firm.expenses[at].id,
            Act::Correct => &firm.corrections[at].id,
            Act::Estimate => &firm.estimates[at].id,
            Act::AcceptMilestone => &firm.milestones[at].id,
            Act::Pay => &firm.payments[at].id,
            Act::ExchangeRate
            | Act::TransferRate
            | Act::ChangeJob
            | Act::ChangePay
            | Act::DraftSheet
            | Act::SubmitSheet
            | Act::ApproveSheet
            | Act::RejectSheet => return fact.to_string(),
        };
        format!("{:?}:{id}", fact.act)
    }

    /// What an earlier deed came to. It is an error when it was never done.
    pub(super) fn result_of(&self, who: &str, deed: &str) -> Result<String> {
        self.journal.id(deed).ok_or_else(|| self.missing(who, deed))
    }

    /// Something is not there that should be.
    pub(super) fn missing(&self, who: &str, what: impl Into<String>) -> Error {
        Error::Missing {
            day: self.date,
            who: who.to_owned(),
            what: what.into(),
        }
    }
}
