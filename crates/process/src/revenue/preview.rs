//! What a period would earn, with what is known on a day. Nothing is stored.

use strata_kernel::{Date, Result};

use super::agreement::Agreement;
use super::compute::{Part, parts};
use super::earned::Cut;
use super::facts::Facts;
use crate::core::Core;
use crate::masters;

/// Work and fees, then expenses, of a contract's month that ends on `month_end`.
pub(crate) async fn preview(core: &Core, contract_number: &str, month_end: Date, known_on: Date) -> Result<Vec<Part>> {
    let contract = masters::contract_with(core, contract_number).await?;
    let agreement = Agreement::read(core, &contract.id).await?;
    let facts = Facts::read(core, &agreement, month_end, known_on).await?;
    parts(core, &agreement, &facts, Cut { month_end, known_on }).await
}
