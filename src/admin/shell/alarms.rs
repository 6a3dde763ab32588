//! The troubles of the server as texts, each with its remedy. Pure but for [`of_every_page`], which asks the store.

use crate::admin::text::format::{bytes, plural, roughly};
use crate::domain::{Losses, Millis};
use crate::store::{LostRows, Mending, Store, Trouble};
use crate::web::health::{Health, Room};

/// Little room on the disk: less than this, in bytes, and less than this part of the disk.
const LITTLE_ROOM: u64 = 2 << 30;
const LITTLE_PART: u64 = 10;
/// A forecast is shown if the disk is full within this time, in milliseconds: 14 days.
const FULL_SOON: i64 = 14 * Millis::DAY;
/// With more rows than this in the queue, the disk does not keep up.
pub const MANY_WAITING: usize = 4_096;

/// How long a past outage is shown, in milliseconds.
const LOSSES_SHOWN: i64 = Millis::DAY;

/// The remedy when the writer's thread has ended.
pub const STOPPED: &str = "Restart the server. The server log shows the cause.";

/// The meaning of little room, and its remedy.
pub const MAKE_ROOM: &str =
    "The disk is almost full. Free some space. Once the disk is full, no events can be recorded.";

/// Something that is wrong with the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Whether the server refuses requests because of it.
    pub danger: bool,
    /// The trouble and its remedy.
    pub text: String,
}

impl Alarm {
    /// The kind of its notice on a page.
    pub fn kind(&self) -> &'static str {
        if self.danger { "bad" } else { "warn" }
    }
}

/// The troubles of the server. While the server cannot write, that is the only one.
pub fn alarms(health: &Health, now: Millis) -> Vec<Alarm> {
    if let Some(alarm) = refuses(health.writes, health.trouble.as_ref(), health.losses.as_ref(), now) {
        return vec![alarm];
    }
    let lost = health.losses.filter(|losses| now.since(losses.last) < LOSSES_SHOWN);
    let lost = lost.map(|losses| format!("Events could not be saved for a while. {losses}"));
    let judge =
        health.judge_trouble.as_ref().map(|trouble| format!("{} {}", judge_stopped(trouble, now), remedy(trouble)));
    let moved = health.checkpoint_trouble.as_ref().map(|trouble| {
        let since = roughly(now.since(trouble.since));
        let remedy = remedy(trouble);
        format!("For {since} new events could not be moved into the database file: {}. {remedy}", trouble.cause)
    });
    let slow = (health.waiting > MANY_WAITING).then(|| {
        let waiting = u64::try_from(health.waiting).unwrap_or(u64::MAX);
        format!("{} are waiting to be saved, because the disk is too slow.", plural(waiting, "event"))
    });
    let full = health
        .disk
        .filter(has_little_room)
        .map(|room| format!("{MAKE_ROOM} {} of {} are left.", bytes(room.left), bytes(room.all)));
    let soon = health.full_in.filter(|time| *time < FULL_SOON).map(|time| {
        format!(
            "At the rate of the last hour, the disk is full in {}. Find out what fills the disk, or free some space. Once \
             the disk is full, no events can be recorded.",
            roughly(time)
        )
    });
    let missing = health.lost_rows.as_ref().map(missing_rows);
    [lost, missing, moved, judge, slow, full, soon]
        .into_iter()
        .flatten()
        .map(|text| Alarm { danger: false, text })
        .collect()
}

/// The notice of every page: the server refuses tracking requests, or pixeld rebuilds a damaged derived file. It only reads
/// memory.
pub fn of_every_page(store: &Store, now: Millis) -> Option<Alarm> {
    let refusal = refuses(store.is_alive(), store.trouble().as_ref(), store.losses().as_ref(), now);
    refusal.or_else(|| store.mending().map(|mending| Alarm { danger: false, text: mends(&mending) }))
}

/// How a damaged derived file is derived again.
fn mends(mending: &Mending) -> String {
    format!(
        "Since {} {mending}. Events are still recorded and nothing is lost. Pages and reports may fail until this is over.",
        mending.since
    )
}

/// How many rows of the log were missing at the start.
fn missing_rows(lost: &LostRows) -> String {
    let rows = plural(u64::try_from(lost.judged.0 - lost.logged.0).unwrap_or(0), "row");
    format!(
        "The last {rows} of the event log are missing. When the server started, the log ended at row {}, but results \
         reached to row {}. The cause may be an older backup, or a missing file pixeld.sqlite3-wal. Figures follow what \
         the log holds. If you have the newer file, stop the server and put the file back.",
        lost.logged, lost.judged
    )
}

fn refuses(writes: bool, trouble: Option<&Trouble>, losses: Option<&Losses>, now: Millis) -> Option<Alarm> {
    let text = match (writes, trouble) {
        (true, None) => return None,
        (true, Some(trouble)) => {
            let losses = losses.filter(|losses| losses.last >= trouble.since);
            let losses = losses.map(|losses| format!(" {losses}")).unwrap_or_default();
            cannot_write(trouble, now) + &losses
        }
        (false, _) => format!("Recording has stopped: no events are being saved. {STOPPED}"),
    };
    Some(Alarm { danger: true, text })
}

/// Whether a disk has little room. The share counts too, so that a small disk is not always full.
pub fn has_little_room(room: &Room) -> bool {
    room.left < LITTLE_ROOM && room.left < room.all / LITTLE_PART
}

/// The remedy when something cannot be written.
fn remedy(trouble: &Trouble) -> &'static str {
    match trouble.is_fault {
        false => "Free disk space or restore the data directory. The server then continues by itself.",
        true => "See the server log, and run “pixeld check” to find out whether the file is damaged.",
    }
}

/// How long attribution has been paused, and why.
pub fn judge_stopped(trouble: &Trouble, now: Millis) -> String {
    let since = roughly(now.since(trouble.since));
    format!(
        "Attribution has been paused for {since}: {}. Events are still recorded. Reports are behind.",
        trouble.cause
    )
}

/// The line for a live page that is open while nothing can be written.
pub fn live_page_outage(trouble: &Trouble) -> String {
    format!(
        "No events are being recorded, because the database cannot be written ({}). Ad clicks still reach their pages.",
        trouble.cause
    )
}

/// How long nothing could be written, why, and the remedy.
fn cannot_write(trouble: &Trouble, now: Millis) -> String {
    format!(
        "No events have been recorded for {}: {}. Ad clicks still reach their landing pages. {}",
        roughly(now.since(trouble.since)),
        trouble.cause,
        remedy(trouble)
    )
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;
    use crate::domain::LostKind;
    use crate::store::StoreError;

    const NOW: Millis = Millis(20_000 * Millis::DAY + 12 * Millis::HOUR);

    fn texts(change: fn(&mut Health)) -> Vec<String> {
        let seq = crate::domain::Seq(9);
        let mut health = Health {
            database: 0,
            disk: Some(Room { left: LITTLE_ROOM, all: 1 << 40 }),
            full_in: Some(FULL_SOON),
            waiting: MANY_WAITING,
            writes: true,
            trouble: None,
            losses: None,
            checkpoint_trouble: None,
            judge_trouble: None,
            lost_rows: None,
            logged: seq,
            judged: seq,
        };
        change(&mut health);
        alarms(&health, NOW).into_iter().map(|alarm| format!("{}: {}", alarm.kind(), alarm.text)).collect()
    }

    #[test]
    fn each_trouble_has_a_text_with_its_remedy() {
        assert_eq!(texts(|_| ()), [""; 0]);
        assert_eq!(
            texts(|health| {
                (health.disk, health.waiting) = (Some(Room { left: 5 << 20, all: 1 << 40 }), 5_000);
                let error = StoreError::Unavailable("the disk is full".into());
                health.judge_trouble = trouble(&error);
                health.checkpoint_trouble = trouble(&error);
            }),
            [
                "warn: For 3 minutes new events could not be moved into the database file: the disk is full. Free disk \
                 space or restore the data directory. The server then continues by itself.",
                "warn: Attribution has been paused for 3 minutes: the disk is full. Events are still recorded. Reports are \
                 behind. Free disk space or restore the data directory. The server then continues by itself.",
                "warn: 5,000 events are waiting to be saved, because the disk is too slow.",
                "warn: The disk is almost full. Free some space. Once the disk is full, no events can be recorded. 5 MiB of \
                 1,024 GiB are left."
            ]
        );
        assert_eq!(
            texts(|health| health.trouble = trouble(&StoreError::from(std::io::Error::from(ErrorKind::StorageFull)))),
            [
                "bad: No events have been recorded for 3 minutes: the disk is full. Ad clicks still reach their landing pages. \
              Free disk space or restore the data directory. The server then continues by itself."
            ]
        );
        assert_eq!(
            texts(|health| health.full_in = Some(2 * Millis::DAY + 5 * Millis::HOUR)),
            [
                "warn: At the rate of the last hour, the disk is full in 2 days. Find out what fills the disk, or free some \
                 space. Once the disk is full, no events can be recorded."
            ]
        );
        let damaged = texts(|health| health.trouble = trouble(&StoreError::fault("database disk image is malformed")));
        assert!(damaged[0].contains("3 minutes: database disk image is malformed. Ad clicks"), "{damaged:?}");
        assert!(damaged[0].ends_with("to find out whether the file is damaged."), "{damaged:?}");
        assert!(texts(|health| health.writes = false)[0].starts_with("bad: Recording has stopped"));
    }

    #[test]
    fn losses_are_shown_during_an_outage_and_for_a_day() {
        let lost = |health: &mut Health| {
            let mut losses = Losses::one(LostKind::Click, NOW.plus(-2 * 60_000));
            losses.add(LostKind::Click, NOW.plus(-60_000));
            health.losses = Some(losses);
        };
        let sentence = "2 ad clicks were led on but not recorded between 11:58 and 11:59 UTC on 2024-10-04.";
        assert_eq!(texts(lost), [format!("warn: Events could not be saved for a while. {sentence}")]);
        let during = texts(|health| {
            health.losses = Some(Losses::one(LostKind::Click, NOW));
            health.trouble = trouble(&StoreError::Unavailable("the disk is full".into()));
        });
        assert!(during.len() == 1 && during[0].contains("1 ad click was led on"), "{during:?}");
        assert_eq!(texts(|health| health.losses = Some(Losses::one(LostKind::Click, NOW.plus(-Millis::DAY)))), [""; 0]);
    }

    /// As the store reports it.
    fn trouble(error: &StoreError) -> Option<Trouble> {
        let is_fault = matches!(error, StoreError::Fault(_));
        Some(Trouble { since: NOW.plus(-3 * 60_000), cause: error.cause(), is_fault })
    }

    #[test]
    fn little_room_depends_on_the_size_of_the_disk() {
        let little = |left, all| has_little_room(&Room { left, all });
        assert!(!little(20 << 20, 24 << 20), "a small volume, hardly used");
        assert!(little(2 << 20, 24 << 20));
        assert!(!little(2 << 30, 1 << 40) && little((2 << 30) - 1, 1 << 40));
        assert!(!little(1 << 30, 8 << 30), "more than a tenth");
    }
}
