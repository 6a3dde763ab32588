//! Each rule of the check speaks when a statement breaks it by hand.

use super::{breaks, copy, every_kind, verify};

const LOADS_DIFFER: &str = "the loads of a pixel differ from its conversions (quarter hour)";
const BOUND: &str = "a value is set aside that the pixel's bound allows, or kept although it is beyond the bound";
const EFFECT: &str = "an adjustment's effect is not of one in the log, or of no conversion before it";
const STANDING: &str = "an adjusted conversion does not have the value of its adjustments";
const MEMBERSHIP: &str = "a membership is none that the log gave";
const DAILY_LOADS: &str = "the daily loads of a segment differ from the log (segment)";

#[tokio::test]
async fn each_rule_speaks_when_it_is_broken() {
    let sound = tempfile::TempDir::new().unwrap();
    every_kind(sound.path()).await;
    for (breaking, said) in [
        ("DELETE FROM conversions WHERE order_id = 'A1'", "a judged fire has no conversion"),
        ("DELETE FROM fires WHERE order_id = 'A1'", "a conversion has no fire"),
        ("UPDATE judge_cursor SET seq = 1", "a conversion lies after the cursor of the judge"),
        ("UPDATE fires SET value = 5 WHERE order_id = 'A1'", "a conversion differs from its fire"),
        ("UPDATE fires SET flags = flags | 2 WHERE order_id = 'A1'", "a conversion differs from its fire"),
        ("UPDATE conversions SET visitor_id = 8 WHERE order_id = 'A1'", "a conversion differs from its fire"),
        ("UPDATE conversions SET token_seq = 2 WHERE order_id = 'A1'", "a conversion differs from its fire"),
        ("UPDATE conversions SET max_value = 5 WHERE order_id = 'A1'", BOUND),
        ("UPDATE pixel_versions SET max_value = 5, max_value_currency = 'EUR'", BOUND),
        ("UPDATE conversions SET order_id = NULL WHERE order_id = 'A1'", "a conversion differs from its fire"),
        (
            "UPDATE conversions SET exposure_seq = NULL WHERE order_id = 'A1'",
            "a conversion is attributed without an exposure, or has one without being attributed",
        ),
        (
            "UPDATE conversions SET campaign_id = 4 WHERE order_id = 'A1'",
            "an attributed conversion differs from the exposure it is credited to",
        ),
        (
            "UPDATE conversions SET reason = 'post_click' WHERE order_id = 'A1'",
            "an attributed conversion differs from the exposure it is credited to",
        ),
        (
            "UPDATE conversions SET reason = 'repeat' WHERE order_id = 'A1'",
            "the outcome attributed cannot have the reason repeat",
        ),
        (
            "DELETE FROM touches WHERE visitor_id = 8",
            "a judged exposure is not kept by its visitor, or otherwise than logged",
        ),
        (
            "UPDATE touches SET at = at + 1 WHERE visitor_id = 8",
            "a judged exposure is not kept by its visitor, or otherwise than logged",
        ),
        ("UPDATE touches SET visitor_id = 80 WHERE visitor_id = 8", "a visitor's exposure is not in the log"),
        ("DELETE FROM names_seen WHERE name = 'e1'", "an event id leads to no fire"),
        ("DELETE FROM names_seen WHERE name = 'A1'", "an order id leads to no fire"),
        (
            "INSERT INTO names_seen SELECT pixel_id, 1, 'x', 0, at, seq FROM fires WHERE order_id = 'A1'",
            "a name leads to a fire that does not have it",
        ),
        (
            "UPDATE conversions SET duplicate_of = NULL WHERE duplicate_of IS NOT NULL",
            "a duplicate has no fire that counts in its place, or another fire has one",
        ),
        (
            "UPDATE counted SET retracted_by = seq WHERE visitor_id = 7",
            "a conversion counts for the repeat rule although it was retracted, or the other way round",
        ),
        ("DELETE FROM counted WHERE visitor_id = 7", "an attributed conversion is not kept for the repeat rule"),
        (
            "UPDATE counted SET at = at - 1 WHERE visitor_id = 7",
            "an entry for the repeat rule has no attributed conversion",
        ),
        (
            "UPDATE conversions_quarters SET fires = fires + 1 WHERE reason = 'post_view'",
            "the sums of conversions differ from the conversions (quarter hour)",
        ),
        (
            "UPDATE conversions_quarters SET value_thousands = value_thousands - 1 WHERE reason = 'post_view'",
            "the sums of conversions differ from the conversions (quarter hour)",
        ),
        (
            "UPDATE conversions_quarters SET static_value_micros = static_value_micros + 1 WHERE reason = 'post_view'",
            "the sums of conversions differ from the conversions (quarter hour)",
        ),
        (
            "UPDATE conversions_quarters SET net_value_thousands = 1, net_value_micros = net_value_micros - 1000000000",
            "the sums of conversions differ from the conversions (quarter hour)",
        ),
        (
            "UPDATE conversions_quarters SET net_static_value_micros = 1 WHERE reason = 'no_visitor'",
            "the sums of conversions differ from the conversions (quarter hour)",
        ),
        (
            "UPDATE conversions_quarters SET quarter = quarter + 900000 WHERE reason = 'no_visitor'",
            "the sums of conversions differ from the conversions (quarter hour)",
        ),
        (
            "UPDATE exposures_quarters SET cost_micros = cost_micros - 1",
            "the sums of exposures differ from the exposures (quarter hour)",
        ),
        (
            "UPDATE exposures_quarters SET cost_thousands = cost_thousands + 1",
            "the sums of exposures differ from the exposures (quarter hour)",
        ),
        (
            "UPDATE exposures_quarters SET currency = 'CHF'",
            "the sums of exposures differ from the exposures (quarter hour)",
        ),
        (
            "UPDATE exposures_quarters SET advertiser_id = 9",
            "the sums of exposures differ from the exposures (quarter hour)",
        ),
        (
            "UPDATE exposures_quarters SET costs = costs + 1",
            "the sums of exposures differ from the exposures (quarter hour)",
        ),
        (
            "UPDATE conversions_quarters SET static_currency = 'CHF' WHERE reason = 'post_view'",
            "the sums of conversions differ from the conversions (quarter hour)",
        ),
        ("DELETE FROM exposures_quarters", "the sums of exposures differ from the exposures (quarter hour)"),
        ("INSERT INTO tracker_seen VALUES (77, 1, 1)", "what a tracker reported differs from its exposures (tracker)"),
        ("UPDATE pixel_last_fired SET at = at + 1", "when a pixel last fired differs from its conversions (pixel)"),
        (
            "INSERT INTO fires (seq, at, received, pixel_id, flags, tag, query)
                SELECT e.seq, f.at, received, pixel_id, f.flags, tag, f.query
                FROM fires f, exposures e WHERE order_id = 'A1' LIMIT 1",
            "two rows have one number in the log",
        ),
        (
            "INSERT INTO segment_loads (seq, at, flags, tag, query) SELECT seq, at, 0, 1, '' FROM exposures LIMIT 1",
            "two rows have one number in the log",
        ),
        (
            "INSERT INTO adjustments (seq, at, received, advertiser_id, order_id, kind, source)
                SELECT seq, at, at, 1, 'A1', 'retract', '' FROM fires LIMIT 1",
            "two rows have one number in the log",
        ),
        (
            "INSERT INTO segment_versions SELECT (SELECT min(seq) FROM fires), at, segment_id, deleted, state, 0
                FROM segment_versions LIMIT 1",
            "two rows have one number in the log",
        ),
        ("UPDATE pixels_quarters SET loads = loads + 1", LOADS_DIFFER),
        ("UPDATE pixels_quarters SET warned = warned + 1", LOADS_DIFFER),
        ("UPDATE pixels_quarters SET attributed = attributed - 1 WHERE attributed > 0", LOADS_DIFFER),
        ("UPDATE pixels_quarters SET unattributed = unattributed + 1", LOADS_DIFFER),
        ("UPDATE pixels_quarters SET browsers = browsers + 1", LOADS_DIFFER),
        ("UPDATE pixels_quarters SET without_cookie = without_cookie + 1", LOADS_DIFFER),
        ("UPDATE pixels_quarters SET private = private + 1", LOADS_DIFFER),
        ("DELETE FROM pixels_quarters", LOADS_DIFFER),
        (
            "UPDATE pixels_quarters SET pixel_id = 77 WHERE quarter = (SELECT max(quarter) FROM pixels_quarters)",
            LOADS_DIFFER,
        ),
        ("UPDATE adjustment_effects SET adjustment_seq = adjustment_seq + 1000", EFFECT),
        ("UPDATE adjustment_effects SET conversion_seq = conversion_seq + 1000", EFFECT),
        ("UPDATE adjustment_effects SET effect = 'not_counted' WHERE effect = 'retracted'", EFFECT),
        ("DELETE FROM adjustments WHERE kind = 'retract'", EFFECT),
        ("UPDATE adjusted SET value = value + 1", STANDING),
        ("UPDATE adjusted SET currency = 'GBP'", STANDING),
        ("UPDATE adjusted SET retracted = 1 - retracted", STANDING),
        ("DELETE FROM adjusted", STANDING),
        ("UPDATE adjusted SET seq = seq + 1000", STANDING),
        ("UPDATE adjustments SET value = value + 1 WHERE kind = 'restate'", STANDING),
        ("DELETE FROM adjustment_effects", "an update of a conversion has no effect"),
        ("DELETE FROM references_seen WHERE reference_id = 'R1'", "a fire's reference is not kept"),
        ("UPDATE references_seen SET advertiser_id = 9", "a fire's reference is not kept"),
        ("UPDATE references_seen SET reference_id = 'R9'", "a reference is kept that no fire brought"),
        ("UPDATE references_seen SET seq = named_by + 1", "a reference is kept that no fire brought"),
        ("UPDATE memberships SET expires_at = expires_at + 1", MEMBERSHIP),
        ("UPDATE memberships SET added_at = added_at - 1", MEMBERSHIP),
        ("UPDATE memberships SET value = 6 WHERE value = 5", MEMBERSHIP),
        ("UPDATE memberships SET value = 6 WHERE value IS NULL", MEMBERSHIP),
        ("UPDATE memberships SET visitor_id = visitor_id + 100", MEMBERSHIP),
        ("UPDATE memberships SET seq = seq + 1000", MEMBERSHIP),
        ("UPDATE segment_loads SET flags = flags | 2 WHERE visitor_id = 7", MEMBERSHIP),
        ("UPDATE segment_versions SET expire_minutes = 5", MEMBERSHIP),
        ("UPDATE segment_versions SET state = 'inactive'", MEMBERSHIP),
        (
            "INSERT INTO memberships SELECT 2, 8, seq, NULL, at, at + 15552000000 FROM segment_loads
                WHERE visitor_id = 8 LIMIT 1",
            "a visitor is in a segment who has left it",
        ),
        ("DELETE FROM memberships WHERE visitor_id = 9", "a visitor is not in a segment, or for too short a time"),
        (
            "UPDATE memberships SET expires_at = expires_at - 1",
            "a visitor is not in a segment, or for too short a time",
        ),
        (
            "UPDATE segment_loads SET segments = '1' WHERE segments = '-2'",
            "a visitor is not in a segment, or for too short a time",
        ),
        ("UPDATE segment_loads_daily SET loads = loads + 1", DAILY_LOADS),
        ("UPDATE segment_loads_daily SET uniques = uniques + 1", DAILY_LOADS),
        ("UPDATE segment_loads_daily SET day = day + 86400000", DAILY_LOADS),
        ("DELETE FROM segment_loads_daily WHERE segment_id = 2", DAILY_LOADS),
        ("UPDATE imported SET seq = seq + 1000", "the mark of an imported line has no row"),
        ("DELETE FROM exposures WHERE visitor_id = 70", "the mark of an imported line has no row"),
        ("UPDATE imported SET seq = (SELECT min(seq) FROM fires)", "the mark of an imported line has no row"),
        ("DELETE FROM imported", "imported fires and their marks are not as many (how many marks)"),
        ("UPDATE fires SET tag = 7", "imported fires and their marks are not as many (how many marks)"),
        (
            "UPDATE rejected_hours SET requests = requests - 1",
            "more rejected requests are kept than were counted (hour)",
        ),
        ("DELETE FROM rejected", "fewer rejected requests are kept of an hour than there was room for (hour)"),
        (
            "UPDATE rejected_hours SET requests = requests + 1",
            "fewer rejected requests are kept of an hour than there was room for (hour)",
        ),
        ("DELETE FROM rejected_hours", "more rejected requests are kept than were counted (hour)"),
        ("DELETE FROM publishers", "a row of trackers refers to no row of publishers"),
    ] {
        let broken = copy(sound.path());
        breaks(broken.path(), breaking);
        let found = verify(broken.path()).await;
        assert!(found.faults.iter().any(|fault| fault.what == said && fault.rows > 0), "{breaking}: {found:#?}");
    }
}

const TWO_RUNS: &str = "two runs count for one day, account, line item, campaign and publisher";
const REPLACED: &str = "a replaced cost does not name a later run that was not undone, or another cost names one";
const UNDONE: &str = "a cost of a run that was undone counts, or one is undone without its run";
const BEYOND: &str = "a cost has no day, no currency, or an amount or count beyond its bounds";

/// The costs are of runs 1, 1, 2 and 3: live, replaced by 2, live and undone.
#[tokio::test]
async fn each_rule_of_costs_speaks_when_it_is_broken() {
    let sound = tempfile::TempDir::new().unwrap();
    every_kind(sound.path()).await;
    for (breaking, said) in [
        ("UPDATE costs SET state = 'live', replaced_by = NULL WHERE id = 2", TWO_RUNS),
        (
            "UPDATE costs SET state = 'live', replaced_by = NULL, line_item_id = 9 WHERE id = 2",
            "two runs count for one day, account and campaign of a file",
        ),
        ("UPDATE costs SET replaced_by = NULL WHERE id = 2", REPLACED),
        ("UPDATE costs SET replaced_by = 1 WHERE id = 2", REPLACED),
        ("UPDATE costs SET replaced_by = 3 WHERE id = 2", REPLACED),
        ("UPDATE costs SET replaced_by = 2 WHERE id = 1", REPLACED),
        ("UPDATE costs SET state = 'live' WHERE id = 4", UNDONE),
        ("UPDATE costs SET state = 'undone' WHERE id = 1", UNDONE),
        ("UPDATE cost_runs SET undone_at = NULL", UNDONE),
        ("UPDATE costs SET state = 'gone' WHERE id = 1", "a cost has no known state"),
        (
            "UPDATE costs SET advertiser_id = 9 WHERE id = 1",
            "a cost belongs to no run, or differs from it in its advertiser or profile",
        ),
        (
            "UPDATE costs SET run_id = 9 WHERE id = 1",
            "a cost belongs to no run, or differs from it in its advertiser or profile",
        ),
        (
            "UPDATE cost_runs SET profile = 'meta_ads' WHERE id = 1",
            "a cost belongs to no run, or differs from it in its advertiser or profile",
        ),
        ("DELETE FROM costs WHERE id = 1", "a run brought another number of costs than it says"),
        ("UPDATE cost_runs SET rows = rows + 1", "a run brought another number of costs than it says"),
        ("UPDATE costs SET currency = 'eur' WHERE id = 1", BEYOND),
        ("UPDATE costs SET day = '2026-9-1' WHERE id = 1", BEYOND),
        ("UPDATE costs SET amount = 1000000000000000000 WHERE id = 1", BEYOND),
        ("UPDATE costs SET amount = 1.5 WHERE id = 1", BEYOND),
        ("UPDATE costs SET clicks = -1 WHERE id = 1", BEYOND),
    ] {
        let broken = copy(sound.path());
        breaks(broken.path(), breaking);
        let found = verify(broken.path()).await;
        assert!(found.faults.iter().any(|fault| fault.what == said && fault.rows > 0), "{breaking}: {found:#?}");
    }
}
