//! Reads whether a TCF v2 consent string grants what the operator needs, and nothing else. This is own code, because
//! the crates that decode such strings list every vendor of every range: 8 KiB of public input becomes hundreds of
//! millions of entries. This one allocates nothing and looks at each bit at most once.

// Offsets and widths of the core segment's fields, in bits (IAB Tech Lab, *Consent string and vendor list formats v2*).
const PURPOSES_CONSENT: usize = 152;
const MAX_VENDOR_ID: usize = 213;
const IS_RANGE_ENCODING: usize = 229;
const VENDORS: usize = 230;
const NUM_ENTRIES_BITS: usize = 12;
const VENDOR_BITS: usize = 16;

/// Whether the string grants consent for all of these purposes (1 to 24), and to the vendor if there is one. None if it
/// is not a TCF v2 string.
pub fn grants(text: &str, purposes: &[u8], vendor: Option<u16>) -> Option<bool> {
    let core = text.split('.').next().unwrap_or("");
    if !core.bytes().all(|sign| sextet(sign).is_some()) {
        return None;
    }
    let core = Core(core.as_bytes());
    if core.number(0, 6)? != 2 {
        return None;
    }
    // A truncated core is invalid, even if its beginning grants consent.
    core.number(IS_RANGE_ENCODING, 1)?;
    for purpose in purposes {
        if core.number(PURPOSES_CONSENT + usize::from(*purpose) - 1, 1)? == 0 {
            return Some(false);
        }
    }
    match vendor {
        None => Some(true),
        Some(vendor) => core.vendor_consent(vendor),
    }
}

/// The characters of a core segment, six bits each.
struct Core<'a>(&'a [u8]);

impl Core<'_> {
    /// The number in these bits, highest bit first; none past the end. At most 32 bits.
    fn number(&self, at: usize, bits: usize) -> Option<u32> {
        let mut number = 0;
        for bit in at..at + bits {
            let six = sextet(*self.0.get(bit / 6)?)?;
            number = number << 1 | u32::from(six >> (5 - bit % 6) & 1);
        }
        Some(number)
    }

    fn vendor_consent(&self, vendor: u16) -> Option<bool> {
        let vendor = u32::from(vendor);
        if vendor > self.number(MAX_VENDOR_ID, VENDOR_BITS)? {
            return Some(false);
        }
        if self.number(IS_RANGE_ENCODING, 1)? == 0 {
            let bit = usize::try_from(vendor).ok()?.checked_sub(1)?;
            return Some(self.number(VENDORS + bit, 1)? == 1);
        }
        let entries = self.number(VENDORS, NUM_ENTRIES_BITS)?;
        let mut at = VENDORS + NUM_ENTRIES_BITS;
        for _ in 0..entries {
            let is_range = self.number(at, 1)? == 1;
            let first = self.number(at + 1, VENDOR_BITS)?;
            let last = if is_range { self.number(at + 1 + VENDOR_BITS, VENDOR_BITS)? } else { first };
            if (first..=last).contains(&vendor) {
                return Some(true);
            }
            at += 1 + VENDOR_BITS * if is_range { 2 } else { 1 };
        }
        Some(false)
    }
}

/// The six bits of a character of web-safe base64.
fn sextet(sign: u8) -> Option<u8> {
    match sign {
        b'A'..=b'Z' => Some(sign - b'A'),
        b'a'..=b'z' => Some(sign - b'a' + 26),
        b'0'..=b'9' => Some(sign - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Purposes 1, 2 and 3; vendors 2, 6 and 8: an example of the specification.
    const EXAMPLE: &str = "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA";

    #[test]
    fn published_examples_are_read() {
        for (text, purposes, vendor, granted) in [
            (EXAMPLE, &[1][..], None, Some(true)),
            (EXAMPLE, &[1, 2, 3], Some(8), Some(true)),
            (EXAMPLE, &[], None, Some(true)),
            (EXAMPLE, &[1, 4], None, Some(false)),
            (EXAMPLE, &[1], Some(7), Some(false)),
            (EXAMPLE, &[1], Some(9), Some(false)),
            (EXAMPLE, &[1], Some(u16::MAX), Some(false)),
            // Purposes 2 and 10, no vendor.
            ("COtybn4PA_zT4KjACBENAPCIAEBAAECAAIAAAAAAAAAA", &[1], None, Some(false)),
            ("COtybn4PA_zT4KjACBENAPCIAEBAAECAAIAAAAAAAAAA", &[2, 10], None, Some(true)),
            // Purposes 1, 3, 9 and 10, and 56 vendors, with more segments behind the core.
            (
                "CLcVDxRMWfGmWAVAHCENAXCkAKDAADnAABRgA5mdfCKZuYJez-NQm0TBMYA4oCAAGQYIAAAAAAEAIAEgAA.argAC0gAAAAAAAAAAAA",
                &[1, 3, 9, 10],
                Some(38),
                Some(true),
            ),
        ] {
            assert_eq!(grants(text, purposes, vendor), granted, "{text:.20} {purposes:?} {vendor:?}");
        }
    }

    #[test]
    fn other_texts_grant_nothing() {
        for text in [
            "",
            ".",
            "C",
            "1YNN",
            "${GDPR_CONSENT_1}",
            // Version 1.
            "BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA",
            &EXAMPLE[..30],
            &format!(".{EXAMPLE}"),
            &EXAMPLE.replace('O', "+"),
            &format!("{EXAMPLE}=="),
            &"é".repeat(40),
        ] {
            assert_eq!(grants(text, &[1], None), None, "{text}");
        }
        // The vendors are truncated.
        assert_eq!(grants(&EXAMPLE[..39], &[1], Some(8)), None);
    }

    /// Writes a core segment as the specification says.
    fn core(purposes: u32, ranges: bool, vendors: &[(u16, u16)]) -> String {
        let mut bits = Vec::new();
        let mut put = |number: u64, width: u32| bits.extend((0..width).rev().map(|bit| number >> bit & 1 == 1));
        put(2, 6);
        (0..146).for_each(|_| put(1, 1));
        put(u64::from(purposes), 24);
        put(0, 24 + 1 + 12);
        let highest = vendors.iter().map(|(_, last)| *last).max().unwrap_or(0);
        put(u64::from(highest), 16);
        put(u64::from(ranges), 1);
        if ranges {
            put(u64::try_from(vendors.len()).unwrap(), 12);
            for (first, last) in vendors {
                put(u64::from(first != last), 1);
                put(u64::from(*first), 16);
                if first != last {
                    put(u64::from(*last), 16);
                }
            }
        } else {
            for vendor in 1..=highest {
                put(u64::from(vendors.iter().any(|(first, last)| (*first..=*last).contains(&vendor))), 1);
            }
        }
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        bits.chunks(6)
            .map(|six| (0..6).fold(0, |number, bit| number << 1 | usize::from(six.get(bit) == Some(&true))))
            .map(|six| char::from(alphabet[six]))
            .collect()
    }

    proptest! {
        #[test]
        fn granted_consent_is_read(
            granted in 0..1_u32 << 24,
            ranges in any::<bool>(),
            vendors in prop::collection::vec((1..400_u16, 0..3_u16), 0..20),
            wanted in prop::collection::vec(1..=24_u8, 0..4),
            vendor in prop::option::of(1..420_u16),
        ) {
            let vendors: Vec<_> = vendors.into_iter().map(|(first, more)| (first, first + more)).collect();
            let all = wanted.iter().all(|purpose| granted >> (24 - purpose) & 1 == 1);
            let to_us = vendor.is_none_or(|vendor| vendors.iter().any(|(first, last)| (*first..=*last).contains(&vendor)));
            prop_assert_eq!(grants(&core(granted, ranges, &vendors), &wanted, vendor), Some(all && to_us));
        }

        #[test]
        fn no_text_is_too_odd(text in "\\PC{0,40}|C[A-Za-z0-9_-]{0,200}(\\.[A-Za-z]{0,9})?", vendor in 1..u16::MAX) {
            let _ = grants(&text, &[1, 24], Some(vendor));
        }
    }
}
