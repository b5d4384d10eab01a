//! Approved time that nobody has billed.

use strata_contract::google::r#type::Date;
use strata_contract::strata::experience::delivery::v2 as pb;
use strata_contract::strata::process::billing::v1 as billing;
use strata_kernel::Result;
use strata_rpc::page::Page;

use crate::below::failed;
use crate::{Delivery, names};

const FIELDS: [&str; 2] = ["as_of_date", "engagement_id"];

impl Delivery {
    /// A page of it. Billing prices all of it to say any of it, so a page costs as much as the whole, and is small for its reader's sake.
    pub(crate) async fn unbilled_time(&self, q: pb::ListUnbilledTimeRequest) -> Result<pb::ListUnbilledTimeResponse> {
        let engagement_id = names::engagement_id(&q.engagement);
        let day = q.as_of_date.map(|day| format!("{}-{}-{}", day.year, day.month, day.day));
        let filter = format!("delivery.unbilled:{}:{engagement_id}", day.unwrap_or_default());
        let page = Page::ask(q.page_size, &q.page_token, &filter)?;
        let mut rows = self.all_unbilled_time(q.as_of_date, engagement_id).await?;
        let from = rows.partition_point(|row| row.project_code.as_str() <= page.after());
        rows.drain(..from);
        let next_page_token = page.cut(&mut rows, |row| row.project_code.clone());
        Ok(pb::ListUnbilledTimeResponse {
            unbilled_time: rows,
            next_page_token,
        })
    }

    /// All of it by project code, as billing prices it. `engagement_id` empty: of every engagement.
    pub(crate) async fn all_unbilled_time(&self, as_of_date: Option<Date>, engagement_id: &str) -> Result<Vec<pb::UnbilledTime>> {
        let request = billing::ListUnbilledTimeRequest {
            as_of_date,
            engagement_id: engagement_id.to_owned(),
        };
        let mut client = self.to.billing.clone();
        let answer = client.list_unbilled_time(request).await.map_err(|s| failed(s, &FIELDS))?;
        let mut rows: Vec<_> = answer.into_inner().unbilled.into_iter().map(unbilled).collect();
        // By code already, as its contract says; pages lose records when it is not so.
        rows.sort_by(|a, b| a.project_code.cmp(&b.project_code));
        Ok(rows)
    }
}

pub(crate) fn unbilled(u: billing::UnbilledTime) -> pb::UnbilledTime {
    pb::UnbilledTime {
        engagement: names::engagement(&u.engagement_id),
        project_code: u.project_code,
        contract_number: u.contract_number,
        entry_count: u.entries,
        billable_minutes: u.billable_minutes,
        amount: u.amount,
        customer_id: u.customer_id,
        legal_entity_code: u.legal_entity_code,
    }
}
