//! The smallest firm there is: one company, one customer, one price, one person. What it sells and does is up to each test.

use std::path::Path;

use serde_json::{Value, json};

/// Everything its folder holds. Kinds that are not here are empty.
fn records(cost: &str) -> Vec<(&'static str, Value)> {
    vec![
        (
            "legal_entities",
            json!({"id": "US01", "country": "US", "functional_currency": "USD", "standard_tax_percent": "0"}),
        ),
        ("currencies", json!({"code": "USD", "receipt_required_over": "25.00"})),
        (
            "cost_centers",
            json!({"id": "CC-US01", "legal_entity_id": "US01", "name": "delivery"}),
        ),
        (
            "customers",
            json!({"id": "CU-1", "name": "Northwind", "country": "US", "billing_currency": "USD", "vat_id_valid": false,
                "payment_terms_days": 30}),
        ),
        (
            "rate_lines",
            json!({"id": "RL-1", "level": "standard", "level_id": "US01", "role": "consultant", "currency": "USD",
                "rate": "160.00", "effective_from": "2024-01-01", "effective_to": null}),
        ),
        (
            "employees",
            json!({"id": "EM-1", "role": "consultant", "hired_on": "2025-01-06", "terminated_on": null, "fte_percent": 100}),
        ),
        (
            "employment",
            json!({"employee_id": "EM-1", "legal_entity_id": "US01", "effective_from": "2025-01-06"}),
        ),
        (
            "cost_rates",
            json!({"employee_id": "EM-1", "currency": "USD", "rate": cost, "effective_from": "2025-01-06"}),
        ),
    ]
}

/// Kinds of record this firm has none of.
const EMPTY: [&str; 25] = [
    "exchange_rates",
    "opportunities",
    "contracts",
    "amendments",
    "milestones",
    "estimates",
    "projects",
    "tasks",
    "assignments",
    "time_entries",
    "time_corrections",
    "expense_items",
    "payments",
    "expected_invoices",
    "expected_projects",
    "expected_unbilled",
    "expected_exceptions",
    "expected_revenue",
    "transfer_rates",
    "erp_time_postings",
    "expected_adjustments",
    "expected_utilization",
    "expected_intercompany",
    "expected_receivables",
    "expected_reconciliation",
];

/// Writes the firm's folder. Its year is one day: finance, sales and HR enter what everything else stands on.
pub(super) fn write(folder: &Path, cost: &str) {
    std::fs::create_dir_all(folder).unwrap();
    let mut counts = serde_json::Map::new();
    for (name, record) in records(cost) {
        std::fs::write(folder.join(format!("{name}.jsonl")), format!("{record}\n")).unwrap();
        counts.insert(name.to_owned(), json!({"rows": 1}));
    }
    for name in EMPTY {
        std::fs::write(folder.join(format!("{name}.jsonl")), "").unwrap();
        counts.insert(name.to_owned(), json!({"rows": 0}));
    }
    let manifest = json!({"entries": 1, "seed": 1, "year": 2025, "as_of": "2025-01-03", "files": counts});
    std::fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
}
