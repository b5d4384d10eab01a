//! Carrying out writes: read the request, run the resource's rules, keep the record, print it.

use serde_json::Value;
use strata_sandbox::{Body, Tx};

use crate::answer::Refusal;
use crate::model::{Change, Model, Rule};
use crate::query::Query;
use crate::{App, custom_fields, input, references, render};

/// Most ids of one bulk delete.
const BULK_MAX: usize = 100;

/// `POST /{kind}`.
pub(crate) fn create(app: &App, model: &'static Model, request: &[u8], query: &Query) -> Result<Value, Refusal> {
    let rule = model.create.ok_or(Refusal::NotFound)?;
    let input = input::unwrap(model, request)?;
    app.store.write(|tx| {
        let mut change = begin(app, tx, &input, 0, None);
        judge(model, &mut change, rule)?;
        change.id = change.tx.insert(model.kind, change.new.clone(), change.at);
        references::attach(&mut change, model)?;
        if let Some(created) = model.created {
            created(&mut change)?;
        }
        print(change, model, query)
    })
}

/// `PUT /{kind}/{id}`.
pub(crate) fn update(app: &App, model: &'static Model, id: u64, request: &[u8], query: &Query) -> Result<Value, Refusal> {
    let rule = model.update.ok_or(Refusal::NotFound)?;
    let input = input::unwrap(model, request)?;
    app.store.write(|tx| {
        let old = tx.get(model.kind, id).ok_or(Refusal::NotFound)?;
        let mut change = begin(app, tx, &input, id, Some(old));
        judge(model, &mut change, rule)?;
        change.tx.put(model.kind, id, change.new.clone(), change.at);
        print(change, model, query)
    })
}

/// `PUT /{kind}/{id}/{action}`.
pub(crate) fn act(
    app: &App,
    model: &'static Model,
    id: u64,
    name: &str,
    request: &[u8],
    query: &Query,
) -> Result<Value, Refusal> {
    let (_, rule) = model
        .actions
        .iter()
        .find(|(action, _)| *action == name)
        .ok_or(Refusal::NotFound)?;
    let input = input::parse(request)?;
    app.store.write(|tx| {
        let old = tx.get(model.kind, id).ok_or(Refusal::NotFound)?;
        let mut change = begin(app, tx, &input, id, Some(old));
        rule(&mut change)?;
        settle(&mut change)?;
        change.tx.put(model.kind, id, change.new.clone(), change.at);
        print(change, model, query)
    })
}

/// `DELETE /{kind}/{id}`, or several at once: all or none.
pub(crate) fn delete(app: &App, model: &'static Model, ids: &[u64]) -> Result<(), Refusal> {
    let rule = model.delete.ok_or(Refusal::NotFound)?;
    if ids.is_empty() || ids.len() > BULK_MAX {
        return Err(Refusal::invalid(
            "ids",
            format!("Between 1 and {BULK_MAX} ids can be deleted at once"),
        ));
    }
    app.store.write(|tx| {
        let nothing = Body::new();
        for id in ids {
            let old = tx.get(model.kind, *id).ok_or(Refusal::NotFound)?;
            let mut change = begin(app, tx, &nothing, *id, Some(old));
            rule(&mut change)?;
            settle(&mut change)?;
            tx.delete(model.kind, *id);
            references::detach(tx, model.subject, *id);
        }
        Ok(())
    })
}

fn begin<'t, 'a>(app: &App, tx: &'t mut Tx<'a>, input: &'t Body, id: u64, old: Option<Body>) -> Change<'t, 'a> {
    let new = old.clone().unwrap_or_default();
    // Stamped inside the write, so that stamps rise in the order in which writes take effect.
    Change {
        tx,
        at: app.clock.stamp(),
        now: app.clock.now(),
        id,
        old,
        new,
        input,
        violations: Vec::new(),
    }
}

fn judge(model: &Model, change: &mut Change<'_, '_>, rule: Rule) -> Result<(), Refusal> {
    input::assign(model, change);
    custom_fields::assign(change);
    rule(change)?;
    settle(change)
}

fn settle(change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    let violations = std::mem::take(&mut change.violations);
    if violations.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Invalid(violations))
    }
}

fn print(change: Change<'_, '_>, model: &'static Model, query: &Query) -> Result<Value, Refusal> {
    let record = change.tx.record(model.kind, change.id).ok_or(Refusal::NotFound)?;
    Ok(render::one(&change.tx.view(), model, record, query))
}
