//! Whether a definition is in use.

use super::words::words;

words! {
    /// Whether an object is in use.
    Status {
        /// In use.
        Active = "active",
        /// Kept, but not in use.
        Inactive = "inactive",
    }
}
