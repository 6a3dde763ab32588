//! The organisation that runs this installation.

use super::MemberId;

/// The organisation that runs this installation; exactly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its number, 1 by default.
    pub id: MemberId,
    /// Its name, given at set-up.
    pub name: String,
}
