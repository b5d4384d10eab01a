//! Fixed prices: milestones, schedules, progress, units, retention.
