//! Approved time that nobody has billed.

use strata_contract::strata::experience::delivery::v1 as pb;
use strata_contract::strata::process::billing::v1 as billing;
use strata_kernel::Result;

use crate::Delivery;
use crate::below::failed;

const FIELDS: [&str; 2] = ["as_of_date", "engagement_id"];

impl Delivery {
    /// As billing prices it, without its engagement ids.
    pub(crate) async fn unbilled_time(&self, q: pb::ListUnbilledTimeRequest) -> Result<pb::ListUnbilledTimeResponse> {
        let request = billing::ListUnbilledTimeRequest {
            as_of_date: q.as_of_date,
            engagement_id: q.engagement_id,
        };
        let mut client = self.to.billing.clone();
        let answer = client.list_unbilled_time(request).await.map_err(|s| failed(s, &FIELDS))?;
        Ok(pb::ListUnbilledTimeResponse {
            unbilled: answer.into_inner().unbilled.into_iter().map(unbilled).collect(),
        })
    }
}

fn unbilled(u: billing::UnbilledTime) -> pb::UnbilledTime {
    pb::UnbilledTime {
        project_code: u.project_code,
        contract_number: u.contract_number,
        entries: u.entries,
        billable_minutes: u.billable_minutes,
        amount: u.amount,
        customer_id: u.customer_id,
        legal_entity_code: u.legal_entity_code,
    }
}
