//! The catalogue as one page, without scripts and without anything from elsewhere.

use std::fmt::Write;

use crate::catalogue::{Catalogue, Method, Record, Service, Usage};

const STYLE: &str = include_str!("catalogue.css");
/// In the order in which readers come to them.
const TIERS: [&str; 6] = ["experience", "process", "master", "system", "platform", "development"];

/// The page. `version` is that of the platform.
pub fn html(catalogue: &Catalogue, version: &str) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail: here and below.
    page(&mut out, catalogue, version).ok();
    out
}

fn page(out: &mut String, catalogue: &Catalogue, version: &str) -> std::fmt::Result {
    let methods: usize = catalogue.services.iter().map(|service| service.methods.len()).sum();
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Strata contracts</title><style>{STYLE}</style></head><body>\n<nav><h1>Strata contracts</h1><p>{}</p>",
        text(version)
    )?;
    for tier in TIERS {
        let services: Vec<&Service> = of_tier(catalogue, tier).collect();
        if services.is_empty() {
            continue;
        }
        write!(out, "<h2>{tier}</h2><ul>")?;
        for service in services {
            let mut parts = service.name.rsplit('.');
            let (name, version) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            write!(
                out,
                "<li><a href=\"#{}\">{} {}</a></li>",
                text(&service.name),
                text(name),
                text(version)
            )?;
        }
        write!(out, "</ul>")?;
    }
    write!(
        out,
        "<h2>more</h2><ul><li><a href=\"#events\">Events</a></li><li><a href=\"#records\">Records</a></li>\
         <li><a href=\"#states\">States</a></li></ul></nav>\n<main><p class=\"sum\">{} services, {methods} methods, {} events, \
         {} records, {} state machines</p>",
        catalogue.services.len(),
        catalogue.events.len(),
        catalogue.records.len(),
        catalogue.states.len()
    )?;
    for service in TIERS.iter().flat_map(|tier| of_tier(catalogue, tier)) {
        service_section(out, service)?;
    }
    if let Some(usage) = &catalogue.usage {
        callers(out, usage)?;
    }
    events(out, catalogue)?;
    write!(out, "<section id=\"records\"><h2>Records</h2>")?;
    for record in &catalogue.records {
        record_section(out, record)?;
    }
    write!(out, "</section>")?;
    states(out, catalogue)?;
    writeln!(out, "</main></body></html>")
}

fn of_tier<'a>(catalogue: &'a Catalogue, tier: &str) -> impl Iterator<Item = &'a Service> {
    catalogue.services.iter().filter(move |service| service.tier == tier)
}

fn service_section(out: &mut String, service: &Service) -> std::fmt::Result {
    write!(
        out,
        "\n<section id=\"{0}\"><h2>{0}</h2><p>{1} <b>{2}</b>, owner <b>{3}</b></p><table><tr><th>method<th>scope<th>repeat<th>load\
         <th>class<th>promised<th>ends after</tr>",
        text(&service.name),
        text(&service.says),
        text(&service.tier),
        text(&service.owner)
    )?;
    for method in &service.methods {
        method_row(out, method)?;
    }
    write!(out, "</table></section>")
}

fn method_row(out: &mut String, method: &Method) -> std::fmt::Result {
    let ends = if method.sunset.is_empty() {
        String::new()
    } else {
        let (day, instead) = (text(&method.sunset), text(&method.successor));
        format!("<p class=\"ends\">Deprecated: may be gone from {day} on. Call {instead} instead.</p>")
    };
    let audit = if method.audit { " <i>audited</i>" } else { "" };
    let streams = if method.streams { " <i>stream</i>" } else { "" };
    write!(
        out,
        "\n<tr><td><b>{}</b>{audit}{streams}<p>{}</p>{ends}<td><code>{}</code><td>{}<td><span class=\"{4}\">{4}</span><td>{5}\
         <td class=\"n\">{6} ms<td class=\"n\">{7} ms</tr>",
        text(&method.name),
        text(&method.says),
        text(&method.scope),
        text(&method.idempotency.replace('_', " ")),
        text(&method.criticality),
        text(&method.rate_class),
        method.promised_ms,
        method.deadline_ms
    )
}

fn callers(out: &mut String, usage: &Usage) -> std::fmt::Result {
    write!(
        out,
        "\n<section id=\"callers\"><h2>Callers</h2><p>As {} has counted since {}.</p>\
         <table><tr><th>method<th>consumer<th>calls<th>first<th>last</tr>",
        text(&usage.server),
        text(&usage.since)
    )?;
    for caller in &usage.callers {
        write!(
            out,
            "\n<tr><td><code>{}</code><td>{}<td class=\"n\">{}<td>{}<td>{}</tr>",
            text(&caller.method),
            text(&caller.consumer),
            caller.calls,
            text(&caller.first),
            text(&caller.last)
        )?;
    }
    write!(out, "</table></section>")
}

fn events(out: &mut String, catalogue: &Catalogue) -> std::fmt::Result {
    write!(
        out,
        "\n<section id=\"events\"><h2>Events</h2><table><tr><th>type<th>data<th>subject<th>in order by<th>owner</tr>"
    )?;
    for event in &catalogue.events {
        write!(
            out,
            "\n<tr><td><b>{}</b><p>{}</p><td><code>{}</code><td>{}<td>{}<td>{}</tr>",
            text(&event.kind),
            text(&event.says),
            text(&event.message),
            text(&event.subject),
            text(&event.ordering_key),
            text(&event.owner)
        )?;
    }
    write!(out, "</table></section>")
}

fn record_section(out: &mut String, record: &Record) -> std::fmt::Result {
    write!(
        out,
        "\n<details id=\"{0}\"><summary><code>{0}</code> {1}</summary><p>{2}</p><table><tr><th>field<th>type<th>owner<th>seen by<th></tr>",
        text(&record.name),
        text(&record.owner),
        text(&record.says)
    )?;
    for field in &record.fields {
        let seen = if field.sensitivity.is_empty() {
            "inside"
        } else {
            &field.sensitivity
        };
        write!(
            out,
            "\n<tr><td><b>{}</b><p>{}</p><td><code>{}</code><td>{}<td><span class=\"{4}\">{5}</span><td>{6}</tr>",
            text(&field.name),
            text(&field.says),
            text(&field.kind),
            text(&field.owner),
            text(seen),
            text(&seen.replace('_', " ")),
            text(&field.behaviour.join(", ").replace('_', " "))
        )?;
    }
    write!(out, "</table></details>")
}

fn states(out: &mut String, catalogue: &Catalogue) -> std::fmt::Result {
    write!(out, "\n<section id=\"states\"><h2>States</h2>")?;
    for machine in &catalogue.states {
        write!(
            out,
            "\n<h3><code>{}</code></h3><table><tr><th>state<th>may be followed by</tr>",
            text(&machine.name)
        )?;
        for (from, next) in &machine.next {
            let next = if next.is_empty() {
                "nothing".to_owned()
            } else {
                next.join(", ")
            };
            write!(out, "<tr><td>{}<td>{}</tr>", text(from), text(&next))?;
        }
        write!(out, "</table>")?;
    }
    write!(out, "</section>")
}

/// Text as HTML takes it, in attributes too.
fn text(plain: &str) -> String {
    plain
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_is_on_the_page_and_nothing_comes_from_elsewhere() {
        let catalogue = crate::read(&strata_contract::commented());
        let page = html(&catalogue, "0.1.0 <test>");
        for service in &catalogue.services {
            assert!(
                page.contains(&format!("<section id=\"{}\">", service.name)),
                "{}",
                service.name
            );
        }
        assert!(page.contains("0.1.0 &lt;test&gt;"));
        for foreign in ["<script", "http://", "https://", "@import"] {
            assert!(!page.contains(foreign), "{foreign}");
        }
    }
}
