//! The warnings about parameters that break their rules. The request counts all the same. The rules' names are stable,
//! and documented only here.

use crate::domain::Warning;
pub use crate::domain::cut;

/// How much of a parameter's text a warning keeps, in characters.
const MAX_RAW: usize = 200;

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $says:literal;)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Rule { $($(#[$doc])* $variant),+ }

        impl Rule {
            /// The stable name.
            pub fn as_str(self) -> &'static str {
                match self { $(Rule::$variant => $text),+ }
            }

            /// What the parameter is or must be, as the end of a sentence: for programs whose requests are refused.
            pub fn says(self) -> &'static str {
                match self { $(Rule::$variant => $says),+ }
            }
        }
    };
}

rules! {
    /// It was longer than allowed, and was cut.
    Cut = "cut_to_its_length", "is longer than allowed";
    /// It is longer than allowed. Cutting could make two different values equal, so it was set aside.
    TooLong = "too_long", "is longer than allowed";
    /// It is longer than published columns are. The whole is kept and compared.
    LongerThanPublished = "longer_than_published", "is longer than published columns show";
    /// It is empty, and nothing follows it: a `#` in the tag's address cuts the rest of it.
    CutByHash = "cut_by_hash", "is empty at the end of the address: write %23 for a #";
    /// It held control characters, which were removed.
    ControlCharacters = "control_characters", "may hold no control characters";
    /// It held bytes that are not UTF-8, which were replaced.
    NotUtf8 = "not_utf8", "must be UTF-8";
    /// The shop did not fill in the tag's placeholder, such as `[ORDER_ID]`; set aside.
    Placeholder = "placeholder_not_filled_in", "is a placeholder that was not filled in";
    /// It is not a plain decimal number such as 10 or 10.50; set aside.
    NotAPlainDecimal = "not_a_plain_decimal", "must be a plain decimal number such as 10 or 10.50";
    /// It is larger than allowed; set aside.
    TooLarge = "too_large", "is too large";
    /// It is not a code of ISO 4217 that is in use; set aside with its amount.
    NotACurrency = "not_a_currency", "must be an ISO 4217 code such as EUR";
    /// The amount's currency was not understood; set aside.
    CurrencyNotUnderstood = "currency_not_understood", "has a currency that was not understood";
    /// It is no word for yes or no; taken as 0.
    NotZeroOrOne = "not_0_or_1", "must be 0 or 1";
    /// It is no word for yes or no; taken as 1, the careful reading.
    TakenAsOne = "taken_as_1", "must be 0 or 1";
    /// It is not a whole number from 1 up; set aside.
    NotAnId = "not_an_id", "must be a whole number from 1 up";
    /// It came more than once; the first value was taken.
    Repeated = "repeated", "came twice";
    /// It came more than once; the last value was taken.
    LastTaken = "last_taken", "came twice";
    /// It is no click id of an ad platform: 1 to 512 of `A-Z a-z 0-9 . _ ~ = -`; set aside.
    NotAClickId = "not_a_click_id", "must be a click id: letters, digits and ._~=-";
    /// It is not a consent string; set aside.
    NotAConsentString = "not_a_consent_string", "must be a consent string";
    /// It is not a whole number in its range; set aside.
    NotAWholeNumber = "not_a_whole_number", "must be a whole number from 0 to 4294967295";
    /// It begins like a JSON array, but is not one of texts and numbers; set aside.
    NotAList = "not_a_list", "must be a list of texts";
    /// It lists more than allowed; the rest was set aside.
    TooMany = "too_many", "lists more than 100";
    /// It is not a whole number from 0 to 2147483647; the visitor becomes a member without a value.
    NotASegmentValue = "not_a_segment_value", "must be a whole number from 0 to 2147483647";
    /// No segment has this id or code; set aside.
    UnknownSegment = "unknown_segment", "names no segment";
    /// Codes need the `member` they belong to; set aside.
    NeedsMember = "needs_member", "needs a member";
    /// This installation has no such member; what codes named was set aside.
    UnknownMember = "unknown_member", "names no member";
    /// It is not a token of this server, or it was altered; set aside.
    BadToken = "bad_token", "is no token of this server, or was altered";
    /// It is the token of a click instead of an impression; set aside.
    NotAnImpression = "not_an_impression", "is the token of a click, not of an impression";
    /// No impression was imported under this name before; the click counts on its own.
    UnknownImpression = "unknown_impression", "names no impression that was imported before it";
    /// It holds an e-mail address, and the visitor is not to be known; set aside.
    EmailNotKept = "email_not_kept", "may hold no e-mail address of a visitor who is not to be known";
    /// It is no IP address; set aside.
    NotAnAddress = "not_an_address", "must be an IP address";
    /// It is no absolute http(s) address of a page; set aside.
    NotAPage = "not_a_page", "must be the address of a page, such as https://shop.example/thanks";
    /// It is not what the cookie `pxid` holds; set aside.
    NotAVisitor = "not_a_visitor", "must be the value of the cookie pxid";
    /// It is not an absolute http(s) URL on a host that the advertiser allows; not followed.
    RedirNotAllowed = "redir_not_allowed", "leads to no host that the advertiser allows";
}

/// The warnings of one request, in the order of their discovery.
#[derive(Debug, Default)]
pub struct Warnings(Vec<(Rule, Warning)>);

impl Warnings {
    /// `parameter`, which came as `raw`, broke `rule`.
    pub fn add(&mut self, parameter: &str, raw: &str, rule: Rule) {
        self.0.push((rule, Self::one(parameter, raw, rule)));
    }

    /// A single warning.
    pub fn one(parameter: &str, raw: &str, rule: Rule) -> Warning {
        Warning { parameter: parameter.to_owned(), raw: cut(raw, MAX_RAW).to_owned(), rule: rule.as_str().to_owned() }
    }

    /// Adds it once for each parameter and rule: the warnings of a list must not outgrow it.
    pub fn add_once(&mut self, parameter: &str, raw: &str, rule: Rule) {
        if !self.has(parameter, rule) {
            self.add(parameter, raw, rule);
        }
    }

    /// Adds others after its own.
    pub fn append(&mut self, mut others: Warnings) {
        self.0.append(&mut others.0);
    }

    /// Adds others, once for each parameter and rule.
    pub fn merge_once(&mut self, others: Warnings) {
        for (rule, warning) in others.0 {
            if !self.has(&warning.parameter, rule) {
                self.0.push((rule, warning));
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn has(&self, parameter: &str, rule: Rule) -> bool {
        self.0.iter().any(|(broken, warning)| *broken == rule && warning.parameter == parameter)
    }

    /// The first that refuses the event of a server, with the broken rule.
    pub fn first_broken(&self) -> Option<&(Rule, Warning)> {
        self.0.iter().find(|(rule, _)| *rule != Rule::TakenAsOne)
    }

    /// For the log.
    pub fn into_vec(self) -> Vec<Warning> {
        self.0.into_iter().map(|(_, warning)| warning).collect()
    }
}
