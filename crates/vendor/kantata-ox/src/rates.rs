//! What people cost, and what the people who staff a project see as prices. Neither carries an external reference: the vendor
//! takes none on cost rates, and the card is found by its title.

use serde_json::{Value, json};
use strata_contract::require_date;
use strata_contract::strata::common::v1::WriteOutcome;
use strata_contract::strata::system::psa::v1 as pb;
use strata_kernel::{Currency, Error, Result};
use strata_port::outcome;

use crate::fields as f;
use crate::fields::Resource;
use crate::map;
use crate::once::{Keyed, ended};
use crate::wire::{Envelope, text};

const COST_RATE: Resource = Resource {
    path: f::COST_RATES,
    singular: "cost_rate",
    subject: "CostRate",
    show_all: None,
};
const RATE_CARD: Resource = Resource {
    path: f::RATE_CARDS,
    singular: "rate_card",
    subject: "RateCard",
    show_all: None,
};

/// Sets what an hour of a person costs from a day on.
pub(crate) async fn put_cost_rate(keyed: &Keyed, request: pb::PutCostRateRequest) -> Result<WriteOutcome> {
    let user = request.resource_id.as_str();
    let day = require_date(request.effective_date.as_ref(), "effective_date")?.to_string();
    let cost = request
        .hourly_cost
        .as_ref()
        .ok_or_else(|| Error::invalid("hourly_cost", "is required"))?;
    let (cents, currency) = map::subunits(cost, "hourly_cost")?;
    let key = format!("{user} {day}");
    let fields = json!({
        "user_id": map::id(user, "resource_id")?, "effective_date": day, f::COST_IN_CENTS: cents, "currency": currency.code(),
    });
    let _alone = keyed.alone(&COST_RATE, &key).await;
    let pages = keyed
        .api
        .whole(f::COST_RATES, &[("user_id", user), ("include", "user")])
        .await?;
    let of_day =
        |row: &Value| text(row, "user_id").as_deref() == Some(user) && text(row, "effective_date").as_deref() == Some(&day);
    let found = pages.iter().flat_map(Envelope::rows).find(|(_, row)| of_day(row));
    write(keyed, &COST_RATE, &key, found, fields, &[f::COST_IN_CENTS, "currency"]).await
}

/// Sets the prices per role of a project.
pub(crate) async fn put_rate_card(keyed: &Keyed, request: pb::PutRateCardRequest) -> Result<WriteOutcome> {
    let (key, project) = (request.key.as_str(), request.project_id.as_str());
    let day = require_date(request.effective_date.as_ref(), "effective_date")?.to_string();
    let project_id = map::id(project, "project_id")?;
    let currency = match currency_of(&request.rates)? {
        Some(currency) => currency.code().to_owned(),
        None => currency_of_project(keyed, project).await?,
    };
    let fields = json!({
        "title": key, "workspace_id": project_id, "effective_date": day, "currency": currency, "rates": prices(&request.rates)?,
    });
    let _alone = keyed.alone(&RATE_CARD, key).await;
    let pages = keyed
        .api
        .whole(f::RATE_CARDS, &[("workspace_id", project), ("include", "workspace")])
        .await?;
    let of_project = |row: &Value| text(row, "workspace_id").as_deref() == Some(project);
    let cards: Vec<(&str, &Value)> = pages
        .iter()
        .flat_map(Envelope::rows)
        .filter(|(_, row)| of_project(row))
        .collect();
    let found = cards
        .iter()
        .find(|(_, row)| text(row, "title").as_deref() == Some(key))
        .copied();
    let written = write(
        keyed,
        &RATE_CARD,
        key,
        found,
        fields,
        &["effective_date", "currency", "rates"],
    )
    .await?;
    let shown = pages
        .iter()
        .find_map(|page| text(page.side(f::PROJECT.path, project)?, "rate_card_id"));
    // A card that begins later than this one stays the one that people see. Days as text compare as days.
    let later = cards
        .iter()
        .any(|(id, row)| shown.as_deref() == Some(*id) && text(row, "effective_date").is_some_and(|begins| begins > day));
    if written.vendor_id.is_empty() || later || shown.as_deref() == Some(&written.vendor_id) {
        return Ok(written);
    }
    let card = json!({"rate_card_id": map::id(&written.vendor_id, "rate_card_id")?});
    let set = ended(
        keyed.api.update(f::PROJECT.path, project, f::PROJECT.singular, card).await,
        f::PROJECT.path,
        key,
    )?;
    Ok(if set.vendor_id.is_empty() { set } else { written })
}

/// Creates a record, or changes the one found where one of `compared` differs.
async fn write(
    keyed: &Keyed,
    resource: &Resource,
    key: &str,
    found: Option<(&str, &Value)>,
    fields: Value,
    compared: &[&str],
) -> Result<WriteOutcome> {
    match found {
        None => ended(
            keyed.api.create(resource.path, resource.singular, fields, "").await,
            resource.path,
            key,
        ),
        Some((id, row)) if compared.iter().all(|field| row.get(*field) == fields.get(*field)) => Ok(outcome::confirmed(key, id)),
        Some((id, _)) => ended(
            keyed.api.update(resource.path, id, resource.singular, fields).await,
            resource.path,
            key,
        ),
    }
}

fn prices(rates: &[pb::ProjectRate]) -> Result<Vec<Value>> {
    let price = |rate: &pb::ProjectRate| {
        let (cents, _) = map::subunits(amount(rate)?, "rates.hourly_rate")?;
        Ok(json!({"role_name": rate.role, "rate_in_cents": cents}))
    };
    rates.iter().map(price).collect()
}

/// The one currency of all prices: a card has only one.
fn currency_of(rates: &[pb::ProjectRate]) -> Result<Option<Currency>> {
    let mut one = None;
    for rate in rates {
        let (_, currency) = map::subunits(amount(rate)?, "rates.hourly_rate")?;
        if one.replace(currency).is_some_and(|other| other != currency) {
            return Err(Error::invalid("rates", "have to be in one currency"));
        }
    }
    Ok(one)
}

fn amount(rate: &pb::ProjectRate) -> Result<&strata_contract::strata::common::v1::Money> {
    rate.hourly_rate
        .as_ref()
        .ok_or_else(|| Error::invalid("rates.hourly_rate", "is required"))
}

/// A card without prices is in the currency of its project.
async fn currency_of_project(keyed: &Keyed, project: &str) -> Result<String> {
    let found = keyed
        .api
        .list(f::PROJECT.path, &[("only", project), ("include_archived", "true")])
        .await?;
    let currency = found.side(f::PROJECT.path, project).and_then(|row| text(row, "currency"));
    currency.ok_or_else(|| Error::not_found("project", project))
}
