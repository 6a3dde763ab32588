//! Currencies, by their ISO 4217 codes. Which codes there are stands here alone; what was logged under a code that is no
//! longer one, or never was, stays readable.

use std::fmt;

/// An ISO 4217 code: three capital letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// ISO 4217's code for no currency: of a value that came without one.
    pub const NONE: Currency = Currency(*b"XXX");
    /// US dollars, the published API's default.
    pub const USD: Currency = Currency(*b"USD");

    /// Reads a code of ISO 4217, in either case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::stored(text).filter(|currency| CODES.split_ascii_whitespace().any(|code| code == currency.as_str()))
    }

    /// Reads a code that was taken once: three letters, whatever the list says today.
    pub fn stored(text: &str) -> Option<Self> {
        let letters: [u8; 3] = text.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_alphabetic).then(|| Currency(letters.map(|b| b.to_ascii_uppercase())))
    }

    /// The code in capitals.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The codes of ISO 4217 in 2026; and, after them, those withdrawn since 2010, which imported history may bear.
const CODES: &str = "
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
    CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
    HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA
    MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD
    RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD
    USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU XTS XUA XXX
    YER ZAR ZMW ZWG
    ANG BGN BYR CUC EEK HRK LTL LVL MRO SLL STD VEF ZMK ZWL";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_is_a_code_of_iso_4217() {
        for (text, code) in [("EUR", "EUR"), ("eur", "EUR"), ("Jpy", "JPY"), ("XXX", "XXX"), ("HRK", "HRK")] {
            assert_eq!(Currency::parse(text).unwrap().to_string(), code);
        }
        for text in ["", "EU", "EURO", "€", "XYZ", "EUE", "US$", " EUR", "R E", "UR ", "U R"] {
            assert_eq!(Currency::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_was_taken_once_stays_readable() {
        assert_eq!(Currency::stored("xyz").unwrap().as_str(), "XYZ");
        assert_eq!(Currency::stored("X1Z"), None);
    }
}
