//! See `pixeld::collect::fuzz::import_line`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pixeld::collect::fuzz::import_line(bytes));
