//! What the tiers below say, told by v2 and then by v1, is what v1 told when it was the only one. So nothing that v1 can say is lost
//! on the way through v2, words that v2 has no value for included.
#![allow(clippy::unwrap_used)]

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use prost_types::Timestamp;
use strata_contract::google::r#type::Date;
use strata_contract::strata::common::v1::{ContractTerms, Money};
use strata_contract::strata::experience::delivery::{v1, v2};
use strata_contract::strata::master::v1 as master;
use strata_contract::strata::process::billing::v1 as billing;
use strata_contract::strata::process::mobilisation::v1::{HandOff, StepState};

use super::records;
use crate::list_engagements::summary;
use crate::list_invoices::invoice;
use crate::list_unbilled_time::unbilled;
use crate::{entry, mobilised, words};

/// Every word that has a value, words that look like one, and any others.
fn word(known: Vec<String>) -> impl Strategy<Value = String> {
    let alike = known
        .iter()
        .flat_map(|word| [word.to_uppercase(), word.replace(' ', "_"), format!("{word} ")]);
    let alike: Vec<String> = alike.chain(["unspecified".to_owned(), String::new()]).collect();
    prop_oneof![4 => select(known), 1 => select(alike), 1 => any::<String>()]
}

fn known<E: TryFrom<i32> + Into<i32> + Copy>(words: &words::Words<E>) -> Vec<String> {
    let all: Vec<String> = (1..1000).map(|value| words.write(value, String::new())).collect();
    all.into_iter().filter(|word| !word.is_empty()).collect()
}

prop_compose! {
    fn time()(seconds in any::<i64>(), nanos in any::<i32>()) -> Timestamp {
        Timestamp { seconds, nanos }
    }
}

prop_compose! {
    fn date()(year in any::<i32>(), month in any::<i32>(), day in any::<i32>()) -> Date {
        Date { year, month, day }
    }
}

prop_compose! {
    fn money()(currency_code in "[A-Z]{0,3}", minor_units in any::<i64>()) -> Money {
        Money { currency_code, minor_units }
    }
}

prop_compose! {
    fn said_entry()(
        sequence in any::<u64>(),
        event in word(known(&words::EVENTS)),
        system in any::<String>(),
        kind in word(known(&words::RECORDS)),
        state in word(known(&words::STATES)),
        rest in any::<[String; 3]>(),
        time in option::of(time()),
    ) -> v1::TimelineEntry {
        let [vendor_id, detail, correlation_id] = rest;
        v1::TimelineEntry { sequence, event, system, kind, vendor_id, state, detail, time, correlation_id }
    }
}

prop_compose! {
    /// An invoice of v1, in one of the states that its server can say.
    fn said_invoice()(
        number in any::<String>(),
        period in any::<String>(),
        state in select(vec!["", "posted", "part_paid", "paid", "voided"]),
        issue_date in option::of(date()),
        due_date in option::of(date()),
        gross in option::of(money()),
        open in option::of(money()),
    ) -> v1::InvoiceSummary {
        v1::InvoiceSummary { number, period, state: state.to_owned(), issue_date, due_date, gross, open }
    }
}

prop_compose! {
    fn said_engagement()(
        texts in any::<[String; 6]>(),
        project_codes in any::<Vec<String>>(),
        mobilised in any::<bool>(),
        open_exceptions in any::<u32>(),
    ) -> v1::EngagementSummary {
        let [engagement_id, name, customer_name, contract_number, customer_id, legal_entity_code] = texts;
        v1::EngagementSummary {
            engagement_id, name, customer_name, contract_number, project_codes, mobilised, open_exceptions, customer_id, legal_entity_code,
        }
    }
}

prop_compose! {
    fn said_unbilled()(
        texts in any::<[String; 4]>(),
        entries in any::<u32>(),
        billable_minutes in any::<i64>(),
        amount in option::of(money()),
    ) -> v1::UnbilledTime {
        let [project_code, contract_number, customer_id, legal_entity_code] = texts;
        v1::UnbilledTime { project_code, contract_number, entries, billable_minutes, amount, customer_id, legal_entity_code }
    }
}

proptest! {
    #[test]
    fn an_entry_of_v1_comes_through_v2_as_it_was(said in said_entry()) {
        let s = said.clone();
        let below = HandOff {
            engagement_id: "eng_1".into(),
            sequence: s.sequence,
            event: s.event,
            system: s.system,
            kind: s.kind,
            vendor_id: s.vendor_id,
            state: s.state,
            detail: s.detail,
            time: s.time,
            correlation_id: s.correlation_id,
        };
        let told = entry::entry(below);
        // A value or a word, never both and never neither.
        prop_assert!((told.r#type == 0) || told.other_type.is_empty());
        prop_assert!((told.state == 0) || told.other_state.is_empty());
        prop_assert_eq!(records::entry(told), said);
    }

    #[test]
    fn an_invoice_of_v1_comes_through_v2_as_it_was(said in said_invoice(), newer in 6..i32::MAX, credit_memo: bool) {
        let s = said.clone();
        let state = match s.state.as_str() {
            "posted" => billing::DocumentState::Posted.into(),
            "part_paid" => billing::DocumentState::PartPaid.into(),
            "paid" => billing::DocumentState::Paid.into(),
            "voided" => billing::DocumentState::Voided.into(),
            _ => newer,
        };
        let below = billing::Document {
            key: "inv:CT-1:2025-01".into(),
            credit_memo,
            state,
            number: s.number,
            period: s.period,
            issue_date: s.issue_date,
            due_date: s.due_date,
            gross: s.gross,
            open: s.open,
            ..billing::Document::default()
        };
        prop_assert_eq!(records::invoice(invoice(below).unwrap()), said);
    }

    #[test]
    fn an_engagement_of_v1_comes_through_v2_as_it_was(said in said_engagement(), otherwise in -1..10) {
        let s = said.clone();
        let below = master::Engagement {
            id: s.engagement_id,
            name: s.name,
            customer: Some(master::Customer { id: s.customer_id, name: s.customer_name, ..master::Customer::default() }),
            contract: Some(master::Contract {
                terms: Some(ContractTerms {
                    contract_number: s.contract_number,
                    legal_entity_code: s.legal_entity_code,
                    ..ContractTerms::default()
                }),
                ..master::Contract::default()
            }),
            projects: s.project_codes.into_iter().map(|code| master::Project { code, ..master::Project::default() }).collect(),
            ..master::Engagement::default()
        };
        let state = if s.mobilised { StepState::Done.into() } else { otherwise };
        let state = StepState::try_from(state).ok().filter(|state| s.mobilised || *state != StepState::Done);
        let told = summary(below, mobilised::state(state), s.open_exceptions);
        prop_assert_eq!(records::engagement(told), said);
    }

    #[test]
    fn unbilled_time_of_v1_comes_through_v2_as_it_was(said in said_unbilled()) {
        let s = said.clone();
        let below = billing::UnbilledTime {
            engagement_id: "eng_1".into(),
            project_code: s.project_code,
            contract_number: s.contract_number,
            entries: s.entries,
            billable_minutes: s.billable_minutes,
            amount: s.amount,
            customer_id: s.customer_id,
            legal_entity_code: s.legal_entity_code,
        };
        prop_assert_eq!(records::unbilled(unbilled(below)), said);
    }

    /// A server of v2 that is newer than this translation: what it says is not guessed, and nothing else suffers.
    #[test]
    fn values_that_are_newer_are_told_by_their_word_or_by_none(value in 1_000..i32::MAX, other in any::<String>()) {
        let newer = v2::TimelineEntry {
            r#type: value,
            other_type: other.clone(),
            state: value,
            record: Some(v2::ExternalRecord { r#type: value, id: "7".into(), ..v2::ExternalRecord::default() }),
            ..v2::TimelineEntry::default()
        };
        let told = records::entry(newer);
        prop_assert_eq!((told.event, told.state, told.kind), (other, String::new(), String::new()));
        prop_assert_eq!(told.vendor_id, "7");
        let newer = v2::Invoice { state: value, number: "INV-7".into(), ..v2::Invoice::default() };
        let told = records::invoice(newer);
        prop_assert_eq!((told.state.as_str(), told.number.as_str()), ("", "INV-7"));
        let newer = v2::Engagement { mobilisation_state: value, ..v2::Engagement::default() };
        prop_assert!(!records::engagement(newer).mobilised);
    }
}
