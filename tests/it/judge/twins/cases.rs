//! The cases, each with what must become of its fires.

use super::Case;

pub const TWINS: &[Case] = &[
    Case {
        name: "the server first, then the tag with the click",
        steps: &["- e=E o=A v=10", "v1 e=E"],
        fires: &["duplicate_event of 2", "post_click, order_id of 1, value of 1"],
        counts: "1: 10 EUR",
    },
    Case {
        name: "the tag first, then the server with the value",
        steps: &["v1 e=E", "- e=E o=A v=10 ids=P n=2"],
        fires: &["post_click, content_ids of 2, num_items of 2, order_id of 2, value of 2", "duplicate_event of 1"],
        counts: "1: 10 EUR",
    },
    Case {
        name: "a tag without its cookie, then the server that knows the visitor",
        steps: &["x1 e=E v=5", "v1 e=E v=6"],
        fires: &["duplicate_event of 2", "post_click"],
        counts: "1: 6 EUR",
    },
    Case {
        name: "neither is credited: they count once",
        steps: &["- e=E", "x1 e=E v=7", "x1 e=E v=8"],
        fires: &["no_visitor, value of 2", "duplicate_event of 1", "duplicate_event of 1"],
        counts: "1: 7 EUR",
    },
    Case {
        name: "three, and the last is credited: all point to it, and it has the value that came first",
        steps: &["- e=E v=3", "x1 e=E o=A v=4", "v1 e=E", "v1 e=E v=5"],
        fires: &[
            "duplicate_event of 3, order_id of 2",
            "duplicate_event of 3",
            "post_click, order_id of 2, value of 1",
            "duplicate_event of 3",
        ],
        counts: "1: 3 EUR",
    },
    Case {
        name: "48 hours on both sides of the first, whichever comes later",
        steps: &["v1 e=E", "v1 e=E t=2880", "v1 e=E t=2881", "v1 e=E t=-2880", "v1 e=E t=5000", "v1 e=E t=2000"],
        fires: &[
            "post_click",
            "duplicate_event of 1",
            "post_click",
            "duplicate_event of 1",
            "duplicate_event of 3",
            "duplicate_event of 1",
        ],
        counts: "2:",
    },
    Case {
        name: "a bot is nobody's original and nobody's twin",
        steps: &["v1 e=E bot v=9", "v1 e=E"],
        fires: &["bot", "post_click"],
        counts: "1:",
    },
];

pub const ORDERS: &[Case] = &[
    Case {
        name: "a restated value goes from twin to twin",
        steps: &["once on", "- e=E", "x1 o=A", "restate o=A v=9", "- e=E o=A", "v1 o=A"],
        fires: &["duplicate_order of 4, order_id of 3", "duplicate_order of 4", "duplicate_event of 4", "post_click"],
        counts: "1: 9 EUR",
    },
    Case {
        name: "three loads of a page without an ad are one event",
        steps: &["once on", "x1 o=A v=5", "x1 o=A v=5", "x1 o=A v=5"],
        fires: &["no_exposure", "duplicate_order of 1", "duplicate_order of 1"],
        counts: "1: 5 EUR",
    },
    Case {
        name: "without the setting each counts",
        steps: &["v1 o=A v=5", "v1 o=A v=5", "x1 o=A v=5"],
        fires: &["post_click", "post_click", "no_exposure"],
        counts: "3: 15 EUR",
    },
    Case {
        name: "the setting at the later fire decides",
        steps: &["x1 o=A v=5", "once on", "v1 o=A v=6", "once off", "v1 o=A v=7"],
        fires: &["duplicate_order of 2", "post_click", "post_click"],
        counts: "2: 13 EUR",
    },
    Case {
        name: "an order has no limit of time",
        steps: &["once on", "v1 o=A", "v1 o=A t=9000"],
        fires: &["post_click", "duplicate_order of 1"],
        counts: "1:",
    },
    Case {
        name: "event and order lead to different fires: the credited one decides, the other joins it",
        steps: &["once on", "- e=E v=1", "v1 o=A v=2", "v1 e=E o=A v=3"],
        fires: &["duplicate_event of 2", "post_click", "duplicate_order of 2"],
        counts: "1: 2 EUR",
    },
    Case {
        name: "among equals the event id names the reason",
        steps: &["once on", "v1 o=A", "v1 e=E", "v1 e=E o=A"],
        fires: &["post_click", "post_click, order_id of 3", "duplicate_event of 2"],
        counts: "2:",
    },
    Case {
        name: "a name of a duplicate leads to the one that counts",
        steps: &["once on", "v1 e=E o=A", "v1 e=F o=A", "v1 e=F o=B", "v1 o=B"],
        fires: &["post_click", "duplicate_order of 1", "duplicate_event of 1", "duplicate_order of 1"],
        counts: "1:",
    },
    Case {
        name: "two order ids that share 36 characters are two",
        steps: &[
            "once on",
            "v1 o=gid://shopify/OrderIdentity/5210499102111",
            "v1 o=gid://shopify/OrderIdentity/5210499102999",
        ],
        fires: &["post_click", "post_click"],
        counts: "2:",
    },
];

pub const RETRACTED: &[Case] = &[
    Case {
        name: "an order that is cancelled and then paid counts",
        steps: &["once on", "v1 e=E o=A v=5", "retract o=A", "v1 e=F o=A v=6", "v1 e=G o=A v=7"],
        fires: &["post_click, retracted", "post_click", "duplicate_order of 2"],
        counts: "1: 6 EUR",
    },
    Case {
        name: "an event whose half was retracted stays so",
        steps: &["v1 e=E o=A v=5", "retract o=A", "- e=E o=A v=5"],
        fires: &["post_click, retracted", "duplicate_event of 1"],
        counts: "0:",
    },
    Case {
        name: "an unattributed half too",
        steps: &["- e=E o=A v=5", "retract o=A", "v1 e=E o=A v=5", "v1 e=E"],
        fires: &["no_visitor, retracted", "duplicate_event of 1", "duplicate_event of 1"],
        counts: "0:",
    },
    Case {
        name: "after both halves were retracted, the next is the first",
        steps: &["v1 e=E v=5", "- e=E v=5", "retract e=E", "v1 e=E v=6", "v1 e=E v=7"],
        fires: &["post_click, retracted", "duplicate_event of 1", "post_click", "duplicate_event of 3"],
        counts: "1: 6 EUR",
    },
    Case {
        name: "an adjustment that names a duplicate reaches the one that counts",
        steps: &["- e=E o=A v=5", "v1 e=E o=B v=6", "restate o=A v=4", "retract o=A"],
        fires: &["duplicate_event of 2", "post_click, retracted"],
        counts: "0:",
    },
    Case {
        name: "what was restated goes over to the one that counts",
        steps: &["- e=E o=A v=5", "restate o=A v=4", "v1 e=E v=6"],
        fires: &["duplicate_event of 2", "post_click, order_id of 1"],
        counts: "1: 4 EUR",
    },
    Case {
        name: "a retracted one gives nothing, and takes nothing",
        steps: &["v1 e=E", "retract e=E", "- e=E v=5 o=A"],
        fires: &["post_click, retracted", "duplicate_event of 1"],
        counts: "0:",
    },
];

pub const SHARED: &[Case] = &[
    Case {
        name: "an id of three visitors within an hour is no name from the third on",
        steps: &["v1 e=E", "v2 e=E t=30", "v3 e=E t=60", "v3 e=E t=61", "v2 e=E t=62", "v4 e=E t=900", "- e=E t=62"],
        fires: &[
            "post_click",
            "duplicate_event of 1",
            "post_click",
            "duplicate_event of 3",
            "duplicate_event of 1",
            "post_click",
            "no_visitor",
        ],
        counts: "4:",
    },
    Case {
        name: "the third comes later than an hour",
        steps: &["v1 e=E", "v2 e=E t=30", "v3 e=E t=61", "v4 e=E t=92"],
        fires: &["post_click", "duplicate_event of 1", "duplicate_event of 1", "duplicate_event of 1"],
        counts: "1:",
    },
    Case {
        name: "by the fires' own times, whenever they come",
        steps: &["v1 e=E t=200", "v2 e=E t=10", "v3 e=E t=240", "v4 e=E t=190"],
        fires: &["post_click", "duplicate_event of 1", "duplicate_event of 1", "post_click"],
        counts: "2:",
    },
    Case {
        name: "visitors whom the request created and fires without a visitor do not count",
        steps: &["v1 e=E", "n2 e=E", "n3 e=E", "- e=E", "v2 e=E"],
        fires: &[
            "post_click",
            "duplicate_event of 1",
            "duplicate_event of 1",
            "duplicate_event of 1",
            "duplicate_event of 1",
        ],
        counts: "1:",
    },
    Case {
        name: "one visitor's many fires are one visitor",
        steps: &["v1 e=E", "v1 e=E t=1", "v1 e=E t=2", "v2 e=E t=3", "v2 e=E t=4"],
        fires: &[
            "post_click",
            "duplicate_event of 1",
            "duplicate_event of 1",
            "duplicate_event of 1",
            "duplicate_event of 1",
        ],
        counts: "1:",
    },
    Case {
        name: "an order id too",
        steps: &["once on", "v1 o=1", "v2 o=1", "v3 o=1", "v4 o=1", "v4 o=1"],
        fires: &["post_click", "duplicate_order of 1", "post_click", "post_click", "duplicate_order of 4"],
        counts: "3:",
    },
];
