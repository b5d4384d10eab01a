//! The table that people read, and the file that programs read.

use std::fmt::Write as _;

use crate::machine::Machine;
use crate::row::{Row, Target, Value};

/// The rows as a table in Markdown, which a terminal shows well, too.
pub(crate) fn markdown(machine: &Machine, rows: &[Row]) -> String {
    let mut lines = vec![[
        "row".to_owned(),
        "measured".to_owned(),
        "value".to_owned(),
        "spread".to_owned(),
        "target".to_owned(),
        String::new(),
    ]];
    for row in rows {
        for (index, value) in row.values.iter().enumerate() {
            let name = if index == 0 { row.id.clone() } else { String::new() };
            lines.push([
                name,
                value.what.to_owned(),
                number(value.figure.median, value.unit),
                format!(
                    "{} to {}",
                    number(value.figure.low, value.unit),
                    number(value.figure.high, value.unit)
                ),
                target(value),
                met(value).to_owned(),
            ]);
        }
    }
    let mut text = format!("{machine}\n\n");
    let widths: Vec<usize> = (0..6)
        .map(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0))
        .collect();
    for (index, line) in lines.iter().enumerate() {
        let cells: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| pad(cell, *width)).collect();
        writeln!(text, "| {} |", cells.join(" | ")).ok();
        if index == 0 {
            let rules: Vec<String> = widths.iter().map(|width| "-".repeat((*width).max(3))).collect();
            writeln!(text, "|-{}-|", rules.join("-|-")).ok();
        }
    }
    text.push('\n');
    for row in rows {
        writeln!(text, "- **{}**: {}; bound: {}", row.id, row.what, row.bound).ok();
    }
    text
}

fn pad(cell: &str, width: usize) -> String {
    let missing = width.saturating_sub(cell.chars().count());
    format!("{cell}{}", " ".repeat(missing))
}

fn met(value: &Value) -> &'static str {
    match value.is_met() {
        Some(true) => "met",
        Some(false) => "MISSED",
        None => "",
    }
}

fn target(value: &Value) -> String {
    match value.target {
        Some(Target::AtLeast(least)) => format!(">= {}", number(least, value.unit)),
        Some(Target::AtMost(most)) => format!("<= {}", number(most, value.unit)),
        None => String::new(),
    }
}

fn number(value: f64, unit: &str) -> String {
    let digits = if value.abs() >= 100.0 {
        0
    } else if value.abs() >= 10.0 {
        1
    } else {
        2
    };
    match unit {
        "x" => format!("{value:.2}x"),
        unit if unit.starts_with('/') => format!("{value:.digits$}{unit}"),
        unit => format!("{value:.digits$} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rounds::Figure;

    #[test]
    fn a_missed_target_is_said() {
        let value = Value::at_least("of its calls/s", "x", Figure::once(0.7), 0.8);
        assert_eq!((met(&value), target(&value)), ("MISSED", ">= 0.80x".to_owned()));
        assert_eq!(number(12345.6, "/s"), "12346/s");
        assert_eq!(number(1.234, "ms"), "1.23 ms");
    }
}
