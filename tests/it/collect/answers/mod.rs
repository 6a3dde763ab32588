//! What an answer carries: redirects, and reasons for a rejection.

mod redirects;
mod rejected;
