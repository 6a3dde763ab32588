//! The scope that pages with figures share: the advertiser, the days, what they are compared with, and the kind of events.
//! An address chooses it, and the browser remembers advertiser and days from page to page.

mod category;
mod pickers;
mod range;
mod read;
pub mod remembered;
mod words;

use std::collections::HashMap;

use actix_web::HttpResponse;
use jiff::civil::Date;

pub use category::Category;
pub use pickers::Pickers;
pub use range::{Comparison, Range};
pub use read::ONCE;

use super::choices;
use super::choices::zone;
use super::lists::paging;
use super::shell::form::Form;
use super::shell::session::Session;
use crate::domain::{Advertiser, AdvertiserId, Days, Millis, Reader};
use crate::store::{ListQuery, Store, StoreError};
use read::{ALL, Reading};
use remembered::Remembered;

/// What a page offers to choose besides the range.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    path: String,
    /// The advertiser that the page is about.
    advertiser: Option<AdvertiserId>,
    /// Whether it is about all advertisers, whichever the browser remembers.
    is_of_all: bool,
    compares: bool,
    has_categories: bool,
}

impl Offer {
    /// For the page at this path: advertiser and range.
    pub fn new(path: impl Into<String>) -> Self {
        Offer { path: path.into(), ..Offer::default() }
    }

    /// For a page about one advertiser, which an address cannot change.
    #[must_use]
    pub fn of(mut self, advertiser: AdvertiserId) -> Self {
        self.advertiser = Some(advertiser);
        self
    }

    /// For a page about all advertisers that the user sees.
    #[must_use]
    pub fn of_all(mut self) -> Self {
        self.is_of_all = true;
        self
    }

    /// Also a comparison.
    #[must_use]
    pub fn with_comparison(mut self) -> Self {
        self.compares = true;
        self
    }

    /// Also the category of events.
    #[must_use]
    pub fn with_categories(mut self) -> Self {
        self.has_categories = true;
        self
    }

    /// The choices of categories, and the default one.
    async fn categories(
        &self,
        store: &Store,
        by: &Reader,
        advertiser: Option<AdvertiserId>,
    ) -> Result<(Vec<Category>, Category), StoreError> {
        if !self.has_categories {
            return Ok((Vec::new(), Category::All));
        }
        let of_pixels = store.pixel_categories(by, advertiser).await?;
        Ok(Category::choices(of_pixels.into_iter().map(Category::of_pixel).collect()))
    }
}

fn one_of(advertisers: &[Advertiser], id: AdvertiserId) -> Result<Advertiser, StoreError> {
    let found = advertisers.iter().find(|advertiser| advertiser.id == id);
    found.cloned().ok_or_else(|| StoreError::not_found("advertiser", id.0))
}

/// The scope of a page.
pub struct PageScope {
    /// None for all that the user sees.
    pub advertiser: Option<Advertiser>,
    pub range: Range,
    /// The days of the range, in the advertiser's zone.
    pub days: Days,
    pub comparison: Comparison,
    /// As many days to compare with, position by position; none if the page compares nothing.
    pub before: Option<Days>,
    /// [`Category::All`] if the page offers none.
    pub category: Category,
    /// The categories of its pixels, and all, if these are several.
    pub categories: Vec<Category>,
    now: Millis,
    path: String,
    query: Form,
    /// The cookie to set; none if the browser has the same.
    remember: Option<(Remembered, bool)>,
    pickers: Option<Pickers>,
    /// All that the user sees.
    advertisers: Vec<Advertiser>,
}

impl PageScope {
    /// Reads the scope of a page from its address, and from what the browser remembers.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an [`Offer::of`] an advertiser that the user does not see; database faults.
    pub async fn load(store: &Store, session: &Session, query: &Form, offer: Offer) -> Result<Self, StoreError> {
        let (by, now) = (session.reader(), session.now);
        let mut advertisers = choices::every::<Advertiser>(store, by, ListQuery::default()).await?;
        advertisers.sort_by_cached_key(|advertiser| advertiser.name.to_lowercase());
        let old = session.remembered_scope().and_then(Remembered::parse);
        let mut reading = Reading::new(query, old.unwrap_or_default(), &session.odd);
        let id = match offer.advertiser {
            Some(id) => Some(id),
            None if offer.is_of_all => by.scope().advertiser(),
            None => reading.advertiser(&advertisers).or(by.scope().advertiser()),
        };
        let advertiser = id.map(|id| one_of(&advertisers, id)).transpose()?;
        let zone = advertiser.as_ref().map_or_else(|| zone::common(&advertisers), Advertiser::zone);
        let range = reading.range(zone.to_datetime(now.timestamp()).date());
        let comparison = reading.comparison();
        let (categories, default) = offer.categories(store, by, id).await?;
        let category = if offer.has_categories { reading.category(default) } else { default };
        // A page about one advertiser leaves the choice of the other pages alone.
        let id = if offer.advertiser.is_some() || offer.is_of_all { old.and_then(|old| old.advertiser) } else { id };
        let kept = if reading.is_once { old.unwrap_or_default().range } else { range };
        let new = Remembered { advertiser: id, range: kept, comparison };
        let remember = (reading.has_chosen && old != Some(new)).then_some((new, session.is_secure()));
        let days = range.days(now, zone);
        let mut scope = PageScope {
            advertiser,
            range,
            before: comparison.before(&days).filter(|_| offer.compares),
            days,
            comparison,
            category,
            categories,
            now,
            path: offer.path.clone(),
            query: query.clone(),
            remember,
            pickers: None,
            advertisers,
        };
        scope.pickers = Some(Pickers::new(&scope, &offer, &scope.advertisers));
        Ok(scope)
    }

    /// None for all.
    pub fn advertiser_id(&self) -> Option<AdvertiserId> {
        self.advertiser.as_ref().map(|advertiser| advertiser.id)
    }

    /// The names of all advertisers that the user sees.
    pub fn advertiser_names(&self) -> HashMap<AdvertiserId, String> {
        self.advertisers.iter().map(|advertiser| (advertiser.id, advertiser.name.clone())).collect()
    }

    /// The name of the time zone of the days.
    pub fn zone(&self) -> &str {
        zone::name(&self.days.zone)
    }

    /// The first moment, and the first after the last day. Quarter hours between them belong to the range.
    pub fn between(&self) -> (Millis, Millis) {
        self.days.between().unwrap_or((self.now, self.now))
    }

    /// The same of the days to compare with. It ends at this time of day if the range ends today.
    pub fn between_before(&self) -> Option<(Millis, Millis)> {
        let before = self.before.as_ref()?;
        let (from, _) = before.between()?;
        Some((from, read::comparable_end(&self.days, before, self.now)?))
    }

    /// Today in the zone.
    pub fn today(&self) -> Date {
        self.days.zone.to_datetime(self.now.timestamp()).date()
    }

    /// Whether the last day is not over.
    pub fn is_running(&self) -> bool {
        self.days.last == self.today()
    }

    /// How many days there are.
    pub fn count(&self) -> i64 {
        range::count(&self.days)
    }

    /// "Last 30 days"; own days as "25 Oct – 23 Nov".
    pub fn label(&self) -> String {
        self.range.label().map_or_else(|| self.days_in_words(), str::to_owned)
    }

    /// "25 Oct – 23 Nov".
    pub fn days_in_words(&self) -> String {
        words::days(&self.days, self.today())
    }

    /// "25 Sep – 24 Oct"; empty if nothing is compared.
    pub fn before_in_words(&self) -> String {
        self.before.as_ref().map(|before| words::days(before, self.today())).unwrap_or_default()
    }

    /// "25 Oct – 23 Nov, compared with 25 Sep – 24 Oct. Days in Europe/Berlin."
    pub fn lede(&self) -> String {
        let compared = match self.before_in_words() {
            before if before.is_empty() => String::new(),
            before => format!(", compared with {before}"),
        };
        let same_time = if self.is_running() && !compared.is_empty() { " up to the same time of day" } else { "" };
        format!("{}{compared}{same_time}. Days in {}.", self.days_in_words(), self.zone())
    }

    /// "Previous 30 days"; empty if nothing is compared.
    pub fn before_label(&self) -> String {
        if self.before.is_some() { self.comparison.label(self.count()) } else { String::new() }
    }

    /// The days whose cost compares with that of the range. What today cost is mostly not known yet, so the day that compares
    /// with it is left out.
    pub fn cost_days_before(&self) -> Option<Days> {
        let mut before = self.before.clone()?;
        if self.is_running() {
            before.last = before.last.yesterday().ok()?;
        }
        Some(before).filter(|before| before.first <= before.last)
    }

    /// What a page calls such days: "Previous 29 days".
    pub fn comparison_label(&self, days: &Days) -> String {
        self.comparison.label(range::count(days))
    }

    /// The address of this page with other parameters. An empty value removes one.
    pub fn address(&self, change: &[(&str, &str)]) -> String {
        paging::address(&self.path, &self.query, change)
    }

    /// The scope as parameters of an address that shows the same to anybody: for links, downloads and reports.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let advertiser = self.advertiser.as_ref().map_or_else(|| ALL.to_owned(), |one| one.id.to_string());
        let mut pairs = vec![("advertiser_id", advertiser)];
        match self.range.word() {
            Some(word) => pairs.push(("range", word.to_owned())),
            None => pairs.extend([("from", self.days.first.to_string()), ("to", self.days.last.to_string())]),
        }
        pairs
    }

    /// For the macros of `components/scope.html`.
    pub fn pickers(&self) -> Option<&Pickers> {
        self.pickers.as_ref()
    }

    /// Makes the browser remember what the address chose. Every page with a scope answers with this.
    pub fn remember(&self, mut answer: HttpResponse) -> HttpResponse {
        if let Some((remembered, secure)) = self.remember {
            // A cookie that cannot be set costs the memory, never the answer.
            let _ = answer.add_cookie(&remembered.cookie(secure));
        }
        answer
    }
}
