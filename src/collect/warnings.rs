//! What is noted when a parameter breaks its rule: the fire or exposure counts all the same. The rules' names are
//! stable and documented here, and nowhere else.

use crate::domain::Warning;

/// How much of a parameter's text a warning keeps, in characters.
const MAX_RAW: usize = 200;

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        /// A rule that a parameter broke.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Rule { $($(#[$doc])* $variant),+ }

        impl Rule {
            /// The stable name.
            pub fn as_str(self) -> &'static str {
                match self { $(Rule::$variant => $text),+ }
            }
        }
    };
}

rules! {
    /// It was cut to the length its rule allows.
    Cut = "cut_to_its_length",
    /// It is longer than allowed, and cutting could make two different values one, so it was set aside.
    TooLong = "too_long",
    /// It held control characters; they were taken out.
    ControlCharacters = "control_characters",
    /// It held bytes that are no UTF-8; they were replaced.
    NotUtf8 = "not_utf8",
    /// The tag's placeholder, such as `[ORDER_ID]`, was not filled in; set aside.
    Placeholder = "placeholder_not_filled_in",
    /// It is no plain decimal number such as 10 or 10.50; set aside.
    NotAPlainDecimal = "not_a_plain_decimal",
    /// It has more than six decimals; set aside.
    TooManyDecimals = "too_many_decimals",
    /// It is larger than allowed; set aside.
    TooLarge = "too_large",
    /// It is no ISO 4217 code; set aside, so that the advertiser's currency holds.
    NotACurrency = "not_a_currency",
    /// It is neither 0 nor 1; taken as 0.
    NotZeroOrOne = "not_0_or_1",
    /// It is no whole number from 1 up; set aside.
    NotAnId = "not_an_id",
    /// It came again; the first was taken.
    Repeated = "repeated",
    /// It is no TCF string, or no text that any consent string could be; set aside.
    NotAConsentString = "not_a_consent_string",
    /// It is no whole number in its range; set aside.
    NotAWholeNumber = "not_a_whole_number",
    /// It begins as a JSON array and is none of texts and numbers; set aside.
    NotAList = "not_a_list",
    /// It lists more than allowed; what is too many was set aside.
    TooMany = "too_many",
    /// It is no whole number from 0 to 2147483647; the visitor becomes a member without a value.
    NotASegmentValue = "not_a_segment_value",
    /// No segment has this id or code; set aside.
    UnknownSegment = "unknown_segment",
    /// Codes need the `member` they belong to; set aside.
    NeedsMember = "needs_member",
    /// There is no such member here; what was named by codes was set aside.
    UnknownMember = "unknown_member",
    /// It is no token that this server made, to the last character; set aside.
    BadToken = "bad_token",
    /// It is the token of a click, and one of an impression is wanted; set aside.
    NotAnImpression = "not_an_impression",
    /// It leads to no absolute http(s) URL on a host that the advertiser allows; not followed.
    RedirNotAllowed = "redir_not_allowed",
}

/// The warnings of one request, in the order they were found.
#[derive(Debug, Default)]
pub struct Warnings(Vec<Warning>);

impl Warnings {
    /// Notes that `parameter`, which came as `raw`, broke `rule`.
    pub fn add(&mut self, parameter: &'static str, raw: &str, rule: Rule) {
        self.0.push(Warning {
            parameter: parameter.to_owned(),
            raw: cut(raw, MAX_RAW).to_owned(),
            rule: rule.as_str().to_owned(),
        });
    }

    /// The same, once for each parameter and rule: for lists, whose warnings must not outgrow them.
    pub fn add_once(&mut self, parameter: &'static str, raw: &str, rule: Rule) {
        if !self.has(parameter, rule.as_str()) {
            self.add(parameter, raw, rule);
        }
    }

    /// Takes over others, once for each parameter and rule.
    pub fn merge_once(&mut self, others: Warnings) {
        for warning in others.0 {
            if !self.has(&warning.parameter, &warning.rule) {
                self.0.push(warning);
            }
        }
    }

    fn has(&self, parameter: &str, rule: &str) -> bool {
        self.0.iter().any(|warning| warning.parameter == parameter && warning.rule == rule)
    }

    /// For the log.
    pub fn into_vec(self) -> Vec<Warning> {
        self.0
    }
}

/// The first `most` characters.
pub fn cut(text: &str, most: usize) -> &str {
    // Bytes are never fewer than characters, so that the usual short text is not counted.
    if text.len() <= most {
        return text;
    }
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_by_characters() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "abc");
        assert_eq!(cut("éééé", 3), "ééé");
        assert_eq!(cut("ééé", 3), "ééé");
        assert_eq!(cut("", 0), "");
    }
}
