//! The rules that the tables of costs must meet, for `pixeld check`.

/// The sentence for a broken rule, and the query for the rows that break it.
pub const RULES: &[(&str, &str)] = &[
    (
        "a cost belongs to no run, or differs from it in its advertiser or profile",
        "SELECT c.id FROM costs c LEFT JOIN cost_runs r ON r.id = c.run_id
        WHERE (c.advertiser_id, c.profile) IS NOT (r.advertiser_id, r.profile)",
    ),
    (
        "a cost of a run that was undone counts, or one is undone without its run",
        "SELECT c.id FROM costs c JOIN cost_runs r ON r.id = c.run_id
        WHERE (c.state = 'undone') <> (r.undone_at IS NOT NULL)",
    ),
    (
        "a cost has no known state",
        "SELECT id FROM costs WHERE state NOT IN ('live', 'replaced', 'undone', 'deleted')",
    ),
    (
        "a replaced cost does not name a later run that was not undone, or another cost names one",
        "SELECT c.id FROM costs c LEFT JOIN cost_runs r ON r.id = c.replaced_by
        WHERE CASE WHEN c.state = 'replaced' THEN r.id IS NULL OR r.id <= c.run_id OR r.undone_at IS NOT NULL
            ELSE c.replaced_by IS NOT NULL END",
    ),
    (
        "two runs count for one day, account, line item, campaign and publisher",
        "SELECT min(id) FROM costs WHERE state = 'live'
        GROUP BY advertiser_id, profile, account, day, line_item_id, campaign_id, publisher_id
        HAVING min(run_id) <> max(run_id)",
    ),
    (
        "two runs count for one day, account and campaign of a file",
        "SELECT min(id) FROM costs WHERE state = 'live' AND label <> ''
        GROUP BY advertiser_id, profile, account, day, label HAVING min(run_id) <> max(run_id)",
    ),
    (
        "a run brought another number of costs than it says",
        "SELECT r.id FROM cost_runs r LEFT JOIN costs c ON c.run_id = r.id GROUP BY r.id HAVING count(c.id) <> r.rows",
    ),
    (
        "a cost has no day, no currency, or an amount or count beyond its bounds",
        "SELECT id FROM costs WHERE day IS NOT date(day) OR length(currency) <> 3 OR currency GLOB '*[^A-Z]*'
            OR currency = 'XXX' OR typeof(amount) <> 'integer' OR abs(amount) > 999999999999999999
            OR imps NOT BETWEEN 0 AND 1000000000000 OR clicks NOT BETWEEN 0 AND 1000000000000",
    ),
];
