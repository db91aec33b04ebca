#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| mapping_tests::fuzz::mapping(input));
