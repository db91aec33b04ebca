//! An estimate as text, with everything that it rests on.

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use indicatif::{HumanBytes, HumanCount};

use super::cost::PRICES_OF;
use super::figures::Estimate;
use crate::status_text::took;

/// What the numbers rest on, beside what the formulas say.
const ASSUMPTIONS: [&str; 6] = [
    "API calls: one for each event that Segment takes; it counts those of a batch one by one. Tries again are not counted: \
     events that arrive twice have one id, and Segment does not say whether it bills the second",
    "users: different user or anonymous ids in the calls, an upper bound of the monthly tracked users (MTU) that the run adds. \
     Ids that the workspace has seen this month, from any source, add none",
    "every extract that is there is counted, also those that were sent before",
    "senders are billed while they keep to their share of the rate, and that share stays the same where fewer of them have work",
    "data to Segment is counted as to the internet; where AWS bills it as to another of its regions it costs less",
    "not counted: free tiers, storage, logs; what a stack costs whether it runs or not: its alarms, its dashboard, idle queues \
     that Lambda polls (below a dollar or two a month) and, for each sync, 2 or 3 alarms, custom metrics and the secret (0.40 \
     dollars a month)",
];

/// Returns the estimate's text.
pub(crate) fn describe(estimate: &Estimate) -> String {
    let mut text = format!("{}\n", basis(estimate));
    let _ = writeln!(text, "{}", mappings(estimate));
    let _ = writeln!(text, "{}", totals(estimate));
    let _ = writeln!(
        text,
        "\nAWS, list prices of us-east-1 ({PRICES_OF}):\n{}",
        bill(estimate)
    );
    let aws = &estimate.aws;
    let _ = writeln!(
        text,
        "${:.4} for this run, ${:.4} for each million rows; {} with these senders",
        aws.dollars_per_run,
        aws.dollars_per_million_rows,
        took(aws.seconds)
    );
    let _ = write!(text, "\nassumptions:");
    for assumption in ASSUMPTIONS {
        let _ = write!(text, "\n- {assumption}");
    }
    let mut pages: Vec<&str> = aws.items.iter().map(|item| item.price.page).collect();
    pages.sort_unstable();
    pages.dedup();
    let _ = write!(text, "\n- prices: {}", pages.join(", "));
    text
}

fn basis(estimate: &Estimate) -> String {
    let basis = &estimate.basis;
    let (rows, objects, of) = (
        HumanCount(basis.rows),
        HumanCount(basis.objects),
        HumanCount(basis.of_objects),
    );
    if basis.whole {
        format!("all {rows} rows of {of} objects were mapped")
    } else {
        format!(
            "a sample was mapped: {rows} rows of {objects} objects, {:.2} % of the bytes of all {of}; the rest is taken to be like it",
            basis.share * 100.0
        )
    }
}

fn mappings(estimate: &Estimate) -> Table {
    let mut table = table(["mapping", "action", "rows", "calls", "filtered", "rejected"]);
    for mapping in &estimate.mappings {
        let counts = [mapping.rows, mapping.sent, mapping.filtered, mapping.rejected];
        let mut row = vec![mapping.name.clone(), mapping.action.to_string()];
        row.extend(counts.map(|count| HumanCount(count).to_string()));
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn totals(estimate: &Estimate) -> String {
    let [calls, users, requests, jobs] =
        [estimate.api_calls, estimate.users, estimate.requests, estimate.jobs].map(HumanCount);
    let [read, json, wire] = [estimate.bytes.read, estimate.bytes.json, estimate.bytes.wire].map(HumanBytes);
    let about = if estimate.users_exact { "" } else { "about " };
    format!(
        "{calls} API calls; at most {about}{users} users (MTU)\n\
         {requests} requests in {jobs} jobs: {read} to read, {json} of json, {wire} to send\n\
         {} at {} calls a second, the sync's rate",
        took(estimate.seconds),
        HumanCount(u64::from(estimate.events_per_second))
    )
}

fn bill(estimate: &Estimate) -> Table {
    let mut table = table(["item", "quantity", "price", "dollars", "quantity is"]);
    for item in &estimate.aws.items {
        table.add_row([
            item.what.to_owned(),
            number(item.quantity),
            format!("${} a {}", decimal(item.price.dollars), item.price.unit),
            format!("{:.6}", item.dollars),
            item.formula.clone(),
        ]);
    }
    for place in [1, 3] {
        if let Some(column) = table.column_mut(place) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn number(quantity: f64) -> String {
    if quantity >= 100.0 || quantity.fract() == 0.0 {
        format!("{quantity:.0}")
    } else {
        format!("{quantity:.3}")
    }
}

/// Returns a price without the zeros that say nothing.
fn decimal(dollars: f64) -> String {
    let text = format!("{dollars:.10}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    table
}
