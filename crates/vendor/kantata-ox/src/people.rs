//! People: the user, and the membership that holds role and end.

use serde_json::{Map, Value, json};
use strata_contract::require_date;
use strata_contract::strata::common::v1::WriteOutcome;
use strata_contract::strata::system::psa::v1 as pb;
use strata_kernel::{Error, Instant, Result};
use strata_port::outcome;

use crate::fields as f;
use crate::map;
use crate::once::{Keyed, ended};
use crate::projects::object;
use crate::wire::{Envelope, text};

/// Wrapper of a membership in requests.
const MEMBERSHIP: &str = "account_membership";

/// Creates a person, or brings the one that has the key up to date.
pub(crate) async fn put_resource(keyed: &Keyed, request: pb::PutResourceRequest) -> Result<WriteOutcome> {
    let key = request.key.as_str();
    let _alone = keyed.alone(&f::PERSON, key).await;
    let wanted = [
        ("full_name", request.name.as_str()),
        ("email_address", request.email.as_str()),
    ];
    let outcome = match keyed.find(&f::PERSON, key, &[]).await? {
        None => {
            let fields = json!({"full_name": request.name, "email_address": request.email, f::DEFAULT_ROLE: request.role});
            keyed.create(&f::PERSON, key, object(fields)).await?
        }
        Some(found) => {
            let row = found.row(&f::PERSON);
            let changed: Map<String, Value> = wanted
                .iter()
                .filter(|(field, said)| text(row, field).as_deref() != Some(*said))
                .map(|(field, said)| ((*field).to_owned(), Value::from(*said)))
                .collect();
            if changed.is_empty() {
                outcome::confirmed(key, found.id)
            } else {
                let sent = keyed
                    .api
                    .update(f::PERSON.path, &found.id, f::PERSON.singular, Value::Object(changed))
                    .await;
                ended(sent, f::PERSON.path, key)?
            }
        }
    };
    if outcome.vendor_id.is_empty() {
        return Ok(outcome);
    }
    let role = put_role(keyed, &outcome.vendor_id, &request.role, key).await?;
    Ok(role.unwrap_or(outcome))
}

/// Sets the default role. None: it stands there already. A create may or may not have taken it.
async fn put_role(keyed: &Keyed, user: &str, role: &str, key: &str) -> Result<Option<WriteOutcome>> {
    let (id, row) = membership(keyed, user).await?;
    if text(&row, f::DEFAULT_ROLE).as_deref() == Some(role) {
        return Ok(None);
    }
    let sent = keyed
        .api
        .update(f::MEMBERSHIPS, &id, MEMBERSHIP, json!({ f::DEFAULT_ROLE: role }))
        .await;
    let ended = ended(sent, f::MEMBERSHIPS, key)?;
    // Confirmed is the person, not the membership.
    Ok((ended.vendor_id.is_empty()).then_some(ended))
}

/// Ends a person. The vendor ends a membership at once or not at all, so the last day has to have come.
pub(crate) async fn end_resource(keyed: &Keyed, request: pb::EndResourceRequest, now: Instant) -> Result<WriteOutcome> {
    let last = require_date(request.last_date.as_ref(), "last_date")?;
    let user = request.resource_id.as_str();
    map::id(user, "resource_id")?;
    if now.date_naive() < last {
        return Err(Error::invalid(
            "last_date",
            "lies ahead; the PSA ends a person at once, so ask again on that day",
        ));
    }
    let (id, row) = membership(keyed, user).await?;
    if text(&row, "disabled_at").is_some() {
        return Ok(outcome::confirmed(user, user));
    }
    let mut ended = ended(keyed.api.act(f::MEMBERSHIPS, &id, "disable").await, f::MEMBERSHIPS, user)?;
    if !ended.vendor_id.is_empty() {
        user.clone_into(&mut ended.vendor_id);
    }
    Ok(ended)
}

/// The membership of a person.
async fn membership(keyed: &Keyed, user: &str) -> Result<(String, Value)> {
    let query = [("user_id", user), ("include", "user"), ("per_page", "200")];
    let found: Envelope = keyed.api.list(f::MEMBERSHIPS, &query).await?;
    // The filter is not trusted: of somebody else's membership nothing may be changed.
    let own = found.rows().find(|(_, row)| text(row, "user_id").as_deref() == Some(user));
    own.map(|(id, row)| (id.to_owned(), row.clone()))
        .ok_or_else(|| Error::not_found("membership of the person", user))
}
