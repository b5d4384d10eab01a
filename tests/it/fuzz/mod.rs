//! What the outside can send: right things with a few bytes changed. None of it may end a server, be taken for what it is not, or be
//! answered with INTERNAL.
//!
//! A short run with always the same changes is part of every change. A long one tries others:
//! `STRATA_FUZZ_CASES=200000 STRATA_FUZZ_SEED=7 cargo nextest run --package strata-it -E 'test(/^fuzz::/)'`. What fails is shown as small as it
//! can be made; the bytes go into `tests/it/fuzz/kept/NAME`, where every later run begins.

mod masks;
mod page_tokens;
mod requests;
mod settings;
mod tokens;

use std::fmt::Debug;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};

use crate::place::repository;

/// Changes that are made to one thing, at most.
const EDITS: usize = 6;
/// Longest piece that comes or goes at once.
const PIECE: usize = 40;

/// A change of some bytes.
#[derive(Debug, Clone)]
enum Edit {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
    Cut(Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let place = any::<Index>;
    // Bytes that mean something in a message: ends, lengths, signs.
    let byte = prop_oneof![
        any::<u8>(),
        prop::sample::select(vec![0x00, 0x01, 0x7f, 0x80, 0xff, b'"', b'.', b'-'])
    ];
    prop_oneof![
        4 => (place(), byte).prop_map(|(at, byte)| Edit::Set(at, byte)),
        2 => (place(), prop::collection::vec(any::<u8>(), 1..PIECE)).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        2 => (place(), 1..PIECE).prop_map(|(at, length)| Edit::Remove(at, length)),
        1 => (place(), 1..PIECE).prop_map(|(at, length)| Edit::Repeat(at, length)),
        1 => place().prop_map(Edit::Cut),
    ]
}

/// Which of the seeds, and what becomes of it.
fn changes() -> impl Strategy<Value = (Index, Vec<Edit>)> {
    (any::<Index>(), prop::collection::vec(edit(), 1..EDITS))
}

fn changed(seed: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for edit in edits {
        let at = |place: &Index, bytes: &[u8]| place.index(bytes.len() + 1);
        match edit {
            Edit::Set(place, byte) => {
                let at = at(place, &bytes);
                match bytes.get_mut(at) {
                    Some(held) => *held = *byte,
                    None => bytes.push(*byte),
                }
            }
            Edit::Insert(place, piece) => {
                let at = at(place, &bytes);
                bytes.splice(at..at, piece.iter().copied());
            }
            Edit::Remove(place, length) => {
                let at = at(place, &bytes);
                bytes.drain(at..bytes.len().min(at + length));
            }
            Edit::Repeat(place, length) => {
                let at = at(place, &bytes);
                let piece = bytes[at..bytes.len().min(at + length)].to_vec();
                bytes.splice(at..at, piece);
            }
            Edit::Cut(place) => bytes.truncate(at(place, &bytes)),
        }
    }
    bytes
}

/// Tries every seed as it is, then changed ones. `look` says what is wrong with what came of one.
fn run<S: Debug>(cases: u32, seeds: &[(S, Vec<u8>)], look: impl Fn(&S, Vec<u8>) -> Result<(), String>) {
    assert!(!seeds.is_empty());
    for (what, seed) in seeds {
        look(what, seed.clone()).unwrap_or_else(|wrong| panic!("{what:?} as it is: {wrong}"));
    }
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let cases = number("STRATA_FUZZ_CASES").map_or(cases, |cases| u32::try_from(cases).unwrap_or(u32::MAX));
    let mut start = [0; 32];
    start[..8].copy_from_slice(&number("STRATA_FUZZ_SEED").unwrap_or(1).to_le_bytes());
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &start);
    let tried = TestRunner::new_with_rng(config, rng).run(&changes(), |(which, edits)| -> TestCaseResult {
        let (what, seed) = which.get(seeds);
        let bytes = changed(seed, &edits);
        look(what, bytes.clone()).map_err(|wrong| {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            TestCaseError::fail(format!("{what:?}: {wrong}\n  bytes {bytes:02x?}\n  text {text:?}"))
        })
    });
    if let Err(failed) = tried {
        panic!("{failed}");
    }
}

/// What once failed.
fn kept(name: &str) -> Vec<Vec<u8>> {
    let folder: PathBuf = repository().join("tests/it/fuzz/kept").join(name);
    let files = std::fs::read_dir(&folder).into_iter().flatten();
    files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}
