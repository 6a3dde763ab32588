//! The y axis of a chart: a round scale from zero to its top.

use super::numbers::sane;

/// The y axis: zero at the bottom, a round number at the top, three to five steps.
pub(super) struct Scale {
    top: f64,
    step: f64,
}

impl Scale {
    /// The smallest round scale that holds `most`. Steps are 1, 2 or 5 times a power of ten and never below 1 for whole counts.
    pub(super) fn up_to(most: f64) -> Self {
        let most = sane(most);
        if most <= 0.0 {
            return Self { top: 1.0, step: 1.0 };
        }
        let rough = most / 4.0;
        let mut power = 1.0;
        while power * 10.0 <= rough {
            power *= 10.0;
        }
        while power > rough && (most.fract() != 0.0 || power > 1.0) {
            power /= 10.0;
        }
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|times| times * power)
            .find(|step| *step >= rough)
            .unwrap_or(power * 10.0);
        Self { top: (most / step).ceil() * step, step }
    }

    /// A scale whose top is `most` itself, for a drawing without an axis.
    pub(super) fn without_ticks(most: f64) -> Self {
        Self { top: most.max(f64::MIN_POSITIVE), step: 1.0 }
    }

    /// Distance from the top in hundredths of the plot.
    pub(super) fn y(&self, value: f64) -> f64 {
        100.0 * (1.0 - value / self.top)
    }

    pub(super) fn ticks(&self) -> impl Iterator<Item = f64> + '_ {
        (0_u32..=10).map(|at| f64::from(at) * self.step).take_while(|tick| *tick <= self.top + self.step / 2.0)
    }
}
