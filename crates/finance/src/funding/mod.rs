//! Several payers of one contract: which source pays how much of a transaction, and what nobody pays.

mod agreement;
mod ledger;
mod waterfall;

pub use agreement::{AgreementFunding, fund_agreement};
pub use waterfall::{Fund, Funded, FundingRule, fund};
