//! Memory that is used for one row is used again for the next.

use mapping_tests::sample::{Engine, SAMPLES, rows};

#[test]
fn rows_need_no_allocation_once_a_job_is_under_way() {
    let rows = rows(200);
    for sample in &SAMPLES {
        let mut engine = Engine::new(sample);
        let mut pass = || rows.iter().map(|row| engine.call(row).len()).sum::<usize>();
        let bytes = pass();
        let mut again = 0;
        let allocations = allocation_counter::measure(|| again = pass());
        assert_eq!((again, allocations.count_total), (bytes, 0), "{}", sample.name);
    }
}
