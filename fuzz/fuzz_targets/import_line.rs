//! See `pixeld::collect::fuzz::import_line`.
#![no_main]

use std::sync::LazyLock;

use pixeld::collect::fuzz::{Shop, import_line};
use pixeld::collect::import::Lines;

/// Lives as long as the process; the directory stays behind.
static LINES: LazyLock<Lines<'static>> = LazyLock::new(|| {
    let directory = tempfile::tempdir().expect("a temporary directory").keep();
    let shop = Box::leak(Box::new(Shop::open(&directory).expect("a database")));
    shop.lines().expect("its definitions")
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| import_line(&LINES, bytes));
