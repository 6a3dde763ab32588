//! Costs: what ads cost on a day, for a line item. Each comes with a run: one import, one request or one form.

use jiff::civil::Date;

use super::values::words::words;
use super::{
    AdvertiserId, CampaignId, Checks, CostId, CostRunId, Currency, Day, FieldError, LineItemId, Micros, Millis,
    PublisherId,
};

/// The most costs of one run, after those of one day and campaign were added up. They are one transaction, for which
/// tracking requests wait.
pub const MAX_COSTS_AT_ONCE: usize = 20_000;
/// The most views or clicks of one cost.
pub const MAX_COST_COUNT: u64 = 1_000_000_000_000;
/// No cost is of an earlier day.
pub const FIRST_COST_DAY: Day = Day(Date::constant(2000, 1, 1));
/// The profile of costs that came without a file of a known kind.
pub const PLAIN_PROFILE: &str = "plain";

words! {
    /// How a run came.
    CostWay {
        /// In a form.
        Typed = "typed",
        Api = "api",
        /// From a file.
        Import = "import",
    }
}

words! {
    /// Whether a cost counts.
    CostState {
        /// It counts.
        Live = "live",
        /// A later run says something else about its day and line item.
        Replaced = "replaced",
        /// Its run was undone.
        Undone = "undone",
        /// It was deleted by itself. What it replaced stays replaced.
        Deleted = "deleted",
    }
}

/// One import, one request or one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostRun {
    pub id: CostRunId,
    pub how: CostWay,
    pub advertiser_id: AdvertiserId,
    /// The kind of its file, such as `google_ads`; [`PLAIN_PROFILE`] without one.
    pub profile: String,
    pub file_name: Option<String>,
    /// SHA-256 in hexadecimal digits.
    pub file_hash: Option<String>,
    /// How many costs it brought.
    pub rows: u64,
    /// How many costs of earlier runs it replaced when it came.
    pub replaced: u64,
    /// The name of the user or token at that time.
    pub made_by: String,
    pub made_at: Millis,
    pub undone_by: Option<String>,
    pub undone_at: Option<Millis>,
}

/// What decides which cost replaces which, beside advertiser, profile, account and day. A later run replaces a cost of the
/// same line item, campaign and publisher, and one of the same campaign in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CostKey {
    pub line_item_id: LineItemId,
    pub campaign_id: Option<CampaignId>,
    pub publisher_id: Option<PublisherId>,
}

/// A stored figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    pub id: CostId,
    pub run_id: CostRunId,
    pub state: CostState,
    /// Of a replaced one: the run.
    pub replaced_by: Option<CostRunId>,
    pub advertiser_id: AdvertiserId,
    pub profile: String,
    /// The rest as it came.
    pub figure: NewCost,
    pub created_on: Millis,
    pub last_modified: Millis,
}

/// A figure as it comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCost {
    /// A day of the advertiser's calendar.
    pub day: Day,
    pub key: CostKey,
    /// The account at the ad platform, at most 255 characters; empty for none.
    pub account: String,
    /// The campaign's name in the file, at most 255 characters; empty for none.
    pub label: String,
    pub currency: Currency,
    /// Negative for a credit note, if the run allows that.
    pub amount: Micros,
    /// Views, as the platform counts them.
    pub imps: Option<u64>,
    /// Clicks, as the platform counts them.
    pub clicks: Option<u64>,
}

impl NewCost {
    pub fn new(day: Day, line_item_id: LineItemId, currency: Currency, amount: Micros) -> Self {
        NewCost {
            day,
            key: CostKey { line_item_id, campaign_id: None, publisher_id: None },
            account: String::new(),
            label: String::new(),
            currency,
            amount,
            imps: None,
            clicks: None,
        }
    }

    /// The rules that need no other object. `today` is the advertiser's.
    pub fn check(&self, today: Day, allow_negative: bool) -> Vec<FieldError> {
        let mut checks = Checks::new();
        checks.require(self.day <= today, "day", || {
            format!("must not be in the future, and is {}: today is {today} for the advertiser", self.day)
        });
        checks.require(self.day >= FIRST_COST_DAY, "day", || {
            format!("must be {FIRST_COST_DAY} or later, and is {}", self.day)
        });
        checks.text("account", &self.account, 255);
        checks.text("label", &self.label, 255);
        self.check_figures(&mut checks, allow_negative);
        checks.done().err().unwrap_or_default()
    }

    /// The rules of what can change later.
    fn check_figures(&self, checks: &mut Checks, allow_negative: bool) {
        checks.require(self.currency != Currency::NONE, "currency", || "must be a currency such as EUR".to_owned());
        let bound = Micros::MAX.0;
        checks.require((-bound..=bound).contains(&self.amount.0), "amount", || {
            format!("must be from -{} to {}", Micros::MAX, Micros::MAX)
        });
        checks.require(allow_negative || self.amount.0 >= 0, "amount", || {
            format!("is negative: {}; set allow_negative to true if it is a credit", self.amount)
        });
        for (field, count) in [("imps", self.imps), ("clicks", self.clicks)] {
            checks.require(count.is_none_or(|count| count <= MAX_COST_COUNT), field, || {
                format!("must be at most {MAX_COST_COUNT}")
            });
        }
    }
}

/// The figures of a run that is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedCosts {
    pub how: CostWay,
    pub advertiser_id: AdvertiserId,
    /// As in [`CostRun`]: 1 to 64 characters.
    pub profile: String,
    /// At most 255 characters.
    pub file_name: Option<String>,
    pub file_hash: Option<String>,
    /// Whether amounts below zero are meant.
    pub allow_negative: bool,
    /// Several of one day, key, account, label and currency are added up.
    pub costs: Vec<NewCost>,
}

impl ImportedCosts {
    pub fn new(how: CostWay, advertiser_id: AdvertiserId, costs: Vec<NewCost>) -> Self {
        ImportedCosts {
            how,
            advertiser_id,
            profile: PLAIN_PROFILE.to_owned(),
            file_name: None,
            file_hash: None,
            allow_negative: false,
            costs,
        }
    }
}
