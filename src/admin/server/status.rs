//! How the server fares, for the page of settings: tiles, and what needs attention with its remedy. Pure.

use crate::admin::shell::alarms;
use crate::admin::shell::alarms::MANY_WAITING;
use crate::admin::shell::form::sentence;
use crate::admin::text::format::{bytes, grouped, plural, short_span};
use crate::domain::Millis;
use crate::web::health::{Health, Room};

/// A figure of the server, for `c::stat`.
pub struct Tile {
    pub name: &'static str,
    pub figure: String,
    pub rest: String,
}

/// Something that is wrong, for `c::todo`.
pub struct Finding {
    /// `bad` if the server refuses requests because of it, else `warn`.
    pub weight: &'static str,
    pub name: &'static str,
    /// The trouble and its remedy.
    pub text: String,
}

/// The most events without a verdict that are normal.
const FAR_BEHIND: u64 = 10_000;

/// `uptime` is in milliseconds.
pub fn tiles(health: &Health, uptime: i64) -> Vec<Tile> {
    let room = |room: Room| format!("{} of {} free", bytes(room.left), bytes(room.all));
    vec![
        saving(health),
        attribution(health),
        Tile { name: "Database", figure: bytes(health.database), rest: health.disk.map(room).unwrap_or_default() },
        Tile {
            name: "Running for",
            figure: short_span(uptime),
            rest: concat!("Version ", env!("CARGO_PKG_VERSION")).to_owned(),
        },
    ]
}

fn saving(health: &Health) -> Tile {
    let waiting = u64::try_from(health.waiting).unwrap_or(u64::MAX);
    let (figure, rest) = match (health.writes, &health.trouble, waiting) {
        (false, ..) => ("Stopped".to_owned(), ""),
        (true, Some(_), _) => ("Failing".to_owned(), ""),
        (true, None, 0) => ("Up to date".to_owned(), "No event waits"),
        (true, None, waiting) => (grouped(waiting), "waiting"),
    };
    Tile { name: "Saving", figure, rest: rest.to_owned() }
}

fn attribution(health: &Health) -> Tile {
    let events = plural(u64::try_from(health.logged.0).unwrap_or(0), "event");
    let (figure, rest) = match health.behind() {
        0 => ("Up to date".to_owned(), events),
        behind => (format!("{} behind", grouped(behind)), format!("of {events}")),
    };
    Tile { name: "Attribution", figure, rest }
}

pub fn findings(health: &Health, now: Millis) -> Vec<Finding> {
    let warn = |name, text: String| Finding { weight: "warn", name, text };
    let bad = |name, text: String| Finding { weight: "bad", name, text };
    let saving = match (health.writes, &health.trouble) {
        (false, _) => Some(bad("Saving has stopped", alarms::STOPPED.to_owned())),
        // The alarm on top of the page has the consequence and the remedy.
        (true, Some(trouble)) => Some(bad("Saving fails", sentence(&trouble.cause))),
        (true, None) => (health.waiting > MANY_WAITING)
            .then(|| warn("Saving is slow", "The disk is too slow for what comes in.".to_owned())),
    };
    let attribution = match &health.judge_trouble {
        Some(trouble) => Some(warn("Attribution has stopped", alarms::judge_stopped(trouble, now))),
        None => (health.behind() > FAR_BEHIND)
            .then(|| warn("Attribution is behind", "Figures lag until attribution has caught up.".to_owned())),
    };
    let disk = health.disk.as_ref().filter(|room| alarms::has_little_room(room));
    let disk = disk.map(|_| warn("Little room on the disk", alarms::MAKE_ROOM.to_owned()));
    let lost = health.losses.map(|losses| warn("Not recorded", losses.to_string()));
    [saving, attribution, disk, lost].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Seq;
    use crate::store::{StoreError, Trouble};

    fn health(change: impl FnOnce(&mut Health)) -> Health {
        let mut health = Health {
            database: 3 << 20,
            disk: Some(Room { left: 50 << 30, all: 64 << 30 }),
            waiting: 0,
            writes: true,
            trouble: None,
            losses: None,
            checkpoint_trouble: None,
            judge_trouble: None,
            full_in: None,
            lost_rows: None,
            logged: Seq(1_204),
            judged: Seq(1_204),
        };
        change(&mut health);
        health
    }

    fn figures(change: impl FnOnce(&mut Health)) -> Vec<String> {
        let tiles = tiles(&health(change), 26 * Millis::HOUR);
        tiles
            .into_iter()
            .map(|tile| format!("{}: {} {}", tile.name, tile.figure, tile.rest).trim().to_owned())
            .collect()
    }

    fn found(change: impl FnOnce(&mut Health)) -> Vec<String> {
        let found = findings(&health(change), Millis(0)).into_iter();
        found.map(|finding| format!("{} {}: {}", finding.weight, finding.name, finding.text)).collect()
    }

    #[test]
    fn tiles_say_how_the_server_fares() {
        let version = concat!("Running for: 1 d 2 h Version ", env!("CARGO_PKG_VERSION"));
        let well = [
            "Saving: Up to date No event waits",
            "Attribution: Up to date 1,204 events",
            "Database: 3 MiB 50 GiB of 64 GiB free",
            version,
        ];
        assert_eq!(figures(|_| ()), well);
        let behind = figures(|health| (health.waiting, health.logged, health.disk) = (5_000, Seq(20_000), None));
        assert_eq!(
            behind[..3],
            ["Saving: 5,000 waiting", "Attribution: 18,796 behind of 20,000 events", "Database: 3 MiB"]
        );
        assert_eq!(figures(|health| health.writes = false)[0], "Saving: Stopped");
    }

    #[test]
    fn findings_come_with_advice_and_refused_requests_are_bad() {
        assert_eq!(found(|_| ()), [""; 0]);
        let ill = found(|health| (health.disk, health.writes) = (Some(Room { left: 1, all: 64 << 30 }), false));
        let (stopped, room) = (alarms::STOPPED, alarms::MAKE_ROOM);
        let expected = [format!("bad Saving has stopped: {stopped}"), format!("warn Little room on the disk: {room}")];
        assert_eq!(ill, expected);
        let full = found(|health| {
            let cause = StoreError::from(std::io::Error::from(std::io::ErrorKind::StorageFull)).cause();
            health.trouble = Some(Trouble { since: Millis(-90_000), cause, is_fault: false });
        });
        assert_eq!(full, ["bad Saving fails: The disk is full."]);
        let cause = "database disk image is malformed".to_owned();
        let trouble = Trouble { since: Millis(-5_000), cause, is_fault: true };
        let why = alarms::judge_stopped(&trouble, Millis(0));
        let stuck = found(|health| health.judge_trouble = Some(trouble));
        assert_eq!(stuck, [format!("warn Attribution has stopped: {why}")]);
        let slow = found(|health| (health.waiting, health.logged) = (5_000, Seq(20_000)));
        assert!(slow[0].starts_with("warn Saving is slow: The disk is too slow"), "{slow:?}");
        assert!(slow[1].starts_with("warn Attribution is behind: Figures lag"), "{slow:?}");
    }
}
