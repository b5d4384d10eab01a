//! How long accepted milestones wait for their invoice.

use strata_kernel::{Date, Decimal, Result};

use crate::metrics::{Fraction, PERCENT_PLACES};

/// A milestone, as far as its invoice is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedMilestone {
    /// Id.
    pub id: String,
    /// Day the customer accepted it. None: nothing waits yet.
    pub accepted_on: Option<Date>,
    /// Issue date of its posted invoice. None: it is not billed.
    pub invoiced_on: Option<Date>,
    /// Day that invoice was credited in full, which opens the milestone again.
    pub credited_on: Option<Date>,
}

/// Delays of milestones in calendar days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MilestoneDelay<'a> {
    /// Days from acceptance to issue date, of those that are billed.
    pub closed_days: Vec<(&'a str, i64)>,
    /// Days from acceptance to the day of the figure, of those that are not.
    pub open_days: Vec<(&'a str, i64)>,
    /// Average of the closed ones, to one decimal. None: there is none. Open ones would only pull it.
    pub average_closed: Option<Decimal>,
}

/// Calendar days from acceptance to invoice, as known on a day: what happened later has not happened yet.
///
/// The average is rounded once to one decimal. Beyond 28 digits it is `AMOUNT_OVERFLOW`. Source: the platform's figure
/// of milestones that wait for their invoice.
pub fn milestone_delay(milestones: &[AcceptedMilestone], as_of: Date) -> Result<MilestoneDelay<'_>> {
    let known = |day: Option<Date>| day.filter(|day| *day <= as_of);
    let (mut closed, mut open) = (Vec::new(), Vec::new());
    for milestone in milestones {
        let Some(accepted_on) = known(milestone.accepted_on) else {
            continue;
        };
        let credited = known(milestone.credited_on).is_some();
        let (list, until) = match known(milestone.invoiced_on).filter(|_| !credited) {
            Some(invoiced_on) => (&mut closed, invoiced_on),
            None => (&mut open, as_of),
        };
        list.push((milestone.id.as_str(), (until - accepted_on).num_days()));
    }
    let average = Fraction::sum(closed.iter().map(|(_, days)| Fraction::new(*days, 1)))?;
    Ok(MilestoneDelay {
        average_closed: average.value(PERCENT_PLACES)?,
        closed_days: closed,
        open_days: open,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn milestone(id: &str, days: [Option<&str>; 3]) -> AcceptedMilestone {
        let [accepted_on, invoiced_on, credited_on] = days.map(|day| day.map(|day| day.parse().unwrap()));
        AcceptedMilestone {
            id: id.to_owned(),
            accepted_on,
            invoiced_on,
            credited_on,
        }
    }

    #[test]
    fn a_credit_opens_it_again_and_the_future_does_not_count() {
        let milestones = [
            milestone("credited", [Some("2025-05-01"), Some("2025-05-05"), Some("2025-06-01")]),
            milestone("billed later", [Some("2025-06-20"), Some("2025-07-01"), None]),
            milestone("accepted later", [Some("2025-07-01"), None, None]),
            milestone("a", [Some("2025-05-01"), Some("2025-05-02"), None]),
            milestone("b", [Some("2025-05-01"), Some("2025-05-03"), Some("2025-07-01")]),
            milestone("c", [Some("2025-05-01"), Some("2025-05-03"), None]),
        ];
        let delay = milestone_delay(&milestones, "2025-06-30".parse().unwrap()).unwrap();
        assert_eq!(delay.open_days, [("credited", 60), ("billed later", 10)]);
        assert_eq!(delay.closed_days, [("a", 1), ("b", 2), ("c", 2)]);
        assert_eq!(delay.average_closed.unwrap().to_string(), "1.7");
        assert_eq!(
            milestone_delay(&[], "2025-06-30".parse().unwrap()).unwrap().average_closed,
            None
        );
    }
}
