//! Service `Compensation`: what an hour of a worker costs.

use rust_decimal::Decimal;
use strata_sandbox::Tx;

use crate::fault::Fault;
use crate::history::Event;
use crate::request::At;
use crate::server::Org;
use crate::staffing;
use crate::xml::Out;

/// The only pay frequency the tenant uses.
const HOURLY: &str = "Hourly";
/// Most decimal places of an amount.
const MAX_SCALE: u32 = 6;

/// `Request_Compensation_Change`: another hourly pay from a day on.
pub(crate) fn change(org: &Org, tx: &mut Tx<'_>, request: &At<'_>) -> Result<Out, Fault> {
    let data = staffing::data(request, "Request_Compensation_Change_Data")?;
    data.only(&["Employee_Reference", "Compensation_Change_Date", "Compensation_Change_Data"])?;
    let worker = staffing::worker(&tx.view(), &data.need("Employee_Reference")?)?;
    let day = staffing::active_day(&tx.view(), worker, &data.need("Compensation_Change_Date")?)?;
    let change = data.need("Compensation_Change_Data")?;
    change.only(&["Pay_Plan_Data"])?;
    let plan = change.need("Pay_Plan_Data")?.need("Pay_Plan_Sub_Data")?;
    plan.only(&["Amount", "Currency_Reference", "Frequency_Reference"])?;
    let (_, frequency) = plan.need("Frequency_Reference")?.reference(&["Frequency_ID"])?;
    if frequency != HOURLY {
        return Err(Fault::unknown(
            &frequency,
            "Frequency_ID",
            format!("{}/wd:Frequency_Reference/wd:ID", plan.path()),
        ));
    }
    let amount = plan.need("Amount")?;
    let hourly = amount.decimal()?;
    if hourly < Decimal::ZERO || hourly.scale() > MAX_SCALE {
        return Err(amount.fault(format!(
            "The amount must not be negative and have at most {MAX_SCALE} decimal places"
        )));
    }
    let (_, currency) = plan.need("Currency_Reference")?.reference(&["Currency_ID"])?;
    if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(Fault::unknown(
            &currency,
            "Currency_ID",
            format!("{}/wd:Currency_Reference/wd:ID", plan.path()),
        ));
    }
    let event = Event::Compensation {
        hourly: amount.text()?.to_owned(),
        currency,
    };
    staffing::enter(org, tx, worker, day, &event, "wd:Request_Compensation_Change_Response")
}
