//! The costs that the list and its file show, from an address: those of the scope, of one line item or all.

use crate::admin::choices;
use crate::admin::choices::Choice;
use crate::admin::scope::{Offer, PageScope};
use crate::admin::shell::form::Form;
use crate::admin::shell::session::Session;
use crate::domain::fields::COST;
use crate::domain::{Cost, Day, Days, LineItem, LineItemId};
use crate::store::{CostSumQuery, Dimension, ListQuery, Scalar, Store, StoreError, SumFilter, Test};

use super::PATH;

/// The name of the filter in addresses.
pub const LINE_ITEM: &str = "line_item_id";

pub struct ShownCosts {
    pub scope: PageScope,
    /// None for all.
    pub line_item: Option<LineItemId>,
    /// The options of the filter.
    pub line_items: Vec<Choice>,
}

impl ShownCosts {
    /// Reads the query of a page, and says what is wrong with its filter.
    ///
    /// # Errors
    /// Database faults.
    pub async fn read(store: &Store, session: &Session, query: &Form) -> Result<Self, StoreError> {
        let by = session.reader();
        let scope = PageScope::load(store, session, query, Offer::new(PATH).with_comparison()).await?;
        let mut list = ListQuery::default();
        if let Some(id) = scope.advertiser_id() {
            list = list.with_id::<LineItem>("advertiser_id", id.0);
        }
        let asked = query.text(LINE_ITEM);
        let ids: Vec<i64> = query.ids(LINE_ITEM);
        let found = choices::all_with::<LineItem>(store, by, list, &ids).await?;
        let line_item = found.iter().find(|one| one.id.to_string() == asked).map(|one| one.id);
        if line_item.is_none() && !asked.is_empty() {
            session.odd.gone("line item", asked, "All are shown.");
        }
        let word = |one: &LineItem| (one.id.0, one.name.clone());
        let line_items = choices::by_advertiser(store, by, &found, asked, word).await?;
        Ok(ShownCosts { scope, line_item, line_items })
    }

    /// The costs that count, the newest day first.
    pub fn list(&self) -> ListQuery {
        let text = |day: jiff::civil::Date| Scalar::Text(day.to_string());
        let mut list = ListQuery::default()
            .with::<Cost>("state", Test::In(vec![Scalar::Text("live".to_owned())]))
            .with::<Cost>("day", Test::Min(text(self.scope.days.first)))
            .with::<Cost>("day", Test::Max(text(self.scope.days.last)));
        let ids =
            [("advertiser_id", self.scope.advertiser_id().map(|id| id.0)), (LINE_ITEM, self.line_item.map(|id| id.0))];
        for (name, id) in ids {
            if let Some(id) = id {
                list = list.with_id::<Cost>(name, id);
            }
        }
        let newest = ["day", "id"].into_iter().filter_map(|name| COST.iter().find(|field| field.name == name));
        list.sort = newest.map(|field| (field, true)).collect();
        list
    }

    /// The sums of these days by currency.
    pub fn sums(&self, days: &Days) -> CostSumQuery {
        let ids = [
            (Dimension::Advertiser, self.scope.advertiser_id().map(|id| id.0)),
            (Dimension::LineItem, self.line_item.map(|id| id.0)),
        ];
        let filter = |(of, id): (Dimension, Option<i64>)| Some((SumFilter::Id(of), Test::In(vec![Scalar::Int(id?)])));
        CostSumQuery {
            first: Day(days.first),
            last: Day(days.last),
            by_day: false,
            by: Vec::new(),
            filters: ids.into_iter().filter_map(filter).collect(),
        }
    }

    /// The parameters of an address that shows the same to anybody.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.scope.pairs();
        pairs.extend(self.line_item.map(|id| (LINE_ITEM, id.to_string())));
        pairs
    }
}
