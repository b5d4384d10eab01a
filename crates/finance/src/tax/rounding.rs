//! Where the rounding of tax happens: by line or in total, by tax code or by combination of codes.

use std::collections::BTreeSet;

use strata_kernel::{Decimal, Error, Result};

use crate::quantum::RoundingMode;
use crate::ratio::{Ratio, multiple};
use crate::spread::spread;

/// A tax code that a line falls under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxCode {
    /// Code.
    pub code: String,
    /// Its percent.
    pub percent: Decimal,
}

/// A line with the codes it falls under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodedLine {
    /// Net in major units.
    pub net: Decimal,
    /// Codes.
    pub codes: Vec<TaxCode>,
}

/// What is taxed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Calculation {
    /// Each line for itself.
    Line,
    /// All lines of the document.
    Total,
}

impl Calculation {
    /// Reads "line" or "total". Any other word is `INVALID_FIELD`.
    pub fn parse(word: &str) -> Result<Self> {
        match word {
            "line" => Ok(Self::Line),
            "total" => Ok(Self::Total),
            _ => Err(Error::invalid("calculation", format!("\"{word}\" is neither line nor total"))),
        }
    }
}

/// What is rounded together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoundingBy {
    /// Each tax code.
    Code,
    /// All codes of a line together: by line with the lines of the same codes next to it, in total with every line of
    /// the same codes.
    Combination,
}

impl RoundingBy {
    /// Reads "code" or "combination". Any other word is `INVALID_FIELD`.
    pub fn parse(word: &str) -> Result<Self> {
        match word {
            "code" => Ok(Self::Code),
            "combination" => Ok(Self::Combination),
            _ => Err(Error::invalid(
                "rounding_by",
                format!("\"{word}\" is neither code nor combination"),
            )),
        }
    }
}

/// What the percent is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaxBase {
    /// Of the net: `net x p`.
    Net,
    /// Of the net and the tax itself: `net x p/(1 - p)`.
    CalculatedPercent,
}

impl TaxBase {
    /// Reads "net" or "calculated_percent". Any other word is `INVALID_FIELD`.
    pub fn parse(word: &str) -> Result<Self> {
        match word {
            "net" => Ok(Self::Net),
            "calculated_percent" => Ok(Self::CalculatedPercent),
            _ => Err(Error::invalid(
                "base",
                format!("\"{word}\" is neither net nor calculated_percent"),
            )),
        }
    }

    fn tax(self, net: Decimal, percent: Decimal) -> Result<Ratio> {
        let share = Ratio::decimal(percent).over(Ratio::whole(100))?;
        let tax = Ratio::decimal(net).times(share)?;
        match self {
            Self::Net => Ok(tax),
            Self::CalculatedPercent if percent < Decimal::ONE_HUNDRED => tax.over(share.complement()?),
            Self::CalculatedPercent => Err(Error::invalid("percent", "a tax in its own base is below 100 %")),
        }
    }
}

/// What an entity set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxRoundingRule {
    /// What is taxed together.
    pub calculation: Calculation,
    /// What is rounded together.
    pub by: RoundingBy,
    /// What the percent is of.
    pub base: TaxBase,
    /// Amounts become multiples of it, in major units, above zero.
    pub quantum: Decimal,
    /// How.
    pub mode: RoundingMode,
}

/// Tax of a document, in major units. Parts add up to the total, exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundedTax {
    /// Tax by line and code, in the order given.
    pub lines: Vec<Vec<Decimal>>,
    /// Tax by code, in the order in which codes first appear.
    pub by_code: Vec<(String, Decimal)>,
    /// Tax of the document.
    pub total: Decimal,
}

/// Taxes lines by code and rounds where the rule says: the exact tax of what is rounded together is added up, rounded
/// once, and spread over lines and codes by largest remainder, ties to the first.
///
/// A code is rounded by line or in total. A combination is rounded in total over all lines with the same codes, and by
/// line over such lines as long as they follow one another: the two publications round neighbours together (example 5
/// of the first) and lines apart from each other separately (the four lines of the second).
/// Source: "Sales tax calculation and rounding", examples 1 to 7, and "Tax calculation rounding rules", Dynamics 365
/// Finance.
///
/// A quantum that is not above zero, and a tax in its own base of 100 percent or more, are `INVALID_FIELD`.
pub fn rounded_tax(lines: &[CodedLine], rule: TaxRoundingRule) -> Result<RoundedTax> {
    let mut parts = Vec::new();
    let (mut run, mut before) = (0, None);
    for (index, line) in lines.iter().enumerate() {
        let codes: BTreeSet<&str> = line.codes.iter().map(|code| code.code.as_str()).collect();
        if before.as_ref() != Some(&codes) {
            run = index;
        }
        for code in &line.codes {
            let together = match (rule.by, rule.calculation) {
                (RoundingBy::Code, Calculation::Line) => (Some(index), BTreeSet::from([code.code.as_str()])),
                (RoundingBy::Code, Calculation::Total) => (None, BTreeSet::from([code.code.as_str()])),
                (RoundingBy::Combination, Calculation::Line) => (Some(run), codes.clone()),
                (RoundingBy::Combination, Calculation::Total) => (None, codes.clone()),
            };
            let exact = rule.base.tax(line.net, code.percent)?.in_steps(rule.quantum)?;
            parts.push(Part {
                line: index,
                code: &code.code,
                together,
                exact,
                steps: 0,
            });
        }
        before = Some(codes);
    }
    round_together(&mut parts, rule.mode)?;
    gather(lines.len(), &parts, rule.quantum)
}

/// The tax of one code on one line.
struct Part<'a> {
    line: usize,
    code: &'a str,
    /// What it is rounded with: the line, or the first of a run of lines, if only with that; and the codes.
    together: (Option<usize>, BTreeSet<&'a str>),
    /// In steps of the quantum.
    exact: Ratio,
    /// The same, rounded.
    steps: i64,
}

fn round_together(parts: &mut [Part<'_>], mode: RoundingMode) -> Result<()> {
    let mut groups: Vec<(Option<usize>, BTreeSet<&str>)> = Vec::new();
    for part in parts.iter() {
        if !groups.contains(&part.together) {
            groups.push(part.together.clone());
        }
    }
    for group in groups {
        let mut members: Vec<&mut Part<'_>> = parts.iter_mut().filter(|part| part.together == group).collect();
        let exact: Vec<Ratio> = members.iter().map(|part| part.exact).collect();
        let sum = exact.iter().try_fold(Ratio::whole(0), |sum, part| sum.plus(*part))?;
        for (part, steps) in members.iter_mut().zip(spread(sum.round_by(mode)?, &exact)?) {
            part.steps = steps;
        }
    }
    Ok(())
}

fn gather(lines: usize, parts: &[Part<'_>], quantum: Decimal) -> Result<RoundedTax> {
    let mut by_line = vec![Vec::new(); lines];
    let mut by_code: Vec<(String, i64)> = Vec::new();
    let mut total = 0_i64;
    let add = |sum: i64, steps: i64| sum.checked_add(steps).ok_or_else(crate::ratio::overflow);
    for part in parts {
        total = add(total, part.steps)?;
        if let Some(taxes) = by_line.get_mut(part.line) {
            taxes.push(multiple(part.steps, quantum)?);
        }
        match by_code.iter_mut().find(|(code, _)| code == part.code) {
            Some((_, sum)) => *sum = add(*sum, part.steps)?,
            None => by_code.push((part.code.to_owned(), part.steps)),
        }
    }
    let by_code = by_code
        .into_iter()
        .map(|(code, steps)| Ok((code, multiple(steps, quantum)?)))
        .collect::<Result<_>>()?;
    Ok(RoundedTax {
        lines: by_line,
        by_code,
        total: multiple(total, quantum)?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_kernel::parse_decimal;

    use super::*;
    use crate::reason;

    fn dec(text: &str) -> Decimal {
        parse_decimal(text).unwrap()
    }

    fn line(net: &str, codes: &[(&str, &str)]) -> CodedLine {
        let codes = codes.iter().map(|(code, percent)| TaxCode {
            code: (*code).to_owned(),
            percent: dec(percent),
        });
        CodedLine {
            net: dec(net),
            codes: codes.collect(),
        }
    }

    fn rule(calculation: Calculation, by: RoundingBy, base: TaxBase) -> TaxRoundingRule {
        TaxRoundingRule {
            calculation,
            by,
            base,
            quantum: dec("0.01"),
            mode: RoundingMode::Up,
        }
    }

    fn totals(lines: &[CodedLine], base: TaxBase) -> [String; 4] {
        [
            (Calculation::Line, RoundingBy::Code),
            (Calculation::Total, RoundingBy::Code),
            (Calculation::Line, RoundingBy::Combination),
            (Calculation::Total, RoundingBy::Combination),
        ]
        .map(|(calculation, by)| rounded_tax(lines, rule(calculation, by, base)).unwrap().total.to_string())
    }

    #[test]
    fn the_place_of_rounding_decides() {
        let two = [("a", "10"), ("b", "10")];
        let lines = [line("42.42", &two), line("42.42", &two)];
        assert_eq!(totals(&lines, TaxBase::Net), ["17.00", "16.98", "16.97", "16.97"]);
        assert_eq!(
            totals(&lines, TaxBase::CalculatedPercent),
            ["18.88", "18.86", "18.86", "18.86"]
        );
        let credit: Vec<CodedLine> = lines.iter().map(|_| line("-42.42", &two)).collect();
        assert_eq!(totals(&credit, TaxBase::Net), ["-17.00", "-16.98", "-16.97", "-16.97"]);
    }

    #[test]
    fn parts_of_a_combination_add_up() {
        let (one, two) = ([("a", "10")], [("a", "10"), ("b", "10")]);
        let lines = [
            line("11.11", &one),
            line("22.22", &two),
            line("33.33", &one),
            line("44.44", &two),
        ];
        let found = rounded_tax(&lines, rule(Calculation::Total, RoundingBy::Combination, TaxBase::Net)).unwrap();
        assert_eq!(found.total, dec("17.79"));
        let apart = rounded_tax(&lines, rule(Calculation::Line, RoundingBy::Combination, TaxBase::Net)).unwrap();
        assert_eq!(apart.total, dec("17.80"), "lines that do not follow one another");
        assert_eq!(apart.lines[1], [dec("2.23"), dec("2.22")]);
        assert_eq!(found.by_code.iter().map(|(_, tax)| *tax).sum::<Decimal>(), found.total);
        assert_eq!(found.lines.iter().flatten().copied().sum::<Decimal>(), found.total);
        let nothing = rounded_tax(&[line("5", &[])], rule(Calculation::Line, RoundingBy::Code, TaxBase::Net)).unwrap();
        assert_eq!((nothing.total, nothing.lines.len()), (Decimal::ZERO, 1));
    }

    #[test]
    fn refuses_what_has_no_tax() {
        let of = |percent, quantum: &str| {
            let mut rule = rule(Calculation::Line, RoundingBy::Code, TaxBase::CalculatedPercent);
            rule.quantum = dec(quantum);
            rounded_tax(&[line("9223372036854775807", &[("a", percent)])], rule)
        };
        assert_eq!(of("100", "0.01").unwrap_err().field, "percent");
        assert_eq!(of("10", "0").unwrap_err().field, "quantum");
        assert_eq!(of("10", "0.0001").unwrap_err().reason, reason::AMOUNT_OVERFLOW);
        for refused in [
            Calculation::parse("unit").err(),
            RoundingBy::parse("line").err(),
            TaxBase::parse("gross").err(),
        ] {
            assert_eq!(refused.unwrap().reason, "INVALID_FIELD");
        }
    }
}
