//! Currencies by their ISO 4217 codes, with the one list of codes. A logged code stays readable when it leaves the list.

use std::fmt;

/// An ISO 4217 code: three capital letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// ISO 4217's code for no currency: for a value that came without one.
    pub const NONE: Currency = Currency(*b"XXX");
    /// US dollars, the published API's default.
    pub const USD: Currency = Currency(*b"USD");

    /// Parses a code that is in use, in either case. A withdrawn code is none, nor is one that names no money.
    pub fn parse(text: &str) -> Option<Self> {
        let (codes, _) = CODES.as_bytes().as_chunks::<4>();
        Self::stored(text)
            .filter(|currency| codes.binary_search_by(|code| code.first_chunk().cmp(&Some(&currency.0))).is_ok())
    }

    /// Parses a stored code: three letters, even if they are no longer in the list.
    pub fn stored(text: &str) -> Option<Self> {
        let letters: [u8; 3] = text.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_alphabetic).then(|| Currency(letters.map(|b| b.to_ascii_uppercase())))
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The codes of ISO 4217 in 2026, without `XTS` (for tests) and `XXX` (no currency): sorted, each with a space after it.
const CODES: &str = "\
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW \
    CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL \
    HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA \
    MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD \
    RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD \
    USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU XUA YER \
    ZAR ZMW ZWG ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_is_a_code_of_iso_4217() {
        for (text, code) in [("EUR", "EUR"), ("eur", "EUR"), ("Jpy", "JPY"), ("XCG", "XCG")] {
            assert_eq!(Currency::parse(text).unwrap().to_string(), code);
        }
        assert!(CODES.split_ascii_whitespace().is_sorted());
        for code in CODES.split_ascii_whitespace() {
            assert_eq!(Currency::parse(code).unwrap().as_str(), code);
        }
        for text in [
            "", "EU", "EURO", "€", "XYZ", "EUE", "US$", " EUR", "R E", "UR ", "U R", "RMB", "BTC", "XXX", "XTS", "DEM",
            "HRK", "BGN", "ANG",
        ] {
            assert_eq!(Currency::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_stored_code_stays_readable() {
        assert_eq!(Currency::stored("xyz").unwrap().as_str(), "XYZ");
        assert_eq!(Currency::stored("X1Z"), None);
    }
}
