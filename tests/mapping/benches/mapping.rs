//! The compiled engine and the plain evaluator over the same rows: text in, text out. First they have to agree.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for developers")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mapping_tests::plain::Js;
use mapping_tests::sample::{Engine, PlainEngine, SAMPLES, Sample, rows};

const ROWS: u32 = 1000;

/// Both give the same calls, or nothing is timed.
fn check(sample: &Sample, rows: &[String]) {
    let (mut engine, plain) = (Engine::new(sample), PlainEngine::new(sample));
    for row in rows {
        let compiled: Js = serde_json::from_slice(engine.call(row)).unwrap();
        let plain: Js = serde_json::from_slice(&plain.call(row)).unwrap();
        assert_eq!(compiled, plain, "{}: {row}", sample.name);
    }
}

/// Nanoseconds and allocations for one row, of the fastest of many passes.
fn measured(rows: &[String], mut call: impl FnMut(&str)) -> (f64, f64) {
    let mut pass = || rows.iter().for_each(|row| call(row));
    pass();
    let allocations = allocation_counter::measure(&mut pass).count_total;
    let mut fastest = Duration::MAX;
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(1) {
        let start = Instant::now();
        pass();
        fastest = fastest.min(start.elapsed());
    }
    let allocations = u32::try_from(allocations).map_or(f64::INFINITY, f64::from);
    (
        fastest.as_secs_f64() * 1e9 / f64::from(ROWS),
        allocations / f64::from(ROWS),
    )
}

fn table(rows: &[String]) {
    let header = [
        "mapping",
        "compiled ns/row",
        "allocs/row",
        "plain ns/row",
        "allocs/row",
        "ratio",
    ];
    println!("| {} |\n|{}", header.join(" | "), " --- |".repeat(header.len()));
    for sample in &SAMPLES {
        let (mut engine, plain) = (Engine::new(sample), PlainEngine::new(sample));
        let (ns, allocations) = measured(rows, |row| {
            black_box(engine.call(black_box(row)));
        });
        let (plain_ns, plain_allocations) = measured(rows, |row| {
            black_box(plain.call(black_box(row)));
        });
        println!(
            "| {} | {ns:.0} | {allocations:.2} | {plain_ns:.0} | {plain_allocations:.1} | {:.1} |",
            sample.name,
            plain_ns / ns
        );
    }
}

fn benches(criterion: &mut Criterion) {
    let rows = rows(ROWS as usize);
    for sample in &SAMPLES {
        check(sample, &rows);
    }
    // `cargo test --benches` ends here: it shows that the benchmark runs and both sides agree.
    if std::env::args().any(|argument| argument == "--bench") {
        table(&rows);
    }
    for sample in &SAMPLES {
        let mut group = criterion.benchmark_group(sample.name);
        group.throughput(Throughput::Elements(ROWS.into()));
        let (mut engine, plain) = (Engine::new(sample), PlainEngine::new(sample));
        group.bench_function("compiled", |bencher| {
            bencher.iter(|| {
                for row in &rows {
                    black_box(engine.call(black_box(row)));
                }
            });
        });
        group.bench_function("plain", |bencher| {
            bencher.iter(|| {
                for row in &rows {
                    black_box(plain.call(black_box(row)));
                }
            });
        });
        group.finish();
    }
}

criterion_group!(mapping, benches);
criterion_main!(mapping);
