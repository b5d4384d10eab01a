//! What a contract is billed for a month: target minus billed, stored as a document that is released, and as
//! an intended posting, in one transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use prost::Message;
use strata_contract::strata::master::v1::{ExchangeRateQuestion, GetReferenceDataResponse, LookupExchangeRatesRequest};
use strata_contract::{money, pb_date};
use strata_finance::billing::{DocumentKind, Outcome, Run, TimeBilledBefore, bill};
use strata_finance::fx::{ExchangeRate, ExchangeRates};
use strata_kernel::{Currency, Date, Error, Instant, Money, Result, parse_decimal, period_of};
use strata_rpc::error;
use strata_store::{Conn, both};

use super::schedule::InvoiceInput;
use super::{Pricing, erp_document, ledger, posting, read_pricing, work_of};
use crate::core::Core;
use crate::engine::{Done, Job, NewStep, Problem, Stop};
use crate::exceptions::{self, Owner};
use crate::hand_offs::{self, HandOff, PLATFORM};
use crate::masters;
use crate::store::rows::{DocumentLineRow, DocumentRow, ExpenseRow, PostingRow, RunRow, TimeEntryRow};
use crate::store::{lite, pg};

/// Questions in one call, as the contract has it.
const QUESTIONS: usize = 500;

pub(super) async fn compute(job: &Job<'_>) -> Result<Done, Stop> {
    let (core, run) = (job.core, job.run.clone());
    let input: InvoiceInput = serde_json::from_str(&run.input).map_err(Error::internal)?;
    if core.db.read(move |c| both!(c, runs::later_done(&run, "compute"))).await? {
        return Ok(Done::note("a later month was billed first, and took everything along"));
    }
    let pricing = read_pricing(core, vec![input.contract_id.clone()])
        .await?
        .remove(&input.contract_id);
    let pricing = pricing.ok_or_else(|| Error::not_found("contract", &input.contract_id))?;
    let work = Work::read(core, &pricing, &input).await?;
    let outcome = work.bill(core, &pricing, &input).await?;
    let held = held_problems(&outcome, &work);
    let Some(document) = outcome.document else {
        let considered = considered(&outcome, &work);
        let job_run = job.run.clone();
        let now = core.now();
        return Ok(Done::note("nothing to bill").also(move |c| {
            consider(c, &considered, &job_run, input.run_date, now)?;
            open_held(c, &held, &job_run, now)
        }));
    };
    let key = document_key(&pricing.terms.contract, &input);
    let fx_rate = functional_rate(core, &pricing, input.run_date).await?;
    let body = erp_document::body(&key, &pricing, &outcome, &work.projects(), &document, fx_rate, &input)?;
    let row = DocumentRow {
        key: key.clone(),
        engagement_id: pricing.engagement_id.clone(),
        contract_id: pricing.contract_id.clone(),
        contract_number: pricing.terms.contract.clone(),
        period: period_of(input.month_end),
        credit_memo: document.kind == DocumentKind::CreditMemo,
        state: "RELEASED".to_owned(),
        number: String::new(),
        erp_id: String::new(),
        issue_date: document.issue_date,
        due_date: document.due_date,
        currency_code: pricing.terms.currency.code().to_owned(),
        net: document.net.minor,
        tax: document.tax.tax.minor,
        gross: document.gross.minor,
        open: document.gross.minor,
        line_count: i32::try_from(outcome.lines.len()).map_err(Error::internal)?,
        correlation_id: job.run.correlation_id.clone(),
    };
    let lines = lines(&key, &pricing, &outcome)?;
    let considered = considered(&outcome, &work);
    let told = HandOff::done("invoice released", PLATFORM, "document", &key, &key)
        .saying(format!("{} {} {} gross", row.period, row.currency_code, document.gross));
    let (job_run, now) = (job.run.clone(), core.now());
    let posting = posting_row(&row, body.encode_to_vec(), now);
    let mut done = Done::note(&key).with(told).also(move |c| {
        if both!(c, documents::insert(&row))? == 0 {
            return Err(Error::internal(format!(
                "document {} exists, and its run computes again",
                row.key
            )));
        }
        both!(c, documents::add_lines(&lines))?;
        ledger::intend(c, std::slice::from_ref(&posting))?;
        consider(c, &considered, &job_run, input.run_date, now)?;
        open_held(c, &held, &job_run, now)
    });
    done.steps.push(NewStep::new("post"));
    Ok(done)
}

/// Key of a document, at every vendor.
fn document_key(contract_number: &str, input: &InvoiceInput) -> String {
    format!("inv:{contract_number}:{}", period_of(input.month_end))
}

/// Approved work of a contract, with what earlier documents billed of it.
struct Work {
    entries: Vec<TimeEntryRow>,
    time: Vec<strata_finance::billing::TimeEntry>,
    expense_rows: Vec<ExpenseRow>,
    billed_before: TimeBilledBefore,
}

impl Work {
    async fn read(core: &Core, pricing: &Pricing, input: &InvoiceInput) -> Result<Self> {
        let (contract, until, known) = (input.contract_id.clone(), input.month_end, input.run_date);
        let (rows, expense_rows, lines) = core
            .db
            .read(move |c| {
                let time = both!(c, work::of_contract(&contract, until, known))?;
                let expenses = both!(c, work::expenses_of(&contract, until, known))?;
                Ok((time, expenses, both!(c, documents::lines_of_contract(&contract))?))
            })
            .await?;
        let currency = pricing.terms.currency;
        let mut billed: HashMap<String, i64> = HashMap::new();
        let mut billed_before = TimeBilledBefore::nothing(currency);
        for (line_kind, source, minor) in lines {
            let amount = Money::new(minor, currency);
            match line_kind.as_str() {
                "cap_adjustment" => billed_before.cap_adjustment = billed_before.cap_adjustment.plus(amount)?,
                "expense" => {}
                _ => billed_before.gross = billed_before.gross.plus(amount)?,
            }
            *billed.entry(source).or_default() += minor;
        }
        let grouped = work_of::grouped(rows);
        let time = grouped
            .iter()
            .map(|(entry, versions)| work_of::entry(entry, versions, &billed, currency))
            .collect();
        let entries = grouped.into_iter().map(|(entry, _)| entry).collect();
        Ok(Self {
            entries,
            time,
            expense_rows,
            billed_before,
        })
    }

    async fn bill(&self, core: &Core, pricing: &Pricing, input: &InvoiceInput) -> Result<Outcome> {
        let expenses = self.expense_rows.iter().map(work_of::expense).collect::<Result<Vec<_>>>()?;
        let asked = expenses.iter().map(|item| (item.amount.currency, item.incurred_on));
        let exchange_rates = exchange_rates(core, pricing.terms.currency, asked).await?;
        let receipt_limits = if expenses.is_empty() {
            BTreeMap::new()
        } else {
            receipt_limits(&masters::reference(core).await?)?
        };
        bill(&Run {
            terms: &pricing.terms,
            rates: &pricing.rates,
            exchange_rates: &exchange_rates,
            fx_max_age_days: pricing.fx_max_age_days,
            receipt_limits: &receipt_limits,
            run_date: input.run_date,
            month_end: input.month_end,
            time: &self.time,
            expenses: &expenses,
            billed_before: self.billed_before,
        })
    }

    /// Our project ids by source of a line.
    fn projects(&self) -> HashMap<String, String> {
        let time = self
            .entries
            .iter()
            .map(|entry| (work_of::time_source(&entry.id), entry.project_id.clone()));
        let expenses = self
            .expense_rows
            .iter()
            .map(|item| (work_of::expense_source(&item.id), item.project_id.clone()));
        time.chain(expenses).collect()
    }
}

fn receipt_limits(reference: &GetReferenceDataResponse) -> Result<BTreeMap<Currency, Money>> {
    reference
        .receipt_limits
        .iter()
        .map(|limit| money(limit).map(|limit| (limit.currency, limit)))
        .collect()
}

/// The rates that hold on the days asked for. What there is none for is left to the rule to refuse.
async fn exchange_rates(core: &Core, to: Currency, asked: impl Iterator<Item = (Currency, Date)>) -> Result<ExchangeRates> {
    let asked: Vec<(Currency, Date)> = asked
        .filter(|(from, _)| *from != to)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let mut rates = Vec::new();
    for chunk in asked.chunks(QUESTIONS) {
        let question = |(from, day): &(Currency, Date)| ExchangeRateQuestion {
            from_currency_code: from.code().to_owned(),
            to_currency_code: to.code().to_owned(),
            date: Some(pb_date(*day)),
        };
        let request = LookupExchangeRatesRequest {
            questions: chunk.iter().map(question).collect(),
        };
        let answer = core
            .clients
            .reference
            .clone()
            .lookup_exchange_rates(request)
            .await
            .map_err(error)?;
        for ((from, _), held) in chunk.iter().zip(answer.into_inner().answers) {
            if let Some(day) = held.date.as_ref() {
                let date = strata_contract::date(day)?;
                rates.push(ExchangeRate {
                    from: *from,
                    to,
                    date,
                    rate: parse_decimal(&held.rate)?,
                });
            }
        }
    }
    ExchangeRates::try_new(rates)
}

/// The rate from the contract's currency to that of the entity's books, on the day of issue.
async fn functional_rate(core: &Core, pricing: &Pricing, day: Date) -> Result<strata_kernel::Decimal, Stop> {
    let (from, to) = (pricing.terms.currency, pricing.functional_currency);
    let rates = exchange_rates(core, to, std::iter::once((from, day))).await?;
    let held = rates.pick(from, to, day, pricing.fx_max_age_days);
    let held = held.map_err(|refusal| Problem::of(&refusal, "contract", &pricing.terms.contract, Owner::Finance))?;
    Ok(held.rate)
}

fn lines(key: &str, pricing: &Pricing, outcome: &Outcome) -> Result<Vec<DocumentLineRow>> {
    let line = |(line_no, line): (i32, &strata_finance::billing::Line)| DocumentLineRow {
        document_key: key.to_owned(),
        line_no,
        contract_id: pricing.contract_id.clone(),
        kind: line.kind.as_str().to_owned(),
        source: erp_document::source(line),
        minor_units: line.amount.minor,
    };
    Ok((1..).zip(&outcome.lines).map(line).collect())
}

/// Ids of time and of expenses that the run considered, and what people call them.
struct Considered {
    time: Vec<String>,
    expenses: Vec<String>,
    names: Vec<String>,
}

fn considered(outcome: &Outcome, work: &Work) -> Considered {
    let ids: HashSet<&str> = outcome.priced.iter().map(|priced| priced.source_id.as_str()).collect();
    let time: Vec<&TimeEntryRow> = work
        .entries
        .iter()
        .filter(|entry| ids.contains(work_of::time_source(&entry.id).as_str()))
        .collect();
    let expenses: Vec<&ExpenseRow> = work
        .expense_rows
        .iter()
        .filter(|row| ids.contains(work_of::expense_source(&row.id).as_str()))
        .collect();
    let names = time
        .iter()
        .map(|entry| &entry.reference)
        .chain(expenses.iter().map(|row| &row.reference));
    Considered {
        names: names.cloned().collect(),
        time: time.iter().map(|entry| entry.id.clone()).collect(),
        expenses: expenses.iter().map(|row| row.id.clone()).collect(),
    }
}

/// Marks what the run considered, and resolves what an earlier run could not price and this one could.
fn consider(conn: &mut Conn<'_>, considered: &Considered, run: &RunRow, run_date: Date, now: Instant) -> Result<()> {
    for ids in considered.time.chunks(500) {
        both!(conn, work::consider_entries(ids, run_date))?;
    }
    for ids in considered.expenses.chunks(500) {
        both!(conn, work::consider_expenses(ids, run_date))?;
    }
    for names in considered.names.chunks(500) {
        let open = both!(conn, exceptions::open_of_work(names))?;
        let stories = exceptions::resolve_unneeded(conn, &open, now)?;
        hand_offs::record(conn, &run.engagement_id, &run.correlation_id, &stories, now)?;
    }
    Ok(())
}

/// What could not be priced waits for the next run, and somebody is told. A missing receipt was told already.
fn held_problems(outcome: &Outcome, work: &Work) -> Vec<Problem> {
    let name = |id: &str| {
        let entry = work
            .entries
            .iter()
            .find(|entry| work_of::time_source(&entry.id) == id)
            .map(|entry| ("time_entry", &entry.reference));
        let expense = work
            .expense_rows
            .iter()
            .find(|row| work_of::expense_source(&row.id) == id)
            .map(|row| ("expense", &row.reference));
        entry
            .or(expense)
            .map_or(("time_entry", id.to_owned()), |(kind, reference)| (kind, reference.clone()))
    };
    let told_already = |held: &&strata_finance::billing::Held| held.error.reason == "RECEIPT_MISSING";
    let problems = outcome.held.iter().filter(|held| !told_already(held)).map(|held| {
        let (kind, name) = name(&held.source_id);
        Problem::of(&held.error, kind, &name, Owner::Finance)
    });
    problems.collect()
}

fn open_held(conn: &mut Conn<'_>, held: &[Problem], run: &RunRow, now: Instant) -> Result<()> {
    for problem in held {
        let (_, _, story) = exceptions::open(conn, problem, &run.engagement_id, now)?;
        hand_offs::record(conn, &run.engagement_id, &run.correlation_id, story.as_slice(), now)?;
    }
    Ok(())
}

fn posting_row(document: &DocumentRow, body: Vec<u8>, now: Instant) -> PostingRow {
    let name = format!("{} {}", document.contract_number, document.period);
    PostingRow {
        engagement_id: document.engagement_id.clone(),
        correlation_id: document.correlation_id.clone(),
        ..PostingRow::intended(posting::DOCUMENT, &document.key, &name, body, now)
    }
}
