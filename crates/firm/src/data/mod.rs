//! A generated firm, read from its folder: JSON lines per kind of record, and a manifest that counts them.
//!
//! Everything but time is held as it is written; time entries are held compactly, because there can be a million.

mod lines;
mod manifest;
mod records;
#[cfg(test)]
mod tests;
mod time;

use std::collections::{HashMap, HashSet};
use std::path::Path;

pub use manifest::Manifest;
pub use records::{
    Amendment, Assignment, Contract, Correction, CostCenter, CostRate, Currency, Customer, DamagedPosting, Employee, Employment,
    Estimate, ExchangeRate, ExpectedAdjustment, ExpectedException, ExpectedFinding, ExpectedIntercompany, ExpectedInvoice,
    ExpectedProject, ExpectedReceivable, ExpectedRevenue, ExpectedUnbilled, ExpectedUtilization, Expense, LegalEntity, Milestone,
    Opportunity, Payment, Project, RateLine, Task, TransferRate,
};
pub use time::{Entry, Sheet, SheetState, Time};

use crate::{Error, Result};
use lines::Folder;

/// Files a folder must hold to be a firm, without their ending.
const FILES: &[&str] = &[
    "legal_entities",
    "currencies",
    "cost_centers",
    "exchange_rates",
    "customers",
    "opportunities",
    "contracts",
    "amendments",
    "milestones",
    "estimates",
    "projects",
    "tasks",
    "rate_lines",
    "employees",
    "employment",
    "cost_rates",
    "assignments",
    "transfer_rates",
    "time_entries",
    "time_corrections",
    "expense_items",
    "payments",
    "erp_time_postings",
    "expected_invoices",
    "expected_adjustments",
    "expected_projects",
    "expected_unbilled",
    "expected_exceptions",
    "expected_revenue",
    "expected_utilization",
    "expected_intercompany",
    "expected_receivables",
    "expected_reconciliation",
];

/// A firm and its year.
#[derive(Debug)]
pub struct Firm {
    /// What the generator says of it.
    pub manifest: Manifest,
    /// Companies.
    pub legal_entities: Vec<LegalEntity>,
    /// Currencies.
    pub currencies: Vec<Currency>,
    /// Cost centers.
    pub cost_centers: Vec<CostCenter>,
    /// Exchange rates.
    pub exchange_rates: Vec<ExchangeRate>,
    /// Customers.
    pub customers: Vec<Customer>,
    /// Deals.
    pub opportunities: Vec<Opportunity>,
    /// Contracts.
    pub contracts: Vec<Contract>,
    /// Amendments.
    pub amendments: Vec<Amendment>,
    /// Milestones of fixed fees.
    pub milestones: Vec<Milestone>,
    /// Estimates at completion.
    pub estimates: Vec<Estimate>,
    /// Projects.
    pub projects: Vec<Project>,
    /// Tasks.
    pub tasks: Vec<Task>,
    /// Rate lines.
    pub rate_lines: Vec<RateLine>,
    /// People.
    pub employees: Vec<Employee>,
    /// Who employs them, in order of effect for each.
    pub employment: Vec<Employment>,
    /// What they cost, in order of effect for each.
    pub cost_rates: Vec<CostRate>,
    /// Who works where.
    pub assignments: Vec<Assignment>,
    /// What companies charge each other.
    pub transfer_rates: Vec<TransferRate>,
    /// Time.
    pub time: Time,
    /// Corrections of time, by day of approval.
    pub corrections: Vec<Correction>,
    /// Expenses.
    pub expenses: Vec<Expense>,
    /// Payments.
    pub payments: Vec<Payment>,
    /// How the books show time after somebody damaged them.
    pub damaged: Vec<DamagedPosting>,
    /// What must come of it.
    pub expected: Expected,
    index: Index,
}

/// Results the generator computed by itself.
#[derive(Debug, Default)]
pub struct Expected {
    /// Documents.
    pub invoices: Vec<ExpectedInvoice>,
    /// Postings by project.
    pub projects: Vec<ExpectedProject>,
    /// Unbilled time.
    pub unbilled: Vec<ExpectedUnbilled>,
    /// Exceptions.
    pub exceptions: Vec<ExpectedException>,
    /// Revenue and positions by contract and month.
    pub revenue: Vec<ExpectedRevenue>,
    /// Time credited and billed anew.
    pub adjustments: Vec<ExpectedAdjustment>,
    /// Worked time against capacity.
    pub utilization: Vec<ExpectedUtilization>,
    /// What companies owe each other.
    pub intercompany: Vec<ExpectedIntercompany>,
    /// What customers owe.
    pub receivables: Vec<ExpectedReceivable>,
    /// How the damaged books differ from approved time.
    pub findings: Vec<ExpectedFinding>,
}

/// Positions by id.
#[derive(Debug, Default)]
struct Index {
    legal_entities: HashMap<String, usize>,
    customers: HashMap<String, usize>,
    opportunities: HashMap<String, usize>,
    contracts: HashMap<String, usize>,
    projects: HashMap<String, usize>,
    employees: HashMap<String, usize>,
}

impl Firm {
    /// Reads a folder.
    ///
    /// # Errors
    /// When it is not a firm (every missing file is named), when a file holds another number of records than the
    /// manifest says, when a record cannot be read, or names one that does not exist.
    pub fn load(folder: &Path) -> Result<Self> {
        let folder = Folder::open(folder, FILES)?;
        let mut firm = Self {
            legal_entities: folder.read("legal_entities")?,
            currencies: folder.read("currencies")?,
            cost_centers: folder.read("cost_centers")?,
            exchange_rates: folder.read("exchange_rates")?,
            customers: folder.read("customers")?,
            opportunities: folder.read("opportunities")?,
            contracts: folder.read("contracts")?,
            amendments: folder.read("amendments")?,
            milestones: folder.read("milestones")?,
            estimates: folder.read("estimates")?,
            projects: folder.read("projects")?,
            tasks: folder.read("tasks")?,
            rate_lines: folder.read("rate_lines")?,
            employees: folder.read("employees")?,
            employment: folder.read("employment")?,
            cost_rates: folder.read("cost_rates")?,
            assignments: folder.read("assignments")?,
            transfer_rates: folder.read("transfer_rates")?,
            time: Time::default(),
            corrections: folder.read("time_corrections")?,
            expenses: folder.read("expense_items")?,
            payments: folder.read("payments")?,
            damaged: folder.read("erp_time_postings")?,
            expected: Expected {
                invoices: folder.read("expected_invoices")?,
                projects: folder.read("expected_projects")?,
                unbilled: folder.read("expected_unbilled")?,
                exceptions: folder.read("expected_exceptions")?,
                revenue: folder.read("expected_revenue")?,
                adjustments: folder.read("expected_adjustments")?,
                utilization: folder.read("expected_utilization")?,
                intercompany: folder.read("expected_intercompany")?,
                receivables: folder.read("expected_receivables")?,
                findings: folder.read("expected_reconciliation")?,
            },
            index: Index::default(),
            manifest: folder.manifest.clone(),
        };
        firm.settle_order();
        firm.check_references()?;
        firm.time = time::read(&folder, &firm)?;
        Ok(firm)
    }

    /// Sorts what has an order of effect, and notes positions.
    fn settle_order(&mut self) {
        self.employment.sort_by_key(|row| row.effective_from);
        self.cost_rates.sort_by_key(|row| row.effective_from);
        self.corrections.sort_by_key(|row| row.approved_on);
        self.index = Index {
            legal_entities: positions(&self.legal_entities, |r| &r.id),
            customers: positions(&self.customers, |r| &r.id),
            opportunities: positions(&self.opportunities, |r| &r.id),
            contracts: positions(&self.contracts, |r| &r.id),
            projects: positions(&self.projects, |r| &r.id),
            employees: positions(&self.employees, |r| &r.id),
        };
    }

    fn check_references(&self) -> Result<()> {
        for row in &self.contracts {
            self.customer(&row.id, &row.customer_id)?;
            self.entity(&row.id, &row.legal_entity_id)?;
            self.opportunity(&row.id, &row.opportunity_id)?;
        }
        for row in &self.opportunities {
            self.customer(&row.id, &row.customer_id)?;
        }
        for row in &self.projects {
            self.entity(&row.id, &row.legal_entity_id)?;
            if let Some(contract) = &row.contract_id {
                self.contract(&row.id, contract)?;
            }
        }
        for row in &self.tasks {
            self.project(&row.id, &row.project_id)?;
        }
        for row in &self.amendments {
            self.contract(&row.id, &row.contract_id)?;
        }
        for row in &self.milestones {
            self.contract(&row.id, &row.contract_id)?;
        }
        for row in &self.estimates {
            self.contract(&row.id, &row.contract_id)?;
        }
        for row in &self.employment {
            self.employee("employment", &row.employee_id)?;
            self.entity(&row.employee_id, &row.legal_entity_id)?;
        }
        for row in &self.expenses {
            self.employee(&row.id, &row.employee_id)?;
            self.project(&row.id, &row.project_id)?;
        }
        for row in &self.payments {
            self.contract(&row.id, &row.contract_id)?;
        }
        for row in &self.transfer_rates {
            self.entity("a transfer rate", &row.delivering_entity_id)?;
            self.entity("a transfer rate", &row.contracting_entity_id)?;
        }
        self.check_people()
    }

    /// Nobody can be hired without an employer and a cost.
    fn check_people(&self) -> Result<()> {
        let employed: HashSet<&str> = self.employment.iter().map(|row| row.employee_id.as_str()).collect();
        let paid: HashSet<&str> = self.cost_rates.iter().map(|row| row.employee_id.as_str()).collect();
        for Employee { id, .. } in &self.employees {
            for (rows, kind) in [(&employed, "an employment"), (&paid, "a cost rate")] {
                if !rows.contains(id.as_str()) {
                    return Err(dangling(id, kind, &format!("of {id}")));
                }
            }
        }
        Ok(())
    }

    /// The entity a record names.
    pub(crate) fn entity(&self, owner: &str, id: &str) -> Result<&LegalEntity> {
        named(&self.legal_entities, &self.index.legal_entities, "legal entity", owner, id)
    }

    /// The customer a record names.
    pub(crate) fn customer(&self, owner: &str, id: &str) -> Result<&Customer> {
        named(&self.customers, &self.index.customers, "customer", owner, id)
    }

    /// The deal a record names.
    pub(crate) fn opportunity(&self, owner: &str, id: &str) -> Result<&Opportunity> {
        named(&self.opportunities, &self.index.opportunities, "opportunity", owner, id)
    }

    /// The contract a record names.
    pub(crate) fn contract(&self, owner: &str, id: &str) -> Result<&Contract> {
        named(&self.contracts, &self.index.contracts, "contract", owner, id)
    }

    /// The project a record names.
    pub(crate) fn project(&self, owner: &str, id: &str) -> Result<&Project> {
        named(&self.projects, &self.index.projects, "project", owner, id)
    }

    /// The person a record names.
    pub(crate) fn employee(&self, owner: &str, id: &str) -> Result<&Employee> {
        named(&self.employees, &self.index.employees, "employee", owner, id)
    }

    /// Position of a project.
    pub(crate) fn project_at(&self, owner: &str, id: &str) -> Result<u32> {
        at(&self.index.projects, "project", owner, id)
    }

    /// Position of a person.
    pub(crate) fn employee_at(&self, owner: &str, id: &str) -> Result<u32> {
        at(&self.index.employees, "employee", owner, id)
    }

    /// The contract with this code, if there is one.
    pub(crate) fn find_contract(&self, id: &str) -> Option<&Contract> {
        self.index.contracts.get(id).map(|&at| &self.contracts[at])
    }

    /// The project with this code, if there is one.
    pub(crate) fn find_project(&self, id: &str) -> Option<&Project> {
        self.index.projects.get(id).map(|&at| &self.projects[at])
    }

    /// The first project of a contract, by code: milestones and estimates are kept on it.
    pub(crate) fn first_project(&self, contract: &str) -> Option<&Project> {
        let own = self
            .projects
            .iter()
            .filter(|row| row.contract_id.as_deref() == Some(contract));
        own.min_by_key(|row| row.id.as_str())
    }

    /// True for projects of contracts billed by the hour.
    pub(crate) fn is_timed_project(&self, id: &str) -> bool {
        self.find_project(id)
            .and_then(|project| self.find_contract(project.contract_id.as_deref()?))
            .is_some_and(Contract::is_timed)
    }
}

fn positions<T>(rows: &[T], id: impl Fn(&T) -> &String) -> HashMap<String, usize> {
    rows.iter().enumerate().map(|(at, row)| (id(row).clone(), at)).collect()
}

fn named<'a, T>(rows: &'a [T], index: &HashMap<String, usize>, kind: &'static str, owner: &str, id: &str) -> Result<&'a T> {
    index.get(id).map(|&at| &rows[at]).ok_or_else(|| dangling(owner, kind, id))
}

fn at(index: &HashMap<String, usize>, kind: &'static str, owner: &str, id: &str) -> Result<u32> {
    index
        .get(id)
        .and_then(|&at| u32::try_from(at).ok())
        .ok_or_else(|| dangling(owner, kind, id))
}

fn dangling(owner: &str, kind: &'static str, id: &str) -> Error {
    Error::Dangling {
        owner: owner.to_owned(),
        kind,
        id: id.to_owned(),
    }
}
