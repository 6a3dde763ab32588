//! A line about an ad view or an ad click: it becomes the row that a tracker would have logged.

use super::{Lines, MAX_NAME};
use crate::auth::TokenExposure;
use crate::collect::kept::event::KnownFields;
use crate::collect::params::{MAX_ANCOST, values};
use crate::collect::problems::warnings::{Rule, Warnings};
use crate::collect::server::RequestContext;
use crate::collect::server::answer::EventError;
use crate::collect::server::conversion::{consent, ip, kept, kept_warnings, page, user_agent};
use crate::collect::server::fields::Fields;
use crate::domain::{
    AdvertiserId, CampaignId, Exposure, ExposureKind, Flags, LineItemId, Millis, PublisherId, Seq, Tracker, TrackerId,
    TrackerKind, VisitorId,
};
use crate::store::{ByCode, ClickedImpression};

/// The field of a click that names the line of its impression.
const IMPRESSION: &str = "impression";

/// The fields of exposures.
pub(super) const OF_EXPOSURES: &[&str] = &[
    "line_item_id",
    "line_item_code",
    "tracker_id",
    "tracker_code",
    "publisher_id",
    "publisher_code",
    "campaign_id",
    "creative_id",
    "ancost",
];

/// The parts of an exposure that the caller knows before it reads the other fields.
pub(super) struct ExposureBasics<'a> {
    pub kind: ExposureKind,
    pub at: Millis,
    pub visitor_id: Option<VisitorId>,
    pub known: KnownFields<'a>,
    pub warnings: Warnings,
}

/// Where an ad ran, and for which line item.
struct Placement {
    tracker_id: TrackerId,
    line_item_id: LineItemId,
    publisher_id: PublisherId,
}

/// An object, with the field that names it.
struct ByField<T> {
    field: &'static str,
    value: T,
}

impl Lines<'_> {
    /// # Errors
    /// The first field that breaks its rule.
    pub(super) fn exposure(
        &self,
        fields: &Fields<'_>,
        context: &RequestContext<'_>,
        basics: ExposureBasics<'_>,
    ) -> Result<Exposure, EventError> {
        let ExposureBasics { kind, at, visitor_id, known, mut warnings } = basics;
        let Placement { tracker_id, line_item_id, publisher_id } = self.placement(kind, fields, context)?;
        let consent = consent(fields, context.needed)?;
        let impression = impression(kind, fields, context, &mut warnings)?;
        let ancost = fields.read("ancost", |name, raw, warnings| values::money(name, raw, MAX_ANCOST, warnings))?;
        let ip = ip(fields, context.choice.ip, &mut warnings).filter(|_| !consent.refused);
        let referer = page(fields, consent.refused, context.choice, &mut warnings);
        Ok(Exposure {
            at,
            kind,
            tracker_id,
            line_item_id,
            publisher_id,
            campaign_id: fields.read("campaign_id", values::id)?.map(CampaignId),
            creative_id: fields.read("creative_id", values::id)?,
            visitor_id: visitor_id.filter(|_| !consent.refused),
            flags: Flags { test: fields.read("test", values::switch)?, bot: self.is_bot(fields), ..Flags::default() },
            ancost: ancost.map(|(ancost, _)| ancost),
            impression: impression.filter(|_| !consent.refused),
            arrival: None,
            warnings: kept_warnings(fields, known, warnings, consent.refused),
            query: kept(fields, known, consent.refused, context.choice),
            referer,
            user_agent: user_agent(fields, consent.refused),
            ip,
        })
    }

    /// The line of the impression that was clicked, if the click names its `id`. A private visitor's click is tied to
    /// none.
    ///
    /// # Errors
    /// The id is too long, or there is a token too.
    pub(super) fn clicked(
        &self,
        fields: &Fields<'_>,
        context: &RequestContext<'_>,
        warnings: &mut Warnings,
    ) -> Result<Option<ClickedImpression>, EventError> {
        let Some(id) = fields.identity(IMPRESSION, MAX_NAME, warnings)? else { return Ok(None) };
        if fields.get("imp").is_some() {
            return Err(EventError::field("imp", "is one name too many: give impression or imp"));
        }
        if consent(fields, context.needed)?.refused {
            return Ok(None);
        }
        let unknown = Warnings::one(IMPRESSION, &id, Rule::UnknownImpression);
        Ok(Some(ClickedImpression { mark: self.marks.of_id(&id), unknown }))
    }

    /// A tracker has a line item and a publisher. Without one the line must name the line item, and may name the
    /// publisher. Fields beside a tracker must agree with it.
    fn placement(
        &self,
        kind: ExposureKind,
        fields: &Fields<'_>,
        context: &RequestContext<'_>,
    ) -> Result<Placement, EventError> {
        let advertiser = fields.advertiser(context)?;
        let tracker = tracker(kind, fields, context, advertiser)?;
        let line_item = self.line_item(fields, advertiser)?;
        let publisher = self.publisher(fields)?;
        let Some(tracker) = tracker else {
            let line_item = line_item.ok_or_else(|| {
                EventError::field("line_item_id", "is missing: name the line item, by its id or code, or the tracker")
            })?;
            return Ok(Placement {
                tracker_id: TrackerId::NONE,
                line_item_id: line_item.value,
                publisher_id: publisher.map_or(PublisherId::NONE, |publisher| publisher.value),
            });
        };
        let other = |field, what| Err(EventError::field(field, format!("is not the {what} of tracker {}", tracker.id)));
        match (line_item, publisher) {
            (Some(ByField { field, value }), _) if value != tracker.line_item_id => other(field, "line item"),
            (_, Some(ByField { field, value })) if value != tracker.publisher_id => other(field, "publisher"),
            _ => Ok(Placement {
                tracker_id: tracker.id,
                line_item_id: tracker.line_item_id,
                publisher_id: tracker.publisher_id,
            }),
        }
    }

    fn line_item(
        &self,
        fields: &Fields<'_>,
        advertiser: Option<AdvertiserId>,
    ) -> Result<Option<ByField<LineItemId>>, EventError> {
        const FIELD: &str = "line_item_id";
        if let Some(value) = fields.id::<LineItemId>(FIELD)? {
            let owner = self.places.advertiser_of(value);
            let fits = owner.is_some_and(|owner| advertiser.is_none_or(|advertiser| advertiser == owner));
            return if fits { Ok(Some(ByField { field: FIELD, value })) } else { Err(nothing(FIELD, "line item")) };
        }
        let Some(code) = fields.get("line_item_code") else { return Ok(None) };
        one("line_item_code", "line item", self.places.line_item_by_code(&code, advertiser)).map(Some)
    }

    fn publisher(&self, fields: &Fields<'_>) -> Result<Option<ByField<PublisherId>>, EventError> {
        const FIELD: &str = "publisher_id";
        if let Some(value) = fields.id::<PublisherId>(FIELD)? {
            let known = self.places.has_publisher(value);
            return if known { Ok(Some(ByField { field: FIELD, value })) } else { Err(nothing(FIELD, "publisher")) };
        }
        let Some(code) = fields.get("publisher_code") else { return Ok(None) };
        let by_code = self.places.publisher_by_code(&code).map_or(ByCode::Nothing, ByCode::One);
        one("publisher_code", "publisher", by_code).map(Some)
    }
}

/// The impression that was clicked, if a token of this server names it.
fn impression(
    kind: ExposureKind,
    fields: &Fields<'_>,
    context: &RequestContext<'_>,
    warnings: &mut Warnings,
) -> Result<Option<(Seq, Millis)>, EventError> {
    let token = fields.get("imp").filter(|_| kind == ExposureKind::Click);
    let Some(token) = values::filled_in("imp", token, warnings) else { return Ok(None) };
    match context.exposures.read(&token) {
        Some(TokenExposure { seq, at, kind: ExposureKind::Impression }) => Ok(Some((seq, at))),
        Some(TokenExposure { kind: ExposureKind::Click, .. }) => {
            Err(EventError::field("imp", Rule::NotAnImpression.says()))
        }
        None => Err(EventError::field("imp", Rule::BadToken.says())),
    }
}

fn tracker(
    kind: ExposureKind,
    fields: &Fields<'_>,
    context: &RequestContext<'_>,
    advertiser: Option<AdvertiserId>,
) -> Result<Option<std::sync::Arc<Tracker>>, EventError> {
    let (kind, what) = match kind {
        ExposureKind::Impression => (TrackerKind::Impression, "impression tracker"),
        ExposureKind::Click => (TrackerKind::Click, "click tracker"),
    };
    if let Some(id) = fields.id::<TrackerId>("tracker_id")? {
        let fits = |tracker: &std::sync::Arc<Tracker>| {
            tracker.kind == kind && advertiser.is_none_or(|advertiser| advertiser == tracker.advertiser_id)
        };
        let tracker = context.catalog.tracker(id).filter(fits);
        return tracker.map(Some).ok_or_else(|| nothing("tracker_id", what));
    }
    let Some(code) = fields.get("tracker_code") else { return Ok(None) };
    let by_code = context.catalog.tracker_by_code(kind, &code, advertiser);
    one("tracker_code", what, by_code).map(|tracker| Some(tracker.value))
}

/// The one object with this code.
fn one<T>(field: &'static str, what: &str, by_code: ByCode<T>) -> Result<ByField<T>, EventError> {
    match by_code {
        ByCode::One(value) => Ok(ByField { field, value }),
        ByCode::Nothing => Err(nothing(field, what)),
        ByCode::Several => Err(EventError::field(field, "is used by several advertisers; say which by advertiser_id")),
    }
}

fn nothing(field: &'static str, what: &str) -> EventError {
    EventError::field(field, format!("names no {what}"))
}
