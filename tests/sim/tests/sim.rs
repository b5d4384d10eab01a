//! Seeds in numbers, and that a seed is one life only.

#![allow(clippy::unwrap_used)]

use strata_sim::{Options, Template, many, run};

/// What continuous integration runs.
const SEEDS: u64 = 500;

#[test]
fn five_hundred_seeds() {
    let sum = many(1, SEEDS, 2).unwrap();
    println!("{sum}");
    assert_eq!(sum.seeds, SEEDS);
    assert!(sum.is_good(), "{sum}");
}

#[test]
fn the_same_seed_is_the_same_life() {
    let template = Template::new().unwrap();
    let options = Options {
        trace: true,
        tables: true,
    };
    for seed in 1..=20 {
        let (one, other) = (run(&template, seed, options).unwrap(), run(&template, seed, options).unwrap());
        let differs = one.trace.iter().zip(&other.trace).find(|(one, other)| one != other);
        assert_eq!(one.hash, other.hash, "seed {seed} lives two lives: {differs:#?}");
    }
}
