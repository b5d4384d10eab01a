//! What people do on a day.

use std::fmt;

/// A deed, in the order the deeds of one day are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// ERP: create a subsidiary with its tax codes.
    LegalEntity,
    /// ERP: create a department.
    CostCenter,
    /// ERP: set the receipt limit of a currency.
    ReceiptLimit,
    /// ERP: enter an exchange rate.
    ExchangeRate,
    /// ERP: enter what one company charges another.
    TransferRate,
    /// CRM: create an account.
    Account,
    /// CRM: create a line of a rate card.
    RateLine,
    /// PSA: create a workspace for internal work.
    InternalProject,
    /// HR: hire, ahead of the first day.
    Hire,
    /// HR: move to another entity.
    ChangeJob,
    /// HR: change the pay.
    ChangePay,
    /// HR: end the employment.
    Terminate,
    /// CRM: create a deal that is never won.
    OpenProspect,
    /// CRM: create a deal with its contract and what is sold.
    OpenDeal,
    /// CRM: fill in the cost center that was left out.
    MendCostCenter,
    /// CRM: draft and sign an amendment.
    Amend,
    /// CRM: win a deal.
    WinDeal,
    /// PSA: write a sheet's time, without handing it in.
    DraftSheet,
    /// PSA: write a sheet's time and hand it in.
    SubmitSheet,
    /// PSA: write an expense and hand it in.
    SubmitExpense,
    /// PSA: approve a sheet.
    ApproveSheet,
    /// PSA: send a sheet back.
    RejectSheet,
    /// PSA: write, hand in and approve an entry that replaces another.
    Correct,
    /// PSA: approve an expense.
    ApproveExpense,
    /// PSA: estimate what a project takes in all.
    Estimate,
    /// PSA: note that the customer accepted a milestone.
    AcceptMilestone,
    /// ERP: book a payment.
    Pay,
}

impl Act {
    /// Acts of one group need nothing that the platform makes of the others in it. Between groups it comes to rest.
    #[must_use]
    pub fn group(self) -> Group {
        match self {
            Self::LegalEntity
            | Self::CostCenter
            | Self::ReceiptLimit
            | Self::ExchangeRate
            | Self::TransferRate
            | Self::Account
            | Self::RateLine => Group::Foundation,
            Self::InternalProject | Self::Hire | Self::ChangeJob | Self::ChangePay | Self::Terminate => Group::People,
            Self::OpenProspect | Self::OpenDeal | Self::MendCostCenter | Self::Amend | Self::WinDeal => Group::Sales,
            Self::DraftSheet
            | Self::SubmitSheet
            | Self::SubmitExpense
            | Self::ApproveSheet
            | Self::RejectSheet
            | Self::Correct
            | Self::ApproveExpense
            | Self::Estimate
            | Self::AcceptMilestone => Group::Work,
            Self::Pay => Group::Cash,
        }
    }
}

/// A part of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Reference data and customers.
    Foundation,
    /// Internal projects and people.
    People,
    /// Deals and amendments.
    Sales,
    /// Time and expenses, estimates and milestones.
    Work,
    /// Payments.
    Cash,
}

/// A deed and the position of its record in the firm's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fact {
    /// What is done.
    pub act: Act,
    /// With which record.
    pub at: u32,
}

impl fmt::Display for Fact {
    /// Stable name of the fact, as the journal holds it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}:{}", self.act, self.at)
    }
}
