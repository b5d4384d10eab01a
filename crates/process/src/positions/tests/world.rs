//! Facts as the platform writes them, at random, and what they lead to, kept beside them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use prost::Message;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::system::erp::v1::TimePosting;
use strata_kernel::{Clock, Instant, SimClock};
use strata_store::{Conn, Db, Options, both, migrate};

use super::super::{kind, touch};
use crate::ProcessSettings;
use crate::billing::{ledger, posting};
use crate::clients::{Clients, Transports};
use crate::core::Core;
use crate::instances::Instance;
use crate::store::rows::{DocumentLineRow, DocumentRow, PostingRow, RevenueRow, TimeEntryRow};
use crate::store::rows_positions::OwnerRow;
use crate::store::{lite, pg};

pub(super) const CONTRACTS: usize = 3;
pub(super) const NOW: &str = "2025-03-05T18:00:00Z";

/// A process tier that calls nobody: whose contracts are is known.
pub(super) async fn core(folder: &Path) -> Core {
    let db = Db::open(&format!("sqlite:{}", folder.join("strata.db").display()), &Options::default()).unwrap();
    migrate::run(&db).unwrap();
    let instance = Instance::register(&db, "test", "test-1", Duration::from_secs(60))
        .await
        .unwrap();
    let away = || strata_rpc::connect("127.0.0.1:9").unwrap();
    let clients = Clients::new(Transports {
        crm: away(),
        psa: away(),
        erp: away(),
        hr: away(),
        master: away(),
    });
    let clock: Arc<dyn Clock> = Arc::new(SimClock::new(NOW.parse().unwrap()));
    let core = Core::new(&db, instance, clients, clock, ProcessSettings::default());
    let owners: Vec<OwnerRow> = (0..CONTRACTS).map(owner).collect();
    core.db
        .write(move |c| both!(c, positions::add_owners(&owners)))
        .await
        .unwrap();
    core
}

pub(super) fn owner(contract: usize) -> OwnerRow {
    OwnerRow {
        id: format!("ctr_{contract}"),
        contract_number: format!("CT-{contract}"),
        engagement_id: format!("eng_{contract}"),
        customer_id: format!("cus_{}", contract % 2),
        legal_entity_code: if contract == 2 { "DE01" } else { "US01" }.into(),
        lead_project_code: format!("PR-{contract}-0"),
    }
}

pub(super) fn currency(contract: usize) -> &'static str {
    if contract == 2 { "EUR" } else { "USD" }
}

/// What the test did to an entry.
#[derive(Clone)]
pub(super) struct Worked {
    contract: usize,
    project: usize,
    month: u32,
    version: i32,
    minutes: i64,
    considered: bool,
    /// State of its document.
    document: Option<usize>,
}

impl Worked {
    pub(super) fn value(&self) -> i64 {
        self.minutes * 250
    }

    pub(super) fn cost(&self) -> i64 {
        self.minutes * 117
    }
}

/// Numbers that look random, and are the same in each run.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

#[derive(Default)]
pub(super) struct World {
    pub(super) entries: Vec<Worked>,
    /// Contract, state and the entries on it.
    documents: Vec<(usize, &'static str, Vec<usize>)>,
    /// Contract, month, amount.
    revenue: Vec<(usize, u32, i64)>,
}

pub(super) fn now() -> Instant {
    NOW.parse().unwrap()
}

pub(super) fn time_row(id: usize, worked: &Worked) -> TimeEntryRow {
    TimeEntryRow {
        id: format!("{id:04}"),
        employee_id: "emp_1".into(),
        project_id: format!("prj_{}_{}", worked.contract, worked.project),
        project_code: format!("PR-{}-{}", worked.contract, worked.project),
        contract_id: format!("ctr_{}", worked.contract),
        engagement_id: format!("eng_{}", worked.contract),
        work_date: format!("2025-{:02}-10", worked.month).parse().unwrap(),
        approved_on: "2025-03-01".parse().unwrap(),
        first_run: None,
        reference: format!("TE-{id}"),
        correlation_id: String::new(),
    }
}

pub(super) fn posting_row(id: usize, worked: &Worked, key: &str, minutes: i64) -> PostingRow {
    let money = |currency: &str, minor_units| {
        Some(Money {
            currency_code: currency.into(),
            minor_units,
        })
    };
    let body = TimePosting {
        key: key.into(),
        minutes: i32::try_from(minutes).unwrap(),
        billable_minutes: i32::try_from(minutes).unwrap(),
        bill_amount: money(currency(worked.contract), minutes * 250),
        // The people of the second project are paid in another currency.
        cost_amount: money(
            if worked.project == 1 {
                "INR"
            } else {
                currency(worked.contract)
            },
            minutes * 117,
        ),
        work_date: Some(strata_contract::pb_date(time_row(id, worked).work_date)),
        ..TimePosting::default()
    };
    PostingRow::intended(posting::TIME, key, "TE", body.encode_to_vec(), now())
}

pub(super) fn document_row(key: usize, contract: usize, state: &str, net: i64) -> DocumentRow {
    DocumentRow {
        key: format!("inv:CT-{contract}:{key:03}"),
        engagement_id: format!("eng_{contract}"),
        contract_id: format!("ctr_{contract}"),
        contract_number: format!("CT-{contract}"),
        period: "2025-02".into(),
        credit_memo: false,
        state: state.into(),
        number: String::new(),
        erp_id: String::new(),
        issue_date: "2025-03-05".parse().unwrap(),
        due_date: "2025-04-05".parse().unwrap(),
        currency_code: currency(contract).into(),
        net,
        tax: 0,
        gross: net,
        open: net,
        line_count: 1,
        correlation_id: String::new(),
        timing: "ARREARS".into(),
        customer_id: String::new(),
        legal_entity_code: String::new(),
    }
}

impl World {
    pub(super) fn net(&self, document: usize) -> i64 {
        self.documents[document]
            .2
            .iter()
            .map(|entry| self.entries[*entry].value())
            .sum()
    }

    /// Something happens, with everything it writes in one transaction.
    pub(super) async fn happen(&mut self, core: &Core, dice: &mut Dice) {
        match dice.roll(6) {
            0 | 1 => self.work(core, dice).await,
            2 => self.correct(core, dice).await,
            3 => self.bill(core, dice).await,
            4 => self.book(core, dice).await,
            _ => self.earn(core, dice).await,
        }
    }

    pub(super) async fn work(&mut self, core: &Core, dice: &mut Dice) {
        let id = self.entries.len();
        let worked = Worked {
            contract: dice.roll(CONTRACTS),
            project: dice.roll(3),
            month: 1 + u32::try_from(dice.roll(2)).unwrap(),
            version: 1,
            minutes: 15 * i64::try_from(1 + dice.roll(30)).unwrap(),
            considered: false,
            document: None,
        };
        let rows = [posting_row(id, &worked, &format!("time:{id:04}:v1"), worked.minutes)];
        let entry = time_row(id, &worked);
        self.entries.push(worked);
        let store = move |c: &mut Conn<'_>| {
            both!(c, work::add_entries(std::slice::from_ref(&entry)))?;
            ledger::intend(c, &rows)
        };
        core.db.write(store).await.unwrap();
    }

    pub(super) async fn correct(&mut self, core: &Core, dice: &mut Dice) {
        let Some(id) = pick(dice, self.entries.len()) else { return };
        let minutes = 15 * i64::try_from(dice.roll(30)).unwrap();
        let worked = &mut self.entries[id];
        // What is billed is credited and billed anew, by rules that are not tried here.
        if worked.considered {
            return;
        }
        let before = format!("time:{id:04}:v{}", worked.version);
        let mut rows = Vec::new();
        if worked.minutes != 0 {
            rows.push(posting_row(id, worked, &format!("{before}:reversal"), -worked.minutes));
        }
        worked.version += 1;
        worked.minutes = minutes;
        if minutes != 0 {
            rows.push(posting_row(id, worked, &format!("time:{id:04}:v{}", worked.version), minutes));
        }
        core.db.write(move |c| ledger::intend(c, &rows)).await.unwrap();
    }

    pub(super) async fn bill(&mut self, core: &Core, dice: &mut Dice) {
        let contract = dice.roll(CONTRACTS);
        let open = self
            .entries
            .iter()
            .enumerate()
            .filter(|(_, worked)| worked.contract == contract && !worked.considered);
        let open: Vec<usize> = open.map(|(id, _)| id).collect();
        let key = self.documents.len();
        let lines = open.iter().filter(|id| self.entries[**id].minutes != 0);
        let lines: Vec<DocumentLineRow> = (1..)
            .zip(lines)
            .map(|(line_no, id)| DocumentLineRow {
                document_key: format!("inv:CT-{contract}:{key:03}"),
                line_no,
                contract_id: format!("ctr_{contract}"),
                kind: "time".into(),
                source: format!("time:{id:04}"),
                minor_units: self.entries[*id].value(),
            })
            .collect();
        for id in &open {
            self.entries[*id].considered = true;
            self.entries[*id].document = (self.entries[*id].minutes != 0).then_some(key);
        }
        self.documents.push((contract, "RELEASED", open.clone()));
        let row = document_row(key, contract, "RELEASED", self.net(key));
        let ids: Vec<String> = open.iter().map(|id| format!("{id:04}")).collect();
        let store = move |c: &mut Conn<'_>| {
            both!(c, documents::insert(&row))?;
            both!(c, documents::add_lines(&lines))?;
            touch(c, kind::DOCUMENT, std::slice::from_ref(&row.key), now())?;
            both!(c, work::consider_entries(&ids, "2025-03-05".parse().unwrap()))?;
            touch(c, kind::TIME, &ids, now())
        };
        core.db.write(store).await.unwrap();
    }

    pub(super) async fn book(&mut self, core: &Core, dice: &mut Dice) {
        let Some(key) = pick(dice, self.documents.len()) else { return };
        let state = ["POSTED", "PART_PAID", "PAID", "VOIDED"][dice.roll(4)];
        if self.documents[key].1 == "VOIDED" {
            return;
        }
        self.documents[key].1 = state;
        let row = document_row(key, self.documents[key].0, state, self.net(key));
        let store = move |c: &mut Conn<'_>| {
            both!(c, documents::update(&row))?;
            touch(c, kind::DOCUMENT, std::slice::from_ref(&row.key), now())
        };
        core.db.write(store).await.unwrap();
    }

    pub(super) async fn earn(&mut self, core: &Core, dice: &mut Dice) {
        let (contract, month) = (dice.roll(CONTRACTS), 1 + u32::try_from(dice.roll(2)).unwrap());
        if self.revenue.iter().any(|held| (held.0, held.1) == (contract, month)) {
            return;
        }
        let amount = i64::try_from(dice.roll(1_000_000)).unwrap() - 200_000;
        self.revenue.push((contract, month, amount));
        let row = RevenueRow {
            key: format!("rev:CT-{contract}:2025-{month:02}:REVENUE"),
            contract_id: format!("ctr_{contract}"),
            contract_number: format!("CT-{contract}"),
            engagement_id: format!("eng_{contract}"),
            period: format!("2025-{month:02}"),
            kind: "REVENUE".into(),
            contract_type: "CONTRACT_TYPE_TIME".into(),
            measure: "TIME_AND_MATERIAL".into(),
            currency_code: currency(contract).into(),
            cumulative_before: 0,
            cumulative: amount,
            amount,
            known_on: "2025-03-05".parse().unwrap(),
            basis: String::new(),
            warning: String::new(),
            state: "RECOGNISED".into(),
            journal_key: String::new(),
            erp_id: String::new(),
            correlation_id: String::new(),
        };
        let store = move |c: &mut Conn<'_>| {
            both!(c, revenue::insert(std::slice::from_ref(&row)))?;
            touch(c, kind::REVENUE, std::slice::from_ref(&row.key), now())
        };
        core.db.write(store).await.unwrap();
    }

    pub(super) fn is_unbilled(&self, worked: &Worked) -> bool {
        worked.minutes != 0
            && match worked.document {
                None => !worked.considered,
                Some(document) => self.documents[document].1 == "RELEASED",
            }
    }

    /// Unbilled entries and amount, revenue, billed and cost of a contract, in its currency.
    pub(super) fn of_contract(&self, contract: usize) -> (i64, i64, i64, i64, i64) {
        let own = self.entries.iter().filter(|worked| worked.contract == contract);
        let unbilled: Vec<&Worked> = own.clone().filter(|worked| self.is_unbilled(worked)).collect();
        let documents =
            (0..self.documents.len()).filter(|key| self.documents[*key].0 == contract && self.documents[*key].1 != "VOIDED");
        (
            i64::try_from(unbilled.len()).unwrap(),
            unbilled.iter().map(|worked| worked.value()).sum(),
            self.revenue.iter().filter(|held| held.0 == contract).map(|held| held.2).sum(),
            documents.map(|key| self.net(key)).sum(),
            own.filter(|worked| worked.project != 1).map(Worked::cost).sum(),
        )
    }
}

pub(super) fn pick(dice: &mut Dice, among: usize) -> Option<usize> {
    (among > 0).then(|| dice.roll(among))
}
