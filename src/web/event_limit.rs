//! The optional limit of requests that one address may make to one pixel, tracker, segment or advertiser in a minute. It knows only
//! the running minute, keeps no address, and has the same size under any flood.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::num::NonZero;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::{AdvertiserId, Millis, PixelId, SegmentId, TrackerId, network_of};

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    Pixel(PixelId),
    Tracker(TrackerId),
    Segment(SegmentId),
    /// Arrivals at its shop.
    Arrivals(AdvertiserId),
}

/// Counters of each row. A power of two, so that a hash finds its counter by its bits.
const COUNTERS: usize = 1 << 16;
/// A key is over the limit only if its counters of all rows are: two keys seldom share both.
const ROWS: u64 = 2;
const MINUTE: i64 = 60_000;

/// Counters that keys share by their hashes: the minute above, the count below. The first request under a limit makes
/// them.
#[derive(Default)]
pub struct EventLimit {
    hasher: RandomState,
    counters: OnceLock<Vec<AtomicU64>>,
}

impl EventLimit {
    /// Counts a request. Whether it is among the first `most` of its minute.
    pub fn take(&self, most: NonZero<u32>, address: IpAddr, target: Target, now: Millis) -> bool {
        let minute = u64::from(u32::try_from(now.0.div_euclid(MINUTE)).unwrap_or(0)) << 32;
        let key = (network_of(Some(address)), target);
        let counts = (0..ROWS).map(|row| self.count(self.hasher.hash_one((row, key)), row, minute));
        // Every row counts before one decides.
        counts.fold(u64::MAX, u64::min) <= u64::from(most.get())
    }

    fn count(&self, hash: u64, row: u64, minute: u64) -> u64 {
        let counters = COUNTERS as u64;
        let place = usize::try_from(row * counters + hash % counters).unwrap_or(0);
        let all = || std::iter::repeat_with(AtomicU64::default).take(COUNTERS * 2).collect();
        let Some(counter) = self.counters.get_or_init(all).get(place) else { return 0 };
        let next = |value: u64| {
            let same = value & !u64::from(u32::MAX) == minute;
            Some(if same { value.saturating_add(1) } else { minute | 1 })
        };
        let before = counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).unwrap_or(0);
        next(before).unwrap_or(0) & u64::from(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_790_856_000_000);

    fn most(number: u32) -> NonZero<u32> {
        NonZero::new(number).unwrap()
    }

    #[test]
    fn an_address_has_so_many_requests_of_a_target_in_a_minute() {
        let limit = EventLimit::default();
        let took = |address: &str, target, now| {
            (0..5).filter(|_| limit.take(most(3), address.parse().unwrap(), target, now)).count()
        };
        let pixel = |id| Target::Pixel(PixelId(id));
        assert_eq!(took("203.0.113.7", pixel(1), NOW), 3);
        assert_eq!(took("203.0.113.8", pixel(1), NOW), 3, "another address");
        assert_eq!(took("203.0.113.7", pixel(2), NOW), 3, "another pixel");
        assert_eq!(took("203.0.113.7", Target::Tracker(TrackerId(1)), NOW), 3, "a tracker of the same number");
        assert_eq!(took("203.0.113.7", pixel(1), NOW.plus(59_999)), 0);
        assert_eq!(took("203.0.113.7", pixel(1), NOW.plus(60_000)), 3, "the next minute");
        assert_eq!(took("2001:db8::1", pixel(1), NOW), 3);
        assert_eq!(took("2001:db8::ffff", pixel(1), NOW), 0, "the same network");
        assert_eq!(took("2001:db8:0:1::1", pixel(1), NOW), 3);
    }

    #[test]
    fn many_addresses_take_no_more_room_and_keep_nobody_out() {
        let limit = EventLimit::default();
        for address in 0..200_000_u32 {
            assert!(limit.take(most(100), IpAddr::V4(address.into()), Target::Segment(SegmentId(1)), NOW), "{address}");
        }
        assert_eq!(limit.counters.get().unwrap().len(), COUNTERS * 2);
    }
}
