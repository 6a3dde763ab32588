//! Creates the demo's definitions through the store's own verbs, as people do: advertisers, pixels, line items, campaigns,
//! publishers, trackers, segments. Later it makes the changes that belong to the history.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::brand::{Brand, Goal, Line, Place, Story};
use super::brands::{BRANDS, PUBLISHERS, SHOP_BRAND, SHOP_CART, SHOP_PURCHASE};
use super::plan::money;
use crate::clock::Clock;
use crate::demo::Shop;
use crate::domain::{
    Advertiser, AdvertiserId, Campaign, CampaignId, ConversionEvent, Currency, Editor, LineItem, LineItemId,
    LineItemPixel, Micros, Millis, Pixel, PixelId, Publisher, PublisherId, Segment, SegmentId, Source, SourceMatch,
    Status, Tracker, TrackerId, TrackerKind,
};
use crate::store::{ClickTracker, Entity, ImpTracker, SampleObjects, Store, StoreError};

/// The ids of all definitions, by index in [`BRANDS`].
pub(super) struct Definitions {
    pub brands: Vec<BrandIds>,
    pub shop: Shop,
}

/// An advertiser's ids.
pub(super) struct BrandIds {
    pub advertiser: AdvertiserId,
    pub currency: Currency,
    /// By index in the brand's goals.
    pub pixels: Vec<PixelId>,
    /// By index in the brand's lines.
    pub lines: Vec<LineItemId>,
    /// By index in the brand's places.
    pub places: Vec<PlaceIds>,
    /// By index in the brand's segments.
    pub segments: Vec<SegmentId>,
    /// By index in the brand's links, for those with a source: the campaigns with their codes.
    pub linked: BTreeMap<usize, Vec<(CampaignId, &'static str)>>,
}

/// The ids of an ad's place.
pub(super) struct PlaceIds {
    pub view: Option<TrackerId>,
    pub click: TrackerId,
    pub line_item: LineItemId,
    pub publisher: PublisherId,
    pub campaigns: Vec<CampaignId>,
}

/// A change of definitions within the history.
pub(super) enum Change {
    EndLine(LineItemId),
    EndPixel(PixelId),
    ClickWindow(PixelId, Option<u32>),
}

/// Creates definitions one after the other, some minutes apart.
pub(super) struct DefinitionWriter<'a> {
    pub store: &'a Store,
    pub by: &'a Editor,
    /// The store's clock.
    pub clock: &'a Clock,
    /// Every object so far.
    pub created: RefCell<SampleObjects>,
}

impl DefinitionWriter<'_> {
    pub(super) async fn create_all(&self) -> Result<Definitions, StoreError> {
        let mut publishers = Vec::new();
        for outlet in PUBLISHERS {
            self.move_clock();
            let mut publisher = Publisher::new(outlet.name);
            publisher.code = Some(outlet.code.to_owned());
            publishers.push(self.create(publisher).await?.id);
        }
        let mut brands = Vec::new();
        let mut shop = None;
        for brand in BRANDS {
            let ids = self.create_brand(brand, &publishers).await?;
            if brand.code == SHOP_BRAND {
                shop = Some(self.create_shop(brand, &ids).await?);
            }
            brands.push(ids);
        }
        let shop = shop.ok_or_else(|| StoreError::fault("the demo has no shop"))?;
        Ok(Definitions { brands, shop })
    }

    async fn create<E: Entity>(&self, object: E) -> Result<E, StoreError> {
        let object = self.store.create(self.by, object).await?;
        self.created.borrow_mut().add::<E>(object.id());
        Ok(object)
    }

    fn move_clock(&self) {
        self.clock.set(self.clock.now().plus(4 * 60_000));
    }

    async fn create_brand(&self, brand: &Brand, publishers: &[PublisherId]) -> Result<BrandIds, StoreError> {
        self.move_clock();
        let currency =
            Currency::parse(brand.currency).ok_or_else(|| StoreError::fault("the demo's currency is none"))?;
        let advertiser = self.create(advertiser(brand, currency)).await?.id;
        let mut ids = BrandIds {
            advertiser,
            currency,
            pixels: Vec::new(),
            lines: Vec::new(),
            places: Vec::new(),
            segments: Vec::new(),
            linked: BTreeMap::new(),
        };
        for goal in brand.goals {
            self.move_clock();
            ids.pixels.push(self.create(pixel(advertiser, goal)).await?.id);
        }
        let mut campaigns = Vec::new();
        for line in brand.lines {
            self.move_clock();
            let line_item = line_item(advertiser, brand, line, &ids.pixels);
            let line_item = self.create(line_item).await?.id;
            ids.lines.push(line_item);
            campaigns.push(self.create_campaigns(advertiser, line_item, line).await?);
        }
        for place in brand.places {
            self.move_clock();
            let parts = (ids.lines.get(place.line), campaigns.get(place.line), publishers.get(place.publisher));
            let (Some(line_item), Some(campaigns), Some(publisher)) = parts else {
                return Err(StoreError::fault("a place of the demo names what is not there"));
            };
            let parts = (advertiser, *line_item, *publisher);
            ids.places.push(self.create_trackers(brand, place, parts, campaigns.clone()).await?);
        }
        ids.segments = self.create_segments(advertiser, brand).await?;
        ids.linked = self.create_sources(brand, &ids, publishers).await?;
        Ok(ids)
    }

    async fn create_campaigns(
        &self,
        advertiser: AdvertiserId,
        line_item: LineItemId,
        line: &Line,
    ) -> Result<Vec<CampaignId>, StoreError> {
        let mut campaigns = Vec::new();
        for name in line.campaigns {
            self.move_clock();
            campaigns.push(self.create(Campaign::new(advertiser, line_item, *name)).await?.id);
        }
        Ok(campaigns)
    }

    /// The trackers of an ad at a publisher.
    async fn create_trackers(
        &self,
        brand: &Brand,
        place: &Place,
        (advertiser, line_item, publisher): (AdvertiserId, LineItemId, PublisherId),
        campaigns: Vec<CampaignId>,
    ) -> Result<PlaceIds, StoreError> {
        let (line, outlet) = (brand.lines.get(place.line), PUBLISHERS.get(place.publisher));
        let name = format!("{}, {}", line.map_or("", |line| line.name), outlet.map_or("", |outlet| outlet.name));
        let tracker = |kind| Tracker::new(kind, advertiser, line_item, publisher, &name);
        let mut view = None;
        if place.reports_views() {
            view = Some(self.create(ImpTracker(tracker(TrackerKind::Impression))).await?.0.id);
        }
        let mut click = tracker(TrackerKind::Click);
        let source = outlet.map_or("", |outlet| outlet.code);
        click.click_url = Some(format!("https://{}/?utm_source={source}&click=${{CLICK_ID}}", brand.site));
        let click = self.create(ClickTracker(click)).await?.0.id;
        Ok(PlaceIds { view, click, line_item, publisher, campaigns })
    }

    async fn create_segments(&self, advertiser: AdvertiserId, brand: &Brand) -> Result<Vec<SegmentId>, StoreError> {
        let mut segments = Vec::new();
        for (code, name, purpose) in brand.segments {
            self.move_clock();
            let mut segment = Segment::new(*name);
            segment.code = Some((*code).to_owned());
            segment.description = Some((*purpose).to_owned());
            segment.advertiser_id = Some(advertiser);
            segment.expire_minutes = Some(30 * 1_440);
            segments.push(self.create(segment).await?.id);
        }
        Ok(segments)
    }

    /// The sources of the links, each with the campaigns that its links name.
    async fn create_sources(
        &self,
        brand: &Brand,
        ids: &BrandIds,
        publishers: &[PublisherId],
    ) -> Result<BTreeMap<usize, Vec<(CampaignId, &'static str)>>, StoreError> {
        let mut linked: BTreeMap<usize, Vec<_>> = BTreeMap::new();
        for (index, link) in brand.links.iter().enumerate() {
            let Some(wanted) = &link.source else { continue };
            let parts = (ids.lines.get(wanted.line), publishers.get(wanted.publisher));
            let (Some(line_item), Some(publisher)) = parts else {
                return Err(StoreError::fault("a link of the demo names what is not there"));
            };
            for code in link.campaigns {
                self.move_clock();
                let mut campaign = Campaign::new(ids.advertiser, *line_item, code.replace('-', " "));
                campaign.code = Some((*code).to_owned());
                linked.entry(index).or_default().push((self.create(campaign).await?.id, *code));
            }
            self.move_clock();
            let mut source = Source::new(ids.advertiser, *line_item, wanted.name);
            let texts = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
            let condition = wanted.condition.iter().map(|(part, values)| ((*part).to_owned(), texts(values)));
            source.condition = SourceMatch::of(condition).map_err(|_| StoreError::fault("a condition of the demo"))?;
            source.publisher_id = Some(*publisher);
            source.campaign_by = Some("utm_campaign".to_owned());
            self.create(source).await?;
        }
        Ok(linked)
    }

    /// The trackers of the demo's own pages, on the brand's first line item.
    async fn create_shop(&self, brand: &Brand, ids: &BrandIds) -> Result<Shop, StoreError> {
        let advertiser = ids.advertiser;
        let pixel = |code| {
            let goal = brand.goals.iter().position(|goal| goal.code == code);
            goal.and_then(|goal| ids.pixels.get(goal)).copied()
        };
        let (Some(cart), Some(purchase), Some(place)) = (pixel(SHOP_CART), pixel(SHOP_PURCHASE), ids.places.first())
        else {
            return Err(StoreError::fault("the demo's shop lacks a pixel or a place"));
        };
        self.move_clock();
        let tracker = |kind| {
            Tracker::new(kind, advertiser, place.line_item, place.publisher, "Demo pages: banner beside the article")
        };
        let view = self.create(ImpTracker(tracker(TrackerKind::Impression))).await?.0.id;
        let click = self.create(ClickTracker(tracker(TrackerKind::Click))).await?.0.id;
        Ok(Shop { advertiser, cart, purchase, view, click })
    }

    pub(super) async fn apply(&self, change: &Change) -> Result<(), StoreError> {
        match *change {
            Change::EndLine(id) => {
                let end = |line_item: &mut LineItem| {
                    line_item.state = Status::Inactive;
                    Ok(())
                };
                self.store.update(self.by, id.0, end).await?;
            }
            Change::EndPixel(id) => {
                let end = |pixel: &mut Pixel| {
                    pixel.state = Status::Inactive;
                    Ok(())
                };
                self.store.update(self.by, id.0, end).await?;
            }
            Change::ClickWindow(id, minutes) => {
                let set = move |pixel: &mut Pixel| {
                    pixel.post_click_expire_mins = minutes;
                    Ok(())
                };
                self.store.update(self.by, id.0, set).await?;
            }
        }
        Ok(())
    }
}

impl Definitions {
    /// The changes of the history, in their order.
    pub(super) fn changes(&self, now: Millis) -> Vec<(Millis, Change)> {
        let ago = |days: i64| now.plus(-days * Millis::DAY);
        let mut changes = Vec::new();
        for (brand, ids) in BRANDS.iter().zip(&self.brands) {
            for (line, id) in brand.lines.iter().zip(&ids.lines).filter(|(line, _)| line.ended > 0) {
                changes.push((ago(line.ended), Change::EndLine(*id)));
            }
            for (goal, id) in brand.goals.iter().zip(&ids.pixels) {
                match goal.story {
                    Story::InactiveSince(days) => changes.push((ago(days), Change::EndPixel(*id))),
                    Story::OtherWindowUntil(days, _) => {
                        changes.push((ago(days), Change::ClickWindow(*id, goal.click_mins)));
                    }
                    Story::Plain
                    | Story::SilentFor(_)
                    | Story::NeverFired
                    | Story::CommaSince(_)
                    | Story::FromTheServer => {}
                }
            }
        }
        changes.sort_by_key(|(at, _)| *at);
        changes
    }
}

fn advertiser(brand: &Brand, currency: Currency) -> Advertiser {
    let mut advertiser = Advertiser::new(brand.name);
    advertiser.code = Some(brand.code.to_owned());
    advertiser.timezone = brand.zone.to_owned();
    advertiser.default_currency = currency;
    advertiser.redirect_hosts.0.push(brand.site.to_owned());
    advertiser
}

fn pixel(advertiser: AdvertiserId, goal: &Goal) -> Pixel {
    let mut pixel = Pixel::new(advertiser, goal.name);
    pixel.code = Some(goal.code.to_owned());
    pixel.trigger_type = goal.trigger;
    pixel.min_minutes_per_conv = goal.repeat;
    pixel.post_click_expire_mins = match goal.story {
        Story::OtherWindowUntil(_, minutes) => Some(minutes),
        _ => goal.click_mins,
    };
    pixel.post_view_expire_mins = goal.view_mins;
    (pixel.post_click_value, pixel.post_view_value) = worth(goal.worth);
    pixel.pixel_conversion_event = ConversionEvent::new(goal.event);
    pixel.count_each_order_once = goal.once;
    pixel
}

fn line_item(advertiser: AdvertiserId, brand: &Brand, line: &Line, pixels: &[PixelId]) -> LineItem {
    let mut line_item = LineItem::new(advertiser, line.name);
    line_item.code = Some(line.code.to_owned());
    line_item.revenue_type = Some(line.pays.0.to_owned());
    line_item.revenue_value = Some(money(line.pays.1));
    for (code, revenue) in line.pixels {
        let goal = brand.goals.iter().position(|goal| goal.code == *code);
        if let Some(pixel_id) = goal.and_then(|goal| pixels.get(goal)) {
            let (post_click_revenue, post_view_revenue) = worth(*revenue);
            let (pixel_id, state) = (*pixel_id, Status::Active);
            line_item.pixels.push(LineItemPixel { pixel_id, state, post_click_revenue, post_view_revenue });
        }
    }
    line_item
}

fn worth(cents: Option<(i64, i64)>) -> (Option<Micros>, Option<Micros>) {
    cents.map(|(click, view)| (money(click), money(view))).unzip()
}
