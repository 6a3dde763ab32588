//! See `pixeld::collect::fuzz::consent`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pixeld::collect::fuzz::consent(bytes));
