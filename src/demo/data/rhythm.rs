//! The times at which people come: the hours of the history, weighted by the advertiser's own clock and calendar. Knows
//! nothing of their actions.

use jiff::tz::TimeZone;

use super::random::Random;
use crate::domain::Millis;

/// An advertiser's habits.
pub(super) struct Habits {
    /// Weight of each local hour.
    pub hours: [u64; 24],
    /// Weight of each day, Monday first.
    pub weekdays: [u64; 7],
    /// How much more comes on each day than on the one before, in thousandths.
    pub growth: u64,
    /// The busiest day: how many days ago, and how much larger than usual, in tenths.
    pub outlier: (i64, u64),
}

/// The hours of a history with their weights.
pub(super) struct Rhythm {
    from: Millis,
    now: Millis,
    /// Running sums of the weights, one for each hour.
    sums: Vec<u64>,
    /// How busy each hour is by the time of day alone.
    busy: Vec<u64>,
    busiest: u64,
}

impl Rhythm {
    /// The hours from `from` (the start of an hour) to `now`, the last one cut short.
    pub(super) fn new(habits: &Habits, zone: &TimeZone, from: Millis, now: Millis) -> Self {
        let (mut sums, mut busy) = (Vec::new(), Vec::new());
        let mut sum = 0_u64;
        // Of the first day's traffic, in millionths.
        let mut grown = 1_000_000;
        let mut hour = from;
        while hour < now {
            let local = hour.timestamp().to_zoned(zone.clone());
            let of_hour = usize::try_from(local.hour()).ok().and_then(|hour| habits.hours.get(hour)).copied();
            let of_hour = of_hour.unwrap_or(0);
            let weekday = usize::try_from(local.weekday().to_monday_zero_offset()).ok();
            let of_day = weekday.and_then(|day| habits.weekdays.get(day));
            if hour > from && hour == hour.day() {
                grown += grown * habits.growth / 1_000;
            }
            let stands_out = now.day().since(hour.day()) == habits.outlier.0 * Millis::DAY;
            let length = u64::try_from(now.since(hour).min(Millis::HOUR)).unwrap_or(0) / 60_000;
            sum += of_hour
                * of_day.copied().unwrap_or(0)
                * grown
                * if stands_out { habits.outlier.1 } else { 10 }
                * length.max(1);
            sums.push(sum);
            busy.push(of_hour);
            hour = hour.plus(Millis::HOUR);
        }
        Rhythm { from, now, sums, busiest: busy.iter().copied().max().unwrap_or(0), busy }
    }

    /// The present, after which nothing happens.
    pub(super) fn now(&self) -> Millis {
        self.now
    }

    /// A moment of the history.
    pub(super) fn moment(&self, random: &mut Random) -> Millis {
        let place = random.weighted(&self.sums);
        self.within(place, random)
    }

    /// `at`, or a moment some hours later: the quieter its hour, the likelier it waits for a busier one.
    pub(super) fn awake(&self, mut at: Millis, random: &mut Random) -> Millis {
        for _ in 0..24 {
            let hour = usize::try_from(at.since(self.from) / Millis::HOUR).ok().and_then(|place| self.busy.get(place));
            // Beyond the present it is dropped anyway.
            let Some(busy) = hour else { break };
            if random.chance(*busy, self.busiest) {
                break;
            }
            at = at.plus(random.between(Millis::HOUR / 2, 2 * Millis::HOUR));
        }
        at
    }

    fn within(&self, place: usize, random: &mut Random) -> Millis {
        let start = self.from.plus(i64::try_from(place).unwrap_or(0) * Millis::HOUR);
        start.plus(random.between(0, (self.now.since(start) - 1).clamp(0, Millis::HOUR - 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thursday, 2026-10-01 12:30 UTC.
    const NOW: Millis = Millis(1_790_857_800_000);

    fn rhythm(growth: u64, outlier: (i64, u64)) -> Rhythm {
        let mut hours = [1; 24];
        hours[3] = 0;
        let habits = Habits { hours, weekdays: [1, 1, 1, 1, 1, 1, 0], growth, outlier };
        Rhythm::new(&habits, &TimeZone::UTC, NOW.day().plus(-14 * Millis::DAY), NOW)
    }

    fn days(rhythm: &Rhythm) -> Vec<u32> {
        let mut random = Random::new(1);
        let mut days = vec![0; 15];
        for _ in 0..20_000 {
            let at = rhythm.moment(&mut random);
            assert!(at < NOW && at.since(at.day()) / Millis::HOUR != 3, "{at}");
            days[usize::try_from(14 - NOW.day().since(at.day()) / Millis::DAY).unwrap()] += 1;
        }
        days
    }

    #[test]
    fn sundays_are_closed_today_is_half_over_and_the_outlier_stands_out() {
        let days = days(&rhythm(0, (5, 30)));
        assert_eq!((days[3], days[10]), (0, 0), "Sundays: {days:?}");
        assert!(days[9] > 2 * days[8], "five days ago: {days:?}");
        assert!(days[14] * 3 > days[13] && days[14] * 3 < days[13] * 2, "today: {days:?}");
    }

    #[test]
    fn traffic_grows() {
        let days = days(&rhythm(60, (99, 10)));
        assert!(days[13] > days[0] * 19 / 10, "{days:?}");
    }

    #[test]
    fn events_in_a_closed_hour_wait() {
        let rhythm = rhythm(0, (99, 10));
        let mut random = Random::new(1);
        for minute in 0..60 {
            let night = NOW.day().plus(-Millis::DAY + 3 * Millis::HOUR + minute * 60_000);
            let awake = rhythm.awake(night, &mut random);
            assert!(awake.since(night) > 0 && awake.since(night) <= 4 * Millis::HOUR, "{night} {awake}");
            let day = night.plus(6 * Millis::HOUR);
            assert_eq!(rhythm.awake(day, &mut random), day);
        }
        assert_eq!(rhythm.awake(NOW.plus(Millis::DAY), &mut random), NOW.plus(Millis::DAY));
    }
}
