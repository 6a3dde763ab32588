//! See `pixeld::collect::fuzz::body`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pixeld::collect::fuzz::body(bytes));
