//! The journal of a period: what is earned against what the contract has in the books.

use strata_contract::strata::common::v1::ContractType;
use strata_contract::strata::system::erp::v1 as erp;
use strata_contract::strata::system::erp::v1::journal_line::Side;
use strata_contract::{pb_date, pb_money};
use strata_kernel::{Date, Decimal, Money, Result, period_of};

use super::agreement::Agreement;
use crate::core::Core;
use crate::engine::{Problem, Stop};
use crate::exceptions::Owner;
use crate::xrefs;

/// The journal with our ids: what is earned by work and by expenses, on the last day of the month. Nothing earned makes no line.
pub(super) fn body(
    agreement: &Agreement,
    month_end: Date,
    fx_rate: Decimal,
    work: Money,
    expenses: Money,
) -> Result<erp::Journal> {
    let period = period_of(month_end);
    let line = |account: erp::AccountKind, amount: Money| erp::JournalLine {
        account: account.into(),
        contract_number: agreement.number().to_owned(),
        memo: format!("revenue of {period}"),
        side: Some(if amount.minor < 0 {
            Side::Credit(pb_money(amount.negated()))
        } else {
            Side::Debit(pb_money(amount))
        }),
        ..erp::JournalLine::default()
    };
    let lines = [
        (balance_account(agreement.kind), work.plus(expenses)?),
        (erp::AccountKind::Revenue, work.negated()),
        (erp::AccountKind::ExpenseRevenue, expenses.negated()),
    ];
    let lines = lines.into_iter().filter(|(_, amount)| amount.minor != 0);
    Ok(erp::Journal {
        legal_entity_id: agreement.pricing.terms.entity.clone(),
        posting_date: Some(pb_date(month_end)),
        currency_code: agreement.pricing.terms.currency.code().to_owned(),
        fx_rate: fx_rate.normalize().to_string(),
        memo: format!("{} revenue of {period}", agreement.number()),
        lines: lines.map(|(account, amount)| line(account, amount)).collect(),
        period,
        original_period: String::new(),
    })
}

/// The account that stands between what a contract earns and what it bills: invoices go to it from the other side.
fn balance_account(kind: ContractType) -> erp::AccountKind {
    match kind {
        ContractType::Time | ContractType::TimeCapped | ContractType::Blended => erp::AccountKind::UnbilledReceivable,
        ContractType::RetainerMonthly | ContractType::RetainerPrepaid => erp::AccountKind::ContractLiability,
        ContractType::FixedFee | ContractType::Unspecified => erp::AccountKind::ContractAsset,
    }
}

/// Puts the ERP's ids in.
pub(super) async fn addressed(core: &Core, ours: erp::Journal, contract: &str) -> Result<erp::Journal, Stop> {
    let system = &core.systems().await?.erp;
    let entity = [ours.legal_entity_id.as_str()];
    let found = xrefs::find(core, system, xrefs::kind::LEGAL_ENTITY, entity).await?;
    let Some(id) = found.get(&ours.legal_entity_id) else {
        let text = format!(
            "the ERP has no legal entity {} for contract {contract}; the journal is posted as soon as it has",
            ours.legal_entity_id
        );
        let problem = Problem::new("PROJECT_MISSING_ERP_STRUCTURE", "contract", contract, Owner::Finance, text);
        return Err(problem.at("legal_entity_id").into());
    };
    Ok(erp::Journal {
        legal_entity_id: id.clone(),
        ..ours
    })
}
