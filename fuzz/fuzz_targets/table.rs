//! See `pixeld::tables::fuzz::table`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = pixeld::tables::fuzz::table(bytes, "day");
});
