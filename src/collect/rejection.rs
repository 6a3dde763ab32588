//! Why a tracking request could not be taken as a fire or an exposure. The names are stable, logged with the request and
//! documented here, and nowhere else.

use actix_web::http::StatusCode;

macro_rules! rejections {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:ident;)+) => {
        /// A reason to reject a request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Rejection { $($(#[$doc])* $variant),+ }

        impl Rejection {
            /// The stable name.
            pub fn as_str(self) -> &'static str {
                match self { $(Rejection::$variant => $text),+ }
            }

            /// The status it is answered with.
            pub fn status(self) -> StatusCode {
                match self { $(Rejection::$variant => StatusCode::$status),+ }
            }
        }
    };
}

rejections! {
    /// There is no `id`.
    MissingId = "missing_id", NOT_FOUND;
    /// `id` is no whole number from 1 up.
    BadId = "bad_id", NOT_FOUND;
    /// There is a `code`, and no `member` that says whose.
    MissingMember = "missing_member", NOT_FOUND;
    /// There is no such `member` here.
    UnknownMember = "unknown_member", NOT_FOUND;
    /// `advertiser_id` is no whole number from 1 up.
    BadAdvertiserId = "bad_advertiser_id", NOT_FOUND;
    /// Several advertisers have one with this `code`, and no `advertiser_id` says which is meant.
    AmbiguousCode = "ambiguous_code", NOT_FOUND;
    /// No pixel has this id or code.
    UnknownPixel = "unknown_pixel", NOT_FOUND;
    /// No tracker of this kind has this id or code.
    UnknownTracker = "unknown_tracker", NOT_FOUND;
    /// The tracker is inactive: it records nothing, and is answered as if it did.
    TrackerInactive = "tracker_inactive", OK;
    /// The click tracker has no `click_url`, and no `redir` that may be followed came with the click.
    NoLandingPage = "no_landing_page", NOT_FOUND;
    /// No advertiser has this id.
    UnknownAdvertiser = "unknown_advertiser", NOT_FOUND;
    /// There is no `sspdata`, and a postback has nothing else that names the exposure.
    MissingToken = "missing_token", BAD_REQUEST;
    /// `sspdata` is no token that this server made, to the last character.
    BadToken = "bad_token", BAD_REQUEST;
    /// A postback may not change segments.
    SegmentsRefused = "segments_refused", BAD_REQUEST;
    /// A postback leads nowhere.
    RedirRefused = "redir_refused", BAD_REQUEST;
    /// The segment pixel was asked to do nothing.
    MissingSegment = "missing_segment", NOT_FOUND;
    /// No segment has any of the ids or codes.
    UnknownSegment = "unknown_segment", NOT_FOUND;
    /// The body is longer than 256 KiB.
    BodyTooLong = "body_too_long", PAYLOAD_TOO_LARGE;
    /// The body did not arrive in time, or not whole.
    BodyIncomplete = "body_incomplete", REQUEST_TIMEOUT;
    /// The body is neither a form nor a JSON object.
    BadBody = "bad_body", BAD_REQUEST;
    /// The query string is longer than 8 KiB.
    QueryTooLong = "query_too_long", URI_TOO_LONG;
    /// The address has no such method.
    WrongMethod = "wrong_method", METHOD_NOT_ALLOWED;
}
