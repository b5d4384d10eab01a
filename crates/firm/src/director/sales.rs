//! The sellers: accounts, rate cards, deals, amendments.

use strata_kernel::Date;

use super::day::Day;
use crate::Result;
use crate::data::{Contract, Project};
use crate::people::Sold;

/// Role asked for when nobody is assigned to a project.
const DEFAULT_ROLE: &str = "consultant";

impl Day<'_> {
    pub(super) async fn account(&self, at: usize) -> Result<String> {
        self.people.crm.account(&self.firm.customers[at], self.careful).await
    }

    pub(super) async fn rate_line(&self, at: usize) -> Result<String> {
        let line = &self.firm.rate_lines[at];
        let key = match line.level.as_str() {
            "customer" => self.account_of(&line.id, &line.level_id)?,
            _ => line.level_id.clone(),
        };
        self.people.crm.rate_line(line, &key, self.careful).await
    }

    pub(super) async fn open_prospect(&self, at: usize) -> Result<String> {
        let deal = &self.firm.opportunities[at];
        let year_end = Date::from_ymd_opt(self.firm.manifest.year, 12, 31).unwrap_or(self.date);
        self.opportunity(&deal.id, year_end).await
    }

    /// The deal is put in open, with its contract and what is sold.
    pub(super) async fn open_deal(&self, at: usize) -> Result<String> {
        let contract = &self.firm.contracts[at];
        let account = self.account_of(&contract.id, &contract.customer_id)?;
        let opportunity = self.opportunity(&contract.opportunity_id, contract.signed_on).await?;
        self.people
            .crm
            .contract(contract, &account, &opportunity, self.careful)
            .await?;
        let projects = self.firm.projects.iter();
        let projects = projects.filter(|project| project.contract_id.as_deref() == Some(contract.id.as_str()));
        for (project, sequence) in projects.zip(1..) {
            let sold = self.sold(contract, project)?;
            let id = self
                .people
                .crm
                .sold_project(&sold, &opportunity, sequence, self.careful)
                .await?;
            self.journal.note(&format!("sold:{}", project.id), &id)?;
        }
        self.milestones(&contract.id, None).await?;
        Ok(opportunity)
    }

    pub(super) async fn win_deal(&self, at: usize) -> Result<String> {
        let contract = &self.firm.contracts[at];
        let opportunity = self.result_of(&contract.id, &format!("OpenDeal:{}", contract.id))?;
        self.people.crm.win(&opportunity, self.date).await?;
        Ok(opportunity)
    }

    pub(super) async fn mend_cost_center(&self, at: usize) -> Result<String> {
        let project = &self.firm.projects[at];
        let sold = self.result_of(&project.id, &format!("sold:{}", project.id))?;
        self.people.crm.mend_cost_center(&sold, &project.cost_center_id).await?;
        Ok(sold)
    }

    pub(super) async fn amend(&self, at: usize) -> Result<String> {
        let amendment = &self.firm.amendments[at];
        self.milestones(&amendment.contract_id, Some(&amendment.id)).await?;
        self.people.crm.amend(amendment, self.careful).await
    }

    /// Enters the milestones of a contract that its amendment adds, or those it was signed with.
    async fn milestones(&self, contract: &str, amendment: Option<&str>) -> Result<()> {
        let of_contract = self.firm.milestones.iter().filter(|row| row.contract_id == contract);
        for (milestone, sequence) in of_contract.zip(1..) {
            if milestone.change_order_id.as_deref() == amendment {
                self.people.crm.milestone(milestone, sequence, self.careful).await?;
            }
        }
        Ok(())
    }

    async fn opportunity(&self, id: &str, close_date: Date) -> Result<String> {
        let deal = self.firm.opportunity(id, id)?;
        let customer = self.firm.customer(id, &deal.customer_id)?;
        let account = self.account_of(id, &deal.customer_id)?;
        self.people
            .crm
            .opportunity(deal, (customer, &account), close_date, self.careful)
            .await
    }

    fn account_of(&self, who: &str, customer: &str) -> Result<String> {
        self.result_of(who, &format!("Account:{customer}"))
    }

    /// A project as it is sold. The seller leaves the cost center out where the firm has no ERP structure yet.
    fn sold<'f>(&'f self, contract: &Contract, project: &'f Project) -> Result<Sold<'f>> {
        let customer = self.firm.customer(&contract.id, &contract.customer_id)?;
        let mut roles: Vec<&str> = Vec::new();
        for assignment in self.firm.assignments.iter().filter(|row| row.project_id == project.id) {
            if !roles.contains(&assignment.role.as_str()) {
                roles.push(&assignment.role);
            }
        }
        if roles.is_empty() {
            roles.push(DEFAULT_ROLE);
        }
        Ok(Sold {
            project,
            name: format!("{} {}", customer.name, contract.kind.replace('_', " ")),
            cost_center: project.erp_project_id.as_ref().map(|_| project.cost_center_id.as_str()),
            roles,
            tasks: self.firm.tasks.iter().filter(|task| task.project_id == project.id).collect(),
        })
    }
}
