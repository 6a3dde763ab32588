//! The parameters that a page fills in when it shows a tag, with their placeholders.

/// A parameter that the page fills in when it shows the tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Parameter {
    /// The number of an order or an article, at most 255 characters.
    OrderId,
    /// The order's value: the dynamic value.
    Value,
    /// The currency of the value.
    Currency,
    /// Any text, at most 20 characters.
    Other,
    /// The id of the event, so that an event counts once if both the tag and a server send it.
    EventId,
    /// The ids of the articles.
    ContentIds,
    /// The number of articles.
    NumItems,
    /// The visitor's consent by IAB's TCF, in two parameters.
    Consent,
    /// The visitor's consent by IAB's GPP.
    Gpp,
    /// Trackers: a number that differs each time, so that no cache answers.
    Cachebuster,
    /// Trackers: the media cost.
    Ancost,
    /// The redirect target. It comes last, so that the page may fill it in unencoded.
    Redir,
}

impl Parameter {
    /// The parameters of a conversion pixel, in the order of the tag.
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

    /// The parameters of a tracker, in the order of the tag.
    pub const OF_TRACKERS: [Parameter; 3] = [Parameter::Cachebuster, Parameter::Ancost, Parameter::Redir];

    /// The name in the query string; the first if there are two.
    pub fn name(self) -> &'static str {
        self.pairs().first().map_or("", |(name, _)| name)
    }

    /// Reads [`Parameter::name`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::OF_PIXELS.into_iter().chain(Self::OF_TRACKERS).find(|parameter| parameter.name() == name)
    }

    /// The published placeholder of the value; the first if there are two.
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
