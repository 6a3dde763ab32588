//! The organisation that runs this installation.

use crate::domain::MemberId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// 1 by default.
    pub id: MemberId,
    /// From set-up.
    pub name: String,
}
