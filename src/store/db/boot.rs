//! Which run of the machine this is.

/// The name that Linux gives to each run of the machine; none on other systems.
pub(in crate::store) fn boot_id() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}

/// Whether a start would notice that the machine went down.
pub(in crate::store) fn is_noticed() -> bool {
    boot_id().is_some()
}
