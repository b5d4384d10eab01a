//! Findings, open and mended.

use strata_contract::strata::process::reconciliation::v1 as pb;
use strata_contract::{pb_date, pb_instant};
use strata_kernel::Result;
use strata_rpc::page::Page;
use strata_store::both;

use crate::core::Core;
use crate::store::rows::FindingRow;
use crate::store::{lite, pg};

/// Findings by id.
pub(crate) async fn findings(core: &Core, asked: pb::ListFindingsRequest) -> Result<pb::ListFindingsResponse> {
    let state = match asked.state() {
        pb::FindingState::Unspecified => "",
        pb::FindingState::Open => "OPEN",
        pb::FindingState::Mended => "MENDED",
    };
    let page = Page::ask(asked.page_size, &asked.page_token, state)?;
    let (after, limit) = (page.after().to_owned(), page.limit());
    let mut rows = core.db.read(move |c| both!(c, findings::list(state, &after, limit))).await?;
    let next_page_token = page.cut(&mut rows, |row| row.id.clone());
    Ok(pb::ListFindingsResponse {
        findings: rows.into_iter().map(message).collect(),
        next_page_token,
    })
}

fn message(row: FindingRow) -> pb::Finding {
    let kind = pb::FindingKind::from_str_name(&format!("FINDING_KIND_{}", row.kind)).unwrap_or_default();
    let state = pb::FindingState::from_str_name(&format!("FINDING_STATE_{}", row.state)).unwrap_or_default();
    pb::Finding {
        id: row.id,
        kind: kind.into(),
        state: state.into(),
        time_entry: row.subject,
        psa_id: row.psa_id,
        project_code: row.project_code,
        work_date: Some(pb_date(row.work_date)),
        psa_minutes: row.psa_minutes,
        erp_minutes: row.erp_minutes,
        erp_ids: row
            .erp_ids
            .split(';')
            .filter(|id| !id.is_empty())
            .map(str::to_owned)
            .collect(),
        exception_id: row.exception_id,
        find_time: Some(pb_instant(row.found_at.and_utc())),
        mend_time: row.mended_at.map(|at| pb_instant(at.and_utc())),
    }
}
