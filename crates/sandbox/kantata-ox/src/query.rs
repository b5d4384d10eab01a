//! Query parameters.

use chrono::{DateTime, Utc};

use crate::answer::Refusal;
use crate::times;

/// Records on a page when the request does not say.
pub(crate) const PAGE_SIZE: usize = 20;
/// Most records on a page.
pub(crate) const PAGE_SIZE_MAX: usize = 200;

/// The parameters of a request, in order.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) skip: usize,
    pub(crate) size: usize,
}

impl Slice {
    pub(crate) const FIRST: Self = Self {
        skip: 0,
        size: PAGE_SIZE,
    };

    /// Number of the page this is, from 1.
    pub(crate) fn number(self) -> usize {
        self.skip / self.size + 1
    }
}

impl Query {
    pub(crate) fn parse(query: Option<&str>) -> Self {
        Self {
            pairs: url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
                .into_owned()
                .collect(),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .rfind(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A list: separated by commas, or repeated as `name[]=`.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<&str>> {
        let repeated = |key: &str| key.strip_suffix("[]") == Some(name);
        let values = self.pairs.iter().filter(|(key, _)| key == name || repeated(key));
        let values: Vec<&str> = values.flat_map(|(_, value)| value.split(',')).map(str::trim).collect();
        (!values.is_empty()).then(|| values.into_iter().filter(|value| !value.is_empty()).collect())
    }

    /// Whether the parameter says yes.
    pub(crate) fn yes(&self, name: &str) -> bool {
        matches!(self.get(name), Some("true" | "1"))
    }

    pub(crate) fn includes(&self, association: &str) -> bool {
        self.list("include").is_some_and(|names| names.contains(&association))
    }

    pub(crate) fn instant(&self, name: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let at = times::parse(text).ok_or_else(|| Refusal::invalid(name, format!("{name} is not an ISO 8601 date or time")));
        at.map(Some)
    }

    /// `limit` and `offset` win over `page` and `per_page`; a size above the maximum is cut to it.
    pub(crate) fn slice(&self) -> Result<Slice, Refusal> {
        let limit = self.number("limit")?;
        let offset = self.number("offset")?;
        if limit.is_some() || offset.is_some() {
            let size = limit.unwrap_or(PAGE_SIZE).clamp(1, PAGE_SIZE_MAX);
            return Ok(Slice {
                skip: offset.unwrap_or(0),
                size,
            });
        }
        let size = self.number("per_page")?.unwrap_or(PAGE_SIZE).clamp(1, PAGE_SIZE_MAX);
        let page = self.number("page")?.unwrap_or(1).max(1);
        Ok(Slice {
            skip: (page - 1).saturating_mul(size),
            size,
        })
    }

    fn number(&self, name: &str) -> Result<Option<usize>, Refusal> {
        let Some(text) = self.get(name) else { return Ok(None) };
        text.parse()
            .map(Some)
            .map_err(|_| Refusal::invalid(name, format!("{name} is not a number")))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn limit_and_offset_win_and_sizes_are_cut() {
        let slice = |text| Query::parse(Some(text)).slice().unwrap();
        assert_eq!(slice(""), Slice { skip: 0, size: 20 });
        assert_eq!(slice("page=3&per_page=50"), Slice { skip: 100, size: 50 });
        assert_eq!(slice("per_page=999").size, 200);
        assert_eq!(slice("page=3&limit=10&offset=5"), Slice { skip: 5, size: 10 });
        assert!(Query::parse(Some("page=x")).slice().is_err());
    }

    #[test]
    fn lists_come_with_commas_or_brackets() {
        let query = Query::parse(Some("include=user,story&only[]=1&only[]=2&none="));
        assert!(query.includes("story") && !query.includes("workspace"));
        assert_eq!(query.list("only"), Some(vec!["1", "2"]));
        assert_eq!((query.list("none"), query.list("absent")), (Some(vec![]), None));
    }
}
