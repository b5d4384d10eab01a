//! Reading a list below to its end.

use std::future::Future;

use strata_kernel::{Error, Result};

/// Records asked for at a time: the longest page the contracts allow.
pub(crate) const PAGE: i32 = 1000;
/// Pages read of one list. No list that is read whole comes near it; one that never ends does.
pub(crate) const MOST: usize = 100;

/// Every record of a list. `ask` gets a page token and answers with the page and the token of the next.
pub(crate) async fn all<T, F>(mut ask: impl FnMut(String) -> F) -> Result<Vec<T>>
where
    F: Future<Output = Result<(Vec<T>, String)>>,
{
    let (mut found, mut token) = (Vec::new(), String::new());
    for _ in 0..MOST {
        let (page, next) = ask(token).await?;
        found.extend(page);
        if next.is_empty() {
            return Ok(found);
        }
        token = next;
    }
    Err(endless())
}

/// A list that does not end is a mistake of the tier below; half of it would be a wrong answer.
pub(crate) fn endless() -> Error {
    Error::internal(format!("a list below has more than {MOST} pages of {PAGE}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn a_list_is_read_to_its_end_and_an_endless_one_is_refused() {
        let three = |token: String| async move {
            let next = if token.len() < 2 { format!("{token}x") } else { String::new() };
            Ok((vec![token.len()], next))
        };
        assert_eq!(all(three).await.unwrap(), [0, 1, 2]);
        let endless = |_: String| async { Ok((vec![0], "again".to_owned())) };
        assert_eq!(all(endless).await.unwrap_err().reason, "INTERNAL");
    }
}
