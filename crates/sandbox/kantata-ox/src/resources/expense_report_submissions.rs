//! Expense report submissions.

use super::submissions::{self, Sheet};
use crate::model::{Many, Model};

const SHEET: Sheet = Sheet {
    items: "expenses",
    list: "expense_ids",
    link: "expense_report_submission_id",
    day: "date",
};

pub(crate) static MODEL: Model = Model {
    kind: "expense_report_submissions",
    singular: "expense_report_submission",
    subject: "ExpenseReportSubmission",
    fields: submissions::FIELDS,
    many: &[Many {
        include: "expenses",
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
