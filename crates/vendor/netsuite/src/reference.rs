//! What finance keeps: legal entities, cost centers, tax codes, receipt limits.

use std::collections::HashMap;

use serde_json::Value;
use strata_contract::pb_money;
use strata_contract::strata::common::v1::{Malformed, TaxCategory};
use strata_contract::strata::system::erp::v1 as pb;
use strata_kernel::Result;
use strata_vendor_http::{Misfit, Reader};

use crate::client::Client;
use crate::fields::{EU_MEMBER, FX_MAX_AGE_DAYS, LABEL, RECEIPT_CURRENCY, RECEIPT_LIMIT, RECEIPT_LIMIT_TABLE, TAX_CATEGORY};
use crate::wire::{flag, must, must_id};

/// Reads all of it. The tables are small: no firm has thousands of legal entities.
pub(crate) async fn read(client: &Client) -> Result<pb::GetReferenceDataResponse> {
    let entities = format!("SELECT id, name, country, currency, {FX_MAX_AGE_DAYS}, {EU_MEMBER} FROM subsidiary ORDER BY id");
    let centers = format!("SELECT id, name, subsidiary, {LABEL} FROM department ORDER BY id");
    let codes = format!("SELECT id, subsidiary, rate, {TAX_CATEGORY} FROM salestaxitem ORDER BY id");
    let limits = format!("SELECT id, {RECEIPT_CURRENCY}, {RECEIPT_LIMIT} FROM {RECEIPT_LIMIT_TABLE} ORDER BY id");

    let mut malformed = Vec::new();
    let legal_entities = keep(
        &client.query_all(&entities).await?,
        "legal_entity",
        &mut malformed,
        legal_entity,
    );
    let code_of: HashMap<&str, &str> = legal_entities.iter().map(|e| (e.id.as_str(), e.code.as_str())).collect();
    let cost_centers = keep(&client.query_all(&centers).await?, "cost_center", &mut malformed, |row| {
        cost_center(row, &code_of)
    });
    let tax_codes = keep(&client.query_all(&codes).await?, "tax_code", &mut malformed, |row| {
        tax_code(row, &code_of)
    });
    let receipt_limits = keep(
        &client.query_all(&limits).await?,
        "receipt_limit",
        &mut malformed,
        receipt_limit,
    );
    Ok(pb::GetReferenceDataResponse {
        legal_entities,
        cost_centers,
        tax_codes,
        receipt_limits,
        malformed,
    })
}

/// The code of the legal entity that a row belongs to.
fn owner(row: Reader<'_>, code_of: &HashMap<&str, &str>) -> Result<String, Misfit> {
    let id = must_id(row, "subsidiary")?;
    let code = code_of.get(id.as_str());
    code.map(|code| (*code).to_owned())
        .ok_or_else(|| Misfit::new("subsidiary", "the id of a legal entity"))
}

/// Maps rows. One that does not fit goes to quarantine and stops nothing.
pub(crate) fn keep<T>(
    rows: &[Value],
    kind: &str,
    broken: &mut Vec<Malformed>,
    map: impl Fn(Reader<'_>) -> Result<T, Misfit>,
) -> Vec<T> {
    rows.iter()
        .filter_map(|row| {
            let row = Reader(row);
            map(row)
                .map_err(|misfit| {
                    let id = row.text("id").ok().flatten().unwrap_or_default();
                    broken.push(misfit.malformed(kind, &id));
                })
                .ok()
        })
        .collect()
}

/// No exchange rate is too old where finance set no limit.
const NO_FX_LIMIT: u32 = 36_500;

fn legal_entity(row: Reader<'_>) -> Result<pb::LegalEntity, Misfit> {
    let country = must(row, "country")?;
    if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(Misfit::new("country", "an ISO 3166 alpha-2 code"));
    }
    Ok(pb::LegalEntity {
        id: must_id(row, "id")?,
        code: must(row, "name")?,
        country_code: country,
        functional_currency_code: Reader::required("currency", row.currency("currency"))?.code().to_owned(),
        fx_max_age_days: row.count(FX_MAX_AGE_DAYS, NO_FX_LIMIT)?.unwrap_or(NO_FX_LIMIT),
        eu_member: flag(row, EU_MEMBER)?.unwrap_or(false),
    })
}

fn cost_center(row: Reader<'_>, code_of: &HashMap<&str, &str>) -> Result<pb::CostCenter, Misfit> {
    let code = must(row, "name")?;
    Ok(pb::CostCenter {
        id: must_id(row, "id")?,
        name: row.text(LABEL)?.unwrap_or_else(|| code.clone()),
        code,
        legal_entity_code: owner(row, code_of)?,
    })
}

fn tax_code(row: Reader<'_>, code_of: &HashMap<&str, &str>) -> Result<pb::TaxCode, Misfit> {
    let category = match must(row, TAX_CATEGORY)?.as_str() {
        "S" => TaxCategory::Standard,
        "AE" => TaxCategory::ReverseCharge,
        "O" => TaxCategory::OutsideScope,
        "Z" => TaxCategory::ZeroRated,
        "E" => TaxCategory::Exempt,
        _ => return Err(Misfit::new(TAX_CATEGORY, "one of S, AE, O, Z, E")),
    };
    let percent = Reader::required("rate", row.decimal("rate"))?;
    if percent.is_sign_negative() && !percent.is_zero() {
        return Err(Misfit::new("rate", "a percent of zero or more"));
    }
    Ok(pb::TaxCode {
        id: must_id(row, "id")?,
        legal_entity_code: owner(row, code_of)?,
        category: category.into(),
        percent: percent.normalize().to_string(),
    })
}

fn receipt_limit(row: Reader<'_>) -> Result<pb::ReceiptLimit, Misfit> {
    let currency = Reader::required(RECEIPT_CURRENCY, row.currency(RECEIPT_CURRENCY))?;
    let limit = Reader::required(RECEIPT_LIMIT, row.money(RECEIPT_LIMIT, currency))?;
    Ok(pb::ReceiptLimit {
        limit: Some(pb_money(limit)),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn rows(json: &str) -> Vec<Value> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn suiteql_text_becomes_reference_data() {
        let mut broken = Vec::new();
        let entities = keep(
            &rows(
                r#"[{"id":"1","name":"US01","country":"US","currency":"USD","custrecord_fx_max_age_days":"7","custrecord_eu_member":"F"},
                    {"id":"2","name":"DE01","country":"DE","currency":"EUR","custrecord_fx_max_age_days":3,"custrecord_eu_member":true},
                    {"id":"3","name":"XX01","country":"Germany","currency":"EUR"},
                    {"id":"4","name":"XX02","country":"DE","currency":"XAU"}]"#,
            ),
            "legal_entity",
            &mut broken,
            legal_entity,
        );
        assert_eq!(entities.len(), 2);
        assert_eq!((entities[0].fx_max_age_days, entities[0].eu_member), (7, false));
        assert!(entities[1].eu_member);
        let fields: Vec<_> = broken.iter().map(|m| (m.vendor_id.as_str(), m.field.as_str())).collect();
        assert_eq!(fields, [("3", "country"), ("4", "currency")]);
    }

    #[test]
    fn tax_and_limits_are_exact() {
        let mut broken = Vec::new();
        let codes = keep(
            &rows(
                r#"[{"id":"9","subsidiary":"1","rate":"8.875","custrecord_tax_category":"S"},
                    {"id":"10","subsidiary":1,"rate":0.0,"custrecord_tax_category":"O"},
                    {"id":"11","subsidiary":"1","rate":"1","custrecord_tax_category":"Q"},
                    {"id":"12","subsidiary":"8","rate":"1","custrecord_tax_category":"S"}]"#,
            ),
            "tax_code",
            &mut broken,
            |row| tax_code(row, &HashMap::from([("1", "US01")])),
        );
        let percents: Vec<_> = codes.iter().map(|code| code.percent.as_str()).collect();
        assert_eq!(percents, ["8.875", "0"]);
        assert_eq!(codes[1].legal_entity_code, "US01");
        let fields: Vec<_> = broken.iter().map(|m| (m.vendor_id.as_str(), m.field.as_str())).collect();
        assert_eq!(fields, [("11", TAX_CATEGORY), ("12", "subsidiary")]);
        let limit = rows(r#"[{"id":"1","custrecord_currency":"JPY","custrecord_limit":"3000"}]"#);
        let limits = keep(&limit, "receipt_limit", &mut broken, receipt_limit);
        assert_eq!(limits[0].limit.as_ref().unwrap().minor_units, 3000);
    }
}
