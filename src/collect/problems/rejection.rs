//! The reasons to reject a tracking request. The names are stable, logged with the request, and documented only here.

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
    /// `id` is missing.
    MissingId = "missing_id", NOT_FOUND;
    /// `id` is not a whole number from 1 up.
    BadId = "bad_id", NOT_FOUND;
    /// There is a `code` without the `member` that it belongs to.
    MissingMember = "missing_member", NOT_FOUND;
    /// This installation has no such `member`.
    UnknownMember = "unknown_member", NOT_FOUND;
    /// `advertiser_id` is not a whole number from 1 up.
    BadAdvertiserId = "bad_advertiser_id", NOT_FOUND;
    /// Several advertisers use this `code`, and `advertiser_id` is missing.
    AmbiguousCode = "ambiguous_code", NOT_FOUND;
    /// No pixel has this id or code.
    UnknownPixel = "unknown_pixel", NOT_FOUND;
    /// No tracker of this kind has this id or code.
    UnknownTracker = "unknown_tracker", NOT_FOUND;
    /// The tracker is inactive: it records nothing, and answers as if it did.
    TrackerInactive = "tracker_inactive", OK;
    /// The click tracker has no `click_url`, and the click brought no `redir` that it may follow.
    NoLandingPage = "no_landing_page", NOT_FOUND;
    /// No advertiser has this id.
    UnknownAdvertiser = "unknown_advertiser", NOT_FOUND;
    /// The advertiser is inactive: arrivals at its shop are not recorded.
    AdvertiserInactive = "advertiser_inactive", OK;
    /// The landing page's address carried nothing of an ad.
    NothingOfAnAd = "nothing_of_an_ad", BAD_REQUEST;
    /// Its address made more requests to the same pixel, tracker, segment or advertiser in a minute than the setting allows.
    TooMany = "too_many", TOO_MANY_REQUESTS;
    /// `sspdata` is missing. Nothing else in a postback names the exposure.
    MissingToken = "missing_token", BAD_REQUEST;
    /// `sspdata` is not a token of this server, or it was altered.
    BadToken = "bad_token", BAD_REQUEST;
    /// A postback may not change segments.
    SegmentsRefused = "segments_refused", BAD_REQUEST;
    /// A postback cannot redirect.
    RedirRefused = "redir_refused", BAD_REQUEST;
    /// The segment pixel's request names no segment.
    MissingSegment = "missing_segment", NOT_FOUND;
    /// No segment has any of the ids or codes.
    UnknownSegment = "unknown_segment", NOT_FOUND;
    /// The body is longer than 256 KiB.
    BodyTooLong = "body_too_long", PAYLOAD_TOO_LARGE;
    /// The body did not arrive in time, or not completely.
    BodyIncomplete = "body_incomplete", REQUEST_TIMEOUT;
    /// The body is neither a form nor a JSON object.
    BadBody = "bad_body", BAD_REQUEST;
    /// The body is compressed in a way that is not read.
    UnknownEncoding = "unknown_encoding", UNSUPPORTED_MEDIA_TYPE;
    /// The body is UTF-16.
    BodyUtf16 = "body_utf16", UNSUPPORTED_MEDIA_TYPE;
    /// The query string is longer than 8 KiB.
    QueryTooLong = "query_too_long", URI_TOO_LONG;
    /// The endpoint does not take this method.
    WrongMethod = "wrong_method", METHOD_NOT_ALLOWED;
}
