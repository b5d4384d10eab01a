//! Actions: on one exception, or on all that fit a filter.

use std::io::{IsTerminal, Write};

use chrono::NaiveDate;
use clap::{ArgGroup, Args};
use strata_contract::pb_date;
use strata_contract::strata::process::exception::v1 as pb;
use strata_contract::strata::process::exception::v1::edit_and_retry_exception_request::Edit;
use strata_contract::strata::process::exception::v1::preview_bulk_action_request::Action;
use strata_kernel::derive_id;

use super::ask::Filter;
use super::{Client, Form, print};
use crate::cli::actor::Actor;
use crate::error::{DONE, FAILED, Usage};

/// What every action takes.
#[derive(Debug, Args)]
struct Common {
    #[command(flatten)]
    actor: Actor,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Key of the command. The same key has no second effect. Default: one that follows from the exception as it is now
    #[arg(long, value_name = "KEY")]
    request_id: Option<String>,
}

/// One exception, or a filter.
#[derive(Debug, Args)]
struct Which {
    /// Id. Without it: every exception that fits the filter, at most 1000
    #[arg(conflicts_with_all = ["state", "cause", "owner", "assignee", "engagement", "overdue"])]
    id: Option<String>,
    #[command(flatten)]
    filter: Filter,
    /// Do not ask before a bulk action
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("which").required(true).multiple(true).args(["id", "cause", "owner", "assignee", "engagement", "overdue"])))]
pub(super) struct RetryArguments {
    #[command(flatten)]
    which: Which,
    /// Why, for the audit
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("which").required(true).multiple(true).args(["id", "cause", "owner", "assignee", "engagement", "overdue"])))]
pub(super) struct ReasonArguments {
    #[command(flatten)]
    which: Which,
    /// Why, for the audit
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("which").required(true).multiple(true).args(["id", "cause", "owner", "assignee", "engagement", "overdue"])))]
pub(super) struct AssignArguments {
    #[command(flatten)]
    which: Which,
    /// Who has it in hand from now on. Empty: nobody
    #[arg(long, value_name = "WHO")]
    to: String,
    /// Why, for the audit
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("edit").required(true).args(["receipt", "project", "date"])))]
pub(super) struct EditArguments {
    /// Id
    id: String,
    /// RECEIPT_MISSING: where the receipt is kept
    #[arg(long, value_name = "WHERE")]
    receipt: Option<String>,
    /// UNKNOWN_REFERENCE: our id of the right project
    #[arg(long, value_name = "ID")]
    project: Option<String>,
    /// Code of the task in that project. Time needs one
    #[arg(long, value_name = "CODE", requires = "project")]
    task: Option<String>,
    /// VENDOR_RECORD_MALFORMED: the right day
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<NaiveDate>,
    /// Why, for the audit
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    common: Common,
}

/// An exception as it is now, and the command about it.
struct Asked {
    exception_id: String,
    request_id: String,
    actor: String,
    etag: String,
    validate_only: bool,
}

impl Asked {
    /// Reads the exception: what is done about it is done to what was read. The key follows from it, so a command that is
    /// repeated because its answer was lost, before anything else happened, is the same command.
    async fn about(client: &mut Client, id: &str, what: &str, common: &Common) -> anyhow::Result<Self> {
        let request = pb::GetExceptionRequest {
            exception_id: id.to_owned(),
        };
        let read = client.get_exception(request).await?.into_inner();
        let held = read.exception.unwrap_or_default();
        let (times, done) = (held.occurrences.to_string(), read.history.len().to_string());
        let usual = derive_id("req", &[what, id, &held.etag, &times, &done]);
        Ok(Self {
            exception_id: held.id,
            request_id: common.request_id.clone().unwrap_or(usual),
            actor: common.actor.name()?,
            etag: held.etag,
            validate_only: common.dry_run,
        })
    }
}

pub(super) async fn retry(mut client: Client, form: Form, given: RetryArguments) -> anyhow::Result<u8> {
    let Some(id) = &given.which.id else {
        let action = Action::Retry(pb::BulkRetry {});
        return bulk(client, form, &given.which, &given.common, &given.reason, action).await;
    };
    let asked = Asked::about(&mut client, id, &format!("retry {}", given.reason), &given.common).await?;
    let request = pb::RetryExceptionRequest {
        exception_id: asked.exception_id,
        request_id: asked.request_id,
        actor: asked.actor,
        validate_only: asked.validate_only,
        etag: asked.etag,
        reason: given.reason,
    };
    let answer = client.retry_exception(request).await?.into_inner();
    print::done(
        form,
        &answer,
        answer.exception.as_ref(),
        &answer.effects,
        given.common.dry_run,
    )
}

pub(super) async fn edit(mut client: Client, form: Form, given: EditArguments) -> anyhow::Result<u8> {
    let edit = match (given.receipt, given.project, given.date) {
        (Some(location), ..) => Edit::Receipt(pb::ReceiptEdit { location }),
        (_, Some(project_id), _) => Edit::Project(pb::ProjectEdit {
            project_id,
            task_code: given.task.unwrap_or_default(),
        }),
        (.., Some(day)) => Edit::Date(pb::DateEdit {
            date: Some(pb_date(day)),
        }),
        _ => return Err(Usage::error("say what is edited: --receipt, --project or --date")),
    };
    let asked = Asked::about(
        &mut client,
        &given.id,
        &format!("edit {edit:?} {}", given.reason),
        &given.common,
    )
    .await?;
    let request = pb::EditAndRetryExceptionRequest {
        exception_id: asked.exception_id,
        request_id: asked.request_id,
        actor: asked.actor,
        validate_only: asked.validate_only,
        etag: asked.etag,
        reason: given.reason,
        edit: Some(edit),
    };
    let answer = client.edit_and_retry_exception(request).await?.into_inner();
    print::done(
        form,
        &answer,
        answer.exception.as_ref(),
        &answer.effects,
        given.common.dry_run,
    )
}

pub(super) async fn skip(mut client: Client, form: Form, given: ReasonArguments) -> anyhow::Result<u8> {
    let Some(id) = &given.which.id else {
        let action = Action::Skip(pb::BulkSkip {});
        return bulk(client, form, &given.which, &given.common, &given.reason, action).await;
    };
    let asked = Asked::about(&mut client, id, &format!("skip {}", given.reason), &given.common).await?;
    let request = pb::SkipExceptionRequest {
        exception_id: asked.exception_id,
        request_id: asked.request_id,
        actor: asked.actor,
        validate_only: asked.validate_only,
        etag: asked.etag,
        reason: given.reason,
    };
    let answer = client.skip_exception(request).await?.into_inner();
    print::done(
        form,
        &answer,
        answer.exception.as_ref(),
        &answer.effects,
        given.common.dry_run,
    )
}

pub(super) async fn assign(mut client: Client, form: Form, given: AssignArguments) -> anyhow::Result<u8> {
    let Some(id) = &given.which.id else {
        let action = Action::Assign(pb::BulkAssign { assignee: given.to });
        return bulk(client, form, &given.which, &given.common, &given.reason, action).await;
    };
    let asked = Asked::about(
        &mut client,
        id,
        &format!("assign {} {}", given.to, given.reason),
        &given.common,
    )
    .await?;
    let request = pb::AssignExceptionRequest {
        exception_id: asked.exception_id,
        request_id: asked.request_id,
        actor: asked.actor,
        validate_only: asked.validate_only,
        etag: asked.etag,
        reason: given.reason,
        assignee: given.to,
    };
    let answer = client.assign_exception(request).await?.into_inner();
    print::done(
        form,
        &answer,
        answer.exception.as_ref(),
        &answer.effects,
        given.common.dry_run,
    )
}

pub(super) async fn cancel(mut client: Client, form: Form, given: ReasonArguments) -> anyhow::Result<u8> {
    let Some(id) = &given.which.id else {
        let action = Action::Cancel(pb::BulkCancel {});
        return bulk(client, form, &given.which, &given.common, &given.reason, action).await;
    };
    let asked = Asked::about(&mut client, id, &format!("cancel {}", given.reason), &given.common).await?;
    let request = pb::CancelExceptionRequest {
        exception_id: asked.exception_id,
        request_id: asked.request_id,
        actor: asked.actor,
        validate_only: asked.validate_only,
        etag: asked.etag,
        reason: given.reason,
    };
    let answer = client.cancel_exception(request).await?.into_inner();
    print::done(
        form,
        &answer,
        answer.exception.as_ref(),
        &answer.effects,
        given.common.dry_run,
    )
}

/// Previews, asks, applies.
async fn bulk(
    mut client: Client,
    form: Form,
    which: &Which,
    common: &Common,
    reason: &str,
    action: Action,
) -> anyhow::Result<u8> {
    let request = pb::PreviewBulkActionRequest {
        filter: Some(which.filter.read()),
        limit: 0,
        actor: common.actor.name()?,
        reason: if reason.is_empty() {
            "not said".to_owned()
        } else {
            reason.to_owned()
        },
        action: Some(action),
    };
    let preview = client.preview_bulk_action(request).await?.into_inner();
    if common.dry_run {
        match form {
            Form::Json => print::json(&preview)?,
            Form::Table => print::preview(&preview),
        }
        return Ok(DONE);
    }
    if preview.planned == 0 {
        print::preview(&preview);
        return Ok(if preview.items.is_empty() { DONE } else { FAILED });
    }
    if !which.yes && !agreed(&preview)? {
        return Ok(FAILED);
    }
    let request = pb::ApplyBulkActionRequest {
        request_id: common
            .request_id
            .clone()
            .unwrap_or_else(|| derive_id("req", &[&preview.token])),
        token: preview.token,
    };
    let answer = client.apply_bulk_action(request).await?.into_inner();
    match form {
        Form::Json => print::json(&answer)?,
        Form::Table => print::applied(&answer),
    }
    Ok(if answer.refused + answer.changed == 0 { DONE } else { FAILED })
}

/// Says how many there are, and asks.
fn agreed(preview: &pb::PreviewBulkActionResponse) -> anyhow::Result<bool> {
    let mut out = std::io::stderr();
    if !std::io::stdin().is_terminal() || !out.is_terminal() {
        let text = format!(
            "{} exceptions would be touched; say --yes, or look with --dry-run",
            preview.planned
        );
        return Err(Usage::error(text));
    }
    print::preview(preview);
    write!(out, "Do it for {}? [y/N] ", preview.planned)?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().eq_ignore_ascii_case("y"))
}
