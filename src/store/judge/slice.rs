//! A judged slice of the log. One transaction writes its results together with the judge's cursor, and only if the cursor
//! is where the slice begins. So each row of the log is judged exactly once, even if processes are killed.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, params};

use super::JudgeFile;
use super::adjust::Effects;
use super::arrivals::{Arrivals, JudgedArrival};
use super::click_ids::ClickIdKey;
use super::judged::Judged;
use super::memberships::Members;
use super::names::{Bearer, Name, NamedFire, Names};
use super::state::ConversionState;
use super::sums::Rollups;
use crate::attribution::Touch;
use crate::domain::{
    AdvertiserId, ArrivalContent, CurrentValue, Effect, ExposureKind, LineItemRules, Membership, Micros, Millis,
    SegmentId, Seq, Taken, TrackerId, VisitorId,
};
use crate::store::StoreError;
use crate::store::db::statements::insert;
use crate::store::derived::cursor::{self, Cursor};

/// The results of judging a part of the log.
#[derive(Debug)]
pub struct Slice {
    after: Cursor,
    to: Cursor,
    members: Members,
    effects: Effects,
    touches: Vec<(VisitorId, Touch)>,
    /// How many of the touches are counted, and the clicks among those.
    clicks: (usize, HashMap<VisitorId, u32>),
    arrivals: Arrivals,
    judged: Vec<Judged>,
    changed: BTreeMap<Seq, ConversionState>,
    taken: Vec<(Seq, Taken)>,
    names: Names,
    rollups: Rollups,
}

/// The result of applying a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The slice was written, and the log is judged up to here.
    Upto(Cursor),
    /// Nothing was written, since the cursor is here and not where the slice begins.
    Moved(Cursor),
}

impl Slice {
    /// An empty slice of the log after `after`, up to and including `to`.
    pub fn new(after: Cursor, to: Seq) -> Self {
        Slice {
            after,
            to: Cursor { seq: to, ..after },
            members: Members::default(),
            effects: Effects::default(),
            touches: Vec::new(),
            clicks: (0, HashMap::new()),
            arrivals: Arrivals::default(),
            judged: Vec::new(),
            changed: BTreeMap::new(),
            taken: Vec::new(),
            names: Names::default(),
            rollups: Rollups::default(),
        }
    }

    /// Ends the slice with this row.
    pub fn end(&mut self, to: Seq) {
        self.to.seq = to;
    }

    /// Sets the day on which its last rows were logged.
    pub fn day(&mut self, day: Millis) {
        self.to.day = day;
    }

    /// Adds how many members a segment had at the end of a day.
    pub fn segment_size(&mut self, segment: SegmentId, day: Millis, members: i64) {
        self.members.size(segment, day, members);
    }

    /// Adds a request that adds to a segment. The visitor counts once a day.
    pub fn segment_load(&mut self, segment: SegmentId, at: Millis, visitor: Option<VisitorId>) {
        self.members.load(segment, at, visitor);
    }

    /// Makes the visitor a member. Of several memberships in one segment, the longest counts.
    pub fn join(&mut self, membership: Membership) {
        self.members.join(membership);
    }

    /// Ends the visitor's membership.
    pub fn leave(&mut self, segment: SegmentId, visitor: VisitorId) {
        self.members.leave(segment, visitor);
    }

    /// Adds an exposure to those of a visitor.
    pub fn touch(&mut self, visitor: VisitorId, touch: Touch) {
        self.touches.push((visitor, touch));
    }

    /// How many clicks of this slice are among a visitor's exposures.
    pub fn clicks_of(&mut self, visitor: VisitorId) -> u32 {
        let (counted, clicks) = &mut self.clicks;
        for (of, touch) in self.touches.iter().skip(*counted) {
            *clicks.entry(*of).or_default() += u32::from(touch.kind == ExposureKind::Click);
        }
        *counted = self.touches.len();
        clicks.get(&visitor).copied().unwrap_or_default()
    }

    /// Adds an exposure to the sums, with its line item as it is at the exposure's place in the log. Notes the
    /// tracker that reported it.
    pub fn exposure(
        &mut self,
        touch: &Touch,
        tracker: TrackerId,
        ancost: Option<Micros>,
        line_item: Option<&LineItemRules>,
    ) {
        self.rollups.exposure(touch, tracker, ancost, line_item);
        self.rollups.tracker(tracker, touch);
    }

    pub fn arrival(&mut self, arrival: JudgedArrival) {
        self.arrivals.add(arrival);
    }

    /// Records that the arrival brought a click id: the first one of its visitor with it, or the first that is a click.
    pub fn click_id(&mut self, arrival: Seq, click_id: ClickIdKey) {
        self.arrivals.bring(arrival, click_id);
    }

    /// Counts an arrival that no source took. Those beyond the most of a day have no content.
    pub fn unmatched(&mut self, advertiser: AdvertiserId, at: Millis, content: Option<ArrivalContent>) {
        self.arrivals.unmatched(advertiser, at, content);
    }

    pub fn judged(&mut self, judged: Judged) {
        self.rollups.conversion(&judged);
        self.judged.push(judged);
    }

    /// The judged fire of this slice with this number.
    pub fn judged_at(&self, seq: Seq) -> Option<&Judged> {
        let index = self.judged.binary_search_by_key(&seq, |judged| judged.fire.seq).ok()?;
        self.judged.get(index)
    }

    /// Lets `reference` name the fire `seq`, from the fire `named_by` on.
    pub fn refer(&mut self, advertiser: AdvertiserId, reference: String, named_by: Seq, seq: Seq) {
        self.effects.refer(advertiser, reference, named_by, seq);
    }

    /// Records that the adjustment or fire `by` had this effect on a conversion and gave it this value.
    pub fn adjusted(&mut self, by: Seq, conversion: &ConversionState, value: CurrentValue, effect: Effect) {
        self.effects.adjusted(by, conversion.seq, value, effect);
        self.rollups.adjusted(conversion, value);
        if effect == Effect::Retracted {
            self.effects.uncount(conversion, by);
        }
    }

    /// Records that a fire took this from a duplicate of it.
    pub fn taken(&mut self, seq: Seq, taken: Taken) {
        self.taken.push((seq, taken));
    }

    /// Records that a conversion keeps the value that these adjustments gave to a duplicate of it.
    pub fn restated_before(&mut self, conversion: &ConversionState, adjustments: Vec<Seq>) {
        for by in adjustments {
            self.effects.adjusted(by, conversion.seq, conversion.current, Effect::Restated);
        }
    }

    /// Changes what became of an earlier fire: it is a duplicate now, or took something from one.
    pub fn changed(&mut self, before: &ConversionState, after: &ConversionState) {
        self.rollups.changed(before, after);
        if after.is_adjusted {
            self.effects.set(after.seq, after.current);
        }
        self.changed.insert(after.seq, after.clone());
    }

    /// Lets the name lead to this fire.
    pub fn name(&mut self, name: Name, fire: NamedFire) {
        self.names.name(name, fire);
    }

    /// Records that this visitor sent the name.
    pub fn bearer(&mut self, name: Name, bearer: Bearer) {
        self.names.bearer(name, bearer);
    }

    /// From the fire `from` on, the name is one among the fires of each visitor only.
    pub fn share(&mut self, name: Name, from: Seq) {
        self.names.share(name, from);
    }

    fn write(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        write_touches(conn, &mut self.touches)?;
        self.arrivals.write(conn)?;
        for judged in &self.judged {
            write_conversion(conn, judged)?;
            write_counted(conn, judged)?;
        }
        self.changed.values().try_for_each(|state| write_change(conn, state))?;
        for (seq, Taken { field, from }) in &self.taken {
            insert!(conn, taken { seq: seq, field: field, from_seq: from })?;
        }
        self.names.write(conn)?;
        self.effects.write(conn)?;
        self.members.write(conn)?;
        self.rollups.write(conn)
    }
}

/// Sorts them first, so that SQLite writes neighbouring rows one after the other.
fn write_touches(conn: &Connection, touches: &mut [(VisitorId, Touch)]) -> rusqlite::Result<()> {
    touches.sort_unstable_by_key(|(visitor, touch)| (*visitor, touch.kind, touch.since(), touch.seq));
    // Most rows of a slice are touches, so they share one statement.
    let sql = "INSERT INTO touches (visitor_id, kind, since, seq, at, line_item_id, campaign_id, publisher_id,
        source_id, creative_id, imp_seq, imp_at, flags) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    let mut statement = conn.prepare_cached(sql)?;
    for (visitor, touch) in touches.iter() {
        statement.execute(params![
            visitor,
            touch.kind,
            touch.since(),
            touch.seq,
            touch.at,
            touch.line_item_id,
            touch.campaign_id,
            touch.publisher_id,
            touch.source_id,
            touch.creative_id,
            touch.impression.map(|(seq, _)| seq),
            touch.impression.map(|(_, at)| at),
            touch.flags.bits(),
        ])?;
    }
    Ok(())
}

fn write_conversion(conn: &Connection, judged: &Judged) -> rusqlite::Result<()> {
    let (fire, credit) = (&judged.fire, judged.credit.as_ref());
    insert!(
        conn,
        conversions {
            seq: fire.seq,
            at: fire.at,
            pixel_id: fire.pixel_id,
            advertiser_id: judged.advertiser_id,
            visitor_id: judged.visitor_id,
            outcome: judged.outcome.kind(),
            reason: judged.outcome.reason(),
            duplicate_of: judged.duplicate_of,
            duplicate_by: judged.duplicate_of.map(|_| fire.seq),
            order_id: fire.order_id,
            value: fire.value,
            currency: fire.currency,
            pixel_version: judged.pixel_version,
            line_item_version: credit.map(|credit| credit.line_item_version),
            exposure_seq: credit.map(|credit| credit.exposure),
            exposure_at: credit.map(|credit| credit.exposure_at),
            window_mins: credit.map(|credit| credit.window),
            line_item_id: credit.map(|credit| credit.line_item_id),
            campaign_id: credit.and_then(|credit| credit.campaign_id),
            publisher_id: credit.map(|credit| credit.publisher_id),
            source_id: credit.and_then(|credit| credit.source_id),
            tracker_id: credit.and_then(|credit| credit.tracker_id),
            creative_id: credit.and_then(|credit| credit.creative_id),
            static_value: credit.and_then(|credit| credit.static_value),
            static_currency: credit.map(|credit| credit.static_currency),
            max_value: judged.exceeded.map(|max| max.amount),
            token_seq: fire.exposure,
            warned: judged.has_warnings,
        }
    )?;
    Ok(())
}

/// Writes what the repeat rule depends on.
fn write_counted(conn: &Connection, judged: &Judged) -> rusqlite::Result<()> {
    let fire = &judged.fire;
    if let Some(visitor) = judged.counted_for {
        insert!(conn, counted { pixel_id: fire.pixel_id, visitor_id: visitor, at: fire.at, seq: fire.seq })?;
    }
    Ok(())
}

fn write_change(conn: &Connection, state: &ConversionState) -> rusqlite::Result<()> {
    let sql = "UPDATE conversions SET outcome = ?2, reason = ?3, duplicate_of = ?4, duplicate_by = ?5, order_id = ?6,
        value = ?7, currency = ?8 WHERE seq = ?1";
    conn.prepare_cached(sql)?.execute(params![
        state.seq,
        state.outcome.kind(),
        state.outcome.reason(),
        state.duplicate.map(|duplicate| duplicate.of),
        state.duplicate.map(|duplicate| duplicate.by),
        state.order_id,
        state.value,
        state.currency,
    ])?;
    Ok(())
}

impl JudgeFile {
    /// Writes a slice. It blocks.
    ///
    /// # Errors
    /// Database faults, a full disk. In doubt nothing was written, and trying again is safe.
    pub fn apply(&self, mut slice: Slice) -> Result<Applied, StoreError> {
        let tx = self.begin()?;
        let sql = "UPDATE judge_cursor SET seq = ?2, day = ?3 WHERE seq = ?1";
        let moves = tx.prepare_cached(sql)?.execute(params![slice.after.seq, slice.to.seq, slice.to.day])? == 1;
        let applied = if moves {
            slice.write(&tx)?;
            Applied::Upto(slice.to)
        } else {
            Applied::Moved(cursor::cursor(&tx)?)
        };
        tx.commit()?;
        let (Applied::Upto(cursor) | Applied::Moved(cursor)) = applied;
        self.tell(cursor.seq);
        Ok(applied)
    }

    /// Writes a slice of exposures alone, up to `to`, before the rows among them are judged. Then the judge can credit them
    /// to fires that were logged before them. Returns the cursor. It blocks.
    ///
    /// # Errors
    /// As [`JudgeFile::apply`].
    pub fn touch(&self, mut slice: Slice, to: Seq) -> Result<Cursor, StoreError> {
        let tx = self.begin()?;
        let sql = "UPDATE judge_cursor SET touched = ?3 WHERE seq = ?1 AND touched = ?2";
        if tx.prepare_cached(sql)?.execute(params![slice.after.seq, slice.after.touched, to])? == 1 {
            slice.write(&tx)?;
        }
        let cursor = cursor::cursor(&tx)?;
        tx.commit()?;
        Ok(cursor)
    }
}
