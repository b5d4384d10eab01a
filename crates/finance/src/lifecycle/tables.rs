//! Every transition of every kind of object. The order of rows means nothing.

use super::machine::{Machine, Transition};

const fn on(from: &'static str, event: &'static str, to: &'static str) -> Transition {
    Transition { from, event, to }
}

/// The machines of all kinds of objects.
pub const MACHINES: &[Machine] = &[
    Machine {
        object: "opportunity",
        initial: "negotiation",
        transitions: &[
            on("negotiation", "won", "closed_won"),
            // Nothing is undone by it: a person decides (OPPORTUNITY_REOPENED).
            on("closed_won", "reopen", "reopened"),
        ],
    },
    Machine {
        object: "contract",
        initial: "draft",
        transitions: &[
            on("draft", "sign", "signed"),
            on("signed", "start", "active"),
            on("active", "complete", "completed"),
            on("signed", "terminate", "terminated"),
            on("active", "terminate", "terminated"),
        ],
    },
    Machine {
        object: "project",
        initial: "planned",
        transitions: &[
            on("planned", "activate", "active"),
            on("active", "hold", "on_hold"),
            on("on_hold", "resume", "active"),
            on("active", "close", "closed"),
            on("on_hold", "close", "closed"),
        ],
    },
    Machine {
        object: "time_entry",
        initial: "draft",
        transitions: &[
            on("draft", "submit", "submitted"),
            on("submitted", "approve", "approved"),
            on("submitted", "reject", "rejected"),
            on("rejected", "edit", "draft"),
            on("submitted", "recall", "draft"),
            on("approved", "bill", "invoiced"),
            on("invoiced", "credit", "approved"),
            on("approved", "correct", "superseded"),
            on("invoiced", "correct", "superseded"),
        ],
    },
    Machine {
        object: "expense_item",
        initial: "draft",
        transitions: &[
            on("draft", "submit", "submitted"),
            on("submitted", "approve", "approved"),
            on("submitted", "reject", "rejected"),
            on("rejected", "edit", "draft"),
            on("submitted", "recall", "draft"),
            on("approved", "bill", "invoiced"),
            on("invoiced", "credit", "approved"),
            on("approved", "correct", "superseded"),
            on("invoiced", "correct", "superseded"),
        ],
    },
    // What we owe the employee for an expense, independent of what the customer is billed for it.
    Machine {
        object: "expense_reimbursement",
        initial: "approved",
        transitions: &[on("approved", "reimburse", "reimbursed")],
    },
    Machine {
        object: "milestone",
        initial: "planned",
        transitions: &[
            on("planned", "deliver", "delivered"),
            on("delivered", "accept", "accepted"),
            on("delivered", "refuse", "planned"),
            on("accepted", "bill", "invoiced"),
            on("invoiced", "credit_in_full", "accepted"),
        ],
    },
    Machine {
        object: "billing_proposal",
        initial: "draft",
        transitions: &[
            on("draft", "approve", "released"),
            on("released", "post", "posted"),
            on("draft", "discard", "discarded"),
        ],
    },
    // `pay` leaves a rest open, `settle` leaves none. A draft may be deleted; what is posted never is.
    Machine {
        object: "invoice",
        initial: "draft",
        transitions: &[
            on("draft", "post", "posted"),
            on("draft", "delete", "deleted"),
            on("posted", "pay", "part_paid"),
            on("posted", "settle", "paid"),
            on("part_paid", "pay", "part_paid"),
            on("part_paid", "settle", "paid"),
            on("posted", "credit_in_full", "credited"),
            on("part_paid", "credit_in_full", "credited"),
            on("posted", "write_off", "written_off"),
        ],
    },
    // An assignment with time booked is not cancelled but ended.
    Machine {
        object: "assignment",
        initial: "requested",
        transitions: &[
            on("requested", "propose", "tentative"),
            on("tentative", "confirm", "confirmed"),
            on("confirmed", "end", "ended"),
            on("requested", "cancel", "cancelled"),
            on("tentative", "cancel", "cancelled"),
            on("confirmed", "cancel", "cancelled"),
            on("requested", "cancel_with_time", "ended"),
            on("tentative", "cancel_with_time", "ended"),
            on("confirmed", "cancel_with_time", "ended"),
        ],
    },
    Machine {
        object: "employee",
        initial: "pending",
        transitions: &[
            on("pending", "hire", "active"),
            on("active", "go_on_leave", "on_leave"),
            on("on_leave", "return", "active"),
            on("active", "terminate", "terminated"),
            on("on_leave", "terminate", "terminated"),
        ],
    },
    // A closed period opens again by another event: it needs a person, a scope and a reason.
    Machine {
        object: "period",
        initial: "future",
        transitions: &[
            on("future", "open", "open"),
            on("open", "soft_close", "soft_closed"),
            on("soft_closed", "close", "closed"),
            on("soft_closed", "reopen", "open"),
            on("closed", "reopen_by_person", "open"),
        ],
    },
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::machine;
    use super::*;
    use crate::metrics::ContractState;
    use crate::period::PeriodState;
    use std::collections::BTreeSet;

    fn words(machine: &Machine) -> (BTreeSet<&str>, BTreeSet<&str>) {
        let rows = machine.transitions;
        let states = rows.iter().flat_map(|row| [row.from, row.to]).collect();
        (states, rows.iter().map(|row| row.event).collect())
    }

    #[test]
    fn every_pair_is_in_the_table_or_refused() {
        for machine in MACHINES {
            let (states, events) = words(machine);
            let mut allowed = 0;
            for state in &states {
                for event in &events {
                    let row = machine
                        .transitions
                        .iter()
                        .find(|row| (row.from, row.event) == (*state, *event));
                    match (row, machine.next(state, event)) {
                        (Some(row), got) => {
                            assert_eq!(got.unwrap(), row.to, "{} {state} {event}", machine.object);
                            allowed += 1;
                        }
                        (None, got) => assert_eq!(
                            got.unwrap_err().reason,
                            "INVALID_TRANSITION",
                            "{} {state} {event}",
                            machine.object
                        ),
                    }
                }
            }
            assert_eq!(
                allowed,
                machine.transitions.len(),
                "a row of {} is there twice",
                machine.object
            );
        }
    }

    #[test]
    fn every_state_is_reached_from_the_first() {
        for machine in MACHINES {
            let mut reached = BTreeSet::from([machine.initial]);
            for _ in machine.transitions {
                let more: Vec<_> = machine
                    .transitions
                    .iter()
                    .filter(|row| reached.contains(row.from))
                    .map(|row| row.to)
                    .collect();
                reached.extend(more);
            }
            assert_eq!(words(machine).0, reached, "{}", machine.object);
        }
    }

    #[test]
    fn what_is_final_stays() {
        let cases = [
            ("time_entry", "superseded"),
            ("contract", "terminated"),
            ("contract", "completed"),
            ("project", "closed"),
            ("invoice", "credited"),
            ("invoice", "written_off"),
            ("invoice", "paid"),
            ("assignment", "ended"),
            ("assignment", "cancelled"),
            ("employee", "terminated"),
            ("billing_proposal", "posted"),
            ("billing_proposal", "discarded"),
        ];
        for (object, state) in cases {
            let machine = machine(object).unwrap();
            assert!(
                machine.has_state(state) && machine.transitions.iter().all(|row| row.from != state),
                "{object} {state}"
            );
        }
    }

    #[test]
    fn paths_of_the_trade() {
        let cases = [
            (
                "time_entry",
                "submit reject edit submit recall submit approve bill credit bill correct",
                "superseded",
            ),
            (
                "milestone",
                "deliver refuse deliver accept bill credit_in_full bill",
                "invoiced",
            ),
            ("contract", "sign start complete", "completed"),
            ("project", "activate hold resume hold close", "closed"),
            ("invoice", "post pay pay settle", "paid"),
            ("employee", "hire go_on_leave return go_on_leave terminate", "terminated"),
            ("assignment", "propose confirm cancel_with_time", "ended"),
            ("period", "open soft_close reopen soft_close close reopen_by_person", "open"),
            ("opportunity", "won reopen", "reopened"),
            ("billing_proposal", "approve post", "posted"),
            ("expense_item", "submit approve bill", "invoiced"),
            ("expense_reimbursement", "reimburse", "reimbursed"),
        ];
        assert_eq!(cases.len(), MACHINES.len());
        for (object, events, end) in cases {
            let machine = machine(object).unwrap();
            let state = events
                .split(' ')
                .try_fold(machine.initial, |state, event| machine.next(state, event));
            assert_eq!(state.unwrap(), end, "{object}");
        }
    }

    #[test]
    fn the_states_that_rules_read_are_those_of_the_tables() {
        for state in words(machine("time_entry").unwrap()).0 {
            assert!(super::super::TimeState::parse(state).is_ok(), "{state}");
        }
        for state in words(machine("contract").unwrap()).0 {
            assert!(ContractState::parse(state).is_ok(), "{state}");
        }
        for state in words(machine("period").unwrap()).0 {
            assert!(PeriodState::parse(state).is_ok(), "{state}");
        }
    }
}
