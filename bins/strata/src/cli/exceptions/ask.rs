//! Which exceptions a command is about.

use clap::{Args, ValueEnum};
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::exception::v1 as pb;

/// Which exceptions. What is not said leaves nothing out.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Filter {
    /// Only this state
    #[arg(long, value_name = "STATE", default_value = "open")]
    state: State,
    /// Only this cause, as PERIOD_CLOSED
    #[arg(long, value_name = "CAUSE", value_parser = cause)]
    cause: Option<Reason>,
    /// Only what this role mends
    #[arg(long, value_name = "ROLE")]
    owner: Option<Owner>,
    /// Only what this person has in hand
    #[arg(long, value_name = "WHO")]
    assignee: Option<String>,
    /// Only this engagement
    #[arg(long, value_name = "ID")]
    engagement: Option<String>,
    /// Only what is past its due time
    #[arg(long)]
    overdue: bool,
}

impl Filter {
    /// As the contract has it.
    pub(super) fn read(&self) -> pb::ExceptionFilter {
        pb::ExceptionFilter {
            state: self.state.read().into(),
            engagement_id: self.engagement.clone().unwrap_or_default(),
            cause: self.cause.unwrap_or_default().into(),
            owner_role: self.owner.map(Owner::role).unwrap_or_default().into(),
            assignee: self.assignee.clone().unwrap_or_default(),
            overdue: self.overdue,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum State {
    /// Somebody must act.
    #[default]
    Open,
    /// Mended.
    Resolved,
    /// Left out, and still owed.
    Skipped,
    /// Called off.
    Cancelled,
    /// Any.
    All,
}

impl State {
    fn read(self) -> pb::ExceptionState {
        match self {
            Self::Open => pb::ExceptionState::Open,
            Self::Resolved => pb::ExceptionState::Resolved,
            Self::Skipped => pb::ExceptionState::Skipped,
            Self::Cancelled => pb::ExceptionState::Cancelled,
            Self::All => pb::ExceptionState::Unspecified,
        }
    }
}

/// Who mends exceptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Owner {
    /// Finance.
    Finance,
    /// Project management office.
    Pmo,
    /// Sales operations.
    Sales,
    /// The integration team.
    Integration,
}

impl Owner {
    /// As the contract has it.
    pub(super) fn role(self) -> pb::OwnerRole {
        match self {
            Self::Finance => pb::OwnerRole::Finance,
            Self::Pmo => pb::OwnerRole::Pmo,
            Self::Sales => pb::OwnerRole::Sales,
            Self::Integration => pb::OwnerRole::Integration,
        }
    }
}

fn cause(text: &str) -> Result<Reason, String> {
    let known = Reason::from_str_name(&format!("REASON_{}", text.to_uppercase()));
    known.ok_or_else(|| "is no cause; docs/errors has them all".to_owned())
}
