//! A judged fire as later rows of the log find it: what became of it, what it is worth, and whether it still counts.

use rusqlite::{OptionalExtension, Row, params};

use super::judged::Judged;
use super::lookups::LookUps;
use crate::attribution::{EarlierFire, NamesakeState};
use crate::domain::{
    AdvertiserId, CampaignId, Currency, CurrentValue, Flags, LineItemId, Micros, Millis, NotCounted, Outcome, PixelId,
    PublisherId, Reason, Seq, SourceId, Taken, TakenField, TrackerId, Unattributed, VisitorId,
};
use crate::store::StoreError;
use crate::store::db::sql_types::get;

#[derive(Clone, Debug)]
pub struct ConversionState {
    /// The fire's number in the log.
    pub seq: Seq,
    /// The fire's own time.
    pub at: Millis,
    pub pixel_id: PixelId,
    /// The pixel's advertiser.
    pub advertiser_id: AdvertiserId,
    /// The fire's visitor; with a token, the visitor of the exposure that it names.
    pub visitor_id: Option<VisitorId>,
    /// Whether the request itself created the visitor.
    pub is_new_visitor: bool,
    pub has_warnings: bool,
    pub outcome: Outcome,
    /// Present exactly for an attributed conversion.
    pub credited_to: Option<CreditedTo>,
    /// The visitor for whom it counts under the repeat rule; present exactly for an attributed conversion.
    pub counted_for: Option<VisitorId>,
    pub static_value: Option<Micros>,
    /// The dynamic value, as sent or taken.
    pub value: Option<Micros>,
    pub currency: Option<Currency>,
    pub order_id: Option<String>,
    pub bringers: Bringers,
    /// Its dynamic figures after adjustments.
    pub current: CurrentValue,
    pub is_adjusted: bool,
    pub duplicate: Option<Duplicate>,
    pub retraction: Option<Retraction>,
    /// Whether some fire is a duplicate of it.
    pub has_duplicates: bool,
}

/// The fires that brought what a conversion has: itself, or duplicates of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bringers([Option<Seq>; TakenField::ALL.len()]);

impl Bringers {
    fn own(seq: Seq, fields: [(TakenField, bool); TakenField::ALL.len()]) -> Self {
        let mut bringers = Bringers::default();
        fields.into_iter().filter(|(_, has)| *has).for_each(|(field, _)| bringers.set(Taken { field, from: seq }));
        bringers
    }

    fn set(&mut self, Taken { field, from }: Taken) {
        if let Some(bringer) = self.0.get_mut(field as usize) {
            *bringer = Some(from);
        }
    }

    /// The fire that brought this field; none if the conversion lacks it.
    fn of(&self, field: TakenField) -> Option<Seq> {
        self.0.get(field as usize).copied().flatten()
    }
}

/// The objects that a conversion is credited to.
#[derive(Clone, Copy, Debug)]
pub struct CreditedTo {
    pub line_item_id: LineItemId,
    pub campaign_id: Option<CampaignId>,
    pub publisher_id: PublisherId,
    /// Of an arrival.
    pub source_id: Option<SourceId>,
    /// The one that reported the exposure; [`TrackerId::NONE`] if none did.
    pub tracker_id: TrackerId,
    /// The line item's, which the static value has.
    pub currency: Currency,
}

/// A fire that is a duplicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The fire that counted in its place at that time.
    pub of: Seq,
    /// The fire that made it a duplicate: itself, or a later one.
    pub by: Seq,
}

/// A conversion that was retracted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retraction {
    /// The adjustment.
    pub by: Seq,
    /// Whether it had duplicates before.
    pub had_duplicates: bool,
}

impl ConversionState {
    /// The dynamic figures without adjustments.
    pub fn sent(&self) -> CurrentValue {
        CurrentValue { retracted: false, value: self.value, currency: self.currency }
    }

    /// What it means to a later fire of the same name; none if it cannot be one's namesake.
    pub fn as_namesake(&self) -> Option<NamesakeState> {
        match self.outcome {
            Outcome::Attributed(_) => Some(NamesakeState::Credited),
            Outcome::Unattributed(_) => Some(NamesakeState::Open),
            Outcome::NotCounted(NotCounted::Repeat) => Some(NamesakeState::Repeat),
            Outcome::NotCounted(_) => None,
        }
    }

    /// Whether a duplicate that was never adjusted has something that this one lacks.
    pub fn lacks_something_of(&self, duplicate: &ConversionState) -> bool {
        TakenField::ALL.iter().any(|field| self.bringer_of(*field, duplicate).is_some())
    }

    /// If it lacks the field and the duplicate has it: the fire that brought it. One with a restated value lacks none.
    fn bringer_of(&self, field: TakenField, duplicate: &ConversionState) -> Option<Seq> {
        let lacks = self.bringers.of(field).is_none() && (field != TakenField::Value || self.current.value.is_none());
        duplicate.bringers.of(field).filter(|_| lacks)
    }

    /// Takes from a duplicate of it what it lacks, and the restated value if it was never adjusted itself. Returns what
    /// it took.
    pub fn take_from(&mut self, duplicate: &ConversionState) -> Vec<Taken> {
        let mut taken = Vec::new();
        for field in TakenField::ALL {
            let lacks =
                self.bringers.of(field).is_none() && (field != TakenField::Value || self.current.value.is_none());
            if let Some(from) = duplicate.bringers.of(field).filter(|_| lacks) {
                taken.push(Taken { field, from });
                self.bringers.set(Taken { field, from });
                match field {
                    TakenField::Value => self.take_value(duplicate),
                    TakenField::OrderId => self.order_id.clone_from(&duplicate.order_id),
                    TakenField::ContentIds | TakenField::NumItems => {}
                }
            }
        }
        if !self.is_adjusted && duplicate.is_adjusted && duplicate.current.value.is_some() {
            self.current = CurrentValue { retracted: false, ..duplicate.current };
            self.is_adjusted = true;
        }
        taken
    }

    fn take_value(&mut self, duplicate: &ConversionState) {
        (self.value, self.currency) = (duplicate.value, duplicate.currency);
        (self.current.value, self.current.currency) = (duplicate.value, duplicate.currency);
    }
}

impl From<&Judged> for ConversionState {
    fn from(judged: &Judged) -> Self {
        let (fire, credit) = (&judged.fire, judged.credit.as_ref());
        let has = [
            (TakenField::Value, fire.value.is_some()),
            (TakenField::OrderId, fire.order_id.is_some()),
            (TakenField::ContentIds, fire.has_content_ids),
            (TakenField::NumItems, fire.has_num_items),
        ];
        let sent = CurrentValue { retracted: false, value: fire.value, currency: fire.currency };
        ConversionState {
            seq: fire.seq,
            at: fire.at,
            pixel_id: fire.pixel_id,
            advertiser_id: judged.advertiser_id,
            visitor_id: judged.visitor_id,
            is_new_visitor: is_new_visitor(fire.flags, fire.exposure),
            has_warnings: judged.has_warnings,
            outcome: judged.outcome,
            credited_to: credit.map(|credit| CreditedTo {
                line_item_id: credit.line_item_id,
                campaign_id: credit.campaign_id,
                publisher_id: credit.publisher_id,
                source_id: credit.source_id,
                tracker_id: credit.tracker_id.unwrap_or(TrackerId::NONE),
                currency: credit.static_currency,
            }),
            counted_for: judged.counted_for,
            static_value: credit.and_then(|credit| credit.static_value),
            value: fire.value,
            currency: fire.currency,
            order_id: fire.order_id.clone(),
            bringers: Bringers::own(fire.seq, has),
            current: judged.carried.unwrap_or(sent),
            is_adjusted: judged.carried.is_some(),
            duplicate: judged.duplicate_of.map(|of| Duplicate { of, by: fire.seq }),
            retraction: None,
            has_duplicates: false,
        }
    }
}

/// Whether the request itself created the visitor. A token names a visitor who was there before.
pub fn is_new_visitor(flags: Flags, exposure: Option<Seq>) -> bool {
    flags.new_visitor && exposure.is_none()
}

const STATE: &str = "SELECT c.*, f.flags, f.exposure_seq AS token_seq, f.content_ids IS NOT NULL AS has_content_ids,
        f.num_items IS NOT NULL AS has_num_items, iif(c.max_value IS NULL, f.value, NULL) AS own_value, f.order_id AS own_order_id,
        f.warnings IS NOT NULL OR c.max_value IS NOT NULL
            OR f.parent_reference_id IS NOT NULL AND c.reason <> 'adjustment' AS has_warnings,
        a.retracted AS adj_retracted, a.value AS adj_value, a.currency AS adj_currency,
        (SELECT e.adjustment_seq FROM adjustment_effects e
            WHERE e.conversion_seq = c.seq AND e.effect = 'retracted' AND e.adjustment_seq < ?2) AS retracted_by,
        (SELECT min(d.duplicate_by) FROM conversions d WHERE d.duplicate_of = c.seq) AS duplicated_by
    FROM conversions c JOIN fires f ON f.seq = c.seq LEFT JOIN adjusted a ON a.seq = c.seq WHERE c.seq = ?1";

impl LookUps<'_> {
    /// What a row logged as `before` finds of the fire at `seq`. Its value and fields are those of now. None if the judge
    /// has left it out.
    ///
    /// # Errors
    /// Database faults.
    pub fn state(&mut self, seq: Seq, before: Seq) -> Result<Option<ConversionState>, StoreError> {
        let mut statement = self.conn().prepare_cached(STATE)?;
        let Some(mut state) = statement.query_row(params![seq, before], |row| read(row, before)).optional()? else {
            return Ok(None);
        };
        let mut statement = self.conn().prepare_cached("SELECT field, from_seq FROM taken WHERE seq = ?1")?;
        let taken =
            statement.query_map([seq], |row| Ok(Taken { field: get(row, "field")?, from: get(row, "from_seq")? }))?;
        for taken in taken {
            state.bringers.set(taken?);
        }
        Ok(Some(state))
    }
}

impl LookUps<'_> {
    /// The later fire that made this one a duplicate of it; none if no later one did.
    ///
    /// # Errors
    /// Database faults.
    pub fn displaced_by(&mut self, seq: Seq) -> Result<Option<EarlierFire>, StoreError> {
        let sql = "SELECT o.seq, o.at FROM conversions c JOIN conversions o ON o.seq = c.duplicate_of
            WHERE c.seq = ?1 AND c.duplicate_by > c.seq";
        let mut statement = self.conn().prepare_cached(sql)?;
        let read = |row: &Row<'_>| Ok(EarlierFire { seq: get(row, "seq")?, at: get(row, "at")? });
        Ok(statement.query_row([seq], read).optional()?)
    }
}

fn read(row: &Row<'_>, before: Seq) -> rusqlite::Result<ConversionState> {
    let seq: Seq = get(row, "seq")?;
    let duplicate = get::<Option<Seq>>(row, "duplicate_of")?.zip(get(row, "duplicate_by")?);
    let duplicate = duplicate.map(|(of, by)| Duplicate { of, by });
    // Until a later fire displaced it, it was unattributed; it does not matter why.
    let (duplicate, outcome) = match duplicate {
        Some(Duplicate { by, .. }) if by >= before => (None, Outcome::Unattributed(Unattributed::NoVisitor)),
        duplicate => (duplicate, get::<Reason>(row, "reason")?.outcome()),
    };
    let credited_to = match get::<Option<LineItemId>>(row, "line_item_id")? {
        None => None,
        Some(line_item_id) => Some(CreditedTo {
            line_item_id,
            campaign_id: get(row, "campaign_id")?,
            publisher_id: get(row, "publisher_id")?,
            source_id: get(row, "source_id")?,
            tracker_id: get::<Option<TrackerId>>(row, "tracker_id")?.unwrap_or(TrackerId::NONE),
            currency: get(row, "static_currency")?,
        }),
    };
    let (visitor_id, token): (Option<VisitorId>, Option<Seq>) = (get(row, "visitor_id")?, get(row, "token_seq")?);
    let (value, currency) = (get(row, "value")?, get(row, "currency")?);
    let adjusted = current_value(row)?;
    let duplicated_by: Option<Seq> = get(row, "duplicated_by")?;
    let retraction = get::<Option<Seq>>(row, "retracted_by")?;
    let own = [
        (TakenField::Value, get::<Option<Micros>>(row, "own_value")?.is_some()),
        (TakenField::OrderId, get::<Option<String>>(row, "own_order_id")?.is_some()),
        (TakenField::ContentIds, get(row, "has_content_ids")?),
        (TakenField::NumItems, get(row, "has_num_items")?),
    ];
    Ok(ConversionState {
        seq,
        at: get(row, "at")?,
        pixel_id: get(row, "pixel_id")?,
        advertiser_id: get(row, "advertiser_id")?,
        visitor_id,
        is_new_visitor: is_new_visitor(Flags::from_bits(get(row, "flags")?), token),
        has_warnings: get(row, "has_warnings")?,
        outcome,
        credited_to,
        counted_for: credited_to.and(visitor_id.or(token.map(|token| VisitorId(-token.0)))),
        static_value: get(row, "static_value")?,
        value,
        currency,
        order_id: get(row, "order_id")?,
        bringers: Bringers::own(seq, own),
        current: adjusted.unwrap_or(CurrentValue { retracted: false, value, currency }),
        is_adjusted: adjusted.is_some(),
        duplicate,
        retraction: retraction.map(|by| Retraction { by, had_duplicates: duplicated_by.is_some_and(|d| d < by) }),
        has_duplicates: duplicated_by.is_some_and(|duplicated| duplicated < before),
    })
}

/// A conversion's value after its adjustments, in the row of a join with `adjusted`; none if it was never adjusted.
pub(in crate::store) fn current_value(row: &Row<'_>) -> rusqlite::Result<Option<CurrentValue>> {
    let Some(retracted) = get(row, "adj_retracted")? else { return Ok(None) };
    Ok(Some(CurrentValue { retracted, value: get(row, "adj_value")?, currency: get(row, "adj_currency")? }))
}
