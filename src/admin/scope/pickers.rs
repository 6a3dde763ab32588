//! The pickers of the scope in the head of a page, for the macros in `components/scope.html`.

use super::range::{Comparison, Range};
use super::read::ALL;
use super::{Offer, PageScope};
use crate::admin::choices;
use crate::admin::choices::Choice;
use crate::admin::lists::paging;
use crate::domain::Advertiser;

/// Up to so many advertisers are links; more are a select.
const MOST_LINKS: usize = 12;

/// A choice that is a link.
pub struct PickLink {
    pub label: String,
    pub address: String,
    pub is_current: bool,
}

pub struct Pickers {
    pub path: String,
    /// None where there is no choice.
    pub advertiser: Option<AdvertiserPicker>,
    /// None where there is no choice.
    pub category: Option<CategoryPicker>,
    pub range: RangePicker,
}

pub struct AdvertiserPicker {
    /// What is chosen.
    pub label: String,
    /// Empty if there are too many.
    pub links: Vec<PickLink>,
    /// In place of links.
    pub options: Vec<Choice>,
    pub hidden_fields: Vec<(String, String)>,
}

pub struct CategoryPicker {
    pub label: String,
    pub links: Vec<PickLink>,
}

pub struct RangePicker {
    pub label: String,
    pub links: Vec<PickLink>,
    pub from: String,
    pub to: String,
    /// The last day that there is.
    pub today: String,
    /// Empty where the page compares nothing.
    pub comparisons: Vec<Choice>,
    pub zone: String,
    pub hidden_fields: Vec<(String, String)>,
}

impl Pickers {
    pub fn new(scope: &PageScope, offer: &Offer, advertisers: &[Advertiser]) -> Self {
        Pickers {
            path: scope.path.clone(),
            advertiser: (offer.advertiser.is_none() && !offer.is_of_all && advertisers.len() > 1)
                .then(|| advertiser_picker(scope, advertisers)),
            category: (scope.categories.len() > 1).then(|| category_picker(scope)),
            range: range_picker(scope, offer),
        }
    }
}

/// The address with other values in place of these. It begins on the first page of a list.
fn address(scope: &PageScope, change: &[(&str, &str)]) -> String {
    let mut change = change.to_vec();
    change.push(("start", ""));
    paging::address(&scope.path, &scope.query, &change)
}

/// What a form keeps of the address besides its own fields.
fn hidden_fields(scope: &PageScope, own: &[&str]) -> Vec<(String, String)> {
    let keeps = |name: &str, value: &str| !value.is_empty() && name != "start" && !own.contains(&name);
    let pairs = scope.query.pairs().filter(|(name, value)| keeps(name, value));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn advertiser_picker(scope: &PageScope, advertisers: &[Advertiser]) -> AdvertiserPicker {
    let chosen = scope.advertiser.as_ref().map_or_else(|| ALL.to_owned(), |one| one.id.to_string());
    let mut options = vec![choices::choice(ALL.to_owned(), "All advertisers".to_owned(), chosen == ALL)];
    options.extend(choices::options(advertisers, &chosen, |one| (one.id.0, one.name.clone())));
    let label = options.iter().find(|option| option.chosen).map(|option| option.name.clone()).unwrap_or_default();
    let link = |option: &Choice| PickLink {
        label: option.name.clone(),
        address: address(scope, &[("advertiser_id", &option.id)]),
        is_current: option.chosen,
    };
    let are_few = advertisers.len() <= MOST_LINKS;
    AdvertiserPicker {
        label,
        links: if are_few { options.iter().map(link).collect() } else { Vec::new() },
        options: if are_few { Vec::new() } else { options },
        hidden_fields: hidden_fields(scope, &["advertiser_id"]),
    }
}

fn category_picker(scope: &PageScope) -> CategoryPicker {
    let link = |category: &super::Category| PickLink {
        label: category.label(),
        address: address(scope, &[("category", category.word())]),
        is_current: *category == scope.category,
    };
    CategoryPicker { label: scope.category.label(), links: scope.categories.iter().map(link).collect() }
}

fn range_picker(scope: &PageScope, offer: &Offer) -> RangePicker {
    let link = |(range, word, label): &(Range, &str, &str)| PickLink {
        label: (*label).to_owned(),
        address: address(scope, &[("range", word), ("from", ""), ("to", "")]),
        is_current: *range == scope.range,
    };
    let comparison = |(comparison, word): &(Comparison, &str)| {
        choices::choice((*word).to_owned(), comparison.label(scope.count()), *comparison == scope.comparison)
    };
    RangePicker {
        label: scope.label(),
        links: Range::NAMED.iter().map(link).collect(),
        from: scope.days.first.to_string(),
        to: scope.days.last.to_string(),
        today: scope.today().to_string(),
        comparisons: if offer.compares { Comparison::WORDS.iter().map(comparison).collect() } else { Vec::new() },
        zone: scope.zone().to_owned(),
        hidden_fields: hidden_fields(scope, &["range", "from", "to", "compare"]),
    }
}
