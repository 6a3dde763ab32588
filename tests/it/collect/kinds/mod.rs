//! One table of cases for each kind of input, run over every way in.

mod agents;
mod amounts;
mod currencies;
mod redir_bytes;
mod sales;
mod switches;
