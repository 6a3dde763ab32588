//! The memory for request bodies that arrive: one bound for all, one for each client's address, and a little for each
//! body on top. So a flood of large bodies neither fills the memory nor keeps small ones out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::network_of;

/// The bytes that all bodies hold together.
pub const MOST: usize = 32 * 1024 * 1024;

/// The bytes that the bodies of one address hold together.
pub const MOST_OF_ADDRESS: usize = MOST / 4;

/// The bytes of each body that never count. The bound on connections bounds them too.
pub const FREE: usize = 4 * 1024;

/// The room for the bodies of one server. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct BodyRoom(Arc<Mutex<Held>>);

/// The bytes that are in use.
#[derive(Default)]
struct Held {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// The share of one body. Dropping it frees it.
pub struct Share {
    room: BodyRoom,
    address: IpAddr,
    bytes: usize,
}

impl BodyRoom {
    /// An empty share for a client. One network of IPv6 counts as one address.
    pub fn share(&self, address: Option<IpAddr>) -> Share {
        Share { room: self.clone(), address: network_of(address), bytes: 0 }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Makes the share large enough for a body of this length. Returns whether there was room.
    #[must_use]
    pub fn grow(&mut self, length: usize) -> bool {
        let more = length.saturating_sub(FREE).saturating_sub(self.bytes);
        if more == 0 {
            return true;
        }
        let mut held = self.room.held();
        let of_address = held.by_address.get(&self.address).copied().unwrap_or(0);
        if held.all + more > MOST || of_address + more > MOST_OF_ADDRESS {
            return false;
        }
        held.all += more;
        held.by_address.insert(self.address, of_address + more);
        self.bytes += more;
        true
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.bytes == 0 {
            return;
        }
        let mut held = self.room.held();
        held.all -= self.bytes;
        if let Some(of_address) = held.by_address.get_mut(&self.address) {
            *of_address -= self.bytes;
            if *of_address == 0 {
                held.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn one_address_leaves_room_for_others_and_all_together_have_a_bound() {
        let room = BodyRoom::default();
        let mut shares: Vec<Share> = (0..4).map(|last| room.share(address(last))).collect();
        for share in &mut shares {
            assert!(share.grow(MOST_OF_ADDRESS + FREE));
            assert!(!share.grow(MOST_OF_ADDRESS + FREE + 1));
        }
        let mut other = room.share(address(9));
        assert!(other.grow(FREE) && !other.grow(FREE + 1));
        shares.pop();
        assert!(other.grow(MOST_OF_ADDRESS + FREE));
    }

    proptest! {
        #[test]
        fn whatever_comes_and_goes_the_bounds_hold_and_all_is_freed(
            steps in prop::collection::vec((0..6u8, 0..12 * 1024 * 1024_usize, any::<bool>()), 0..60),
        ) {
            let room = BodyRoom::default();
            let mut shares = Vec::new();
            for (last, length, drop_one) in steps {
                let mut share = room.share(address(last));
                let _ = share.grow(length);
                shares.push(share);
                if drop_one {
                    shares.swap_remove(0);
                }
                let held = room.held();
                prop_assert!(held.all <= MOST && held.by_address.values().all(|bytes| *bytes <= MOST_OF_ADDRESS));
                prop_assert_eq!(held.all, held.by_address.values().sum::<usize>());
            }
            drop(shares);
            let held = room.held();
            prop_assert!(held.all == 0 && held.by_address.is_empty());
        }
    }
}
