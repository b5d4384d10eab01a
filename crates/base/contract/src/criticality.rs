//! What stands behind the work of a task: how much it matters is said by the contract of the call that it belongs to.

use crate::strata::options::v1::Criticality;

tokio::task_local! {
    static CURRENT: Criticality;
}

/// Does work that belongs to a call of this criticality.
pub async fn within<F: Future>(criticality: Criticality, work: F) -> F::Output {
    CURRENT.scope(criticality, work).await
}

/// True when the task's work belongs to a financial call. Work of no call is not.
pub fn is_financial() -> bool {
    CURRENT
        .try_with(|criticality| *criticality == Criticality::Financial)
        .unwrap_or_default()
}
