//! What work costs: the rate of an hour, and burden on raw cost.

mod burden;
mod rate;

pub use burden::{BurdenTier, Burdened, CostAmount, TwoTierCost, burden, burdened, two_tier_cost};
pub use rate::{CostQuestion, CostRate, CostRateLevel, resolve_cost_rate};
