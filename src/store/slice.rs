//! A slice of judged log: everything that follows from it is written in one transaction together with the judge's
//! cursor, and only if the cursor stands where the slice begins. So each row of the log is taken up exactly once,
//! whatever is killed when. What follows from a row is not decided here.

use rusqlite::{Connection, params};

use super::judging::LoggedExposure;
use super::rollups::Rollups;
use super::{Store, StoreError};
use crate::attribution::Touch;
use crate::domain::{Conversion, OutcomeKind, Seq, VisitorId};

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
    after: Seq,
    to: Seq,
    touches: Vec<(VisitorId, Touch)>,
    judged: Vec<Judged>,
    rollups: Rollups,
}

/// What became of a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It was written; the log is judged up to here.
    Upto(Seq),
    /// Nothing was written: the judge's cursor does not stand where the slice begins, but here.
    Moved(Seq),
}

impl Slice {
    /// An empty slice of what was logged after `after`, up to and with `to`.
    pub fn new(after: Seq, to: Seq) -> Self {
        Slice { after, to, touches: Vec::new(), judged: Vec::new(), rollups: Rollups::default() }
    }

    /// Adds an exposure.
    pub fn exposure(&mut self, exposure: &LoggedExposure) {
        if let Some(visitor) = exposure.visitor_id {
            self.touches.push((visitor, exposure.touch));
        }
        self.rollups.exposure(exposure);
    }

    /// Adds a judged fire.
    pub fn judged(&mut self, judged: Judged) {
        self.rollups.conversion(&judged.conversion, judged.warned);
        self.judged.push(judged);
    }

    /// Neighbours in a table are written one after the other.
    fn sort(&mut self) {
        self.touches.sort_unstable_by_key(|(visitor, touch)| (*visitor, touch.kind, touch.seq));
    }

    fn write(&self, conn: &Connection) -> rusqlite::Result<()> {
        let sql =
            "INSERT INTO touches (visitor_id, kind, seq, at, line_item_id, campaign_id, publisher_id, creative_id,
            imp_seq, imp_at, flags) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let mut statement = conn.prepare_cached(sql)?;
        for (visitor, touch) in &self.touches {
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
        for judged in &self.judged {
            write_conversion(conn, &judged.conversion)?;
            write_marks(conn, judged)?;
        }
        self.rollups.write(conn)
    }
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

impl Store {
    /// Writes a slice and waits for the commit; for the judge's thread, since it blocks.
    ///
    /// # Errors
    /// What [`Store::append`] may answer; in doubt nothing was written, and doing it again is safe.
    pub fn apply(&self, mut slice: Slice) -> Result<Applied, StoreError> {
        slice.sort();
        let applied = self.write_now(move |tx| {
            let sql = "UPDATE judge_cursor SET seq = ?2 WHERE seq = ?1";
            if tx.conn.prepare_cached(sql)?.execute([slice.after, slice.to])? == 0 {
                let sql = "SELECT seq FROM judge_cursor";
                return Ok(Applied::Moved(tx.conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?));
            }
            slice.write(tx.conn)?;
            Ok(Applied::Upto(slice.to))
        })?;
        let (Applied::Upto(seq) | Applied::Moved(seq)) = applied;
        self.0.judged.send_replace(seq);
        Ok(applied)
    }
}
