#![allow(clippy::unwrap_used)]
use super::*;
use crate::strata::common::v1::Money;
use crate::strata::master::v1::{Contract, Engagement, Project, PutEngagementRequest, PutMilestonesRequest};
use crate::strata::process::billing::v1::{Milestone, MilestoneState};

fn engagement() -> Engagement {
    Engagement {
        id: "eng_1".into(),
        crm_opportunity_id: "006".into(),
        name: "Fleet".into(),
        contract: Some(Contract {
            id: "con_1".into(),
            engagement_id: "eng_1".into(),
            ..Contract::default()
        }),
        projects: vec![Project {
            id: "prj_1".into(),
            engagement_id: "eng_1".into(),
            name: "One".into(),
            ..Project::default()
        }],
        create_time: Some(prost_types::Timestamp { seconds: 7, nanos: 0 }),
        ..Engagement::default()
    }
}

#[test]
fn what_only_the_server_says_is_cleared_wherever_it_stands() {
    let request = PutEngagementRequest {
        engagement: Some(engagement()),
    };
    let cleared = clear_output_only(request).engagement.unwrap();
    assert_eq!(cleared.create_time, None);
    assert_eq!(cleared.projects[0].engagement_id, "");
    let expected = Engagement {
        create_time: None,
        projects: vec![Project {
            engagement_id: String::new(),
            ..engagement().projects[0].clone()
        }],
        ..engagement()
    };
    assert_eq!(cleared, expected, "and nothing else");
}

#[test]
fn a_message_without_such_fields_is_left_alone() {
    assert!(!is_guarded(&PutMilestonesRequest::default().descriptor()));
    assert!(is_guarded(&PutEngagementRequest::default().descriptor()));
}

#[test]
fn what_identifies_a_record_or_is_immutable_may_not_change() {
    let held = engagement();
    let mut new = held.clone();
    new.name = "Fleet of 2026".into();
    new.projects[0].name = "Another name".into();
    assert_eq!(changed(&held, &new), []);
    new.crm_opportunity_id = "007".into();
    new.contract.as_mut().unwrap().engagement_id = "eng_2".into();
    let fields: Vec<String> = changed(&held, &new).into_iter().map(|found| found.field).collect();
    assert_eq!(fields, ["crm_opportunity_id", "contract.engagement_id"]);
}

#[test]
fn what_finance_approved_stays_what_was_accepted() {
    let held = |state: MilestoneState| Milestone {
        code: "M1".into(),
        state: state.into(),
        evidence: "mail of 3 May".into(),
        amount: Some(Money::default()),
        ..Milestone::default()
    };
    let other = Milestone {
        evidence: "mail of 4 May".into(),
        ..held(MilestoneState::Planned)
    };
    assert_eq!(changed(&held(MilestoneState::Accepted), &other), []);
    let refused = changed(&held(MilestoneState::Approved), &other);
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].field, "evidence");
    assert!(refused[0].message.contains("MILESTONE_STATE_APPROVED"), "{refused:?}");
}
