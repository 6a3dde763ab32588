//! The file descriptors of this process: as many as the system allows, and how many connections they allow.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The descriptors that stay for files, readers of the database, reports and threads.
const FOR_FILES: u64 = 128;

/// More connections than this would fill the memory of a small machine.
const MOST_CONNECTIONS: u64 = 16_384;

/// Fewer than this are worth a warning.
const FEW: u64 = 4_096;

/// Raises the limit of this process as far as the system lets it.
pub fn raise() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum && setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).is_err() {
        tracing::warn!("the system does not let pixeld use more file descriptors");
    }
}

/// Says in the log how many there are.
pub fn report() {
    let (descriptors, connections) = (available(), most_connections());
    if descriptors < FEW {
        tracing::warn!(
            descriptors,
            connections,
            "few file descriptors: raise the hard limit (LimitNOFILE, ulimit -Hn)"
        );
    } else {
        tracing::info!(descriptors, connections, "file descriptors, and the connections that they allow");
    }
}

/// How many connections may be open at once: all descriptors without those for files, but a quarter in any case.
pub fn most_connections() -> usize {
    let descriptors = available();
    let connections = descriptors.saturating_sub(FOR_FILES).max(descriptors / 4).min(MOST_CONNECTIONS);
    usize::try_from(connections).unwrap_or(usize::MAX)
}

fn available() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}
