//! Cases of `invoice_totals_and_tax.json`.

use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::invoice::{AllowanceCharge, AllowanceKind, DocumentAllowanceCharge, InvoiceLine, invoice_totals};
use strata_finance::quantum::RoundingMode;
use strata_finance::tax;
use strata_kernel::{Currency, Date, Decimal, Error, Money, Result};

use crate::given::{Dec, Operation, currency_of, run};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("invoice_totals", |given| run(given, totals)),
    ("tax_rounding", |given| run(given, rounding)),
    ("tax_line_vs_document_many", |given| run(given, line_vs_document)),
    ("tax_unit_vs_invoice", |given| run(given, unit_vs_invoice)),
    ("tax_chain", |given| run(given, chain)),
    ("tax_treatment", |given| run(given, treatment)),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Totals {
    #[serde(default)]
    currency: Option<String>,
    /// Invoice or credit note: the arithmetic is the same.
    #[serde(default, rename = "document")]
    _document: Option<String>,
    lines: Vec<Line>,
    #[serde(default)]
    document_allowances_charges: Vec<Item>,
    #[serde(default)]
    prepaid: Option<Dec>,
    #[serde(default)]
    rounding: Option<Dec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    quantity: Dec,
    price: Dec,
    #[serde(default)]
    base_quantity: Option<Dec>,
    #[serde(default)]
    allowances_charges: Vec<Item>,
    #[serde(flatten)]
    tax: Tax,
}

#[derive(Deserialize)]
struct Tax {
    #[serde(default = "standard")]
    vat_category: String,
    /// Missing outside the scope of tax.
    #[serde(default)]
    vat_percent: Option<Dec>,
}

#[derive(Deserialize)]
struct Item {
    kind: String,
    #[serde(default)]
    amount: Option<Dec>,
    #[serde(default)]
    base: Option<Dec>,
    #[serde(default)]
    percent: Option<Dec>,
    #[serde(flatten)]
    tax: Tax,
}

fn standard() -> String {
    "S".to_owned()
}

impl Tax {
    fn treatment(&self) -> Result<tax::TaxTreatment> {
        Ok(tax::TaxTreatment {
            category: tax::TaxCategory::parse(&self.vat_category)?,
            percent: self.vat_percent.map_or(Decimal::ZERO, |percent| percent.0),
        })
    }
}

impl Item {
    fn read(&self, currency: Currency) -> Result<AllowanceCharge> {
        let kind = AllowanceKind::parse(&self.kind)?;
        match (self.amount, self.base, self.percent) {
            (Some(amount), _, _) => Ok(AllowanceCharge {
                kind,
                amount: amount.money_in(currency)?,
            }),
            (None, Some(base), Some(percent)) => AllowanceCharge::of_base(kind, base.money_in(currency)?, percent.0),
            _ => Err(Error::invalid(
                "amount",
                "an allowance has an amount, or a base and a percent",
            )),
        }
    }
}

fn totals(given: Totals) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let read_line = |line: &Line| {
        Ok(InvoiceLine {
            quantity: line.quantity.0,
            price: line.price.0,
            base_quantity: line.base_quantity.map_or(Decimal::ONE, |quantity| quantity.0),
            allowances_charges: line
                .allowances_charges
                .iter()
                .map(|item| item.read(currency))
                .collect::<Result<_>>()?,
            tax: line.tax.treatment()?,
        })
    };
    let read_item = |item: &Item| {
        Ok(DocumentAllowanceCharge {
            item: item.read(currency)?,
            tax: item.tax.treatment()?,
        })
    };
    let lines = given.lines.iter().map(read_line).collect::<Result<Vec<_>>>()?;
    let items = given
        .document_allowances_charges
        .iter()
        .map(read_item)
        .collect::<Result<Vec<_>>>()?;
    let optional = |amount: Option<Dec>| amount.map_or(Ok(Money::zero(currency)), |amount| amount.money_in(currency));
    let found = invoice_totals(currency, &lines, &items, optional(given.prepaid)?, optional(given.rounding)?)?;
    let has_percent = |category: &str| {
        let line_taxes = given.lines.iter().map(|line| &line.tax);
        let mut taxes = line_taxes.chain(given.document_allowances_charges.iter().map(|item| &item.tax));
        taxes.any(|tax| tax.vat_category == category && tax.vat_percent.is_some())
    };
    let breakdown = found.tax_rows.iter().map(|row| {
        let category = row.treatment.category.code();
        json!({
            "vat_category": category,
            "vat_percent": has_percent(category).then(|| row.treatment.percent.to_string()),
            "taxable": row.taxable.to_string(),
            "tax": row.tax.to_string(),
        })
    });
    Ok(json!({
        "line_nets": found.line_nets.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "net_lines": found.net_lines.to_string(),
        "allowances": found.allowances.to_string(),
        "charges": found.charges.to_string(),
        "net": found.net.to_string(),
        "vat_breakdown": breakdown.collect::<Vec<_>>(),
        "vat": found.tax.to_string(),
        "gross": found.gross.to_string(),
        "payable": found.payable.to_string(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rounding {
    lines: Vec<CodedLine>,
    calculation: String,
    rounding_by: String,
    base: String,
    quantum: Dec,
    mode: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodedLine {
    net: Dec,
    codes: Vec<(String, Dec)>,
}

fn rounding(given: Rounding) -> Result<Value> {
    let lines: Vec<tax::CodedLine> = given
        .lines
        .into_iter()
        .map(|line| tax::CodedLine {
            net: line.net.0,
            codes: line
                .codes
                .into_iter()
                .map(|(code, percent)| tax::TaxCode {
                    code,
                    percent: percent.0,
                })
                .collect(),
        })
        .collect();
    let rule = tax::TaxRoundingRule {
        calculation: tax::Calculation::parse(&given.calculation)?,
        by: tax::RoundingBy::parse(&given.rounding_by)?,
        base: tax::TaxBase::parse(&given.base)?,
        quantum: given.quantum.0,
        mode: RoundingMode::parse(&given.mode)?,
    };
    let found = tax::rounded_tax(&lines, rule)?;
    let text = |amounts: &Vec<Decimal>| amounts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let by_code = found
        .by_code
        .iter()
        .map(|(code, amount)| (code.clone(), json!(amount.to_string())));
    Ok(json!({
        "tax": found.lines.iter().map(text).collect::<Vec<_>>(),
        "by_code": by_code.collect::<serde_json::Map<_, _>>(),
        "total": found.total.to_string(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineVsDocument {
    line: Dec,
    count: u32,
    percent: Dec,
    currency_quantum: Dec,
}

fn line_vs_document(given: LineVsDocument) -> Result<Value> {
    let lines = [tax::EqualLines {
        net: given.line.0,
        count: given.count,
    }];
    let shown = |sum: tax::TaxSum| json!({"base": sum.base.to_string(), "tax": sum.tax.to_string()});
    let (percent, quantum) = (given.percent.0, given.currency_quantum.0);
    Ok(json!({
        "line_method": shown(tax::line_method(&lines, percent, quantum)?),
        "document_method": shown(tax::document_method(&lines, percent, quantum)?),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitVsInvoice {
    quantity: Dec,
    unit_price: Dec,
    percent: Dec,
    #[serde(default)]
    currency: Option<String>,
}

fn unit_vs_invoice(given: UnitVsInvoice) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let (price, quantity, percent) = (given.unit_price.0, given.quantity.0, given.percent.0);
    Ok(json!({
        "invoice_method": tax::tax_on_quantity(price, quantity, percent, currency)?.to_string(),
        "per_unit_method": tax::tax_per_unit(price, quantity, percent, currency)?.to_string(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chain {
    unit_price: Dec,
    quantity: Dec,
    taxes: Vec<ChainTax>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChainTax {
    name: String,
    kind: String,
    #[serde(default)]
    rate: Option<Dec>,
    #[serde(default)]
    amount: Option<Dec>,
    #[serde(default)]
    sequence: i64,
    #[serde(default)]
    updates_unit_price: bool,
}

impl ChainTax {
    fn read(self) -> Result<tax::ChainTax> {
        let amount = match (self.kind.as_str(), self.rate, self.amount) {
            ("percent", Some(rate), _) => tax::TaxAmount::Percent(rate.0),
            ("fixed", _, Some(amount)) => tax::TaxAmount::PerUnit(amount.0),
            _ => {
                return Err(Error::invalid(
                    "kind",
                    "a tax is percent with a rate, or fixed with an amount",
                ));
            }
        };
        Ok(tax::ChainTax {
            name: self.name,
            sequence: self.sequence,
            amount,
            updates_unit_price: self.updates_unit_price,
        })
    }
}

fn chain(given: Chain) -> Result<Value> {
    let taxes = given.taxes.into_iter().map(ChainTax::read).collect::<Result<Vec<_>>>()?;
    let rows = tax::chain(given.unit_price.0, given.quantity.0, &taxes)?;
    let row = |row: &tax::ChainRow| json!([row.name, row.base.to_string(), row.tax.to_string()]);
    Ok(json!({"rows": rows.iter().map(row).collect::<Vec<_>>()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Treatment {
    seller_country: String,
    customer_country: String,
    #[serde(default)]
    customer_vat_id_valid: bool,
    #[serde(default = "general")]
    service: String,
    #[serde(default)]
    standard_percent: Option<Dec>,
    #[serde(default)]
    tax_point: Option<Date>,
}

fn general() -> String {
    "general_b2b".to_owned()
}

fn treatment(given: Treatment) -> Result<Value> {
    tax::Service::parse(&given.service)?;
    let buyer = tax::Buyer {
        country: given.customer_country,
        vat_id_valid: given.customer_vat_id_valid,
    };
    let percent = given.standard_percent.map(|percent| percent.0);
    let found = tax::preview_treatment(&given.seller_country, percent, given.tax_point, &buyer)?;
    let note = Some(found.note()).filter(|note| !note.is_empty());
    Ok(json!({"category": found.category.code(), "percent": found.percent.to_string(), "note": note}))
}
