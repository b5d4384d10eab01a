//! Finance sets up the books; HR hires, moves, pays and says goodbye; the PMO opens internal projects.

use super::day::Day;
use crate::Result;
use crate::data::{CostRate, Employment};

impl Day<'_> {
    pub(super) async fn legal_entity(&self, at: usize) -> Result<String> {
        let entity = &self.firm.legal_entities[at];
        let id = self.people.erp.subsidiary(entity).await?;
        self.people.erp.tax_codes(entity, &id).await?;
        if at == 0 {
            // Accounts and calendar of the books are the same for all entities.
            self.people.erp.accounts().await?;
            let last = self.firm.manifest.as_of;
            self.people.erp.open_periods(self.date, last).await?;
        }
        Ok(id)
    }

    pub(super) async fn cost_center(&self, at: usize) -> Result<String> {
        let center = &self.firm.cost_centers[at];
        let subsidiary = self.result_of(&center.id, &format!("LegalEntity:{}", center.legal_entity_id))?;
        self.people.erp.department(center, &subsidiary).await
    }

    pub(super) async fn receipt_limit(&self, at: usize) -> Result<String> {
        self.people.erp.receipt_limit(&self.firm.currencies[at]).await
    }

    pub(super) async fn exchange_rate(&self, at: usize) -> Result<String> {
        self.people.erp.exchange_rate(&self.firm.exchange_rates[at]).await?;
        Ok(String::new())
    }

    pub(super) async fn transfer_rate(&self, at: usize) -> Result<String> {
        let rate = &self.firm.transfer_rates[at];
        let subsidiary = |entity: &str| self.result_of(entity, &format!("LegalEntity:{entity}"));
        let delivering = subsidiary(&rate.delivering_entity_id)?;
        let contracting = subsidiary(&rate.contracting_entity_id)?;
        self.people.erp.transfer_rate(rate, &delivering, &contracting).await?;
        Ok(String::new())
    }

    pub(super) async fn internal_project(&self, at: usize) -> Result<String> {
        let project = &self.firm.projects[at];
        let entity = self.firm.entity(&project.id, &project.legal_entity_id)?;
        let tasks: Vec<_> = self.firm.tasks.iter().filter(|task| task.project_id == project.id).collect();
        self.people
            .psa
            .internal_workspace(project, entity, &tasks, self.careful)
            .await
    }

    pub(super) async fn hire(&self, at: usize) -> Result<String> {
        let employee = &self.firm.employees[at];
        let lacks = |what: &str| self.missing(&employee.id, what);
        let job = self.firm.employment.iter().find(|row| row.employee_id == employee.id);
        let pay = self.firm.cost_rates.iter().find(|row| row.employee_id == employee.id);
        let (job, pay) = (
            job.ok_or_else(|| lacks("an employer"))?,
            pay.ok_or_else(|| lacks("a cost rate"))?,
        );
        self.people.hr.hire(employee, job, pay, self.careful).await?;
        Ok(String::new())
    }

    pub(super) async fn change_job(&self, at: usize) -> Result<String> {
        let job: &Employment = &self.firm.employment[at];
        let employee = self.firm.employee("employment", &job.employee_id)?;
        self.people.hr.change_job(employee, job).await?;
        Ok(String::new())
    }

    pub(super) async fn change_pay(&self, at: usize) -> Result<String> {
        let pay: &CostRate = &self.firm.cost_rates[at];
        self.people.hr.change_pay(pay).await?;
        Ok(String::new())
    }

    pub(super) async fn terminate(&self, at: usize) -> Result<String> {
        let employee = &self.firm.employees[at];
        let last_day = employee.terminated_on.unwrap_or(self.date);
        self.people.hr.terminate(employee, last_day).await?;
        Ok(String::new())
    }
}
