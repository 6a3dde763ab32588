//! The names of a fire, and the earlier fires that they lead to.

use super::EarlierFire;
use crate::domain::NotCounted;

/// The ids that name a fire. The event id goes before the order id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    Event,
    Order,
}

impl NameKind {
    /// The reason of a duplicate by this name.
    pub fn duplicate(self) -> NotCounted {
        match self {
            NameKind::Event => NotCounted::DuplicateEvent,
            NameKind::Order => NotCounted::DuplicateOrder,
        }
    }
}

/// An earlier fire that one of the fire's names leads to. It is itself no duplicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Namesake {
    pub name: NameKind,
    pub fire: EarlierFire,
    pub state: NamesakeState,
}

/// How an earlier fire of the same name was judged. Of several, the first in this order decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NamesakeState {
    /// It is attributed.
    Credited,
    /// The repeat rule kept it from counting.
    Repeat,
    /// By event id only: it was retracted before another fire of the event came, so the event stays retracted.
    Retracted,
    /// It is unattributed. A fire of the same name that is attributed takes its place.
    Open,
}

impl NamesakeState {
    /// Whether every later fire of the name is a duplicate, however it would be judged.
    pub fn decides(self) -> bool {
        self != NamesakeState::Open
    }
}
