//! Counts the work of the crate pixeld, with the generic code of other crates that is compiled with it: how often its pieces
//! without a branch ran. `tests/work/run` builds the counters in. The compiler's library keeps them in a file.

use std::path::PathBuf;

/// How much of the file is compared at once.
const BLOCK: usize = 4_096;

/// The counters of this process.
pub struct Meter(PathBuf);

impl Meter {
    pub fn new() -> Self {
        let pattern = std::env::var("LLVM_PROFILE_FILE").expect("tests/work/run names the file of the counters");
        let file = PathBuf::from(pattern.replace("%c", ""));
        assert!(file.exists(), "the program was built without counters; run tests/work/run");
        Meter(file)
    }

    /// Everything that the file holds now.
    pub fn read(&self) -> Vec<u8> {
        std::fs::read(&self.0).unwrap()
    }
}

/// The work from one reading to the next. What does not change in the file adds nothing.
pub fn work_between(before: &[u8], after: &[u8]) -> u64 {
    assert_eq!(before.len(), after.len());
    let blocks = before.chunks(BLOCK).zip(after.chunks(BLOCK)).filter(|(before, after)| before != after);
    let counters =
        |bytes: &[u8]| bytes.as_chunks().0.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect::<Vec<_>>();
    let grown = blocks.flat_map(|(before, after)| {
        let grown = counters(before).into_iter().zip(counters(after));
        grown.map(|(before, after)| after.wrapping_sub(before)).collect::<Vec<_>>()
    });
    grown.fold(0, u64::wrapping_add)
}
