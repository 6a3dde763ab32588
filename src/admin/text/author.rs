//! Who made a change, as the pages say it.

/// The name that the audit log keeps for the command line.
const SHELL: &str = "shell";

/// A name of the audit log: the user's or token's own, or "command line".
pub fn words(name: &str) -> &str {
    if name == SHELL { "command line" } else { name }
}
