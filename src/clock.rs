//! The time of day, passed in and never ambient: the system's, or one that a test sets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::Millis;

/// Tells the time.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// A clock that stands still until it is set.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `at`.
    pub fn fixed(at: Millis) -> Self {
        Clock::Fixed(Arc::new(AtomicI64::new(at.0)))
    }

    /// Sets a fixed clock; the system's is left alone.
    pub fn set(&self, at: Millis) {
        if let Clock::Fixed(now) = self {
            now.store(at.0, Ordering::SeqCst);
        }
    }

    /// Now.
    pub fn now(&self) -> Millis {
        match self {
            Clock::System => jiff::Timestamp::now().into(),
            Clock::Fixed(now) => Millis(now.load(Ordering::SeqCst)),
        }
    }
}
