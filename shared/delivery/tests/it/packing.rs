//! The packer loses nothing, keeps order and breaks no limit.

use delivery::{Batch, ENVELOPE_BYTES, Limits, MAX_BATCH_BYTES, MAX_BATCH_EVENTS, MAX_EVENT_BYTES, Packer};
use proptest::prelude::*;

/// Packs events, with their number as ticket, and returns the batches and the tickets handed back.
fn pack(limits: Limits, events: &[Vec<u8>]) -> (Vec<Batch<usize>>, Vec<usize>) {
    let mut packer = Packer::new(limits);
    let mut batches = Vec::new();
    let mut handed_back = Vec::new();
    for (ticket, event) in events.iter().enumerate() {
        match packer.push(event, ticket) {
            Ok(batch) => batches.extend(batch),
            Err(too_large) => {
                assert_eq!(too_large.bytes, event.len());
                assert!(too_large.bytes > too_large.limit);
                handed_back.push(too_large.ticket);
            }
        }
    }
    batches.extend(packer.finish());
    assert!(packer.is_empty() && packer.finish().is_none());
    (batches, handed_back)
}

fn limits() -> impl Strategy<Value = Limits> {
    (1..60_usize, 0..300_usize, 0..12_usize).prop_map(|(event_bytes, room, batch_events)| Limits {
        event_bytes,
        batch_bytes: ENVELOPE_BYTES + room,
        batch_events,
    })
}

fn events() -> impl Strategy<Value = Vec<Vec<u8>>> {
    // Commas and braces inside events, so that separators cannot be taken for content.
    prop::collection::vec(
        prop::collection::vec(prop::sample::select(b"{,}[x".to_vec()), 0..80),
        0..60,
    )
}

proptest! {
    #[test]
    fn loses_nothing_keeps_order_and_passes_no_limit(limits in limits(), events in events()) {
        let (batches, handed_back) = pack(limits, &events);
        let mut packed = Vec::new();
        for batch in &batches {
            let body: Vec<&[u8]> = batch.events().map(|(event, _)| event).collect();
            prop_assert_eq!(batch.bytes(), body.join(&b","[..]).len());
            prop_assert!(batch.bytes() + ENVELOPE_BYTES <= limits.batch_bytes);
            prop_assert!(!batch.is_empty() && batch.len() <= limits.batch_events.max(1));
            for (event, ticket) in batch.events() {
                prop_assert_eq!(event, &events[*ticket]);
                prop_assert!(event.len() <= limits.event_bytes);
                packed.push(*ticket);
            }
        }
        prop_assert!(packed.is_sorted());
        let largest = limits.event_bytes.min(limits.batch_bytes - ENVELOPE_BYTES);
        let oversize: Vec<usize> = (0..events.len()).filter(|index| events[*index].len() > largest).collect();
        prop_assert_eq!(&handed_back, &oversize);
        packed.extend(handed_back);
        packed.sort_unstable();
        prop_assert_eq!(packed, (0..events.len()).collect::<Vec<_>>());
    }

    #[test]
    fn closes_a_batch_only_when_the_next_event_does_not_fit(limits in limits(), events in events()) {
        let (batches, _) = pack(limits, &events);
        for pair in batches.windows(2) {
            let next = pair[1].events().next().map_or(0, |(event, _)| event.len());
            let full = pair[0].len() == limits.batch_events.max(1)
                || pair[0].bytes() + 1 + next + ENVELOPE_BYTES > limits.batch_bytes;
            prop_assert!(full);
        }
    }
}

#[test]
fn default_limits_are_the_apis_and_larger_ones_are_cut_to_them() {
    let vast = Limits {
        event_bytes: usize::MAX,
        batch_bytes: usize::MAX,
        batch_events: usize::MAX,
    };
    for limits in [Limits::default(), vast] {
        let (batches, handed_back) = pack(limits, &[vec![b'1'; 32_000], vec![b'1'; 32_001]]);
        assert_eq!((batches.len(), handed_back), (1, vec![1]));

        let (batches, _) = pack(limits, &vec![vec![b'1'; 32_000]; 30]);
        // 14 events of 32,000 bytes and their commas are 448,013; one more would make 480,014.
        assert_eq!(batches.iter().map(Batch::len).collect::<Vec<_>>(), [14, 14, 2]);

        let (batches, _) = pack(limits, &vec![vec![b'1']; 5_001]);
        assert_eq!(batches.iter().map(Batch::len).collect::<Vec<_>>(), [2_500, 2_500, 1]);
    }
    assert_eq!(
        (MAX_EVENT_BYTES, MAX_BATCH_BYTES, MAX_BATCH_EVENTS),
        (32_000, 475_000, 2_500)
    );
}

#[test]
fn too_large_event_is_handed_back_with_size_limit_and_remedy() {
    let error = Packer::new(Limits::default())
        .push(&vec![b'1'; 40_000], "row 7")
        .unwrap_err();
    assert_eq!(error.ticket, "row 7");
    assert_eq!(
        error.to_string(),
        "the event takes 40000 bytes, the tracking api takes at most 32000; leave out or shorten its longest fields"
    );
}
