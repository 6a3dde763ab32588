//! The facts that the rules look at, by what they are about.

use crate::attribution::MissingCookie;
use crate::domain::{AdvertiserId, Currency, Millis, Pixel};
use crate::store::{AdlessLineItem, PixelHealth, PixelLinks, UnloadedSiteTag, UnseenTracker};
use crate::tag::Reach;

/// What the rules are asked about.
pub enum Facts<'a> {
    Pixel(PixelFacts<'a>),
    LineItem(LineItemFacts<'a>),
    Tracker(TrackerFacts<'a>),
    Advertiser(AdvertiserFacts),
    SiteTag(SiteTagFacts<'a>),
    Server(ServerFacts),
}

#[derive(Clone, Copy)]
pub struct PixelFacts<'a> {
    pub pixel: &'a Pixel,
    pub links: &'a PixelLinks,
    pub health: &'a PixelHealth,
    /// Whether some of its active line items have no ad. Then they say why nothing is credited.
    pub lacks_ads: bool,
    /// Why the latest events came without a cookie; none if that was not looked up.
    pub cookie: Option<&'a CookieFacts>,
    pub now: Millis,
}

/// The usual cause among the latest events without a cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieFacts {
    pub missing: MissingCookie,
}

/// An active line item to which no ad reports.
#[derive(Clone, Copy)]
pub struct LineItemFacts<'a> {
    pub line_item: &'a AdlessLineItem,
    /// The events of 7 days that its pixels could not credit, of those pixels that credited none.
    pub uncredited: u64,
    pub now: Millis,
}

/// An active tracker that never reported.
#[derive(Clone, Copy)]
pub struct TrackerFacts<'a> {
    pub tracker: &'a UnseenTracker,
    pub now: Millis,
}

/// An advertiser with sources whose site tag is on no page yet.
#[derive(Clone, Copy)]
pub struct SiteTagFacts<'a> {
    pub tag: &'a UnloadedSiteTag,
    pub now: Millis,
}

pub struct AdvertiserFacts {
    pub id: AdvertiserId,
    pub currency: Currency,
    /// The currencies of the order values of 7 days, with their number, the most frequent first.
    pub sent: Vec<(Currency, u64)>,
}

pub struct ServerFacts {
    /// The address that tags name.
    pub address: String,
    /// Who reaches it.
    pub reach: Reach,
    /// Whether an operator set it. Otherwise tags name the address in the user's browser.
    pub is_set: bool,
}

impl<'a> Facts<'a> {
    pub(super) fn pixel(&self) -> Option<&PixelFacts<'a>> {
        if let Facts::Pixel(facts) = self { Some(facts) } else { None }
    }

    pub(super) fn line_item(&self) -> Option<&LineItemFacts<'a>> {
        if let Facts::LineItem(facts) = self { Some(facts) } else { None }
    }

    pub(super) fn tracker(&self) -> Option<&TrackerFacts<'a>> {
        if let Facts::Tracker(facts) = self { Some(facts) } else { None }
    }

    pub(super) fn advertiser(&self) -> Option<&AdvertiserFacts> {
        if let Facts::Advertiser(facts) = self { Some(facts) } else { None }
    }

    pub(super) fn site_tag(&self) -> Option<&SiteTagFacts<'a>> {
        if let Facts::SiteTag(facts) = self { Some(facts) } else { None }
    }

    pub(super) fn server(&self) -> Option<&ServerFacts> {
        if let Facts::Server(facts) = self { Some(facts) } else { None }
    }
}
