//! A firm small enough to know by heart, for tests.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::data::Firm;

/// Records by file name.
pub(crate) struct Tiny(pub(crate) BTreeMap<&'static str, Vec<Value>>);

impl Tiny {
    /// One entity, one customer, one contract by the hour with a project that lacks its cost center, one fixed-fee contract, and
    /// one person who moves, is paid more, and leaves.
    pub(crate) fn new() -> Self {
        let mut files = BTreeMap::new();
        files.extend(foundation());
        files.extend(sales());
        files.extend(people());
        files.extend(work());
        files.extend(expected());
        Self(files)
    }

    /// The rows of a file.
    pub(crate) fn rows(&mut self, file: &'static str) -> &mut Vec<Value> {
        self.0.get_mut(file).expect("a file of the tiny firm")
    }

    /// Writes the firm's folder.
    pub(crate) fn write(&self, folder: &Path) {
        let mut counts = serde_json::Map::new();
        for (name, rows) in &self.0 {
            let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
            std::fs::write(folder.join(format!("{name}.jsonl")), lines).expect("a writable folder");
            counts.insert((*name).to_owned(), json!({"rows": rows.len()}));
        }
        let manifest = json!({"entries": 5, "seed": 1, "year": 2025, "as_of": "2026-01-31", "files": counts});
        std::fs::write(folder.join("manifest.json"), manifest.to_string()).expect("a writable folder");
    }

    /// Writes and loads it.
    pub(crate) fn load(&self) -> Firm {
        let folder = tempfile::tempdir().expect("a temporary folder");
        self.write(folder.path());
        Firm::load(folder.path()).expect("the tiny firm is a firm")
    }
}

type Files = Vec<(&'static str, Vec<Value>)>;

fn foundation() -> Files {
    vec![
        (
            "legal_entities",
            vec![
                json!({"id": "US01", "country": "US", "functional_currency": "USD", "standard_tax_percent": "0"}),
                json!({"id": "DE01", "country": "DE", "functional_currency": "EUR", "standard_tax_percent": "19"}),
            ],
        ),
        ("currencies", vec![json!({"code": "USD", "receipt_required_over": "25.00"})]),
        (
            "cost_centers",
            vec![json!({"id": "CC-US01-delivery", "legal_entity_id": "US01", "name": "delivery"})],
        ),
        (
            "exchange_rates",
            vec![json!({"date": "2025-02-01", "from": "EUR", "to": "USD", "rate": "1.08000000"})],
        ),
        (
            "customers",
            vec![
                json!({"id": "CU-1", "name": "Northwind", "country": "US", "billing_currency": "USD", "vat_id_valid": false, "payment_terms_days": 30}),
            ],
        ),
    ]
}

fn contract(id: &str, kind: &str, opportunity: &str) -> Value {
    json!({"id": id, "customer_id": "CU-1", "opportunity_id": opportunity, "legal_entity_id": "US01", "currency": "USD", "type": kind,
        "revenue_method": null, "start_date": "2025-01-06", "end_date": "2025-12-31", "signed_on": "2024-12-20",
        "increment_minutes": 15, "rounding_mode": "up", "minimum_minutes": 0, "overtime_multiplier_percent": 150,
        "expense_markup_percent": 5, "cap_amount": null, "contract_value": null, "monthly_fee": null, "included_minutes": null,
        "overage_rate": null, "prepaid_amount": null})
}

fn sales() -> Files {
    let deal = |id: &str, stage: &str, closed: Option<&str>| json!({"id": id, "customer_id": "CU-1", "stage": stage, "closed_on": closed, "amount": "1000.00", "currency": "USD"});
    let project = |id: &str, contract: Option<&str>, erp: Option<&str>| {
        json!({"id": id, "contract_id": contract, "legal_entity_id": "US01", "activated_on": "2025-01-06", "erp_project_id": erp,
            "cost_center_id": "CC-US01-delivery"})
    };
    let task =
        |id: &str, project: &str, billable: bool| json!({"id": id, "project_id": project, "name": "build", "billable": billable});
    vec![
        (
            "opportunities",
            vec![
                deal("OP-1", "closed_won", Some("2024-12-20")),
                deal("OP-2", "closed_won", Some("2024-12-20")),
                deal("OP-X", "closed_lost", None),
            ],
        ),
        (
            "contracts",
            vec![contract("CT-1", "time", "OP-1"), contract("CT-2", "fixed_fee", "OP-2")],
        ),
        (
            "amendments",
            vec![
                json!({"id": "AM-1", "contract_id": "CT-1", "kind": "rates", "effective_from": "2025-03-01", "signed_on": "2025-04-10", "currency": "USD", "rates": {"consultant": "200.00"}}),
            ],
        ),
        (
            "milestones",
            vec![
                json!({"id": "CT-2-M1", "contract_id": "CT-2", "name": "milestone 1", "amount": "1000.00", "currency": "USD", "planned_on": "2025-03-24", "accepted_on": "2025-03-26", "change_order_id": null}),
                json!({"id": "CT-2-M2", "contract_id": "CT-2", "name": "milestone 2", "amount": "500.00", "currency": "USD", "planned_on": "2026-03-24", "accepted_on": null, "change_order_id": null}),
            ],
        ),
        (
            "estimates",
            vec![
                json!({"id": "ES-1", "contract_id": "CT-2", "recorded_on": "2024-12-18", "eac_minutes": 600}),
                json!({"id": "ES-2", "contract_id": "CT-2", "recorded_on": "2025-05-03", "eac_minutes": 660}),
            ],
        ),
        (
            "projects",
            vec![
                project("PR-1", Some("CT-1"), None),
                project("PR-2", Some("CT-2"), Some("e2")),
                project("INT-US01", None, Some("e3")),
            ],
        ),
        (
            "tasks",
            vec![
                task("PR-1-T1", "PR-1", true),
                task("PR-2-T1", "PR-2", true),
                task("INT-US01-T1", "INT-US01", false),
            ],
        ),
        (
            "rate_lines",
            vec![
                json!({"id": "RL-1", "level": "customer", "level_id": "CU-1", "role": "consultant", "currency": "USD", "rate": "165.00", "effective_from": "2024-01-01", "effective_to": null}),
            ],
        ),
        ("assignments", vec![json!({"project_id": "PR-1", "role": "consultant"})]),
        (
            "transfer_rates",
            vec![
                json!({"delivering_entity_id": "DE01", "contracting_entity_id": "US01", "role": "consultant", "currency": "EUR", "rate": "85.00", "effective_from": "2024-01-01", "effective_to": null}),
            ],
        ),
    ]
}

fn people() -> Files {
    vec![
        (
            "employees",
            vec![
                json!({"id": "EM-1", "role": "consultant", "hired_on": "2025-01-06", "terminated_on": "2025-10-31", "fte_percent": 80}),
            ],
        ),
        (
            "employment",
            vec![
                json!({"employee_id": "EM-1", "legal_entity_id": "DE01", "effective_from": "2025-07-01"}),
                json!({"employee_id": "EM-1", "legal_entity_id": "US01", "effective_from": "2025-01-06"}),
            ],
        ),
        (
            "cost_rates",
            vec![
                json!({"employee_id": "EM-1", "currency": "USD", "rate": "69.00", "effective_from": "2025-01-06"}),
                json!({"employee_id": "EM-1", "currency": "USD", "rate": "71.76", "effective_from": "2025-04-01"}),
            ],
        ),
    ]
}

/// A time entry of the week that starts on 6 January.
pub(crate) fn entry(id: &str, project: &str, day: &str, status: &str, submitted: Option<&str>, approved: Option<&str>) -> Value {
    json!({"id": id, "timesheet_id": "TS-1", "employee_id": "EM-1", "project_id": project, "task_id": format!("{project}-T1"),
        "role": "consultant", "work_date": day, "minutes": 60, "work_type": "regular", "billable": true, "write_down_minutes": 0,
        "status": status, "submitted_on": submitted, "approved_on": approved})
}

fn work() -> Files {
    let sent = Some("2025-01-12");
    vec![
        (
            "time_entries",
            vec![
                entry("TE-1", "PR-1", "2025-01-06", "approved", sent, Some("2025-01-15")),
                entry("TE-2", "INT-US01", "2025-01-07", "approved", sent, Some("2025-01-15")),
                entry("TE-3", "PR-1", "2025-01-08", "approved", sent, Some("2025-01-15")),
                entry("TE-4", "PR-2", "2025-01-09", "rejected", sent, None),
                entry("TE-5", "PR-1", "2025-01-10", "draft", None, None),
            ],
        ),
        (
            "time_corrections",
            vec![json!({"id": "TC-1", "time_entry_id": "TE-3", "corrected_minutes": 30, "approved_on": "2025-02-20"})],
        ),
        (
            "expense_items",
            vec![
                json!({"id": "EX-1", "employee_id": "EM-1", "project_id": "PR-1", "incurred_on": "2025-01-08", "category": "meals", "amount": "40.00", "currency": "USD", "receipt": false, "billable": true, "reimbursable": true, "approved_on": "2025-01-20"}),
            ],
        ),
        (
            "erp_time_postings",
            vec![
                json!({"psa_time_entry_id": "TE-2", "minutes": 60}),
                json!({"psa_time_entry_id": "TE-3", "minutes": 60}),
            ],
        ),
        (
            "payments",
            vec![
                json!({"id": "PY-1", "contract_id": "CT-1", "period": "2025-01", "document": "arrears", "received_on": "2025-03-10", "amount": "100.00", "currency": "USD"}),
                json!({"id": "PY-2", "contract_id": "CT-2", "period": "2025-01", "document": "arrears", "received_on": "2025-03-11", "amount": "900.00", "currency": "USD"}),
            ],
        ),
    ]
}

/// Revenue of January that must come out, nothing of it billed.
pub(crate) fn revenue(contract: &str, amount: &str) -> Value {
    json!({"contract_id": contract, "period": "2025-01", "currency": "USD", "type": "time", "method": null, "revenue": amount,
        "expense_revenue": "0.00", "cumulative_revenue": amount, "cumulative_billed": "0.00", "contract_asset": amount,
        "contract_liability": "0.00"})
}

/// A document that must come out; amounts are net, all of it time, without tax.
pub(crate) fn invoice(contract: &str, net: &str) -> Value {
    json!({"contract_id": contract, "customer_id": "CU-1", "legal_entity_id": "US01", "period": "2025-01", "document": "arrears",
        "kind": "invoice", "issue_date": "2025-02-05", "due_date": "2025-03-07", "currency": "USD", "time_new": net,
        "time_credit": "0.00", "time_rebill": "0.00", "cap_adjustment": "0.00", "overage": "0.00", "expenses": "0.00",
        "milestones": "0.00", "fee": "0.00", "net": net, "tax_category": "O",
        "tax_percent": "0", "tax": "0.00", "gross": net, "functional_currency": "USD", "fx_rate": "1.00000000", "gross_functional": net})
}

fn expected() -> Files {
    vec![
        (
            "expected_invoices",
            vec![invoice("CT-1", "330.00"), invoice("CT-2", "1000.00")],
        ),
        (
            "expected_projects",
            vec![json!({"project_id": "PR-1", "approved_minutes": 90, "billable_minutes": 90, "cost": {"USD": "103.50"}})],
        ),
        (
            "expected_unbilled",
            vec![
                json!({"as_of": "2025-01-31", "project_id": "PR-1", "entries": 2, "billable_minutes": 120, "amount": "330.00", "currency": "USD"}),
            ],
        ),
        ("expected_revenue", vec![revenue("CT-1", "330.00")]),
        (
            "expected_adjustments",
            vec![
                json!({"time_entry_id": "TE-3", "contract_id": "CT-1", "period": "2025-01", "credit": "-165.00", "rebill": "82.50", "currency": "USD"}),
            ],
        ),
        (
            "expected_utilization",
            vec![
                json!({"legal_entity_id": "US01", "period": "2025-01", "capacity_minutes": 7680, "approved_minutes": 150, "billable_minutes": 90}),
            ],
        ),
        (
            "expected_intercompany",
            vec![
                json!({"delivering_entity_id": "DE01", "contracting_entity_id": "US01", "period": "2025-07", "minutes": 60, "amount": "85.00", "currency": "EUR"}),
            ],
        ),
        (
            "expected_receivables",
            vec![json!({"customer_id": "CU-1", "currency": "USD", "open": "330.00", "overdue": "330.00"})],
        ),
        (
            "expected_reconciliation",
            vec![json!({"finding": "missing_in_erp", "time_entry_id": "TE-1"})],
        ),
        (
            "expected_exceptions",
            vec![
                json!({"kind": "RECEIPT_MISSING", "object": "expense_item", "id": "EX-1"}),
                json!({"kind": "PROJECT_MISSING_ERP_STRUCTURE", "object": "project", "id": "PR-1"}),
            ],
        ),
    ]
}
