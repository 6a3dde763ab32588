//! The means that sends an event: an image, a script, or a server.

use crate::domain::TagForm;

/// The means that sends a fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// An image in the page.
    Image,
    /// A script in the page.
    Script,
    /// A server, which requests `/sspx` with the token of the exposure, or posts to `/conversions`.
    Server,
}

impl Carrier {
    /// In the order of the page.
    pub const ALL: [Carrier; 3] = [Carrier::Image, Carrier::Script, Carrier::Server];

    /// The word in forms and addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Carrier::Image => TagForm::Image.as_str(),
            Carrier::Script => TagForm::Script.as_str(),
            Carrier::Server => "server",
        }
    }

    /// Reads [`Carrier::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|carrier| carrier.as_str() == text)
    }
}

impl From<TagForm> for Carrier {
    fn from(form: TagForm) -> Self {
        match form {
            TagForm::Image => Carrier::Image,
            TagForm::Script => Carrier::Script,
        }
    }
}
