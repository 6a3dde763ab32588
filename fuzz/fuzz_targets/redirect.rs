//! See `pixeld::collect::fuzz::redirect`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pixeld::collect::fuzz::redirect(bytes));
