//! The columns of tables of cost, and the exports of Google Ads, Meta Ads and Microsoft Advertising, as data.

use crate::tables::columns::{Holds, Profile, TableField, Vocabulary};

pub const DAY: &str = "day";
pub const LAST_DAY: &str = "last_day";
pub const NAME: &str = "name";
pub const AMOUNT: &str = "amount";
pub const CURRENCY: &str = "currency";
pub const ACCOUNT: &str = "account";
pub const VIEWS: &str = "imps";
pub const CLICKS: &str = "clicks";

/// Names are in small letters, without blanks, marks, accents and brackets: see `columns::names`.
pub static COSTS: Vocabulary = Vocabulary {
    periods: &[
        "week", "month", "quarter", "year", "woche", "monat", "quartal", "jahr", "semaine", "mois", "trimestre", "annee",
        "semana", "mes", "ano", "settimana", "mese", "anno", "maand", "jaar", "weekstarting", "startofweek", "isoweek",
        "monthofyear", "monthstarting",
    ],
    fields: &[
        TableField {
            key: DAY,
            label: "Day",
            holds: Holds::Day,
            is_needed: true,
            names: &[
                "day", "tag", "date", "datum", "jour", "dia", "fecha", "giorno", "data", "dag", "segmentdate", "reportdate",
            ],
        },
        TableField {
            key: LAST_DAY,
            label: "Last day of the row",
            holds: Holds::Day,
            is_needed: false,
            names: &["reportingends", "dateend", "datestop", "enddate", "enddatum"],
        },
        TableField {
            key: NAME,
            label: "Campaign or ad set",
            holds: Holds::Text,
            is_needed: true,
            names: &[
                "lineitem", "lineitemname", "lineitemid", "campaign", "campaignname", "kampagne", "kampagnenname", "campagne",
                "campana", "campanha", "campagna", "nomdelacampagne", "nombredelacampana", "nomedacampanha",
                "nomedellacampagna", "campagnenaam", "kampania", "adset", "adsetname", "adgroup", "adgroupname",
                "anzeigengruppe", "anzeigengruppenname", "placement", "name",
            ],
        },
        TableField {
            key: AMOUNT,
            label: "Cost",
            holds: Holds::Number,
            is_needed: true,
            names: &[
                "cost", "costs", "kosten", "spend", "spent", "adspend", "amountspent", "amount", "betrag", "ausgaben",
                "werbekosten", "mediacost", "totalcost", "totalspend", "cout", "couts", "depense", "depenses", "coste",
                "costo", "gasto", "custo", "spesa", "uitgaven", "koszt", "netcost", "ancost",
            ],
        },
        TableField {
            key: CURRENCY,
            label: "Currency",
            holds: Holds::Currency,
            is_needed: false,
            names: &[
                "currency", "currencycode", "wahrung", "waehrung", "wahrungscode", "waehrungscode", "devise", "codedevise",
                "moneda", "codigodemoneda", "moeda", "valuta", "codicevaluta", "valutacode", "waluta", "accountcurrency",
            ],
        },
        TableField {
            key: ACCOUNT,
            label: "Account",
            holds: Holds::Text,
            is_needed: false,
            names: &["account", "accountname", "konto", "kontoname", "compte", "cuenta", "conta", "accountid", "customerid"],
        },
        TableField {
            key: VIEWS,
            label: "Views",
            holds: Holds::Count,
            is_needed: false,
            names: &["impressions", "impr", "imps", "views", "impressionen", "impresiones", "impressioni", "impressies"],
        },
        TableField {
            key: CLICKS,
            label: "Clicks",
            holds: Holds::Count,
            is_needed: false,
            names: &["clicks", "klicks", "linkclicks", "clics", "clic", "cliques", "klikken", "klikniecia"],
        },
    ],
    profiles: &[
        Profile {
            key: "google_ads",
            name: "Google Ads",
            marks: &[
                "currencycode", "wahrungscode", "avgcpc", "durchschncpc", "campaignstatus", "kampagnenstatus", "campaignstate",
                "campaigntype", "kampagnentyp", "costconv", "kostenconv", "interactionrate", "customerid", "kundennummer",
                "impr",
            ],
            preamble: &["campaign report", "campaign performance", "kampagnenbericht", "ad group report", "account report"],
            names: &[
                (DAY, &["day", "tag", "jour", "dia", "giorno", "dag"]),
                (NAME, &["campaign", "kampagne", "campagne", "campana", "campanha", "campagna"]),
                (AMOUNT, &["cost", "kosten", "cout", "coste", "custo", "costo"]),
                (CURRENCY, &["currencycode", "wahrungscode", "currency", "wahrung"]),
                (ACCOUNT, &["account", "accountname", "konto", "kontoname", "customerid", "kundennummer"]),
            ],
        },
        Profile {
            key: "meta_ads",
            name: "Meta Ads",
            marks: &[
                "reportingstarts", "reportingends", "berichtsbeginn", "berichtsstart", "berichtsende", "amountspent",
                "ausgegebenerbetrag", "adsetname", "anzeigengruppenname", "campaigndelivery", "auslieferungderkampagne",
                "resultindicator", "montantdepense", "importegastado", "importospeso", "besteedbedrag", "valorusado",
            ],
            preamble: &[],
            names: &[
                (
                    DAY,
                    &[
                        "day", "tag", "jour", "dia", "giorno", "dag", "date", "reportingstarts", "berichtsbeginn",
                        "berichtsstart", "debutdesrapports", "iniciodelinforme", "iniziodelreport",
                    ],
                ),
                (LAST_DAY, &["reportingends", "berichtsende", "findesrapports", "findelinforme", "finedelreport"]),
                (
                    NAME,
                    &["campaignname", "kampagnenname", "nomdelacampagne", "nombredelacampana", "nomedellacampagna", "adsetname"],
                ),
                (
                    AMOUNT,
                    &[
                        "amountspent", "ausgegebenerbetrag", "montantdepense", "importegastado", "importospeso",
                        "besteedbedrag", "valorusado", "spend",
                    ],
                ),
                (CURRENCY, &["currency", "wahrung", "devise"]),
                (ACCOUNT, &["accountname", "kontoname", "nomducompte", "accountid", "kontonummer"]),
            ],
        },
        Profile {
            key: "microsoft_ads",
            name: "Microsoft Advertising",
            marks: &[
                "gregoriandate", "timeperiod", "gregorianischesdatum", "spend", "accountnumber", "customername", "campaignid",
                "topimprshare", "deliveredmatchtype",
            ],
            preamble: &["report name:", "report time:", "report aggregation:", "berichtsname:", "berichtszeitraum:"],
            names: &[
                (DAY, &["gregoriandate", "gregorianischesdatum", "timeperiod", "day", "date", "datum", "tag"]),
                (NAME, &["campaignname", "campaign", "kampagnenname", "kampagne"]),
                (AMOUNT, &["spend", "ausgaben", "kosten"]),
                (CURRENCY, &["currencycode", "wahrungscode", "currency"]),
                (ACCOUNT, &["accountname", "account", "kontoname", "accountnumber"]),
            ],
        },
        Profile { key: "plain", name: "Plain table", marks: &[], preamble: &[], names: &[] },
    ],
};
