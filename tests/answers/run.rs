//! Tries calls with altered answers, and shows what fails as small as it can be made.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use prost_reflect::DynamicMessage;
use serde_json::{Value, json};
use strata_kernel::Error;

use crate::alter::{Altered, change};
use crate::check::{self, Told};
use crate::lane::{Lane, Plan};
use crate::place::repository;

/// Cases of a short run.
const CASES: u32 = 400;
/// Longest time a call may take: some tries that time out, and the pauses between them.
const DEADLINE: Duration = Duration::from_secs(20);

/// Characters of an altered answer that are shown.
const SHOWN: usize = 3_000;

/// A call of an adapter, by its name.
pub(crate) type Ask<A> = fn(Arc<A>, &'static str) -> BoxFuture<'static, Result<DynamicMessage, Error>>;

/// A call whose answers were right: what came of it, and how many answers it took.
struct Right {
    call: &'static str,
    told: DynamicMessage,
    answers: usize,
}

/// Runs every call as it is, then what once failed, then altered ones.
pub(crate) async fn run<A>(vendor: &str, lane: &Lane, make: impl Fn() -> A, calls: &[&'static str], ask: Ask<A>)
where
    A: Send + Sync + 'static,
{
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let adapter = Arc::new(make());
    // The first call is there twice: once with the answer about the token, by an adapter that has none.
    let mut right = Vec::new();
    for call in [&calls[..1], calls].concat() {
        lane.begin(None);
        let told = ask(adapter.clone(), call)
            .await
            .unwrap_or_else(|error| panic!("{call} as it is: {error:?}"));
        right.push(Right {
            call,
            told,
            answers: lane.told().0.len(),
        });
    }
    for known in &right[1..] {
        println!(
            "{vendor} {}: {} answers, {} records",
            known.call,
            known.answers,
            check::count(&known.told)
        );
    }
    assert!(right.iter().map(|known| check::count(&known.told)).sum::<usize>() > 0);
    let one = async |adapter: Arc<A>, known: &Right, plan: Plan| -> Result<bool, String> {
        lane.begin(Some(plan));
        let asked = tokio::spawn(ask(adapter, known.call));
        let told = match tokio::time::timeout(DEADLINE, asked).await {
            Err(_) => return Err("does not end".to_owned()),
            Ok(Err(panicked)) => return Err(format!("panics: {panicked}")),
            Ok(Ok(told)) => told,
        };
        let (right, sent) = lane.told();
        let is_told = told.is_ok();
        let looked = check::check(&known.told, &Told::new(&right, &sent), told);
        looked.map(|()| is_told).map_err(|wrong| {
            let body = |altered: &Altered| altered.body.as_ref().map(|body| String::from_utf8_lossy(body).into_owned());
            let first = sent.first().map(|altered| {
                json!({"call": known.call, "status": altered.status, "content_type": altered.content_type, "body": body(altered)})
            });
            let text = first.unwrap_or_default().to_string();
            format!("{wrong}\n  {}", text.chars().take(SHOWN).collect::<String>())
        })
    };
    for (file, case) in kept(vendor) {
        let known = right.iter().rev().find(|known| case["call"] == known.call).unwrap();
        let altered = Altered {
            status: case["status"].as_u64().map(|status| u16::try_from(status).unwrap()),
            content_type: case["content_type"].as_str().map(|kind| Some(kind.to_owned())),
            body: case["body"].as_str().map(|body| body.as_bytes().to_vec()),
            stall: None,
        };
        let plan = Plan {
            which: case["answer"].as_u64().map_or(0, |which| usize::try_from(which).unwrap()),
            sticky: case["sticky"].as_bool().unwrap_or(false),
            how: Arc::new(move |_| altered.clone()),
        };
        let done = one(adapter.clone(), known, plan).await;
        done.unwrap_or_else(|wrong| panic!("{}: {wrong}", file.display()));
    }
    let cases = number("STRATA_FUZZ_CASES").map_or(CASES, |cases| u32::try_from(cases).unwrap_or(u32::MAX));
    let mut start = [0; 32];
    start[..8].copy_from_slice(&number("STRATA_FUZZ_SEED").unwrap_or(1).to_le_bytes());
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 300,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &start);
    // A new adapter has to sign in first, which is dear: one case in sixty.
    let strategy = (
        any::<Index>(),
        any::<Index>(),
        change(),
        any::<bool>(),
        (0..60_u8).prop_map(|one| one == 0),
    );
    let handle = tokio::runtime::Handle::current();
    let (told, refused) = (Cell::new(0_u32), Cell::new(0_u32));
    let tried = tokio::task::block_in_place(|| {
        TestRunner::new_with_rng(config, rng).run(&strategy, |(call, which, change, sticky, is_new)| {
            let known = if is_new { &right[0] } else { call.get(&right[1..]) };
            let adapter = if is_new { Arc::new(make()) } else { adapter.clone() };
            let which = which.index(known.answers);
            let how = change.clone();
            let plan = Plan {
                which,
                sticky,
                how: Arc::new(move |right| how.of(right)),
            };
            match handle.block_on(one(adapter, known, plan)) {
                Ok(true) => told.set(told.get() + 1),
                Ok(false) => refused.set(refused.get() + 1),
                Err(wrong) => return Err(TestCaseError::fail(format!("{} answer {which}: {wrong}", known.call))),
            }
            Ok(())
        })
    });
    if let Err(failed) = tried {
        panic!("{vendor}: {failed}");
    }
    println!(
        "{vendor}: {cases} cases, {} told something, {} were refused",
        told.get(),
        refused.get()
    );
}

/// What once failed: a call, and what it was answered with.
fn kept(vendor: &str) -> Vec<(PathBuf, Value)> {
    let folder = repository().join("tests/answers/kept").join(vendor);
    let files = std::fs::read_dir(&folder).into_iter().flatten();
    let read = |file: PathBuf| {
        let text = std::fs::read_to_string(&file).unwrap();
        let case = serde_json::from_str(&text).unwrap();
        (file, case)
    };
    files.map(|file| read(file.unwrap().path())).collect()
}
