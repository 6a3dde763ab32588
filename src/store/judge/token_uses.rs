//! Counts the fires that named an exposure by its token, for explanations.

use rusqlite::params;

use super::lookups::LookUps;
use crate::domain::{AdvertiserId, Seq, TokenUses};
use crate::store::StoreError;

/// Flag 8 is a visitor whom the request itself created.
const USES: &str = "SELECT count(*), count(iif(c.outcome = 'attributed', 1, NULL)),
        count(DISTINCT iif(f.flags & 8 = 0, f.visitor_id, NULL))
    FROM (SELECT seq, outcome FROM conversions WHERE token_seq = ?1 AND +advertiser_id = ?2 LIMIT ?3) AS c
    CROSS JOIN fires f ON f.seq = c.seq";

impl LookUps<'_> {
    /// The uses of the exposure's token by fires of the advertiser's pixels, up to [`TokenUses::MOST`].
    ///
    /// # Errors
    /// Database faults.
    pub fn token_uses(&mut self, exposure: Seq, advertiser: AdvertiserId) -> Result<TokenUses, StoreError> {
        let mut statement = self.conn().prepare_cached(USES)?;
        let uses = statement.query_row(params![exposure, advertiser, TokenUses::MOST], |row| {
            Ok(TokenUses { fires: row.get(0)?, attributed: row.get(1)?, visitors: row.get(2)? })
        })?;
        Ok(uses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::derived::connect;

    #[test]
    fn uses_are_found_by_an_index() {
        let conn = connect::in_memory();
        let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {USES}")).unwrap();
        let steps = plan.query_map([0, 0, 0], |row| row.get::<_, String>(3)).unwrap();
        let steps: Vec<_> = steps.map(Result::unwrap).collect();
        assert!(steps.iter().any(|step| step.contains("INDEX conversions_token (token_seq=?)")), "{steps:?}");
        assert!(!steps.iter().any(|step| step.starts_with("SCAN f") || step.contains("SCAN conv")), "{steps:?}");
    }
}
