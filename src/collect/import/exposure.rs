//! A line that tells of an ad view or an ad click: what a tracker would have logged.

use super::{Lines, MAX_NAME, SECRET};
use crate::auth::TokenExposure;
use crate::collect::params::{MAX_ANCOST, values};
use crate::collect::server::Asked;
use crate::collect::server::answer::Refused;
use crate::collect::server::conversion::{consent, kept, page, user_agent};
use crate::collect::server::fields::Fields;
use crate::collect::warnings::{Rule, Warnings};
use crate::domain::{
    AdvertiserId, CampaignId, Exposure, ExposureKind, Flags, LineItemId, Millis, PublisherId, Seq, Tracker, TrackerId,
    TrackerKind, VisitorId,
};
use crate::store::{ByCode, Clicked};

/// The field of a click that names the line of its impression.
const IMPRESSION: &str = "impression";

impl Lines<'_> {
    /// The exposure.
    ///
    /// # Errors
    /// The first field that breaks its rule.
    pub(super) fn exposure(
        &self,
        kind: ExposureKind,
        fields: &Fields<'_>,
        asked: &Asked<'_>,
        (at, visitor_id): (Millis, Option<VisitorId>),
    ) -> Result<Exposure, Refused> {
        let (tracker_id, line_item_id, publisher_id) = self.place(kind, fields, asked)?;
        let consent = consent(fields, asked.needed)?;
        let ancost = fields.read("ancost", |name, raw, warnings| values::money(name, raw, MAX_ANCOST, warnings))?;
        Ok(Exposure {
            seq: Seq(0),
            at,
            kind,
            tracker_id,
            line_item_id,
            publisher_id,
            campaign_id: fields.read("campaign_id", values::id)?.map(CampaignId),
            creative_id: fields.read("creative_id", values::id)?,
            visitor_id: visitor_id.filter(|_| !consent.refused),
            flags: Flags { test: fields.read("test", values::zero_or_one)?, ..Flags::default() },
            ancost: ancost.map(|(ancost, _)| ancost),
            impression: impression(kind, fields, asked)?.filter(|_| !consent.refused),
            warnings: Vec::new(),
            query: kept(fields, consent.refused, SECRET),
            referer: page(fields),
            user_agent: user_agent(fields),
            ip: None,
        })
    }

    /// The line of the impression that was clicked, if it is named by its `id`. A visitor who is not to be known is tied to
    /// none.
    ///
    /// # Errors
    /// It is too long, or there is a token already.
    pub(super) fn clicked(&self, fields: &Fields<'_>, asked: &Asked<'_>) -> Result<Option<Clicked>, Refused> {
        let Some(id) = fields.short_text(IMPRESSION, MAX_NAME)? else { return Ok(None) };
        if fields.get("imp").is_some() {
            return Err(Refused::field("imp", "is one name too many: give impression or imp"));
        }
        if consent(fields, asked.needed)?.refused {
            return Ok(None);
        }
        let unknown = Warnings::one(IMPRESSION, &id, Rule::UnknownImpression);
        Ok(Some(Clicked { mark: self.marks.given(&id), unknown }))
    }

    /// Where the ad ran and for which line item: a tracker says both, else the line item is named, and the publisher may
    /// be. What a tracker says may be said again, but not otherwise.
    fn place(
        &self,
        kind: ExposureKind,
        fields: &Fields<'_>,
        asked: &Asked<'_>,
    ) -> Result<(TrackerId, LineItemId, PublisherId), Refused> {
        let advertiser = fields.advertiser(asked)?;
        let tracker = tracker(kind, fields, asked, advertiser)?;
        let line_item = self.line_item(fields, advertiser)?;
        let publisher = self.publisher(fields)?;
        let Some(tracker) = tracker else {
            let (_, line_item) = line_item.ok_or_else(|| {
                Refused::field("line_item_id", "is missing: name the line item, by its id or code, or the tracker")
            })?;
            return Ok((TrackerId::NONE, line_item, publisher.map_or(PublisherId::NONE, |(_, publisher)| publisher)));
        };
        let other = |field, what| Err(Refused::field(field, format!("is not the {what} of tracker {}", tracker.id)));
        match (line_item, publisher) {
            (Some((field, id)), _) if id != tracker.line_item_id => other(field, "line item"),
            (_, Some((field, id))) if id != tracker.publisher_id => other(field, "publisher"),
            _ => Ok((tracker.id, tracker.line_item_id, tracker.publisher_id)),
        }
    }

    fn line_item(
        &self,
        fields: &Fields<'_>,
        advertiser: Option<AdvertiserId>,
    ) -> Result<Option<(&'static str, LineItemId)>, Refused> {
        if let Some(id) = fields.id::<LineItemId>("line_item_id")? {
            let of = self.places.advertiser_of(id);
            let fits = of.is_some_and(|of| advertiser.is_none_or(|advertiser| advertiser == of));
            return if fits { Ok(Some(("line_item_id", id))) } else { Err(nothing("line_item_id", "line item")) };
        }
        let Some(code) = fields.get("line_item_code") else { return Ok(None) };
        one("line_item_code", "line item", self.places.line_item_by_code(&code, advertiser)).map(Some)
    }

    fn publisher(&self, fields: &Fields<'_>) -> Result<Option<(&'static str, PublisherId)>, Refused> {
        if let Some(id) = fields.id::<PublisherId>("publisher_id")? {
            let known = self.places.has_publisher(id);
            return if known { Ok(Some(("publisher_id", id))) } else { Err(nothing("publisher_id", "publisher")) };
        }
        let Some(code) = fields.get("publisher_code") else { return Ok(None) };
        let found = self.places.publisher_by_code(&code).map_or(ByCode::Nothing, ByCode::One);
        one("publisher_code", "publisher", found).map(Some)
    }
}

/// The impression that was clicked, where a token that was given out here names it.
fn impression(kind: ExposureKind, fields: &Fields<'_>, asked: &Asked<'_>) -> Result<Option<(Seq, Millis)>, Refused> {
    let Some(token) = fields.get("imp").filter(|_| kind == ExposureKind::Click) else { return Ok(None) };
    match asked.exposures.read(&token) {
        Some(TokenExposure { seq, at, kind: ExposureKind::Impression }) => Ok(Some((seq, at))),
        Some(TokenExposure { kind: ExposureKind::Click, .. }) => {
            Err(Refused::field("imp", Rule::NotAnImpression.says()))
        }
        None => Err(Refused::field("imp", Rule::BadToken.says())),
    }
}

fn tracker(
    kind: ExposureKind,
    fields: &Fields<'_>,
    asked: &Asked<'_>,
    advertiser: Option<AdvertiserId>,
) -> Result<Option<std::sync::Arc<Tracker>>, Refused> {
    let (kind, what) = match kind {
        ExposureKind::Impression => (TrackerKind::Impression, "impression tracker"),
        ExposureKind::Click => (TrackerKind::Click, "click tracker"),
    };
    if let Some(id) = fields.id::<TrackerId>("tracker_id")? {
        let fits = |tracker: &std::sync::Arc<Tracker>| {
            tracker.kind == kind && advertiser.is_none_or(|advertiser| advertiser == tracker.advertiser_id)
        };
        let found = asked.catalog.tracker(id).filter(fits);
        return found.map(Some).ok_or_else(|| nothing("tracker_id", what));
    }
    let Some(code) = fields.get("tracker_code") else { return Ok(None) };
    let found = asked.catalog.tracker_by_code(kind, &code, advertiser);
    one("tracker_code", what, found).map(|(_, tracker)| Some(tracker))
}

/// The one thing of this code.
fn one<T>(field: &'static str, what: &str, found: ByCode<T>) -> Result<(&'static str, T), Refused> {
    match found {
        ByCode::One(found) => Ok((field, found)),
        ByCode::Nothing => Err(nothing(field, what)),
        ByCode::Several => Err(Refused::field(field, "is used by several advertisers; say which by advertiser_id")),
    }
}

fn nothing(field: &'static str, what: &str) -> Refused {
    Refused::field(field, format!("names no {what}"))
}
