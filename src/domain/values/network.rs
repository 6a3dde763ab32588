//! The network that counts as one client, for every bound on what one address may do.

use std::net::{IpAddr, Ipv6Addr};

/// An IPv4 address as it is, or the 64 bits that one IPv6 host has to itself. All clients without an address share one.
pub fn network_of(address: Option<IpAddr>) -> IpAddr {
    match address.map(|address| address.to_canonical()) {
        None => Ipv6Addr::UNSPECIFIED.into(),
        Some(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        Some(v4) => v4,
    }
}
