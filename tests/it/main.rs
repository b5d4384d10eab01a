//! The whole platform: every tier, every vendor sandbox, the real program.

#![allow(clippy::unwrap_used)]

mod audit;
mod books;
mod burst;
mod caps;
mod clients;
mod close;
mod corrections;
mod database;
mod dynamic;
mod events;
mod exceptions;
mod faults;
mod fuzz;
mod immutable;
mod instances;
mod intake;
mod intercompany;
mod kills;
mod matrix;
mod milestones;
mod mini;
mod oidc;
mod outage;
mod periods;
mod place;
mod portal;
mod positions;
mod previews;
mod quarantine;
mod receivables;
mod reconciliation;
mod redaction;
mod refusals;
mod repeats;
mod restore;
mod revenue;
mod roles;
mod rows;
mod sales;
mod sweep;
mod tables;
mod tokens;
mod utilization;
mod year;
