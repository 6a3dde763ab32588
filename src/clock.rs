//! The time of day, passed in as a value: the system's clock, or one that a test sets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::Millis;

#[derive(Clone, Debug, Default)]
pub enum Clock {
    #[default]
    System,
    /// Stops at one moment until it is set.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    pub fn fixed(at: Millis) -> Self {
        Clock::Fixed(Arc::new(AtomicI64::new(at.0)))
    }

    /// Sets a fixed clock. Has no effect on the system's.
    pub fn set(&self, at: Millis) {
        if let Clock::Fixed(now) = self {
            now.store(at.0, Ordering::SeqCst);
        }
    }

    pub fn now(&self) -> Millis {
        match self {
            Clock::System => jiff::Timestamp::now().into(),
            Clock::Fixed(now) => Millis(now.load(Ordering::SeqCst)),
        }
    }
}
