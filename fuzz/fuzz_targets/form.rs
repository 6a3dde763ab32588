//! See `pixeld::collect::fuzz::form`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pixeld::collect::fuzz::form(bytes));
