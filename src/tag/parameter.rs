//! The parameters that a page fills in when its tag is shown, with what stands for their values until then (seed `000`).

/// A parameter that the page fills in when the tag is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Parameter {
    /// The order's number or the article's, at most 36 characters.
    OrderId,
    /// What the order is worth: the dynamic value.
    Value,
    /// The value's currency.
    Currency,
    /// Anything else, at most 20 characters.
    Other,
    /// Names the event, so that the same one sent by tag and by server counts once.
    EventId,
    /// The articles.
    ContentIds,
    /// How many there are.
    NumItems,
    /// What the visitor agreed to, as IAB's TCF says it: two parameters.
    Consent,
    /// The same as its GPP says it.
    Gpp,
    /// Trackers: a number that differs each time, against caches.
    Cachebuster,
    /// Trackers: the media cost.
    Ancost,
    /// Where to go on to. Always stands last, so that it may be filled in unencoded.
    Redir,
}

impl Parameter {
    /// Those of a conversion pixel, in the order in which they stand.
    pub const OF_PIXELS: [Parameter; 10] = [
        Parameter::OrderId,
        Parameter::Value,
        Parameter::Currency,
        Parameter::Other,
        Parameter::EventId,
        Parameter::ContentIds,
        Parameter::NumItems,
        Parameter::Consent,
        Parameter::Gpp,
        Parameter::Redir,
    ];

    /// Those of an impression or click tracker.
    pub const OF_TRACKERS: [Parameter; 3] = [Parameter::Cachebuster, Parameter::Ancost, Parameter::Redir];

    /// Its name in the query string; of two the first.
    pub fn name(self) -> &'static str {
        self.pairs().first().map_or("", |(name, _)| name)
    }

    /// Reads [`Parameter::name`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::OF_PIXELS.into_iter().chain(Self::OF_TRACKERS).find(|parameter| parameter.name() == name)
    }

    /// What stands for its value until the page fills it in, as in seed `000`; of two the first.
    pub fn placeholder(self) -> &'static str {
        self.pairs().first().map_or("", |(_, placeholder)| placeholder)
    }

    /// Names and placeholders.
    pub fn pairs(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Parameter::OrderId => &[("order_id", "[ORDER_ID]")],
            Parameter::Value => &[("value", "[REVENUE]")],
            Parameter::Currency => &[("currency", "[CURRENCY]")],
            Parameter::Other => &[("other", "[EXTERNAL_DATA]")],
            Parameter::EventId => &[("event_id", "[EVENT_ID]")],
            Parameter::ContentIds => &[("content_ids", "[CONTENT_IDS]")],
            Parameter::NumItems => &[("num_items", "[NUM_ITEMS]")],
            Parameter::Consent => &[("gdpr", "[GDPR]"), ("gdpr_consent", "[GDPR_CONSENT]")],
            Parameter::Gpp => &[("gpp", "[GPP]")],
            Parameter::Cachebuster => &[("cachebuster", "[CACHEBUSTER]")],
            Parameter::Ancost => &[("ancost", "[ANCOST]")],
            Parameter::Redir => &[("redir", "[REDIRECT_URL]")],
        }
    }
}
