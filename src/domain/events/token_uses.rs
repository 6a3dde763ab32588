//! How often an exposure's token was used.

/// The fires that named an exposure by its token. The token may stand in a landing page's address, so others can copy it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenUses {
    /// All of them, tests too, up to [`TokenUses::MOST`].
    pub fires: u32,
    /// Of these, the attributed ones.
    pub attributed: u32,
    /// The visitors whose browsers sent them, without those whom the request itself created.
    pub visitors: u32,
}

impl TokenUses {
    /// Counting stops here.
    pub const MOST: u32 = 1_000;
    /// One ad view or click seldom leads to so many fires.
    pub const MANY: u32 = 10;
}
