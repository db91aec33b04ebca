#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| extract_tests::fuzz::jsonl(input));
