//! Choosing the records of a list.

use chrono::{DateTime, Utc};
use serde_json::Value;
use strata_sandbox::{Body, Record, View};

use crate::answer::Refusal;
use crate::model::{self, Filter, Hides, Model};
use crate::query::{Query, Slice};
use crate::{input, references, resources, times};

/// A page of a list and how many records the whole list has.
pub(crate) struct Page {
    pub(crate) total: usize,
    pub(crate) slice: Slice,
    pub(crate) records: Vec<Record>,
}

/// What a request asks a list for.
struct Wanted<'q> {
    window: Window,
    /// Ids some filter named; `None`: no filter did.
    narrowed: Option<Vec<u64>>,
    tests: Vec<Test<'q>>,
    field: String,
    descending: bool,
}

/// A filter that has to look at the record itself.
type Test<'q> = Box<dyn Fn(&Body) -> bool + 'q>;

/// Bounds on the stamps, compared at the second the reader sees: both ends inclusive, so ties appear again.
#[derive(Default)]
struct Window {
    updated_from: Option<DateTime<Utc>>,
    updated_until: Option<DateTime<Utc>>,
    created_from: Option<DateTime<Utc>>,
    created_until: Option<DateTime<Utc>>,
}

/// The page of `model`'s list that `query` asks for.
pub(crate) fn page(view: &View<'_>, model: &'static Model, query: &Query) -> Result<Page, Refusal> {
    let slice = query.slice()?;
    let wanted = Wanted::read(view, model, query)?;
    if wanted.is_plain_feed() {
        // The feed a reader polls: counted and paged on the modified index, however many records came before.
        let since = wanted.window.updated_from.unwrap_or(DateTime::<Utc>::MIN_UTC);
        let later = wanted
            .window
            .updated_until
            .map_or(0, |until| view.count_changed(model.kind, until.max(since)));
        let total = view.count_changed(model.kind, since) - later;
        let size = slice.size.min(total.saturating_sub(slice.skip));
        let records = view.changed_page(model.kind, since, slice.skip, size);
        return Ok(Page { total, slice, records });
    }
    let ids = wanted.sorted(view, model);
    let chosen = ids.iter().skip(slice.skip).take(slice.size);
    let records = chosen.filter_map(|id| view.record(model.kind, *id)).collect();
    Ok(Page {
        total: ids.len(),
        slice,
        records,
    })
}

/// Whether the default filters let a single record be shown.
pub(crate) fn visible(view: &View<'_>, model: &Model, body: &Body, query: &Query) -> bool {
    match model.hides {
        Hides::Nothing => true,
        Hides::Archived => !model::is(body, "archived") || includes_archived(query),
        Hides::FromArchivedWorkspaces => {
            let workspace = model::id(body, "workspace_id").and_then(|id| view.get("workspaces", id));
            from_archived(query) || !workspace.is_some_and(|workspace| model::is(&workspace, "archived"))
        }
    }
}

fn includes_archived(query: &Query) -> bool {
    query.yes("include_archived") || matches!(query.get("archived"), Some("include" | "only"))
}

fn from_archived(query: &Query) -> bool {
    query.yes("from_archived_workspaces") || query.yes("show_from_archived_workspaces")
}

impl<'q> Wanted<'q> {
    fn read(view: &View<'_>, model: &'static Model, query: &'q Query) -> Result<Self, Refusal> {
        let order = query.get("order").unwrap_or(model.order);
        let (field, direction) = order.split_once(':').unwrap_or((order, "asc"));
        let mut wanted = Self {
            window: Window::read(query)?,
            narrowed: None,
            tests: Vec::new(),
            field: field.to_owned(),
            descending: direction.eq_ignore_ascii_case("desc"),
        };
        if let Some(only) = query.list("only") {
            wanted.narrow(
                only.iter()
                    .filter_map(|id| id.parse().ok())
                    .filter(|id| view.exists(model.kind, *id))
                    .collect(),
            );
        }
        if let Some(ids) = references::matching(view, model, query) {
            wanted.narrow(ids);
        }
        for filter in model.filters {
            wanted.apply(view, model, query, filter)?;
        }
        wanted.search(model, query);
        wanted.hide(view, model, query);
        Ok(wanted)
    }

    fn apply(&mut self, view: &View<'_>, model: &Model, query: &'q Query, filter: &Filter) -> Result<(), Refusal> {
        match *filter {
            Filter::Any { param, index } => {
                if let Some(values) = query.list(param) {
                    self.narrow(values.iter().flat_map(|value| view.find(model.kind, index, value)).collect());
                }
            }
            Filter::AnyCase { param, index } => {
                if let Some(values) = query.list(param) {
                    let values = values.iter().map(|value| value.to_lowercase());
                    self.narrow(values.flat_map(|value| view.find(model.kind, index, &value)).collect());
                }
            }
            Filter::Between { param, index } => {
                if let Some(range) = query.get(param) {
                    let bounds = range
                        .split_once(':')
                        .filter(|(from, to)| times::date(from).is_some() && times::date(to).is_some());
                    let (from, to) = bounds.ok_or_else(|| Refusal::invalid(param, format!("{param} is not from:to")))?;
                    self.narrow(view.find_between(model.kind, index, Some(from), Some(to)));
                }
            }
            Filter::Present { param, field, value } => {
                if query.get(param).is_some() {
                    self.tests.push(Box::new(move |body| model::is(body, field) == value));
                }
            }
            Filter::Equals { param, field } => {
                if let Some(values) = query.list(param) {
                    let held = move |body: &Body| body.get(field).and_then(input::text);
                    self.tests.push(Box::new(move |body| {
                        held(body).is_some_and(|text| values.contains(&text.as_str()))
                    }));
                }
            }
            Filter::Bool { param, field } => {
                if query.get(param).is_some() {
                    let value = query.yes(param);
                    self.tests.push(Box::new(move |body| model::is(body, field) == value));
                }
            }
        }
        Ok(())
    }

    fn search(&mut self, model: &'static Model, query: &'q Query) {
        let Some(field) = model.search else { return };
        let words = ["search", "matching"].into_iter().filter_map(|param| query.get(param));
        for word in words.map(str::to_lowercase).filter(|word| !word.is_empty()) {
            let found = move |body: &Body| model::text(body, field).is_some_and(|text| text.to_lowercase().contains(&word));
            self.tests.push(Box::new(found));
        }
        if let Some(title) = query.get("by_title") {
            self.tests.push(Box::new(move |body| model::text(body, field) == Some(title)));
        }
    }

    /// Applies the default filters.
    fn hide(&mut self, view: &View<'_>, model: &Model, query: &'q Query) {
        match model.hides {
            Hides::Archived if query.get("archived") == Some("only") => {
                self.narrow(view.find("workspaces", "archived", "true"));
            }
            // While nothing is archived the filter costs nothing, and a feed stays a plain one.
            Hides::Archived if !includes_archived(query) && !view.find("workspaces", "archived", "true").is_empty() => {
                self.tests.push(Box::new(|body| !model::is(body, "archived")));
            }
            Hides::FromArchivedWorkspaces if !from_archived(query) => {
                let archived = view.find("workspaces", "archived", "true");
                if !archived.is_empty() {
                    let hidden =
                        move |body: &Body| model::id(body, "workspace_id").is_some_and(|id| archived.binary_search(&id).is_ok());
                    self.tests.push(Box::new(move |body| !hidden(body)));
                }
            }
            _ => {}
        }
    }

    fn narrow(&mut self, mut ids: Vec<u64>) {
        ids.sort_unstable();
        ids.dedup();
        if let Some(before) = &self.narrowed {
            ids.retain(|id| before.binary_search(id).is_ok());
        }
        self.narrowed = Some(ids);
    }

    fn is_plain_feed(&self) -> bool {
        let unfiltered = self.narrowed.is_none() && self.tests.is_empty();
        unfiltered && self.field == "updated_at" && !self.descending && self.window.any_creation()
    }

    /// The ids of the whole list in order.
    fn sorted(mut self, view: &View<'_>, model: &Model) -> Vec<u64> {
        let unfiltered = self.narrowed.is_none() && self.tests.is_empty() && self.window.is_open();
        if unfiltered && resources::is_indexed(model.kind, &self.field) {
            let mut ids = view.find_between(model.kind, &self.field, None, None);
            if self.descending {
                ids.reverse();
            }
            // A record without the field is not in its index; then the list has to be sorted after all.
            if ids.len() == view.count(model.kind) {
                return ids;
            }
        }
        let mut ids = match (self.narrowed.take(), self.window.updated_from) {
            (Some(ids), _) => ids,
            (None, Some(since)) => view.changed_ids(model.kind, since).into_iter().map(|(_, id)| id).collect(),
            (None, None) => view.all(model.kind),
        };
        ids.retain(|id| {
            view.stamps(model.kind, *id)
                .is_some_and(|(created, updated)| self.window.holds(created, updated))
        });
        if !self.tests.is_empty() {
            ids.retain(|id| {
                view.get(model.kind, *id)
                    .is_some_and(|body| self.tests.iter().all(|test| test(&body)))
            });
        }
        self.sort(view, model, &mut ids);
        ids
    }

    fn sort(&self, view: &View<'_>, model: &Model, ids: &mut [u64]) {
        match self.field.as_str() {
            "updated_at" => ids.sort_by_cached_key(|id| (view.stamps(model.kind, *id).map(|(_, updated)| updated), *id)),
            // Ids are given out in the order of creation.
            "created_at" | "id" => ids.sort_unstable(),
            field => ids.sort_by_cached_key(|id| (view.get(model.kind, *id).and_then(|body| sort_key(&body, field)), *id)),
        }
        if self.descending {
            ids.reverse();
        }
    }
}

fn sort_key(body: &Body, field: &str) -> Option<String> {
    match body.get(field)? {
        Value::String(text) => Some(text.to_lowercase()),
        Value::Number(number) => Some(format!("{number:>24}")),
        _ => None,
    }
}

impl Window {
    fn read(query: &Query) -> Result<Self, Refusal> {
        let from = |name| query.instant(name).map(|at| at.map(times::second_of));
        let until = |name| query.instant(name).map(|at| at.map(times::second_after));
        Ok(Self {
            updated_from: from("updated_after")?,
            updated_until: until("updated_before")?,
            created_from: from("created_after")?,
            created_until: until("created_before")?,
        })
    }

    fn is_open(&self) -> bool {
        self.any_creation() && self.updated_from.is_none() && self.updated_until.is_none()
    }

    fn any_creation(&self) -> bool {
        self.created_from.is_none() && self.created_until.is_none()
    }

    fn holds(&self, created: DateTime<Utc>, updated: DateTime<Utc>) -> bool {
        let within =
            |at, from: Option<_>, until: Option<_>| from.is_none_or(|from| at >= from) && until.is_none_or(|until| at < until);
        within(updated, self.updated_from, self.updated_until) && within(created, self.created_from, self.created_until)
    }
}
