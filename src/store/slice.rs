//! A slice of judged log: everything that follows from it is written in one transaction together with the judge's
//! cursor, and only if the cursor stands where the slice begins. So each row of the log is taken up exactly once,
//! whatever is killed when. What follows from a row is not decided here.

use rusqlite::{Connection, params};

use super::adjusting::{Adjustable, Effects};
use super::batch::LoggedExposure;
use super::judging::{Cursor, JudgeFile};
use super::memberships::Members;
use super::rollups::Rollups;
use super::{StoreError, batch, judging};
use crate::attribution::Touch;
use crate::domain::{
    AdvertiserId, Conversion, Effect, Membership, Millis, OutcomeKind, SegmentId, Seq, Standing, VisitorId,
};

/// A judged fire with what follows from it.
#[derive(Debug)]
pub struct Judged {
    /// The conversion; of its fire just what [`super::LoggedFire`] holds is needed.
    pub conversion: Conversion,
    /// Whether some of the fire's parameters broke their rules.
    pub warned: bool,
    /// Whether later fires with its event id are duplicates of it.
    pub first_of_event: bool,
    /// For whom it counts under the repeat rule; present just when it is attributed.
    pub counted_for: Option<VisitorId>,
}

/// A stretch of the log, judged.
#[derive(Debug)]
pub struct Slice {
    after: Cursor,
    to: Cursor,
    members: Members,
    effects: Effects,
    touches: Vec<(VisitorId, Touch)>,
    judged: Vec<Judged>,
    rollups: Rollups,
}

/// What became of a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It was written; the log is judged up to here.
    Upto(Cursor),
    /// Nothing was written: the judge's cursor does not stand where the slice begins, but here.
    Moved(Cursor),
}

impl Slice {
    /// An empty slice of what was logged after `after`, up to and with `to`.
    pub fn new(after: Cursor, to: Seq) -> Self {
        let to = Cursor { seq: to, ..after };
        let (touches, judged, rollups) = (Vec::new(), Vec::new(), Rollups::default());
        Slice { after, to, members: Members::default(), effects: Effects::default(), touches, judged, rollups }
    }

    /// Makes it end with this place.
    pub fn end(&mut self, to: Seq) {
        self.to.seq = to;
    }

    /// Its rows were logged on this day or before.
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

    /// The visitor becomes a member; of a visitor's memberships of one segment the one that lasts longest stands.
    pub fn join(&mut self, membership: Membership) {
        self.members.join(membership);
    }

    /// The visitor is a member no more.
    pub fn leave(&mut self, segment: SegmentId, visitor: VisitorId) {
        self.members.leave(segment, visitor);
    }

    /// Adds an exposure.
    pub fn exposure(&mut self, exposure: &LoggedExposure) {
        if let Some(visitor) = exposure.visitor_id
            && exposure.touch.seq > self.after.touched
        {
            self.touches.push((visitor, exposure.touch));
        }
        self.rollups.exposure(exposure);
    }

    /// Adds a judged fire.
    pub fn judged(&mut self, judged: Judged) {
        self.rollups.conversion(&judged.conversion, judged.warned);
        self.judged.push(judged);
    }

    /// From the fire `named_by` on, `reference` stands for the fire `seq`.
    pub fn name(&mut self, advertiser: AdvertiserId, reference: String, named_by: Seq, seq: Seq) {
        self.effects.name(advertiser, reference, named_by, seq);
    }

    /// The adjustment, or fire, `by` did this to a conversion, which stands so after it.
    pub fn amended(&mut self, by: Seq, conversion: &Adjustable, standing: Standing, effect: Effect) {
        self.effects.amended(by, conversion.seq, standing, effect);
        self.rollups.amended(conversion, standing);
    }

    fn write(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        write_touches(conn, &mut self.touches)?;
        for judged in &self.judged {
            write_conversion(conn, &judged.conversion)?;
            write_marks(conn, judged)?;
        }
        self.effects.write(conn)?;
        self.members.write(conn)?;
        self.rollups.write(conn)
    }
}

/// Neighbours in the table are written one after the other.
fn write_touches(conn: &Connection, touches: &mut [(VisitorId, Touch)]) -> rusqlite::Result<()> {
    touches.sort_unstable_by_key(|(visitor, touch)| (*visitor, touch.kind, touch.seq));
    let sql = "INSERT INTO touches (visitor_id, kind, seq, at, line_item_id, campaign_id, publisher_id, creative_id,
        imp_seq, imp_at, flags) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let mut statement = conn.prepare_cached(sql)?;
    for (visitor, touch) in touches.iter() {
        statement.execute(params![
            visitor,
            touch.kind,
            touch.seq,
            touch.at,
            touch.line_item_id,
            touch.campaign_id,
            touch.publisher_id,
            touch.creative_id,
            touch.impression.map(|(seq, _)| seq),
            touch.impression.map(|(_, at)| at),
            touch.flags.bits(),
        ])?;
    }
    Ok(())
}

fn write_conversion(conn: &Connection, conversion: &Conversion) -> rusqlite::Result<()> {
    let sql = "INSERT INTO conversions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
        ?17, ?18, ?19, ?20, ?21)";
    let (fire, credit) = (&conversion.fire, conversion.credit.as_ref());
    conn.prepare_cached(sql)?.execute(params![
        fire.seq,
        fire.at,
        fire.pixel_id,
        conversion.advertiser_id,
        conversion.visitor_id,
        conversion.outcome.kind(),
        conversion.outcome.reason(),
        fire.order_id,
        fire.value,
        fire.currency,
        conversion.pixel_version,
        credit.map(|credit| credit.line_item_version),
        credit.map(|credit| credit.exposure),
        credit.map(|credit| credit.exposure_at),
        credit.map(|credit| credit.window),
        credit.map(|credit| credit.line_item_id),
        credit.and_then(|credit| credit.campaign_id),
        credit.map(|credit| credit.publisher_id),
        credit.and_then(|credit| credit.creative_id),
        credit.and_then(|credit| credit.static_value),
        credit.map(|credit| credit.static_currency),
    ])?;
    Ok(())
}

/// What later fires are held against.
fn write_marks(conn: &Connection, judged: &Judged) -> rusqlite::Result<()> {
    let fire = &judged.conversion.fire;
    if judged.first_of_event
        && let Some(event_id) = &fire.event_id
    {
        let sql = "INSERT INTO events_seen VALUES (?1, ?2, ?3, ?4)";
        conn.prepare_cached(sql)?.execute(params![fire.pixel_id, event_id, fire.at, fire.seq])?;
    }
    if let Some(visitor) = judged.counted_for {
        let sql = "INSERT INTO counted VALUES (?1, ?2, ?3, ?4)";
        conn.prepare_cached(sql)?.execute(params![fire.pixel_id, visitor, fire.at, fire.seq])?;
    }
    if judged.conversion.outcome.kind() == OutcomeKind::Attributed
        && let Some(order_id) = &fire.order_id
    {
        let sql = "INSERT INTO orders_counted (pixel_id, order_id, seq, at) VALUES (?1, ?2, ?3, ?4)";
        conn.prepare_cached(sql)?.execute(params![fire.pixel_id, order_id, fire.seq, fire.at])?;
    }
    Ok(())
}

impl JudgeFile {
    /// Writes a slice; it blocks.
    ///
    /// # Errors
    /// Database faults, a full disk; in doubt nothing was written, and doing it again is safe.
    pub fn apply(&self, mut slice: Slice) -> Result<Applied, StoreError> {
        let tx = self.begin()?;
        let sql = "UPDATE judge_cursor SET seq = ?2, day = ?3 WHERE seq = ?1";
        let moves = tx.prepare_cached(sql)?.execute(params![slice.after.seq, slice.to.seq, slice.to.day])? == 1;
        let applied = if moves {
            slice.write(&tx)?;
            Applied::Upto(slice.to)
        } else {
            Applied::Moved(judging::cursor(&tx)?)
        };
        tx.commit()?;
        let (Applied::Upto(cursor) | Applied::Moved(cursor)) = applied;
        self.tell(cursor.seq);
        Ok(applied)
    }

    /// Takes up to so many places of exposures into the look-ups, ahead of all judging and in the log's order, so that
    /// fires that were logged before them can be judged with them; says up to where that is done by now. It blocks.
    ///
    /// # Errors
    /// As [`JudgeFile::apply`].
    pub fn touch(&self, upto: Seq, at_most: u16) -> Result<Cursor, StoreError> {
        let tx = self.begin()?;
        let cursor = judging::cursor(&tx)?;
        let from = cursor.touched.max(cursor.seq);
        let to = Seq(from.0.saturating_add(i64::from(at_most)).min(upto.0)).max(from);
        let exposures = batch::exposures(&tx, from, to)?;
        let mut touches: Vec<_> =
            exposures.filter_map(|exposure| Some((exposure.visitor_id?, exposure.touch))).collect();
        write_touches(&tx, &mut touches)?;
        tx.execute("UPDATE judge_cursor SET touched = ?1", [to])?;
        tx.commit()?;
        Ok(Cursor { touched: to, ..cursor })
    }
}
