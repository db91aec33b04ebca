#![no_main]

use std::panic;
use std::sync::Once;

static FIRST: Once = Once::new();

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    // The reader takes a panic of the Parquet crate for an unreadable object; libFuzzer's hook would end the process before that.
    // Any other panic still ends it where it leaves this function.
    FIRST.call_once(|| panic::set_hook(Box::new(|_| {})));
    extract_tests::fuzz::parquet(input);
});
