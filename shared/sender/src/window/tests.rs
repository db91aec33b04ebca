use proptest::prelude::*;

use super::*;

fn place(row: u64) -> Place {
    Place {
        number: row + 1,
        offset: row * 10,
        length: 9,
    }
}

fn rejection(row: u64) -> Rejection {
    Rejection {
        mapping: Some(0),
        error: RowError {
            mapping: None,
            object: String::new(),
            row,
            offset: row * 10,
            code: "bad".into(),
            message: String::new(),
            field: None,
        },
        line: vec![b'x'; 100],
    }
}

/// Takes a row in that becomes `calls` calls, the fates of the other of two mappings being known; returns what waits for nothing.
fn read(window: &mut Window, row: u64, calls: usize) -> Facts {
    let mut facts = Facts {
        rows: 1,
        fates: vec![Fates::default(); 2],
        rejections: Vec::new(),
    };
    for mapping in calls..2 {
        facts.fates[mapping].filtered = 1;
    }
    match calls {
        0 => window.follow(&mut facts),
        _ => window.push(place(row), calls, &mut facts),
    }
    facts
}

#[test]
fn row_without_calls_waits_for_nobody_unless_one_before_it_does() {
    let mut window = Window::default();
    assert_eq!(read(&mut window, 0, 0).rows, 1);
    assert_eq!(read(&mut window, 1, 1).rows, 0);
    assert_eq!(read(&mut window, 2, 0).rows, 0);
    assert_eq!(window.low_water(), Some(place(1)));
    window.sent(0, 0);
    let mut rows = 0;
    window.settle(|facts| rows += std::mem::take(&mut facts.rows));
    assert_eq!((rows, window.low_water()), (2, None));
}

#[test]
fn rejected_rows_take_room_until_they_are_settled() {
    let mut window = Window::default();
    read(&mut window, 0, 2);
    window.refused(0, rejection(0));
    let waiting = window.rejected_bytes();
    assert!(waiting > 100);
    let mut facts = Facts {
        rows: 1,
        fates: Vec::new(),
        rejections: vec![rejection(1)],
    };
    window.follow(&mut facts);
    assert!(window.rejected_bytes() > waiting + 100);
    window.sent(0, 1);
    window.settle(|facts| facts.rejections.clear());
    assert_eq!(window.rejected_bytes(), 0);
}

#[test]
fn fate_of_a_row_that_is_settled_or_not_there_changes_nothing() {
    let mut window = Window::default();
    read(&mut window, 0, 1);
    window.sent(0, 0);
    window.sent(0, 0);
    window.settle(|facts| assert_eq!(facts.fates[0].sent, 1));
    window.sent(0, 0);
    window.sent(7, 0);
    window.refused(9, rejection(9));
    assert_eq!((window.low_water(), window.rejected_bytes()), (None, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever the order in which calls land: counted is exactly what lies before the first row with one that has not.
    #[test]
    fn counts_are_of_the_rows_before_the_first_that_lacks_a_fate(
        rows in prop::collection::vec(0usize..3, 1..60), order in prop::collection::vec(any::<u32>(), 120), landed in 0usize..120,
    ) {
        let mut window = Window::default();
        let (mut counted, mut calls) = (Facts::default(), Vec::new());
        for (row, &made) in (0u64..).zip(&rows) {
            let id = window.next_id();
            calls.extend((0..made).map(|mapping| (row, id, mapping)));
            counted.append(&mut read(&mut window, row, made));
        }
        let mut calls: Vec<_> = order.into_iter().zip(calls).collect();
        calls.sort_by_key(|(place, _)| *place);
        let (land, lost) = calls.split_at(landed.min(calls.len()));
        for &(_, (row, id, mapping)) in land {
            prop_assert_eq!(window.place(id).map(|place| place.offset), Some(row * 10));
            window.sent(id, mapping);
        }
        window.settle(|facts| counted.append(facts));
        let first_lost = lost.iter().map(|(_, (row, ..))| *row).min();
        prop_assert_eq!(window.low_water().map(|place| place.offset), first_lost.map(|row| row * 10));
        let before = first_lost.unwrap_or(rows.len() as u64);
        prop_assert_eq!(counted.rows, before);
        let made = &rows[..usize::try_from(before).unwrap()];
        for mapping in 0..2 {
            let sent = made.iter().filter(|&&made| made > mapping).count() as u64;
            let fates = counted.fates.get(mapping).copied().unwrap_or_default();
            prop_assert_eq!((fates.sent, fates.filtered), (sent, before - sent));
        }
    }
}
