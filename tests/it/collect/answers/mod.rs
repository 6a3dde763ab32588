//! What an answer carries: redirects, and reasons for a rejection.

mod limit;
mod redirects;
mod rejected;
