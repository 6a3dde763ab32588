//! See `pixeld::collect::fuzz::query`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pixeld::collect::fuzz::query(bytes));
