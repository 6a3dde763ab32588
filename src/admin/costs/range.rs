//! The days and the advertiser that the list of costs shows, from its address. What the address says wrong is named, and
//! the rest shows.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::admin::choices;
use crate::admin::choices::{Choice, zone};
use crate::admin::shell::error::PageError;
use crate::admin::shell::form::Form;
use crate::admin::shell::odd::quoted;
use crate::admin::shell::session::Session;
use crate::domain::{Advertiser, AdvertiserId, Cost, Day};
use crate::store::{ListQuery, Scalar, Store, Test};

/// How many days the list shows unless it is asked for others.
const USUAL: i64 = 30;

/// What the list shows.
pub struct CostRange {
    pub first: Day,
    pub last: Day,
    pub advertiser: Option<AdvertiserId>,
    /// The options of the filter.
    pub advertisers: Vec<Choice>,
}

impl CostRange {
    /// Reads the query of a page.
    ///
    /// # Errors
    /// Database faults.
    pub async fn read(store: &Store, session: &Session, query: &Form) -> Result<Self, PageError> {
        let by = session.reader();
        let ids: Vec<i64> = query.ids("advertiser_id");
        let advertisers = choices::all::<Advertiser>(store, by, &ids).await?;
        let asked = query.text("advertiser_id");
        let advertiser = advertisers.iter().find(|one| one.id.to_string() == asked).map(|one| one.id);
        if advertiser.is_none() && !matches!(asked, "" | "all") {
            session.odd.gone("advertiser", asked, "All are shown.");
        }
        let zone = match advertiser {
            Some(id) => zone::of_these(store, by, vec![id]).await?,
            None => zone::of_all(store, by).await?,
        };
        let today = zone.to_datetime(session.now.timestamp()).date();
        let day = |(name, word): (&str, &str), usual: Date| match (query.text(name), Day::parse(query.text(name))) {
            ("", _) => Day(usual),
            (_, Some(day)) => day,
            (text, None) => {
                let text = quoted(text);
                session
                    .odd
                    .say(format!("{text} is no day such as 2026-11-03. The page shows the days {word} {usual}."));
                Day(usual)
            }
        };
        let last = day(("to", "up to"), today);
        let first = day(("from", "from"), last.0.checked_sub((USUAL - 1).days()).unwrap_or(last.0));
        if first > last {
            session.odd.say(format!("From {first} is after to {last}. The days between them are shown."));
        }
        let (first, last) = (first.min(last), first.max(last));
        let option = |advertiser: &Advertiser| (advertiser.id.0, advertiser.name.clone());
        let advertisers =
            if advertisers.len() > 1 { choices::options(&advertisers, asked, option) } else { Vec::new() };
        Ok(CostRange { first, last, advertiser, advertisers })
    }

    /// The costs that count in it, the newest day first.
    pub fn query(&self) -> ListQuery {
        let day = |day: Day| Scalar::Text(day.to_string());
        let query = ListQuery::default()
            .with::<Cost>("state", Test::In(vec![Scalar::Text("live".to_owned())]))
            .with::<Cost>("day", Test::Min(day(self.first)))
            .with::<Cost>("day", Test::Max(day(self.last)));
        let mut query = match self.advertiser {
            Some(id) => query.with_id::<Cost>("advertiser_id", id.0),
            None => query,
        };
        query.sort = ["day", "id"].into_iter().filter_map(|name| Some((field(name)?, true))).collect();
        query
    }
}

fn field(name: &str) -> Option<&'static crate::domain::Field> {
    crate::domain::fields::COST.iter().find(|field| field.name == name)
}
