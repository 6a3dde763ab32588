//! Decisions to judge logged fires again, by later settings or with exposures that were logged later. The log keeps
//! them, so that every rebuild yields the same conversions (`docs/rules/attribution.md`, *Order, versions, rebuilds*).

use crate::domain::{Millis, Seq};

/// A decision to take at the start of a rebuild.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejudge {
    /// Applies to fires whose own time is this or later.
    pub from: Millis,
    /// Judge them by the settings in force when the rebuild begins.
    pub settings: bool,
    /// Let them see all exposures that are logged when the rebuild begins.
    pub exposures: bool,
}

/// A recorded decision. It applies to fires with `seq <= upto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejudgement {
    /// The end of the log when the decision was taken.
    pub upto: Seq,
    pub decision: Rejudge,
}

/// All recorded decisions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejudgements(pub Vec<Rejudgement>);

/// The state of definitions and exposures by which a fire is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Under {
    /// The settings in force at this place in the log.
    pub settings: Seq,
    /// Only exposures with a smaller `seq` count.
    pub exposures_before: Seq,
}

impl Rejudgements {
    /// The state for the fire `seq` with the time `at`. The last decision about the fire holds; without one, its own place
    /// in the log. The judge, rebuilds and explanations all ask here.
    pub fn of(&self, seq: Seq, at: Millis) -> Under {
        let about = || self.0.iter().filter(|taken| seq <= taken.upto && at >= taken.decision.from);
        let settings = about().filter(|taken| taken.decision.settings).map(|taken| taken.upto).max();
        let exposures = about().filter(|taken| taken.decision.exposures).map(|taken| taken.upto).max();
        Under { settings: settings.unwrap_or(seq), exposures_before: exposures.map_or(seq, |upto| Seq(upto.0 + 1)) }
    }

    /// The places, other than its own, whose settings a fire after `after` may need.
    pub fn settings_places(&self, after: Seq) -> Vec<Seq> {
        let decided = || self.0.iter().filter(|taken| taken.decision.settings && taken.upto > after);
        // A later decision that reaches as far back replaces an earlier one.
        let lasting = decided().filter(|taken| {
            !decided().any(|later| later.upto > taken.upto && later.decision.from <= taken.decision.from)
        });
        lasting.map(|taken| taken.upto).collect()
    }

    /// Fires see exposures up to here even if the exposures were logged after them.
    pub fn exposures_upto(&self) -> Seq {
        let upto = self.0.iter().filter(|taken| taken.decision.exposures).map(|taken| taken.upto).max();
        upto.unwrap_or(Seq::START)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(upto: i64, from: i64, settings: bool, exposures: bool) -> Rejudgement {
        Rejudgement { upto: Seq(upto), decision: Rejudge { from: Millis(from), settings, exposures } }
    }

    fn under(decisions: &Rejudgements, seq: i64, at: i64) -> (i64, i64) {
        let under = decisions.of(Seq(seq), Millis(at));
        (under.settings.0, under.exposures_before.0)
    }

    #[test]
    fn the_last_decision_about_a_fire_holds() {
        let all =
            Rejudgements(vec![taken(10, 0, true, false), taken(20, 500, false, true), taken(30, 700, true, true)]);
        assert_eq!(under(&Rejudgements::default(), 5, 900), (5, 5));
        assert_eq!(under(&all, 5, 499), (10, 5), "too early for the later two");
        assert_eq!(under(&all, 5, 500), (10, 21));
        assert_eq!(under(&all, 5, 700), (30, 31));
        assert_eq!(under(&all, 10, 0), (10, 10));
        assert_eq!(under(&all, 11, 0), (11, 11), "logged after the first");
        assert_eq!(under(&all, 31, 900), (31, 31), "logged after all");
        assert_eq!(all.exposures_upto(), Seq(30));
    }

    #[test]
    fn settings_that_no_fire_needs_are_left_out() {
        let all = Rejudgements(vec![taken(10, 5, true, true), taken(20, 5, true, false), taken(30, 9, true, false)]);
        assert_eq!(all.settings_places(Seq(0)), [Seq(20), Seq(30)]);
        assert_eq!(all.settings_places(Seq(20)), [Seq(30)]);
        assert_eq!(all.settings_places(Seq(30)), []);
    }
}
