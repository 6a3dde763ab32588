//! The answer of a list with figures: its page, or its file.

use std::collections::HashMap;

use super::columns::Fact;
use super::list::MeasuredList;
use super::measured::Measured;
use super::table::Key;
use super::view::{Action, View};
use super::{csv, table};
use crate::admin::shell::page::{Answer, html};

impl<E: Measured> MeasuredList<'_, E> {
    /// The page, or the file. `facts` are the own columns of [`MeasuredList::wanted`], in the same order.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn answer(mut self, facts: Vec<Vec<Fact>>, actions: Vec<Action>) -> Answer {
        let facts: HashMap<usize, Vec<Fact>> = self.needed().into_iter().zip(facts).collect();
        if matches!(self.key, Key::Fact(_)) {
            table::sort(&mut self.blocks, self.key, self.descending, &facts);
        }
        if self.is_csv {
            return Ok(csv::answer(&self, &facts)?);
        }
        let secure = self.session.is_secure();
        let (view, choices) = View::new(self, &facts, actions);
        Ok(choices.remember(view.scope.remember(html(&view)), secure))
    }
}
