//! A line about an arrival: a click whose `origin` is `landing`. It becomes the row that `POST /landing` would have logged.

use std::borrow::Cow;

use super::Lines;
use super::exposure::{ExposureBasics, OF_EXPOSURES};
use crate::collect::kept::private;
use crate::collect::params::arrival;
use crate::collect::params::body;
use crate::collect::params::landing::host_of;
use crate::collect::params::values;
use crate::collect::params::wanted::Wanted;
use crate::collect::problems::warnings::{Rule, Warnings};
use crate::collect::server::RequestContext;
use crate::collect::server::answer::EventError;
use crate::collect::server::conversion::{consent, ip, kept, kept_warnings, page, user_agent};
use crate::collect::server::fields::Fields;
use crate::domain::{Exposure, Flags, LineItemId, PublisherId, TrackerId, trim_cow};

/// The field that says so.
const ORIGIN: &str = "origin";
/// The fields of arrivals. Those of other exposures say who gets a click, and of an arrival the sources say it.
pub(super) const OF_ARRIVALS: &[&str] = &[ORIGIN, "referrer"];

/// Whether a click is an arrival.
///
/// # Errors
/// Its `origin` is unknown.
pub(super) fn is_arrival(fields: &Fields<'_>) -> Result<bool, EventError> {
    match fields.get(ORIGIN).as_deref() {
        None => Ok(false),
        Some("landing") => Ok(true),
        Some(_) => Err(EventError::field(ORIGIN, "must be landing, or be left out")),
    }
}

impl Lines<'_> {
    /// # Errors
    /// The first field that breaks its rule; nothing in it is of an ad.
    pub(super) fn arrival(
        &self,
        fields: &Fields<'_>,
        context: &RequestContext<'_>,
        basics: ExposureBasics<'_>,
        wanted: &Wanted,
    ) -> Result<Exposure, EventError> {
        let ExposureBasics { kind, at, visitor_id, known, mut warnings } = basics;
        let advertiser = fields.advertiser(context)?;
        let advertiser_id = advertiser.ok_or_else(|| EventError::field("advertiser_id", "is missing"))?;
        if let Some(field) = OF_EXPOSURES.iter().find(|field| fields.get(field).is_some()) {
            return Err(EventError::field(*field, "is not for arrivals: the advertiser's sources decide it"));
        }
        let consent = consent(fields, context.needed)?;
        let from = match fields.get("referrer") {
            None => None,
            Some(url) => Some(host_of(&url).ok_or_else(|| EventError::field("referrer", Rule::NotAPage.says()))?),
        };
        let mut of_address = Warnings::default();
        let texts = |(name, value)| body::texts(name, value).map(move |text| (Cow::Borrowed(name), trim_cow(text)));
        let address: Vec<_> = fields.present().flat_map(texts).collect();
        let carried = arrival::read(&address, &wanted.parameters, context.exposures, &mut of_address);
        let from_ad = from.as_deref().is_some_and(|from| wanted.has_host(from));
        if carried.is_empty() && of_address.is_empty() && !from_ad {
            return Err(EventError::field("", "has no campaign parameter, click id or token"));
        }
        warnings.append(of_address);
        let mut arrival = carried.into_arrival(advertiser_id, from, from_ad);
        if consent.refused {
            private::without_names_in_arrival(&mut arrival, &mut warnings);
        }
        let ip = ip(fields, context.choice.ip, &mut warnings).filter(|_| !consent.refused);
        let referer = page(fields, consent.refused, context.choice, &mut warnings);
        Ok(Exposure {
            at,
            kind,
            tracker_id: TrackerId::NONE,
            line_item_id: LineItemId::NONE,
            publisher_id: PublisherId::NONE,
            campaign_id: None,
            creative_id: None,
            visitor_id: visitor_id.filter(|_| !consent.refused),
            flags: Flags { test: fields.read("test", values::switch)?, bot: self.is_bot(fields), ..Flags::default() },
            ancost: None,
            impression: None,
            arrival: Some(Box::new(arrival)),
            warnings: kept_warnings(fields, known, warnings, consent.refused),
            query: kept(fields, known, consent.refused, context.choice),
            referer,
            user_agent: user_agent(fields, consent.refused),
            ip,
        })
    }
}
