//! Expenses: what the employee gets back, what the customer pays, and when a receipt is needed. Whether an
//! expense is reimbursable and whether it is billable are two independent switches.

mod control;
mod mileage;
mod per_diem;
mod policy;
mod price;

pub use control::{Control, ExpenseResult, expense_result};
pub use mileage::{MileageTier, mileage};
pub use per_diem::{DailyAllowance, PerDiem, PerDiemByDay, per_diem_by_day, per_diem_by_meal};
pub use policy::check_receipt;
pub use price::{ExpenseSwitches, ExpenseTax, Settlement, TaxRecovery, billable_price, cost_with_tax, sales_price, settle};
