//! Between messages and rows.

use prost::Message;
use strata_contract::strata::common::v1 as common;
use strata_contract::strata::master::v1 as pb;
use strata_contract::{date, pb_date, require_date, require_money};
use strata_kernel::{Error, Instant, Result};

use crate::store::rows::{
    AmendmentRow, ContractRow, CostRateRow, CustomerRow, EmployeeRow, EmploymentRow, EngagementRow, MilestoneRow, ProjectRow,
    RateLineRow, TaskRow,
};

/// A stored message that cannot be read back is our own fault.
pub(crate) fn stored<M: Message + Default>(body: &[u8]) -> Result<M> {
    M::decode(body).map_err(|cause| Error::internal(format!("a stored message cannot be read: {cause}")))
}

pub(crate) fn customer_row(c: &pb::Customer) -> CustomerRow {
    CustomerRow {
        id: c.id.clone(),
        name: c.name.clone(),
        country_code: c.country_code.clone(),
        currency_code: c.currency_code.clone(),
        vat_id_valid: c.vat_id_valid,
        payment_terms_days: i32::try_from(c.payment_terms_days).unwrap_or(i32::MAX),
        crm_account_id: c.crm_account_id.clone(),
    }
}

pub(crate) fn customer(row: CustomerRow) -> pb::Customer {
    pb::Customer {
        id: row.id,
        name: row.name,
        country_code: row.country_code,
        currency_code: row.currency_code,
        vat_id_valid: row.vat_id_valid,
        payment_terms_days: u32::try_from(row.payment_terms_days).unwrap_or_default(),
        crm_account_id: row.crm_account_id,
    }
}

pub(crate) fn contract_row(c: &pb::Contract) -> Result<ContractRow> {
    let terms = c
        .terms
        .as_ref()
        .ok_or_else(|| Error::invalid("engagement.contract.terms", "is required"))?;
    // Terms are kept as they are said, so a day that is none would stay.
    for (field, day) in [
        ("start_date", &terms.start_date),
        ("end_date", &terms.end_date),
        ("signed_date", &terms.signed_date),
    ] {
        let is_day = day.as_ref().map(date).transpose();
        is_day.map_err(|e| e.at(format!("engagement.contract.terms.{field}")))?;
    }
    strata_kernel::Currency::parse(&terms.currency_code)
        .map_err(|e| Error::from(e).at("engagement.contract.terms.currency_code"))?;
    Ok(ContractRow {
        id: c.id.clone(),
        number: terms.contract_number.clone(),
        engagement_id: c.engagement_id.clone(),
        customer_id: c.customer_id.clone(),
        legal_entity_code: terms.legal_entity_code.clone(),
        terms: terms.encode_to_vec(),
        tax_category: c.tax_category,
        tax_percent: c.tax_percent.clone(),
    })
}

pub(crate) fn contract(row: ContractRow) -> Result<pb::Contract> {
    Ok(pb::Contract {
        terms: Some(stored(&row.terms)?),
        id: row.id,
        engagement_id: row.engagement_id,
        customer_id: row.customer_id,
        tax_category: row.tax_category,
        tax_percent: row.tax_percent,
    })
}

pub(crate) fn engagement_row(e: &pb::Engagement, customer_id: &str, now: Instant) -> EngagementRow {
    EngagementRow {
        id: e.id.clone(),
        crm_opportunity_id: e.crm_opportunity_id.clone(),
        name: e.name.clone(),
        customer_id: customer_id.to_owned(),
        sold_currency: e.sold_value.as_ref().map(|m| m.currency_code.clone()),
        sold_minor: e.sold_value.as_ref().map(|m| m.minor_units),
        created_at: now.naive_utc(),
    }
}

/// `path` is where the request has the project.
pub(crate) fn project_rows(p: &pb::Project, path: &str) -> Result<(ProjectRow, Vec<TaskRow>)> {
    let row = ProjectRow {
        id: p.id.clone(),
        code: p.code.clone(),
        name: p.name.clone(),
        contract_id: (!p.contract_id.is_empty()).then(|| p.contract_id.clone()),
        legal_entity_code: p.legal_entity_code.clone(),
        cost_center_code: p.cost_center_code.clone(),
        start_date: p
            .start_date
            .as_ref()
            .map(date)
            .transpose()
            .map_err(|e| e.at(format!("{path}.start_date")))?,
        roles: p.roles.join(";"),
    };
    let tasks = (0..).zip(&p.tasks).map(|(position, t)| TaskRow {
        id: t.id.clone(),
        project_id: p.id.clone(),
        position,
        code: t.code.clone(),
        name: t.name.clone(),
        billable: t.billable,
    });
    Ok((row, tasks.collect()))
}

pub(crate) fn project(row: ProjectRow, tasks: Vec<TaskRow>, engagement_id: String) -> pb::Project {
    pb::Project {
        id: row.id,
        code: row.code,
        name: row.name,
        contract_id: row.contract_id.unwrap_or_default(),
        legal_entity_code: row.legal_entity_code,
        cost_center_code: row.cost_center_code,
        start_date: row.start_date.map(pb_date),
        engagement_id,
        roles: row.roles.split(';').filter(|r| !r.is_empty()).map(str::to_owned).collect(),
        tasks: tasks
            .into_iter()
            .map(|t| pb::Task {
                id: t.id,
                code: t.code,
                name: t.name,
                billable: t.billable,
            })
            .collect(),
    }
}

pub(crate) fn rate_line_row(line: &common::RateLine, index: usize) -> Result<RateLineRow> {
    strata_kernel::Currency::parse(&line.currency_code)
        .map_err(|e| Error::from(e).at(format!("rate_lines[{index}].currency_code")))?;
    require_date(line.effective_date.as_ref(), &format!("rate_lines[{index}].effective_date"))?;
    let body = line.encode_to_vec();
    Ok(RateLineRow {
        id: line.id.clone(),
        level: line.level,
        level_key: line.level_key.clone(),
        digest: strata_kernel::digest(&body),
        body,
    })
}

pub(crate) fn amendment_row(a: &common::Amendment) -> Result<AmendmentRow> {
    // The vendor's stamp moves for reasons that change nothing; it is not part of the amendment.
    let body = common::Amendment {
        modified_time: None,
        ..a.clone()
    }
    .encode_to_vec();
    Ok(AmendmentRow {
        number: a.number.clone(),
        contract_number: a.contract_number.clone(),
        effective_date: require_date(a.effective_date.as_ref(), "amendment.effective_date")?,
        digest: strata_kernel::digest(&body),
        body,
    })
}

/// `path` is where the request has the milestone.
pub(crate) fn milestone_row(m: &common::Milestone, path: &str) -> Result<MilestoneRow> {
    // Milestones are kept as they are said, so an amount or a day that is none would stay.
    require_money(m.amount.as_ref(), &format!("{path}.amount"))?;
    let planned = m.planned_date.as_ref().map(date).transpose();
    planned.map_err(|e| e.at(format!("{path}.planned_date")))?;
    let body = m.encode_to_vec();
    Ok(MilestoneRow {
        code: m.code.clone(),
        contract_number: m.contract_number.clone(),
        amendment_number: m.amendment_number.clone(),
        sequence: i32::try_from(m.sequence).unwrap_or(i32::MAX),
        digest: strata_kernel::digest(&body),
        body,
    })
}

pub(crate) fn employee_row(e: &pb::Employee) -> Result<EmployeeRow> {
    Ok(EmployeeRow {
        id: e.id.clone(),
        number: e.number.clone(),
        name: e.name.clone(),
        email: e.email.clone(),
        role: e.role.clone(),
        hire_date: require_date(e.hire_date.as_ref(), "employee.hire_date")?,
        termination_date: e
            .termination_date
            .as_ref()
            .map(date)
            .transpose()
            .map_err(|x| x.at("employee.termination_date"))?,
    })
}

pub(crate) fn employment_row(id: &str, e: &pb::Employment, now: Instant) -> Result<EmploymentRow> {
    Ok(EmploymentRow {
        employee_id: id.to_owned(),
        effective_date: require_date(e.effective_date.as_ref(), "employee.employments.effective_date")?,
        recorded_at: now.naive_utc(),
        legal_entity_code: e.legal_entity_code.clone(),
        fte_percent: i32::try_from(e.fte_percent).unwrap_or(100),
    })
}

pub(crate) fn cost_row(id: &str, c: &pb::CostRate, now: Instant) -> Result<CostRateRow> {
    let cost = require_money(c.hourly_cost.as_ref(), "employee.cost_rates.hourly_cost")?;
    Ok(CostRateRow {
        employee_id: id.to_owned(),
        effective_date: require_date(c.effective_date.as_ref(), "employee.cost_rates.effective_date")?,
        recorded_at: now.naive_utc(),
        currency_code: cost.currency.code().to_owned(),
        minor_units: cost.minor,
    })
}

/// The person with the newest version of each effective date.
pub(crate) fn employee(row: EmployeeRow, jobs: &[EmploymentRow], costs: &[CostRateRow]) -> pb::Employee {
    let mut employments: Vec<pb::Employment> = Vec::new();
    let mut last = None;
    for job in jobs.iter().filter(|j| j.employee_id == row.id) {
        if last == Some(job.effective_date) {
            employments.pop();
        }
        last = Some(job.effective_date);
        employments.push(pb::Employment {
            effective_date: Some(pb_date(job.effective_date)),
            legal_entity_code: job.legal_entity_code.clone(),
            fte_percent: u32::try_from(job.fte_percent).unwrap_or(100),
        });
    }
    let mut cost_rates: Vec<pb::CostRate> = Vec::new();
    let mut last = None;
    for cost in costs.iter().filter(|c| c.employee_id == row.id) {
        if last == Some(cost.effective_date) {
            cost_rates.pop();
        }
        last = Some(cost.effective_date);
        cost_rates.push(pb::CostRate {
            effective_date: Some(pb_date(cost.effective_date)),
            hourly_cost: Some(common::Money {
                currency_code: cost.currency_code.clone(),
                minor_units: cost.minor_units,
            }),
        });
    }
    pb::Employee {
        id: row.id,
        number: row.number,
        name: row.name,
        email: row.email,
        role: row.role,
        hire_date: Some(pb_date(row.hire_date)),
        termination_date: row.termination_date.map(pb_date),
        employments,
        cost_rates,
    }
}
