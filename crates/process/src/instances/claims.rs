//! What one instance has to itself.

use strata_kernel::Result;
use strata_store::{Conn, both};

use super::Instance;
use crate::core::Core;
use crate::store::{lite, pg};

/// The lead: reading the vendors, starting what is due by the calendar, posting in bulk.
const LEAD: &str = "lead";
/// Steps of runs with one ordering key.
pub(crate) const STEPS: &str = "steps";

/// Takes the lead, if nobody else has it.
pub(crate) async fn lead(core: &Core) -> Result<bool> {
    let incarnation = core.instance.incarnation.clone();
    let taken = core
        .db
        .write(move |c| both!(c, instances::claim(LEAD, &[String::new()], &incarnation)))
        .await?;
    Ok(!taken.is_empty())
}

/// Gives the lead back.
pub(crate) async fn end_lead(core: &Core) -> Result<()> {
    let incarnation = core.instance.incarnation.clone();
    core.db
        .write(move |c| both!(c, instances::release(LEAD, &incarnation)).map(|_| ()))
        .await
}

impl Instance {
    /// Claims what is free of these ordering keys, in the caller's transaction, and returns which are its own.
    pub(crate) fn claim_keys(&self, conn: &mut Conn<'_>, keys: &[String]) -> Result<Vec<String>> {
        both!(conn, instances::claim(STEPS, keys, &self.incarnation))
    }

    /// Gives every ordering key back, in the caller's transaction.
    pub(crate) fn release_keys(&self, conn: &mut Conn<'_>) -> Result<()> {
        both!(conn, instances::release(STEPS, &self.incarnation)).map(|_| ())
    }

    /// True while others execute steps.
    pub(crate) fn others_work(&self, conn: &mut Conn<'_>) -> Result<bool> {
        both!(conn, instances::others_claim(STEPS, &self.incarnation))
    }
}
