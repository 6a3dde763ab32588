//! See `pixeld::collect::fuzz::macros`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pixeld::collect::fuzz::macros(bytes));
