//! Approved expenses of the PSA.

use std::collections::HashMap;

use strata_contract::strata::common::v1::Money as PbMoney;
use strata_contract::strata::master::v1::Project;
use strata_contract::strata::system::psa::v1 as psa;
use strata_contract::{instant, money, require_date, require_money};
use strata_finance::expense::check_receipt;
use strata_kernel::{Currency, Instant, Money, Result, derive_id};
use strata_rpc::error;
use strata_store::{Conn, both};

use super::feed::{Feed, Page, Store, seen};
use crate::core::{Core, Systems};
use crate::engine::{self, Done, Job, NewRun, NewStep, Problem, Stop, kind};
use crate::exceptions::Owner;
use crate::store::rows::ExpenseRow;
use crate::store::{lite, pg};
use crate::{exceptions, json, masters, xrefs};

/// Approved expenses. One that does not fit, or lacks its receipt, becomes a run of its own that waits for whoever
/// mends it.
pub(super) struct Expenses;

impl Feed for Expenses {
    const NAME: &'static str = "psa-expenses";
    type Item = psa::Expense;

    fn system(systems: &Systems) -> &str {
        &systems.psa
    }

    fn fitting(item: &Self::Item) -> Vec<(&'static str, &str)> {
        vec![("expense", item.id.as_str())]
    }

    async fn list(core: &Core, cursor: String) -> Result<Page<Self::Item>> {
        let request = psa::ListExpenseChangesRequest { cursor, page_size: 0 };
        let page = core
            .clients
            .psa
            .clone()
            .list_expense_changes(request)
            .await
            .map_err(error)?
            .into_inner();
        Ok(Page {
            seen: seen(&page),
            items: page.expenses,
            malformed: page.malformed,
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn take(core: &Core, items: Vec<Self::Item>) -> Result<Store> {
        let mut approved = items;
        approved.retain(|expense| expense.state() == psa::EntryState::Approved);
        let edited = exceptions::of_expenses(core, &approved).await?;
        let (known, now) = (Known::of(core, &edited).await?, core.now());
        Ok(Box::new(move |c| {
            let mut news = 0;
            for (expense, edited) in approved.iter().zip(&edited) {
                news += u64::from(take(c, expense, edited, &known, now)?);
            }
            Ok(news)
        }))
    }
}

/// Takes an expense as people say it is; its run remembers what the PSA says. True: it is news.
fn take(conn: &mut Conn<'_>, expense: &psa::Expense, edited: &psa::Expense, known: &Known, now: Instant) -> Result<bool> {
    let (mut news, refused) = match check(edited, known) {
        Ok(row) => (put(conn, &row)?, lacks_receipt(&row, known).is_some()),
        Err(_) => (false, true),
    };
    if refused || !both!(conn, runs::unfinished(kind::EXPENSE, std::slice::from_ref(&expense.id)))?.is_empty() {
        news |= engine::restart(conn, &run(expense)?, now)?;
    }
    Ok(news)
}

fn run(expense: &psa::Expense) -> Result<NewRun> {
    Ok(NewRun {
        kind: kind::EXPENSE,
        subject: expense.id.clone(),
        ordering_key: format!("expense:{}", expense.id),
        engagement_id: String::new(),
        input: json::text(expense)?,
        steps: vec![NewStep::new("take")],
    })
}

/// Tries again to take an expense that did not fit, or lacked its receipt when it was read last.
pub(crate) async fn retry(job: &Job<'_>) -> Result<Done, Stop> {
    let expense: psa::Expense = json::message(&job.run.input)?;
    let edited = exceptions::of_expenses(job.core, std::slice::from_ref(&expense)).await?;
    let known = Known::of(job.core, &edited).await?;
    let expense = edited.into_iter().next().unwrap_or(expense);
    let row = check(&expense, &known)?;
    let lacks = lacks_receipt(&row, &known);
    job.core.db.write(move |c| put(c, &row).map(|_| ())).await?;
    match lacks {
        None => Ok(Done::note("taken")),
        Some(problem) => Err(problem.into()),
    }
}

/// Stores an expense, and says whether that changed anything. One that a run has considered is frozen.
fn put(conn: &mut Conn<'_>, row: &ExpenseRow) -> Result<bool> {
    let held = both!(conn, work::expense(&row.id))?;
    if held.is_some_and(|held| held.first_run.is_some() || held == *row) {
        return Ok(false);
    }
    both!(conn, work::put_expense(row)).map(|_| true)
}

/// What expenses name, and above which amount they need a receipt.
struct Known {
    projects: HashMap<String, String>,
    held: HashMap<String, Project>,
    limits: HashMap<Currency, Money>,
}

impl Known {
    async fn of(core: &Core, expenses: &[psa::Expense]) -> Result<Self> {
        if expenses.is_empty() {
            return Ok(Self {
                projects: HashMap::new(),
                held: HashMap::new(),
                limits: HashMap::new(),
            });
        }
        let psa = &core.systems().await?.psa;
        let projects = xrefs::resolve(
            core,
            psa,
            xrefs::kind::PROJECT,
            expenses.iter().map(|e| e.project_id.as_str()),
        )
        .await?;
        let held = masters::projects(core, projects.values().cloned()).await?;
        let reference = masters::reference(core).await?;
        let limit = |limit: &PbMoney| money(limit).map(|limit| (limit.currency, limit));
        let limits = reference.receipt_limits.iter().map(limit).collect::<Result<_>>()?;
        Ok(Self { projects, held, limits })
    }
}

fn check(expense: &psa::Expense, known: &Known) -> Result<ExpenseRow, Problem> {
    let worth = expense.amount.as_ref().and_then(|amount| money(amount).ok());
    let problem = |cause, field: &str, text: String| {
        let problem = Problem::new(cause, "expense", name(expense), Owner::Pmo, text);
        problem.at(field).worth(worth)
    };
    let malformed = |field: &str| {
        problem(
            "VENDOR_RECORD_MALFORMED",
            field,
            format!("the expense says no usable {field}; mend it in the PSA"),
        )
    };
    let project = known
        .projects
        .get(&expense.project_id)
        .and_then(|id| known.held.get(id))
        .ok_or_else(|| {
            let text = format!(
                "expense on project {}, which the platform does not know; move it, or make the project known",
                expense.project_id
            );
            problem("UNKNOWN_REFERENCE", "project_id", text)
        })?;
    let amount = require_money(expense.amount.as_ref(), "amount").map_err(|_| malformed("amount"))?;
    let approved = expense.approved_time.as_ref().and_then(|time| instant(time).ok());
    Ok(ExpenseRow {
        id: expense.id.clone(),
        project_id: project.id.clone(),
        project_code: project.code.clone(),
        contract_id: project.contract_id.clone(),
        engagement_id: project.engagement_id.clone(),
        incurred_on: require_date(expense.incurred_date.as_ref(), "incurred_date").map_err(|_| malformed("incurred_date"))?,
        category: expense.category.clone(),
        currency_code: amount.currency.code().to_owned(),
        minor_units: amount.minor,
        receipt: expense.receipt,
        billable: expense.billable && !project.contract_id.is_empty(),
        approved_on: approved.ok_or_else(|| malformed("approved_time"))?.date_naive(),
        first_run: None,
        reference: name(expense).to_owned(),
        correlation_id: derive_id("cor", &["expense", &expense.id]),
    })
}

/// A billable expense above the limit of its currency needs a receipt.
fn lacks_receipt(row: &ExpenseRow, known: &Known) -> Option<Problem> {
    let currency = Currency::parse(&row.currency_code).ok()?;
    let amount = Money::new(row.minor_units, currency);
    let refusal = check_receipt(amount, row.receipt || !row.billable, known.limits.get(&currency).copied()).err()?;
    Some(Problem::of(&refusal, "expense", &row.reference, Owner::Finance).worth(Some(amount)))
}

/// What a person calls the expense.
fn name(expense: &psa::Expense) -> &str {
    if expense.reference.is_empty() {
        &expense.id
    } else {
        &expense.reference
    }
}
