//! What customers owe: documents in the books, and what is open of them.

use std::collections::{BTreeMap, HashMap};

use strata_contract::pb_money;
use strata_contract::strata::process::billing::v1::Receivable;
use strata_kernel::{Currency, Date, Error, Money, Result};
use strata_store::both;

use super::{Pricing, read_pricing};
use crate::core::Core;
use crate::store::rows::DocumentRow;
use crate::store::{lite, pg};

/// Documents read at a time.
const BATCH: i64 = 1000;

/// What one customer owes in one currency.
struct Sum {
    customer_id: String,
    customer_name: String,
    open: Money,
    overdue: Money,
    documents: u32,
}

/// Sums by account in the CRM and currency. Only of today: the platform holds what is open now, and no history of payments.
pub(crate) async fn receivables(core: &Core, day: Date) -> Result<Vec<Receivable>> {
    let today = core.today();
    if day != today {
        let text = format!("must be today, {today}: the platform holds what is open now, and no history of payments");
        return Err(Error::invalid("as_of_date", text));
    }
    let mut sums: BTreeMap<(String, String), Sum> = BTreeMap::new();
    let mut pricing: HashMap<String, Pricing> = HashMap::new();
    let mut after = String::new();
    loop {
        let from = after.clone();
        let page = core.db.read(move |c| both!(c, documents::open(&from, BATCH))).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.key);
        let contracts = page.iter().map(|document| document.contract_id.clone());
        let unknown: Vec<String> = contracts.filter(|id| !pricing.contains_key(id)).collect();
        pricing.extend(read_pricing(core, unknown).await?);
        for document in &page {
            let held = pricing.get(&document.contract_id);
            let held = held.ok_or_else(|| Error::internal(format!("document {} has no contract", document.key)))?;
            add(&mut sums, document, held, day)?;
        }
    }
    Ok(sums.into_iter().map(|((account, _), sum)| row(account, sum)).collect())
}

fn add(sums: &mut BTreeMap<(String, String), Sum>, document: &DocumentRow, held: &Pricing, day: Date) -> Result<()> {
    let currency = Currency::parse(&document.currency_code)?;
    let open = Money::new(document.open, currency);
    let sum = sums
        .entry((held.terms.customer.clone(), document.currency_code.clone()))
        .or_insert_with(|| Sum {
            customer_id: held.customer_id.clone(),
            customer_name: held.customer_name.clone(),
            open: Money::zero(currency),
            overdue: Money::zero(currency),
            documents: 0,
        });
    sum.open = sum.open.plus(open)?;
    sum.documents += 1;
    if document.due_date < day {
        sum.overdue = sum.overdue.plus(open)?;
    }
    Ok(())
}

fn row(crm_account_id: String, sum: Sum) -> Receivable {
    Receivable {
        customer_id: sum.customer_id,
        customer_name: sum.customer_name,
        crm_account_id,
        open: Some(pb_money(sum.open)),
        overdue: Some(pb_money(sum.overdue)),
        documents: sum.documents,
    }
}
