//! The y axis of a chart: a scale from zero to close above the highest value, with round steps.

use super::numbers::sane;

/// Where the plot begins and ends, in pixels from the top of the drawing.
pub(super) const TOP: f64 = 18.0;
pub(super) const BASE: f64 = 204.0;

/// At most this many steps.
const MOST_STEPS: f64 = 4.0;

/// The y axis: zero at the bottom, the highest value close below the top, up to four round steps.
pub(super) struct Scale {
    top: f64,
    step: f64,
    most: f64,
}

impl Scale {
    /// A scale for values up to `most`. Steps are 1, 2, 2.5 or 5 times a power of ten, and whole for whole values.
    pub(super) fn up_to(most: f64) -> Self {
        let most = sane(most);
        if most <= 0.0 {
            return Self { top: 1.0, step: 1.0, most: 0.0 };
        }
        let mut power = 1.0;
        while power * 10.0 <= most / MOST_STEPS {
            power *= 10.0;
        }
        while power > most / MOST_STEPS && (most.fract() != 0.0 || power > 1.0) {
            power /= 10.0;
        }
        let is_whole = |step: &f64| most.fract() != 0.0 || step.fract() == 0.0;
        let round = || [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|times| times * power).filter(is_whole);
        let steps = |step: f64| (most / step + 1e-9).floor();
        let good = round().filter(|step| steps(*step) >= 3.0 && steps(*step) <= MOST_STEPS);
        // The one whose last step comes closest to the highest value, else the smallest that is not too small.
        let step = good.max_by(|one, other| (one * steps(*one)).total_cmp(&(other * steps(*other))));
        let step = step.or_else(|| round().find(|step| steps(*step) <= MOST_STEPS)).unwrap_or(power * 10.0);
        // The number above the highest bar has its room.
        Self { top: most * 1.1, step, most }
    }

    /// Pixels from the top of the drawing.
    pub(super) fn y(&self, value: f64) -> f64 {
        BASE - (BASE - TOP) * (value / self.top)
    }

    pub(super) fn ticks(&self) -> impl Iterator<Item = f64> + '_ {
        (0_u32..=10).map(|at| f64::from(at) * self.step).take_while(|tick| *tick <= self.most + self.step / 1e6)
    }
}
