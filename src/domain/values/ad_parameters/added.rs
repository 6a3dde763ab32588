//! The click ids that a setting adds to those of the table. They are the process's: every parameter of every request is
//! looked up, and without any added id that costs one load.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use super::ClickId;

static HAS_SOME: AtomicBool = AtomicBool::new(false);
static ADDED: RwLock<Vec<&'static ClickId>> = RwLock::new(Vec::new());
/// Every id that was ever made for a name. Few names come, each of them once.
static MADE: RwLock<Vec<&'static ClickId>> = RwLock::new(Vec::new());

/// Replaces the added ids by those of these names.
pub fn set(names: &[String]) {
    let ids: Vec<_> = names.iter().map(|name| made(name)).collect();
    HAS_SOME.store(!ids.is_empty(), Ordering::Relaxed);
    *ADDED.write().unwrap_or_else(PoisonError::into_inner) = ids;
}

/// The added ids.
pub(super) fn all() -> Vec<&'static ClickId> {
    ADDED.read().unwrap_or_else(PoisonError::into_inner).clone()
}

pub(super) fn find(name: &str) -> Option<&'static ClickId> {
    if !HAS_SOME.load(Ordering::Relaxed) {
        return None;
    }
    let added = ADDED.read().unwrap_or_else(PoisonError::into_inner);
    added.iter().find(|id| id.name.eq_ignore_ascii_case(name)).copied()
}

/// The id of this name that was made before.
pub(super) fn made_before(name: &str) -> Option<&'static ClickId> {
    let made = MADE.read().unwrap_or_else(PoisonError::into_inner);
    made.iter().find(|id| id.name.eq_ignore_ascii_case(name)).copied()
}

/// An id of this name, whether it is added now or not.
pub(super) fn made(name: &str) -> &'static ClickId {
    if let Some(id) = made_before(name) {
        return id;
    }
    let mut made = MADE.write().unwrap_or_else(PoisonError::into_inner);
    let name: &'static str = Box::leak(name.into());
    let id: &'static ClickId = Box::leak(Box::new(ClickId { name, platform: name, is_shared: false, good_days: None }));
    made.push(id);
    id
}
