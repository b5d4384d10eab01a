//! Timesheet submissions.

use super::submissions::{self, Sheet};
use crate::model::{Many, Model};

const SHEET: Sheet = Sheet {
    items: "time_entries",
    list: "time_entry_ids",
    link: "timesheet_submission_id",
    day: "date_performed",
};

pub(crate) static MODEL: Model = Model {
    kind: "timesheet_submissions",
    singular: "timesheet_submission",
    subject: "TimesheetSubmission",
    fields: submissions::FIELDS,
    many: &[Many {
        include: "time_entries",
        name: SHEET.list,
        kind: SHEET.items,
        index: SHEET.link,
    }],
    filters: submissions::FILTERS,
    search: Some("title"),
    order: "start_date:desc",
    create: Some(|change| submissions::check(&SHEET, change)),
    created: Some(|change| submissions::collect(&SHEET, change)),
    update: Some(|change| submissions::check(&SHEET, change)),
    delete: None,
    actions: &[
        ("approve", |change| submissions::approve(&SHEET, change)),
        ("reject", |change| submissions::reject(&SHEET, change)),
        ("cancel", |change| submissions::cancel(&SHEET, change)),
    ],
    ..Model::PLAIN
};
