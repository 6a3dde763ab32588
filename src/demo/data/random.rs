//! Chance for the demo's history: the same seed gives the same history on every machine and in every release. The
//! generator is SplitMix64: five lines, where a crate that keeps its numbers stable would be one more dependency. All
//! of it counts in whole numbers, since logarithms of floats differ between systems. Never use it for a secret.

/// A log-normal spread around a median: the factor of the median, in thousandths, at each share of all draws, in
/// thousandths. Between two shares the factor runs straight.
pub(super) struct Spread(&'static [(u64, i64)]);

impl Spread {
    /// Sigma 2: half lie between a quarter of the median and four times it, and one in a hundred beyond a hundred times.
    pub(super) const WIDE: Spread = Spread(&[
        (0, 6),
        (25, 20),
        (50, 37),
        (100, 77),
        (200, 186),
        (300, 350),
        (400, 602),
        (500, 1_000),
        (600, 1_660),
        (700, 2_855),
        (800, 5_385),
        (900, 12_980),
        (950, 26_840),
        (975, 50_400),
        (1_000, 172_000),
    ]);

    /// Sigma 1: half lie between half of the median and twice it.
    pub(super) const NARROW: Spread = Spread(&[
        (0, 76),
        (50, 193),
        (100, 278),
        (250, 510),
        (400, 776),
        (500, 1_000),
        (600, 1_288),
        (750, 1_963),
        (900, 3_602),
        (950, 5_180),
        (1_000, 13_120),
    ]);
}

/// The generator. Equal seeds, equal numbers.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// 64 random bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number from 0 to `end` - 1; 0 if there is none.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        // The high half of the product: at most `end` - 1, so that it always fits.
        u64::try_from((u128::from(self.bits()) * u128::from(end)) >> 64).unwrap_or(0)
    }

    /// A number from `from` to `to`, both included.
    pub(super) fn between(&mut self, from: i64, to: i64) -> i64 {
        let width = u64::try_from(to.saturating_sub(from)).unwrap_or(0).saturating_add(1);
        from.saturating_add(i64::try_from(self.below(width)).unwrap_or(0))
    }

    /// True `count` times in `of`.
    pub(super) fn chance(&mut self, count: u64, of: u64) -> bool {
        self.below(of) < count
    }

    /// One of these; none only if there are none.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let count = u64::try_from(from.len()).unwrap_or(0);
        usize::try_from(self.below(count)).ok().and_then(|place| from.get(place))
    }

    /// A place in a list of running sums, each with a chance as large as its step.
    pub(super) fn weighted(&mut self, sums: &[u64]) -> usize {
        let drawn = self.below(sums.last().copied().unwrap_or(0));
        sums.partition_point(|sum| *sum <= drawn)
    }

    /// A number around `median`, spread log-normally.
    pub(super) fn around(&mut self, median: i64, spread: &Spread) -> i64 {
        let share = self.below(1_000);
        let upper = spread.0.partition_point(|(at, _)| *at <= share);
        let Some([(low_at, low), (high_at, high)]) = spread.0.get(upper.saturating_sub(1)..=upper) else {
            return median;
        };
        let step = i64::try_from(share - low_at).unwrap_or(0);
        let width = i64::try_from(high_at - low_at).unwrap_or(1).max(1);
        let factor = low + (high - low) * step / width;
        median.saturating_mul(factor) / 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_splitmix64() {
        // The first numbers of the published reference for seed 1234567.
        let mut random = Random::new(1_234_567);
        assert_eq!([random.bits(), random.bits()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn bounds_hold_and_are_reached() {
        let mut random = Random::new(1);
        let drawn: Vec<i64> = (0..1_000).map(|_| random.between(-2, 2)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&-2), Some(&2)));
        assert_eq!((random.below(0), random.between(7, 7), random.pick::<u8>(&[])), (0, 7, None));
    }

    #[test]
    fn weights_are_kept() {
        let mut random = Random::new(2);
        let mut counts = [0_u32; 3];
        for _ in 0..10_000 {
            counts[random.weighted(&[10, 10, 40])] += 1;
        }
        assert_eq!(counts[1], 0, "without weight, never");
        assert!((2_300..2_700).contains(&counts[0]), "{counts:?}");
    }

    #[test]
    fn spreads_have_their_median_and_a_long_tail() {
        for spread in [Spread::WIDE, Spread::NARROW] {
            let mut random = Random::new(3);
            let mut drawn: Vec<i64> = (0..10_001).map(|_| random.around(1_000, &spread)).collect();
            drawn.sort_unstable();
            assert!((900..1_100).contains(&drawn[5_000]), "{}", drawn[5_000]);
            assert!(drawn[10_000] > 10_000 && drawn[0] > 0 && drawn[0] < 200, "{} {}", drawn[0], drawn[10_000]);
        }
    }
}
