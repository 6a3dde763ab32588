//! Computes memberships and loads of segments in the plainest way: one row of the log after the other, each operation
//! by itself, and a count of all members at the end of each day.

use std::collections::{BTreeMap, BTreeSet};

use super::Tables;
use super::log::{Log, Request, SegmentVersion};

const DAY: i64 = 86_400_000;

/// Place, value, begin, end.
type Held = (i64, Option<i64>, i64, i64);

#[derive(Default)]
struct State {
    /// By segment and visitor.
    members: BTreeMap<(i64, i64), Held>,
    loads: BTreeMap<(i64, i64), (i64, BTreeSet<i64>)>,
    sizes: BTreeMap<(i64, i64), i64>,
}

/// Fills in the tables of segments.
pub fn fill(log: &Log, tables: &mut Tables) {
    let Log { requests, segments: versions, shown, came, adjustments, .. } = log;
    let mut logged: BTreeMap<i64, i64> = shown.iter().map(|shown| (shown.touch.seq.0, shown.touch.at.0)).collect();
    logged.extend(came.iter().map(|came| (came.touch.seq.0, came.touch.at.0)));
    logged.extend(requests.iter().map(|request| (request.seq, request.logged)));
    // An adjustment changes no segment, but its time begins a day of the log like any row's.
    logged.extend(adjustments.iter().map(|adjustment| (adjustment.seq.0, adjustment.received)));
    let in_force = |segment: i64, seq: i64| {
        versions.iter().rfind(|version| version.segment == segment && version.seq < seq).filter(|found| !found.deleted)
    };
    let mut state = State::default();
    let mut today = 0;
    for (seq, at) in &logged {
        let day = at.div_euclid(DAY) * DAY;
        if day > today {
            for past in (today.max(day - 400 * DAY)..day).step_by(usize::try_from(DAY).unwrap()) {
                for ((segment, _), (.., ends)) in &state.members {
                    if *ends > past + DAY && in_force(*segment, *seq).is_some() {
                        *state.sizes.entry((*segment, past)).or_default() += 1;
                    }
                }
            }
            today = day;
        }
        if let Some(request) = requests.iter().find(|request| request.seq == *seq) {
            take(request, &mut state, |segment| in_force(segment, *seq));
        }
    }
    let mut put = |table: &str, row: String| tables.get_mut(table).unwrap().push(row);
    for ((segment, visitor), (seq, value, begins, ends)) in state.members {
        let deleted = versions.iter().any(|version| version.segment == segment && version.deleted);
        if ends > today && !deleted {
            let value = value.map_or("-".to_owned(), |value| value.to_string());
            put("memberships", format!("{segment} {visitor} {seq} {value} {begins} {ends}"));
        }
    }
    for ((segment, day), (loads, visitors)) in state.loads {
        put("segment_loads_daily", format!("{segment} {day} {loads} {}", visitors.len()));
        for visitor in visitors.iter().filter(|_| day >= today - 9 * DAY) {
            put("segment_visitors", format!("{segment} {day} {visitor}"));
        }
    }
    for ((segment, day), members) in state.sizes {
        put("segment_sizes", format!("{segment} {day} {members}"));
    }
    for table in ["memberships", "segment_loads_daily", "segment_visitors", "segment_sizes"] {
        tables.get_mut(table).unwrap().sort();
    }
}

fn take<'a>(request: &Request, state: &mut State, in_force: impl Fn(i64) -> Option<&'a SegmentVersion>) {
    if !request.counts {
        return;
    }
    let day = request.at.div_euclid(DAY) * DAY;
    let mut loaded = BTreeSet::new();
    for op in request.segments.split(',').filter(|op| !op.is_empty()) {
        if let Some(removed) = op.strip_prefix('-') {
            let segment = removed.parse().unwrap();
            if in_force(segment).is_some() {
                request.visitor.map(|visitor| state.members.remove(&(segment, visitor)));
            }
            continue;
        }
        let (segment, value) = match op.split_once(':') {
            Some((segment, value)) => (segment, Some(value.parse().unwrap())),
            None => (op, None),
        };
        let Some(version) = in_force(segment.parse().unwrap()) else { continue };
        if loaded.insert(version.segment) {
            let (loads, visitors) = state.loads.entry((version.segment, day)).or_default();
            *loads += 1;
            visitors.extend(request.visitor);
        }
        let Some(visitor) = request.visitor.filter(|_| version.active && version.minutes > 0) else { continue };
        let new = (request.seq, value, request.at, request.at + version.minutes * 60_000);
        let held = state.members.entry((version.segment, visitor)).or_insert(new);
        if new.3 >= held.3 {
            *held = new;
        }
    }
}
