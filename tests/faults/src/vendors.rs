//! What vendors do to us: answers that are lost, refusals, delays, lists that lack or repeat something.

use std::time::Duration;

use anyhow::{Context, Result};
use fastrand::Rng;
use strata::{Role, Vendor};
use strata_contract::strata::dev::v1::fault_service_client::FaultServiceClient;
use strata_contract::strata::dev::v1::{ArmFaultRequest, ClearFaultsRequest, FaultKind, ListStrikesRequest, Strikes};

use crate::field::Field;
use crate::schedule::Cycle;
use crate::tally::Tally;

/// What the platform's calls say they come from. The firm's people are spared.
const PLATFORM: &str = "strata/";

/// What only the platform writes, by vendor.
const WRITES: [(Vendor, &[&str]); 3] = [
    (
        Vendor::Salesforce,
        &[
            "PATCH /services/data/v66.0/sobjects/Invoice_Status__c",
            "PATCH /services/data/v66.0/sobjects/Opportunity",
        ],
    ),
    (
        Vendor::KantataOx,
        &[
            "POST /api/v1/workspace",
            "POST /api/v1/stories",
            "POST /api/v1/rate_cards",
            "POST /api/v1/cost_rates",
            "POST /api/v1/invoices",
            "PUT /api/v1/invoices",
        ],
    ),
    (
        Vendor::NetSuite,
        &[
            "PUT /services/rest/record/v1/customer/",
            "PUT /services/rest/record/v1/job/",
            "PUT /services/rest/record/v1/employee/",
            "POST /services/rest/record/v1/timeBill",
            "POST /services/rest/record/v1/invoice",
            "PUT /services/rest/record/v1/journalEntry/",
        ],
    ),
];

/// Lists that a feed reads, in which something may be missing or come twice. Where a look-up decides whether a record is made, the
/// vendor's own uniqueness stands behind it; Kantata OX has none, so only what is read there of people's work is listed.
const LISTS: [(Vendor, &str); 4] = [
    (Vendor::Salesforce, "GET /services/data/v66.0/query"),
    (Vendor::KantataOx, "GET /api/v1/time_entries"),
    (Vendor::KantataOx, "GET /api/v1/expenses"),
    (Vendor::NetSuite, "POST /services/rest/query/v1/suiteql"),
];

/// Lists of which a page can come twice: one place, one question. Where every question goes to the same place, the answer to another one
/// would come instead, and no vendor does that.
const PAGES: [(Vendor, &str); 2] = [LISTS[1], LISTS[2]];

/// A fault to be armed in a vendor's sandbox.
#[derive(Debug, Clone)]
pub(crate) struct Blow {
    vendor: Vendor,
    operation: &'static str,
    kind: FaultKind,
    status: u32,
    delay: Duration,
    times: u32,
}

/// What vendors do in one cycle: each loses answers, and one has further trouble.
pub(crate) fn blows(rng: &mut Rng) -> Vec<Blow> {
    let blow = |vendor, operation, kind, times| Blow {
        vendor,
        operation,
        kind,
        status: 0,
        delay: Duration::ZERO,
        times,
    };
    let mut all = Vec::new();
    for (vendor, operations) in WRITES {
        let operation = operations[rng.usize(0..operations.len())];
        all.push(blow(vendor, operation, FaultKind::LoseAnswer, rng.u32(1..=3)));
    }
    for vendor in Vendor::ALL {
        all.push(blow(vendor, "", FaultKind::LoseAnswer, rng.u32(1..=2)));
    }
    let vendor = Vendor::ALL[rng.usize(0..4)];
    let (list_of, list) = LISTS[rng.usize(0..LISTS.len())];
    let (page_of, page) = PAGES[rng.usize(0..PAGES.len())];
    all.push(match rng.u8(0..6) {
        0 => Blow {
            status: 429,
            ..blow(vendor, "", FaultKind::Refuse, rng.u32(2..=8))
        },
        1 => Blow {
            status: 503,
            ..blow(vendor, "", FaultKind::Refuse, rng.u32(2..=8))
        },
        2 => Blow {
            delay: Duration::from_millis(rng.u64(100..999)),
            ..blow(vendor, "", FaultKind::Delay, 2)
        },
        3 => blow(vendor, "", FaultKind::ExpireTokens, 1),
        4 => blow(list_of, list, FaultKind::HideRow, 1),
        _ => blow(page_of, page, FaultKind::RepeatPage, 1),
    });
    rng.shuffle(&mut all);
    all
}

/// Every kind that must have struck.
pub(crate) fn kinds() -> Vec<String> {
    let lost = Vendor::ALL.map(|vendor| format!("answer lost {vendor}"));
    let written = WRITES.map(|(vendor, _)| format!("answer lost {vendor} write"));
    let others = [
        "refused 429",
        "refused 503",
        "answered late",
        "tokens revoked",
        "list lacks a row",
        "list repeats a page",
    ];
    let others = others.map(str::to_owned);
    lost.into_iter().chain(written).chain(others).collect()
}

fn kind_of(strikes: &Strikes) -> Vec<String> {
    match strikes.kind() {
        FaultKind::LoseAnswer => {
            let lost = format!("answer lost {}", strikes.vendor);
            let is_write = !strikes.operation.is_empty();
            let write = is_write.then(|| format!("{lost} write"));
            [lost].into_iter().chain(write).collect()
        }
        FaultKind::Refuse => vec![format!("refused {}", strikes.status)],
        FaultKind::Delay => vec!["answered late".to_owned()],
        FaultKind::ExpireTokens => vec!["tokens revoked".to_owned()],
        FaultKind::HideRow => vec!["list lacks a row".to_owned()],
        FaultKind::RepeatPage => vec!["list repeats a page".to_owned()],
        FaultKind::Unspecified => Vec::new(),
    }
}

/// Arms what vendors do in a cycle.
pub(crate) async fn arm(field: &Field, cycle: &Cycle) -> Result<()> {
    let mut faults = FaultServiceClient::new(field.transport(Role::Sandbox.into())?);
    for blow in &cycle.blows {
        let request = ArmFaultRequest {
            vendor: blow.vendor.name().to_owned(),
            operation: blow.operation.to_owned(),
            agent: PLATFORM.to_owned(),
            kind: blow.kind.into(),
            times: blow.times,
            status: blow.status,
            delay: (blow.kind == FaultKind::Delay).then(|| prost_types::Duration {
                seconds: 0,
                nanos: i32::try_from(blow.delay.as_nanos()).unwrap_or(999_999_999),
            }),
        };
        faults.arm_fault(request).await.context("ArmFault")?;
    }
    Ok(())
}

/// Counts what struck since the last count, and disarms the rest. To be called before the sandboxes are killed, too: their own
/// count dies with them.
pub(crate) async fn collect(field: &mut Field, tally: &mut Tally) -> Result<()> {
    let mut faults = FaultServiceClient::new(field.transport(Role::Sandbox.into())?);
    faults.clear_faults(ClearFaultsRequest {}).await.context("ClearFaults")?;
    let answer = faults.list_strikes(ListStrikesRequest {}).await.context("ListStrikes")?;
    for strikes in answer.into_inner().strikes {
        let place = format!(
            "{} {:?} {} {}",
            strikes.vendor,
            strikes.kind(),
            strikes.operation,
            strikes.status
        );
        let before = field.counted.insert(place, strikes.count).unwrap_or(0);
        for kind in kind_of(&strikes) {
            tally.add_many(&kind, strikes.count.saturating_sub(before));
        }
    }
    Ok(())
}

/// Disarms everything in the sandboxes.
pub(crate) async fn clear(field: &Field) -> Result<()> {
    let mut faults = FaultServiceClient::new(field.transport(Role::Sandbox.into())?);
    faults.clear_faults(ClearFaultsRequest {}).await.context("ClearFaults")?;
    Ok(())
}
