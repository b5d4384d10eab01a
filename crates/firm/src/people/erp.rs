//! Finance, in NetSuite.

use std::sync::Arc;

use jsonwebtoken::EncodingKey;
use reqwest::Method;
use serde_json::{Value, json};
use strata_kernel::{Clock, Date, month_of, period_of};

use super::KeyAccess;
use super::numbers::{minor, number, text};
use super::session::{Call, Grant, Session};
use crate::data::{CostCenter, Currency, ExchangeRate, LegalEntity, Payment, TransferRate};
use crate::{Error, Result};

/// Root of the record service.
pub(super) const RECORD: &str = "/services/rest/record/v1";
/// Path of the token endpoint.
const TOKEN: &str = "/services/rest/auth/oauth2/v1/token";
/// Requests under way at once: the smallest account takes five, and finance is not alone.
const CONCURRENCY: usize = 4;
/// Days after which the firm does not trust an exchange rate. Rates are entered on the first of each month, and the
/// generated year ends with that of December, which the invoices of the fifth of January still take.
const FX_MAX_AGE_DAYS: u32 = 40;
/// Accounts that journals are posted to: number, name, type.
const ACCOUNTS: [(&str, &str, &str); 9] = [
    (REVENUE_ACCOUNT, "Revenue", "Income"),
    (EXPENSE_REVENUE_ACCOUNT, "Revenue from expenses", "Income"),
    ("1250", "Unbilled receivables", "UnbilledRec"),
    ("1260", "Contract assets", "OthCurrAsset"),
    ("2400", "Contract liabilities", "DeferRevenue"),
    (INTERCOMPANY_RECEIVABLE, "Intercompany receivables", "OthCurrAsset"),
    ("4200", "Intercompany revenue", "Income"),
    ("5200", "Intercompany cost", "COGS"),
    (INTERCOMPANY_PAYABLE, "Intercompany payables", "OthCurrLiab"),
];
/// Number of the account of what other companies of the firm owe.
pub(crate) const INTERCOMPANY_RECEIVABLE: &str = "1280";
/// Number of the account of what is owed to other companies of the firm.
pub(crate) const INTERCOMPANY_PAYABLE: &str = "2080";
/// Number of the account of revenue from work and fees.
pub(crate) const REVENUE_ACCOUNT: &str = "4000";
/// Number of the account of revenue from expenses.
pub(crate) const EXPENSE_REVENUE_ACCOUNT: &str = "4100";
/// Members of the European Union, as VAT knows them.
const EU: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL",
    "PL", "PT", "RO", "SE", "SI", "SK",
];

/// The ERP's people.
#[derive(Debug)]
pub struct Erp {
    pub(super) session: Session,
}

/// What became of a payment.
pub(crate) enum Paid {
    /// Booked under this id.
    Booked(String),
    /// There is nothing to pay.
    NoDocument,
}

impl Erp {
    /// Connects.
    pub(super) fn new(access: KeyAccess, clock: Arc<dyn Clock>) -> Result<Self> {
        let key = EncodingKey::from_rsa_pem(access.private_key_pem.as_bytes())
            .map_err(|cause| Error::Setup(format!("the NetSuite key cannot be used: {cause}")))?;
        let grant = Grant::Assertion {
            path: TOKEN.to_owned(),
            client: access.client_id,
            certificate: access.certificate_id,
            key: Box::new(key),
            clock,
        };
        Ok(Self {
            session: Session::new("netsuite", &access.base_url, grant, CONCURRENCY)?,
        })
    }

    /// Sets up a subsidiary and says its id.
    pub(crate) async fn subsidiary(&self, entity: &LegalEntity) -> Result<String> {
        let body = json!({
            "name": entity.id,
            "country": entity.country,
            "currency": {"refName": entity.functional_currency},
            "custrecord_fx_max_age_days": FX_MAX_AGE_DAYS,
            "custrecord_eu_member": EU.contains(&entity.country.as_str()),
        });
        self.put("subsidiary", &entity.id, &body).await
    }

    /// Sets up the tax codes of a subsidiary: standard where it has a rate, reverse charge, outside the scope.
    pub(crate) async fn tax_codes(&self, entity: &LegalEntity, subsidiary: &str) -> Result<()> {
        let standard = entity.standard_tax_percent.as_str();
        let standard = (standard != "0").then_some(("S", standard));
        for (category, percent) in standard.into_iter().chain([("AE", "0"), ("O", "0")]) {
            let name = format!("{}-{category}", entity.id);
            let body = json!({
                "itemId": name,
                "subsidiary": {"id": subsidiary},
                "rate": number(percent)?,
                "custrecord_tax_category": category,
            });
            self.put("salesTaxItem", &name, &body).await?;
        }
        Ok(())
    }

    /// Sets up the chart of accounts.
    pub(crate) async fn accounts(&self) -> Result<()> {
        for (number, name, kind) in ACCOUNTS {
            let body = json!({
                "acctNumber": number,
                "acctName": name,
                "acctType": {"id": kind},
                "includeChildren": true,
            });
            self.put("account", &format!("ACCOUNT-{number}"), &body).await?;
        }
        Ok(())
    }

    /// Opens the months from one day to another.
    ///
    /// # Errors
    /// When the ERP refuses.
    pub async fn open_periods(&self, from: Date, to: Date) -> Result<()> {
        for day in from.iter_days().take_while(|day| *day <= to) {
            if day == month_of(day).0 || day == from {
                self.period(day, &json!({"closed": false})).await?;
            }
        }
        Ok(())
    }

    /// Closes the month of a day. Time posts nothing to the ledger, so late time is still taken.
    ///
    /// # Errors
    /// When the ERP refuses.
    pub async fn close_period(&self, month: Date, on: Date) -> Result<()> {
        let closed = json!({"closed": true, "closedOnDate": on, "allowNonGLChanges": true});
        self.period(month, &closed).await
    }

    async fn period(&self, day: Date, state: &Value) -> Result<()> {
        let (first, last) = month_of(day);
        let name = period_of(day);
        let mut body = json!({"periodName": name, "startDate": first, "endDate": last, "isPosting": true});
        if let (Some(body), Some(state)) = (body.as_object_mut(), state.as_object()) {
            body.extend(state.clone());
        }
        self.put("accountingPeriod", &name, &body).await.map(|_| ())
    }

    /// Sets up a cost center and says its id.
    pub(crate) async fn department(&self, center: &CostCenter, subsidiary: &str) -> Result<String> {
        let body = json!({
            "name": center.id,
            "subsidiary": {"id": subsidiary},
            "custrecord_label": center.name,
        });
        self.put("department", &center.id, &body).await
    }

    /// Sets the receipt limit of a currency.
    pub(crate) async fn receipt_limit(&self, currency: &Currency) -> Result<String> {
        let body = json!({
            "custrecord_currency": currency.code,
            "custrecord_limit": number(&currency.receipt_required_over)?,
        });
        let key = format!("RECEIPT-{}", currency.code);
        self.put("customrecord_receipt_limit", &key, &body).await
    }

    /// Enters an exchange rate.
    pub(crate) async fn exchange_rate(&self, rate: &ExchangeRate) -> Result<String> {
        let body = json!({
            "baseCurrency": {"refName": rate.to},
            "transactionCurrency": {"refName": rate.from},
            "exchangeRate": number(&rate.rate)?,
            "effectiveDate": rate.date,
        });
        let key = format!("FX-{}-{}-{}", rate.date, rate.from, rate.to);
        self.put("currencyRate", &key, &body).await
    }

    /// Enters what one subsidiary charges another for an hour.
    pub(crate) async fn transfer_rate(&self, rate: &TransferRate, delivering: &str, contracting: &str) -> Result<String> {
        let mut body = json!({
            "custrecord_delivering": {"id": delivering},
            "custrecord_contracting": {"id": contracting},
            "custrecord_role": rate.role,
            "custrecord_currency": rate.currency,
            "custrecord_hourly_rate": number(&rate.rate)?,
            "custrecord_effective_from": rate.effective_from,
        });
        if let Some(end) = rate.effective_to {
            body["custrecord_effective_to"] = json!(end);
        }
        let (from, to) = (&rate.delivering_entity_id, &rate.contracting_entity_id);
        let key = format!("TR-{from}-{to}-{}-{}", rate.role, rate.effective_from);
        self.put("customrecord_transfer_rate", &key, &body).await
    }

    /// Books a payment against the invoice of its contract and period.
    pub(crate) async fn pay(&self, payment: &Payment) -> Result<Paid> {
        let Some(invoice) = self
            .invoice_of(&payment.contract_id, &payment.period, &payment.document)
            .await?
        else {
            return Ok(Paid::NoDocument);
        };
        // An amount finer than the currency allows is a mistake of the firm, not of the books.
        minor(&payment.amount, &payment.currency)?;
        let amount = number(&payment.amount)?;
        let body = json!({
            "customer": {"id": text(invoice.get("entity"))},
            "currency": {"refName": payment.currency},
            "payment": amount,
            "tranDate": payment.received_on,
            "apply": {"items": [{"doc": {"id": text(invoice.get("id"))}, "amount": amount}]},
        });
        self.put("customerPayment", &payment.id, &body).await.map(Paid::Booked)
    }

    /// Upserts a record by a key of ours and says its id.
    async fn put(&self, kind: &str, key: &str, body: &Value) -> Result<String> {
        let mut call = Call::write(Method::PUT, format!("{RECORD}/{kind}/eid:{key}"), body);
        call.headers.push(("x-netsuite-propertynamevalidation", "Error"));
        self.session.send(&call).await?.located_id()
    }
}
