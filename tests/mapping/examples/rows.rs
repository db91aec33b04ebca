//! Maps rows by one of the benchmark's mappings, for profilers: `rows identify_paths 10000`.
#![expect(clippy::print_stdout, reason = "a program for developers")]

use mapping_tests::sample::{Engine, SAMPLES, rows};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let count = arguments.next().and_then(|count| count.parse().ok()).unwrap_or(10_000);
    let Some(sample) = SAMPLES.iter().find(|sample| sample.name == name) else {
        let names = SAMPLES.map(|sample| sample.name).join(", ");
        return println!("say which mapping: {names}");
    };
    let mut engine = Engine::new(sample);
    // The same thousand rows over and over, so that making them does not count.
    let rows = rows(1000);
    let bytes: usize = rows.iter().cycle().take(count).map(|row| engine.call(row).len()).sum();
    println!("{count} rows, {bytes} bytes");
}
