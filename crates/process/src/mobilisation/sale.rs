//! What a sale must say before anything is made of it. Nothing is guessed: what is missing or wrong is named.

use std::collections::HashSet;

use strata_contract::date;
use strata_contract::strata::common::v1::{ContractTerms, ContractType, Money, RoundingMode, TaxCategory as PbCategory};
use strata_contract::strata::master::v1 as master;
use strata_contract::strata::system::crm::v1 as crm;
use strata_finance::tax::{Buyer, Seller, TaxCategory, TaxTreatment, is_eu_member, treatment};
use strata_kernel::{Currency, derive_id, parse_decimal};

/// Faults of a sale: field and what is wrong with it.
pub(super) type Faults = Vec<(&'static str, String)>;

/// The engagement a sale makes, or everything that is missing or wrong.
pub(super) fn engagement(crm: &str, sale: &crm::Sale, entities: &[master::LegalEntity]) -> Result<master::Engagement, Faults> {
    let mut faults = Faults::new();
    let deal = sale.opportunity.clone().unwrap_or_default();
    let account = sale.account.clone().unwrap_or_default();
    let terms = sale.terms.clone().unwrap_or_default();
    check_account(&account, &mut faults);
    check_terms(&terms, &mut faults);
    check_projects(&sale.projects, &mut faults);
    let entity = entities.iter().find(|entity| entity.code == terms.legal_entity_code);
    if entity.is_none() && !terms.legal_entity_code.is_empty() {
        faults.push((
            "terms.legal_entity_code",
            format!("{} is no legal entity of the ERP", terms.legal_entity_code),
        ));
    }
    let tax = entity.and_then(|entity| tax(entity, &account, &mut faults));
    let (true, Some(tax)) = (faults.is_empty(), tax) else {
        return Err(faults);
    };
    let id = derive_id("eng", &[crm, &deal.id]);
    let customer_id = derive_id("cus", &[crm, &account.id]);
    let contract_id = derive_id("con", &[&id, &terms.contract_number]);
    Ok(master::Engagement {
        crm_opportunity_id: deal.id,
        name: deal.name,
        customer: Some(customer(&customer_id, account)),
        projects: sale
            .projects
            .iter()
            .map(|sold| project(&id, &contract_id, &terms, sold))
            .collect(),
        contract: Some(master::Contract {
            id: contract_id,
            engagement_id: id.clone(),
            customer_id,
            terms: Some(terms),
            tax_category: pb_category(tax.category).into(),
            tax_percent: tax.percent.normalize().to_string(),
        }),
        sold_value: deal.amount,
        id,
        create_time: None,
    })
}

fn check_account(account: &crm::Account, faults: &mut Faults) {
    require(!account.name.is_empty(), "account.name", "no name", faults);
    let is_country = account.country_code.len() == 2 && account.country_code.bytes().all(|b| b.is_ascii_uppercase());
    require(
        is_country,
        "account.country_code",
        "no country of the bill-to address (ISO 3166, two letters)",
        faults,
    );
    require(
        Currency::parse(&account.currency_code).is_ok(),
        "account.currency_code",
        "no billing currency",
        faults,
    );
    require(
        account.payment_terms_days.is_some(),
        "account.payment_terms_days",
        "no payment terms",
        faults,
    );
}

fn check_terms(terms: &ContractTerms, faults: &mut Faults) {
    require(
        !terms.contract_number.is_empty(),
        "terms.contract_number",
        "no contract number",
        faults,
    );
    require(
        !terms.legal_entity_code.is_empty(),
        "terms.legal_entity_code",
        "no legal entity",
        faults,
    );
    require(
        terms.r#type() != ContractType::Unspecified,
        "terms.type",
        "no contract type",
        faults,
    );
    require(
        Currency::parse(&terms.currency_code).is_ok(),
        "terms.currency_code",
        "no currency",
        faults,
    );
    require(terms.signed_date.is_some(), "terms.signed_date", "not signed", faults);
    let day = |day: Option<&strata_contract::google::r#type::Date>| day.and_then(|day| date(day).ok());
    let (start, end) = (day(terms.start_date.as_ref()), day(terms.end_date.as_ref()));
    require(start.is_some(), "terms.start_date", "no first day", faults);
    require(
        end.is_none() || start <= end,
        "terms.end_date",
        "the last day is before the first",
        faults,
    );
    let needs = |amount: Option<&Money>, field, faults: &mut Faults| match amount {
        None => faults.push((field, "no amount, which this type of contract needs".to_owned())),
        Some(amount) if amount.currency_code != terms.currency_code => {
            faults.push((field, "another currency than the contract's".to_owned()))
        }
        Some(amount) if amount.minor_units <= 0 => faults.push((field, "an amount of zero or less".to_owned())),
        Some(_) => {}
    };
    match terms.r#type() {
        ContractType::Time | ContractType::Blended => check_rounding(terms, faults),
        ContractType::TimeCapped => {
            check_rounding(terms, faults);
            needs(terms.cap.as_ref(), "terms.cap", faults);
        }
        ContractType::FixedFee => needs(terms.contract_value.as_ref(), "terms.contract_value", faults),
        ContractType::RetainerMonthly => {
            check_rounding(terms, faults);
            needs(terms.monthly_fee.as_ref(), "terms.monthly_fee", faults);
            needs(terms.overage_rate.as_ref(), "terms.overage_rate", faults);
        }
        ContractType::RetainerPrepaid => needs(terms.prepaid_amount.as_ref(), "terms.prepaid_amount", faults),
        ContractType::Unspecified => {}
    }
}

fn check_rounding(terms: &ContractTerms, faults: &mut Faults) {
    require(
        terms.increment_minutes > 0,
        "terms.increment_minutes",
        "no rounding increment (1: none)",
        faults,
    );
    let said = terms.rounding_mode() != RoundingMode::Unspecified || terms.increment_minutes == 1;
    require(said, "terms.rounding_mode", "no rounding mode", faults);
    require(
        terms.overtime_multiplier_percent >= 100,
        "terms.overtime_multiplier_percent",
        "below 100",
        faults,
    );
}

fn check_projects(projects: &[crm::PlannedProject], faults: &mut Faults) {
    require(!projects.is_empty(), "projects", "no project was sold", faults);
    let mut codes = HashSet::new();
    for project in projects {
        require(!project.code.is_empty(), "projects.code", "a project without code", faults);
        require(
            codes.insert(&project.code),
            "projects.code",
            "two projects of one code",
            faults,
        );
        require(
            project.start_date.is_some(),
            "projects.start_date",
            "a project without first day",
            faults,
        );
        require(!project.tasks.is_empty(), "projects.tasks", "a project without tasks", faults);
        require(
            project.tasks.iter().all(|task| !task.code.is_empty()),
            "projects.tasks.code",
            "a task without code",
            faults,
        );
    }
}

fn require(holds: bool, field: &'static str, otherwise: &str, faults: &mut Faults) {
    if !holds {
        faults.push((field, otherwise.to_owned()));
    }
}

fn tax(entity: &master::LegalEntity, account: &crm::Account, faults: &mut Faults) -> Option<TaxTreatment> {
    let both_in_union = entity.eu_member && is_eu_member(&account.country_code) && entity.country_code != account.country_code;
    if both_in_union && account.vat_id_valid.is_none() {
        faults.push((
            "account.vat_id_valid",
            "nobody checked the VAT id, on which the tax depends".to_owned(),
        ));
        return None;
    }
    let standard_percent = match parse_decimal(&entity.standard_tax_percent) {
        Ok(percent) => percent,
        Err(cause) => {
            faults.push(("terms.legal_entity_code", format!("its standard tax: {}", cause.message)));
            return None;
        }
    };
    let seller = Seller {
        country: entity.country_code.clone(),
        eu_member: entity.eu_member,
        standard_percent,
    };
    let buyer = Buyer {
        country: account.country_code.clone(),
        vat_id_valid: account.vat_id_valid.unwrap_or_default(),
    };
    match treatment(&seller, &buyer) {
        Ok(treatment) => Some(treatment),
        Err(refusal) => {
            faults.push(("account.vat_id_valid", refusal.message));
            None
        }
    }
}

fn customer(id: &str, account: crm::Account) -> master::Customer {
    master::Customer {
        id: id.to_owned(),
        name: account.name,
        country_code: account.country_code,
        currency_code: account.currency_code,
        vat_id_valid: account.vat_id_valid.unwrap_or_default(),
        payment_terms_days: account.payment_terms_days.unwrap_or_default(),
        crm_account_id: account.id,
    }
}

fn project(engagement_id: &str, contract_id: &str, terms: &ContractTerms, sold: &crm::PlannedProject) -> master::Project {
    let id = derive_id("prj", &[engagement_id, &sold.code]);
    let or_code = |name: &str, code: &str| if name.is_empty() { code.to_owned() } else { name.to_owned() };
    let task = |task: &crm::PlannedTask| master::Task {
        id: derive_id("tsk", &[&id, &task.code]),
        code: task.code.clone(),
        name: or_code(&task.name, &task.code),
        billable: task.billable,
    };
    master::Project {
        code: sold.code.clone(),
        name: or_code(&sold.name, &sold.code),
        contract_id: contract_id.to_owned(),
        legal_entity_code: terms.legal_entity_code.clone(),
        cost_center_code: sold.cost_center_code.clone(),
        start_date: sold.start_date,
        tasks: sold.tasks.iter().map(task).collect(),
        roles: sold.roles.clone(),
        engagement_id: String::new(),
        id,
    }
}

fn pb_category(category: TaxCategory) -> PbCategory {
    match category {
        TaxCategory::Standard => PbCategory::Standard,
        TaxCategory::ReverseCharge => PbCategory::ReverseCharge,
        TaxCategory::OutsideScope | TaxCategory::Export => PbCategory::OutsideScope,
        // Of goods, of regions and of public buyers: a service sold to a business is never treated so.
        TaxCategory::IntraCommunity | TaxCategory::CanaryIslands | TaxCategory::CeutaAndMelilla | TaxCategory::SplitPayment => {
            PbCategory::Unspecified
        }
        TaxCategory::ZeroRated => PbCategory::ZeroRated,
        TaxCategory::Exempt => PbCategory::Exempt,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_contract::google::r#type::Date;

    use super::*;

    fn whole() -> (crm::Sale, Vec<master::LegalEntity>) {
        let day = Some(Date {
            year: 2025,
            month: 1,
            day: 2,
        });
        let sale = crm::Sale {
            opportunity: Some(crm::Opportunity {
                id: "006".into(),
                won: true,
                ..Default::default()
            }),
            account: Some(crm::Account {
                id: "001".into(),
                name: "Northwind".into(),
                country_code: "FR".into(),
                currency_code: "EUR".into(),
                vat_id_valid: Some(true),
                payment_terms_days: Some(30),
            }),
            terms: Some(ContractTerms {
                contract_number: "CT-1".into(),
                legal_entity_code: "DE01".into(),
                r#type: ContractType::Time.into(),
                currency_code: "EUR".into(),
                start_date: day,
                signed_date: day,
                increment_minutes: 15,
                rounding_mode: RoundingMode::Up.into(),
                overtime_multiplier_percent: 150,
                ..Default::default()
            }),
            projects: vec![crm::PlannedProject {
                code: "PR-1".into(),
                start_date: day,
                tasks: vec![crm::PlannedTask {
                    code: "PR-1-T1".into(),
                    billable: true,
                    ..Default::default()
                }],
                ..Default::default()
            }],
        };
        let entity = master::LegalEntity {
            code: "DE01".into(),
            country_code: "DE".into(),
            eu_member: true,
            standard_tax_percent: "19.0".into(),
            ..Default::default()
        };
        (sale, vec![entity])
    }

    #[test]
    fn a_whole_sale_is_an_engagement_taxed_by_its_parties() {
        let (sale, entities) = whole();
        let made = engagement("salesforce", &sale, &entities).unwrap();
        let contract = made.contract.unwrap();
        assert_eq!(contract.tax_category(), PbCategory::ReverseCharge);
        assert_eq!(contract.tax_percent, "0");
        assert_eq!(made.projects[0].name, "PR-1");
        assert_eq!(made.projects[0].contract_id, contract.id);
    }

    #[test]
    fn every_missing_fact_is_named_at_once() {
        let (mut sale, entities) = whole();
        let account = sale.account.as_mut().unwrap();
        account.vat_id_valid = None;
        account.payment_terms_days = None;
        sale.terms.as_mut().unwrap().signed_date = None;
        sale.projects.clear();
        let faults = engagement("salesforce", &sale, &entities).unwrap_err();
        let fields: Vec<&str> = faults.iter().map(|(field, _)| *field).collect();
        assert_eq!(
            fields,
            [
                "account.payment_terms_days",
                "terms.signed_date",
                "projects",
                "account.vat_id_valid"
            ]
        );
    }

    #[test]
    fn a_capped_contract_needs_its_cap_in_its_currency() {
        let (mut sale, entities) = whole();
        let terms = sale.terms.as_mut().unwrap();
        terms.set_type(ContractType::TimeCapped);
        terms.cap = Some(Money {
            currency_code: "USD".into(),
            minor_units: 100,
        });
        let faults = engagement("salesforce", &sale, &entities).unwrap_err();
        assert_eq!(faults, [("terms.cap", "another currency than the contract's".to_owned())]);
    }
}
