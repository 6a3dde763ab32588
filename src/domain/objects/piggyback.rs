//! Piggybacks: further pixels that a pixel or segment fires.

use crate::domain::values::words::words;
use crate::domain::{Checks, ListLength};

words! {
    /// How a browser fires a piggyback.
    PiggybackKind {
        /// As a script, from a script tag.
        Script = "js",
        /// As an image: by redirect from an image tag, by injection from a script tag.
        Image = "img",
    }
}

/// A pixel elsewhere that ours fires too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piggyback {
    pub kind: PiggybackKind,
    /// An absolute http(s) URL of at most 255 characters; may hold macros such as `${ORDER_ID}`.
    pub url: String,
}

/// Whether only a script tag can carry these: an image tag fires at most one image.
pub(in crate::domain) fn needs_script_tag(piggybacks: &[Piggyback]) -> bool {
    piggybacks.len() > 1 || piggybacks.iter().any(|piggyback| piggyback.kind == PiggybackKind::Script)
}

/// The most piggybacks of one object. The program of a script tag loads them all.
pub const MAX_PIGGYBACKS: usize = 20;

/// How many piggybacks an object has.
pub(in crate::domain) fn list_length(piggybacks: &[Piggyback]) -> ListLength {
    ListLength { field: "piggyback_pixels", length: piggybacks.len(), most: MAX_PIGGYBACKS, advice: "leave some out" }
}

/// Checks the piggybacks of one object. The store limits their number, by those that the object had before.
pub(in crate::domain) fn check(checks: &mut Checks, piggybacks: &[Piggyback]) {
    let images = piggybacks.iter().filter(|p| p.kind == PiggybackKind::Image).count();
    checks.require(images <= 1, "piggyback_pixels", || {
        format!("may hold at most one pixel of type img, and holds {images}")
    });
    for (index, piggyback) in piggybacks.iter().enumerate() {
        let field = format!("piggyback_pixels[{index}].url");
        checks.text(&field, &piggyback.url, 255);
        let parsed = url::Url::parse(&piggyback.url);
        let good = parsed.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        checks.require(good, &field, || format!("must be an absolute http or https URL, and is {:?}", piggyback.url));
    }
}
