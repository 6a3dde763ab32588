//! How the pages call each kind of objects, and where they show it.

use std::fmt::Display;

/// A kind of objects.
#[derive(Clone, Copy, Debug)]
pub struct ObjectKind {
    /// The key of its link in the navigation.
    pub section: &'static str,
    /// The address of its list.
    pub path: &'static str,
    /// The heading of its list: "Line items".
    pub plural: &'static str,
    /// "line item".
    pub noun: &'static str,
}

impl ObjectKind {
    /// The address of one object's page.
    pub fn address(&self, id: impl Display) -> String {
        format!("{}/{id}", self.path)
    }
}

pub const ADVERTISER: ObjectKind =
    ObjectKind { section: "advertisers", path: "/admin/advertisers", plural: "Advertisers", noun: "advertiser" };

pub const CAMPAIGN: ObjectKind =
    ObjectKind { section: "campaigns", path: "/admin/campaigns", plural: "Campaigns", noun: "campaign" };

pub const LINE_ITEM: ObjectKind =
    ObjectKind { section: "line-items", path: "/admin/line-items", plural: "Line items", noun: "line item" };

pub const PIXEL: ObjectKind = ObjectKind { section: "pixels", path: "/admin/pixels", plural: "Pixels", noun: "pixel" };

pub const PUBLISHER: ObjectKind =
    ObjectKind { section: "publishers", path: "/admin/publishers", plural: "Placements", noun: "placement" };

/// Its list is part of the page of reports.
pub const SAVED_REPORT: ObjectKind =
    ObjectKind { section: "reports", path: "/admin/reports", plural: "Reports", noun: "saved report" };

pub const SEGMENT: ObjectKind =
    ObjectKind { section: "segments", path: "/admin/segments", plural: "Segments", noun: "segment" };

pub const SOURCE: ObjectKind =
    ObjectKind { section: "sources", path: "/admin/sources", plural: "Sources", noun: "source" };

pub const TRACKER: ObjectKind =
    ObjectKind { section: "trackers", path: "/admin/trackers", plural: "Trackers", noun: "tracker" };

pub const USER: ObjectKind =
    ObjectKind { section: "users", path: "/admin/users", plural: "Users and tokens", noun: "user" };
