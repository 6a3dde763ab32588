//! The types that describe the demo's advertisers, pixels, line items and ad places. The descriptions themselves are in
//! `brands`.

use super::rhythm::Habits;
use crate::domain::TriggerType;

/// An advertiser with all that is its own.
pub(super) struct Brand {
    pub name: &'static str,
    pub code: &'static str,
    /// The host of its site.
    pub site: &'static str,
    pub currency: &'static str,
    pub zone: &'static str,
    /// Its share of all exposures, in thousandths.
    pub share: u32,
    pub habits: Habits,
    pub goals: &'static [Goal],
    pub lines: &'static [Line],
    pub places: &'static [Place],
    /// The ads that link straight to the brand's site.
    pub links: &'static [LinkAd],
    /// Code, name and purpose of each of its segments.
    pub segments: &'static [(&'static str, &'static str, &'static str)],
}

/// A pixel, and how visitors come to load it.
pub(super) struct Goal {
    pub code: &'static str,
    pub name: &'static str,
    /// The page that carries it; an order's number is added.
    pub page: &'static str,
    pub trigger: TriggerType,
    /// The number of its event category.
    pub event: i64,
    /// `min_minutes_per_conv`.
    pub repeat: Option<u32>,
    pub click_mins: Option<u32>,
    pub view_mins: Option<u32>,
    /// Whether each order is counted once.
    pub once: bool,
    /// Its static values, in cents: post-click, post-view.
    pub worth: Option<(i64, i64)>,
    /// How many load it, of a thousand that clicked.
    pub per_click: u64,
    /// How many load it, of ten thousand impressions without a click.
    pub per_view: u64,
    /// How many load it that saw no ad, for each thousand exposures.
    pub unprompted: u64,
    /// Median minutes from the click to it; from an impression three times as long.
    pub delay: i64,
    /// How many load it once more within the hour, of a thousand.
    pub again: u64,
    /// The prefix of its order numbers; none if it sends no numbers.
    pub orders: Option<&'static str>,
    /// Prices in cents that add up to its dynamic value; none if it sends no value.
    pub prices: &'static [i64],
    /// How many of its orders are returned later, of a thousand; a third as many are made cheaper.
    pub returned: u64,
    /// The codes of the segments that its tag adds the visitor to, and takes it out of.
    pub adds: Option<&'static str>,
    pub removes: Option<&'static str>,
    pub story: Story,
}

/// The defaults of a goal: a pixel as most people set it up, with an image tag.
pub(super) const PLAIN: Goal = Goal {
    code: "",
    name: "",
    page: "",
    trigger: TriggerType::Hybrid,
    event: 8,
    repeat: None,
    click_mins: Some(14 * 1_440),
    view_mins: Some(1_440),
    once: false,
    worth: None,
    per_click: 0,
    per_view: 0,
    unprompted: 0,
    delay: 30,
    again: 0,
    orders: None,
    prices: &[],
    returned: 0,
    adds: None,
    removes: None,
    story: Story::Plain,
};

/// The history of a pixel.
#[derive(Clone, Copy)]
pub(super) enum Story {
    /// Nothing out of the ordinary.
    Plain,
    /// It became inactive so many days ago, and is still on a page.
    InactiveSince(i64),
    /// It has not fired for so many hours: its page lost it.
    SilentFor(i64),
    /// No page ever carried it.
    NeverFired,
    /// Since so many days ago its page writes values with a comma.
    CommaSince(i64),
    /// Its purchases are reported by the shop's server with the click's token, for two clicks in three.
    FromTheServer,
    /// Until so many days ago its post-click window had so many minutes.
    OtherWindowUntil(i64, u32),
}

/// A line item.
pub(super) struct Line {
    pub code: &'static str,
    pub name: &'static str,
    pub campaigns: &'static [&'static str],
    /// The codes of its pixels, with what a post-click and a post-view conversion is worth in cents.
    pub pixels: &'static [(&'static str, Option<(i64, i64)>)],
    /// How the advertiser pays, and how many cents.
    pub pays: (&'static str, i64),
    /// How many days ago it became inactive; 0 if it runs.
    pub ended: i64,
    /// The code of the segment that its landing page adds visitors to, by the segment pixel.
    pub segment: Option<&'static str>,
}

/// A line item's ad at a publisher.
pub(super) struct Place {
    /// Its line item, by index in the brand.
    pub line: usize,
    /// Its publisher, by index in [`super::brands::PUBLISHERS`].
    pub publisher: usize,
    /// Its share of the brand's exposures, against the others.
    pub weight: u64,
    /// Clicks of ten thousand impressions; 10,000 where only clicks are reported.
    pub clicks: u64,
    /// Media cost in micros: of an impression, or of a click where only clicks are reported.
    pub cost: i64,
}

/// An ad that links straight to the brand's site, where the site tag sees the visitor arrive.
pub(super) struct LinkAd {
    /// The source that takes its arrivals; none if the brand made none for it.
    pub source: Option<LinkSource>,
    /// The parameters of its address.
    pub parameters: &'static [(&'static str, &'static str)],
    /// The codes of its campaigns, one of which is the value of `utm_campaign`.
    pub campaigns: &'static [&'static str],
    /// The click id that the platform adds.
    pub click_id: Option<&'static str>,
    /// Whether some link builder breaks the click id.
    pub is_broken: bool,
    /// Its arrivals for each ten thousand exposures of the brand.
    pub share: u64,
}

/// The source of an ad's arrivals.
pub(super) struct LinkSource {
    pub name: &'static str,
    /// The parts of its condition, each with its values.
    pub condition: &'static [(&'static str, &'static [&'static str])],
    /// Its line item, by index in the brand.
    pub line: usize,
    /// Its publisher, by index in [`super::brands::PUBLISHERS`].
    pub publisher: usize,
    /// What its campaigns cost; none for links that cost nothing.
    pub spend: Option<Spend>,
}

/// What a platform charges for a brand's campaigns.
pub(super) struct Spend {
    /// The kind of the platform's files.
    pub profile: &'static str,
    /// For each campaign and day, in cents, before the ups and downs of days.
    pub budget: i64,
    /// For each click, in cents.
    pub click: i64,
}

/// The source of what Google Ads sends, with the budget of each campaign and day and the price of a click in cents.
pub(super) const fn google_ads(line: usize, publisher: usize, budget: i64, click: i64) -> LinkSource {
    let spend = Some(Spend { profile: "google_ads", budget, click });
    LinkSource {
        name: "Google Ads",
        condition: &[("click_id", &["gclid", "gbraid", "wbraid"])],
        line,
        publisher,
        spend,
    }
}

/// A click id of Meta's is on unpaid links, too.
const PAID_ON_META: &[(&str, &[&str])] = &[("click_id", &["fbclid"]), ("utm_medium", &["cpc", "paid", "paid_social"])];

/// The source of paid ads on Facebook and Instagram, with the same figures.
pub(super) const fn meta_ads(line: usize, publisher: usize, budget: i64, click: i64) -> LinkSource {
    let spend = Some(Spend { profile: "meta_ads", budget, click });
    LinkSource { name: "Meta Ads, paid", condition: PAID_ON_META, line, publisher, spend }
}

/// The source of links in the brand's own mails.
pub(super) const fn newsletter(line: usize, publisher: usize) -> LinkSource {
    LinkSource { name: "Newsletter", condition: &[("utm_medium", &["email"])], line, publisher, spend: None }
}

/// The defaults of an ad.
pub(super) const LINK: LinkAd =
    LinkAd { source: None, parameters: &[], campaigns: &[], click_id: None, is_broken: false, share: 0 };

impl Place {
    /// Whether the publisher reports impressions.
    pub(super) fn reports_views(&self) -> bool {
        self.clicks < 10_000
    }
}

/// A publisher.
pub(super) struct Outlet {
    pub code: &'static str,
    pub name: &'static str,
    pub site: &'static str,
    pub pages: &'static [&'static str],
}
