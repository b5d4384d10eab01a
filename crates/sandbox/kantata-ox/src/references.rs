//! External references: how a record is called in another system.

use chrono::{DateTime, Utc};
use serde_json::Value;
use strata_sandbox::{Body, Tx, View};

use crate::answer::Refusal;
use crate::model::{Access, Change, Field, Filter, Model, Type};
use crate::query::Query;
use crate::{App, input, model, render, resources};

/// Most values of `external_reference_service_model_refs`.
const REFS_MAX: usize = 200;

/// The resource. A reference keeps `_subject`, the record it belongs to as "TimeEntry|90210", to be found by.
pub(crate) static MODEL: Model = Model {
    kind: "external_references",
    singular: "external_reference",
    subject: "ExternalReference",
    fields: &[
        Field::new("service_name", Type::Text),
        Field::new("service_model", Type::Text),
        Field::new("service_model_ref", Type::Text),
        Field::new("status", Type::OneOf(&["successful", "pending", "failed"])),
        Field::new("external_message", Type::Text),
        Field::new("external_link", Type::Text),
        Field::new("external_status", Type::Text),
        Field::new("locked", Type::Bool),
        Field {
            access: Access::Once,
            ..Field::new("subject_type", Type::Text)
        },
        Field {
            access: Access::Once,
            ..Field::new("subject_id", Type::Number)
        },
    ],
    filters: &[
        Filter::Any {
            param: "service_model_ref",
            index: "service_model_ref",
        },
        Filter::Any {
            param: "service_model_refs",
            index: "service_model_ref",
        },
        Filter::Equals {
            param: "service_name",
            field: "service_name",
        },
        Filter::Equals {
            param: "subject_type",
            field: "subject_type",
        },
        Filter::Equals {
            param: "subject_id",
            field: "subject_id",
        },
    ],
    create: Some(check),
    update: Some(check),
    ..Model::PLAIN
};

/// Ids of the references of a record.
pub(crate) fn of(view: &View<'_>, subject: &str, id: u64) -> Vec<u64> {
    view.find(MODEL.kind, "_subject", &format!("{subject}|{id}"))
}

/// Ids of `model`'s records that the `external_reference_*` parameters name; `None` without such parameters.
pub(crate) fn matching(view: &View<'_>, model: &Model, query: &Query) -> Option<Vec<u64>> {
    let service = query.get("external_reference_service_name");
    let one = query.get("external_reference_service_model_ref").map(|name| vec![name]);
    let names = one.or_else(|| query.list("external_reference_service_model_refs"));
    let references: Vec<u64> = match names {
        Some(names) => {
            let names = names.into_iter().take(REFS_MAX);
            names
                .flat_map(|name| view.find(MODEL.kind, "service_model_ref", name))
                .collect()
        }
        None => {
            service?;
            view.all(MODEL.kind)
        }
    };
    let bodies = references.into_iter().filter_map(|id| view.get(MODEL.kind, id));
    let mine = bodies.filter(|body| {
        model::text(body, "subject_type") == Some(model.subject)
            && service.is_none_or(|service| model::text(body, "service_name") == Some(service))
    });
    Some(mine.filter_map(|body| model::id(&body, "subject_id")).collect())
}

/// Stores the `external_reference` a create brings with it.
pub(crate) fn attach(change: &mut Change<'_, '_>, model: &Model) -> Result<(), Refusal> {
    let given = match change.input.get("external_reference") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Object(given)) => given,
        Some(_) => return Err(Refusal::invalid("external_reference", "External reference must be an object")),
    };
    let mut input = given.clone();
    input.insert("subject_type".into(), model.subject.into());
    input.insert("subject_id".into(), change.id.into());
    save(change.tx, &input, change.at, change.now, None).map(|_| ())
}

/// Forgets the references of a record that is deleted.
pub(crate) fn detach(tx: &mut Tx<'_>, subject: &str, id: u64) {
    for reference in of(&tx.view(), subject, id) {
        tx.delete(MODEL.kind, reference);
    }
}

/// `POST /external_references/create_or_update`: the reference of that service on that subject, new or changed.
pub(crate) fn create_or_update(app: &App, request: &[u8], query: &Query) -> Result<Value, Refusal> {
    let mut fields = input::parse(request)?;
    // The vendor's samples wrap the fields; the parameters are documented without the wrapper. Both are taken.
    if let Some(Value::Object(wrapped)) = fields.remove(MODEL.singular) {
        fields.extend(wrapped);
    }
    app.store.write(|tx| {
        let subject = fields
            .get("subject_id")
            .and_then(input::id)
            .zip(model::text(&fields, "subject_type"));
        let present = subject.map(|(id, subject)| of(&tx.view(), subject, id)).unwrap_or_default();
        let service = |id: &u64| tx.get(MODEL.kind, *id).and_then(|body| body.get("service_name").cloned());
        let present = present
            .into_iter()
            .find(|id| service(id).as_ref() == fields.get("service_name"));
        let id = save(tx, &fields, app.clock.stamp(), app.clock.now(), present)?;
        let record = tx.record(MODEL.kind, id).ok_or(Refusal::NotFound)?;
        Ok(render::one(&tx.view(), &MODEL, record, query))
    })
}

fn save(tx: &mut Tx<'_>, input: &Body, at: DateTime<Utc>, now: DateTime<Utc>, present: Option<u64>) -> Result<u64, Refusal> {
    let old = present.and_then(|id| tx.get(MODEL.kind, id));
    let new = old.clone().unwrap_or_default();
    let mut change = Change {
        tx,
        at,
        now,
        id: present.unwrap_or(0),
        old,
        new,
        input,
        violations: Vec::new(),
    };
    input::assign(&MODEL, &mut change);
    check(&mut change)?;
    if !change.violations.is_empty() {
        return Err(Refusal::Invalid(change.violations));
    }
    let body = change.new;
    Ok(match present {
        Some(id) => {
            tx.put(MODEL.kind, id, body, at);
            id
        }
        None => tx.insert(MODEL.kind, body, at),
    })
}

fn check(change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    change.require(&[
        "service_name",
        "service_model",
        "service_model_ref",
        "subject_type",
        "subject_id",
    ]);
    change.default("status", "successful");
    change.default("locked", false);
    let (Some(subject), Some(id)) = (model::text(&change.new, "subject_type"), model::id(&change.new, "subject_id")) else {
        return Ok(());
    };
    let subject = subject.to_owned();
    let Some(model) = resources::by_subject(&subject) else {
        change.violates("subject_type", "Subject type is not known");
        return Ok(());
    };
    if !change.tx.exists(model.kind, id) {
        change.violates("subject_id", "Subject could not be found");
    }
    let others = of(&change.tx.view(), &subject, id)
        .into_iter()
        .filter(|other| *other != change.id);
    let mut others = others.filter_map(|other| change.tx.get(MODEL.kind, other));
    if others.any(|other| other.get("service_name") == change.new.get("service_name")) {
        change.violates("service_name", "Service name has already been taken");
    }
    change.set("_subject", format!("{subject}|{id}"));
    Ok(())
}
