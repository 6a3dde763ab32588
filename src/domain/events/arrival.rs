//! An arrival: an ad click that the site tag saw on a landing page, instead of a tracker on a redirect.

use crate::domain::values::words::words;
use crate::domain::{AdvertiserId, Millis, Seq, cut};

words! {
    /// What became of an arrival.
    ArrivalFate {
        /// It is a click on its source's line item.
        Click = "click",
        /// It is the click that its token names, and no second one.
        Token = "token",
        /// The visitor had arrived so before.
        Repeat = "repeat",
        /// No source takes it.
        Unmatched = "unmatched",
        /// It carried no sign of an ad that keeps its rule.
        Empty = "empty",
    }
}

/// What an arrival carried, as `POST /landing` kept it. It is part of an exposure of kind click.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    pub advertiser_id: AdvertiserId,
    /// Campaign parameters: the name in lower case and the value, at most 255 characters. Each name stands once.
    pub parameters: Vec<(String, String)>,
    /// The click ids. Each name stands once.
    pub click_ids: Vec<ClickIdValue>,
    /// The host of the page before, in lower case.
    pub referrer_host: Option<String>,
    /// The exposure that a token in the address names.
    pub named: Option<Seq>,
}

/// A click id that a landing page's address, an event or an order carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClickIdValue {
    /// As [`crate::domain::ClickId::name`] writes it.
    pub name: String,
    /// Its text: 1 to 512 of `[A-Za-z0-9._~=-]`. None for a private visitor: only the name is kept, to choose the source.
    pub value: Option<String>,
}

/// A click id that was good at the time of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoodClickId {
    pub name: String,
    pub value: String,
    /// When its visitor came with it for the first time; none if only the event brought it.
    pub first_seen: Option<Millis>,
    /// The arrival that brought it then.
    pub arrival: Option<Seq>,
    /// Whether the event itself brought it.
    pub is_own: bool,
}

/// What unmatched arrivals have in common that are counted together. All is in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArrivalContent {
    /// Names and values of the campaign parameters.
    pub parameters: Vec<(String, String)>,
    /// The names of the click ids.
    pub click_ids: Vec<String>,
    /// The parameters that broke a rule, and the rule.
    pub problems: Vec<(String, String)>,
    /// The host of the page before, if there is nothing else.
    pub referrer_host: Option<String>,
}

impl ArrivalContent {
    /// Of an arrival, with the parameters that broke a rule.
    pub fn of(arrival: &Arrival, problems: &[(String, String)]) -> Self {
        let mut content = ArrivalContent {
            parameters: arrival.parameters.clone(),
            click_ids: arrival.click_ids.iter().map(|id| id.name.clone()).collect(),
            problems: problems.to_vec(),
            referrer_host: None,
        };
        let is_bare = content.parameters.is_empty() && content.click_ids.is_empty();
        if is_bare && arrival.named.is_some() {
            content.problems.push(("token".to_owned(), "unknown_exposure".to_owned()));
        }
        if is_bare && content.problems.is_empty() {
            content.referrer_host.clone_from(&arrival.referrer_host);
        }
        content.parameters.sort_unstable();
        content.click_ids.sort_unstable();
        content.problems.sort_unstable();
        content.problems.dedup();
        content
    }
}

impl Arrival {
    /// The value of a campaign parameter. The name is in lower case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether nothing shows that an ad led here.
    pub fn is_empty(&self) -> bool {
        self.parameters.is_empty() && self.click_ids.is_empty() && self.referrer_host.is_none() && self.named.is_none()
    }
}

impl ClickIdValue {
    /// The id as sentences show it: its end. None without a value.
    pub fn short(&self) -> Option<String> {
        const SHOWN: usize = 4;
        let value = self.value.as_deref()?;
        match value.len() {
            0..=SHOWN => Some(cut(value, SHOWN).to_owned()),
            length => value.get(length - SHOWN..).map(|end| format!("…{end}")),
        }
    }
}
