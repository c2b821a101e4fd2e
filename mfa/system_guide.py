"""The words of a flow system's workbook that are not in its declaration: its guide, in both languages."""

from __future__ import annotations

GUIDE = {
    "da": (
        ("Sådan bruges arbejdsbogen", ""),
        (
            "Det mindste",
            "Processer, strømme mellem dem og nogle målinger er nok. Et tomt 'fra' eller 'til' er systemgrænsen. Alle andre ark kan stå tomme.",
        ),
        (
            "Lag",
            "Et lag er det, der tælles: varer, et stof, energi. Nævnes ingen lag, er der ét, goods. Arket med lag behøves kun for navne og for enheden, resultater vises i.",
        ),
        (
            "Målinger",
            "En værdi med sin standardafvigelse, i enheden (usikkerhed) eller i procent (usikkerhed_pct). 0 er eksakt; tom er standardusikkerheden fra indstillingerne og en advarsel.",
        ),
        (
            "Koefficienter",
            "Andelen af det, der kommer ind i en proces, som går i en strøm. De giver tilsammen 1; én tom pr. proces og lag er resten. Rækker med år er støttepunkter, mellem dem er det lineært.",
        ),
        (
            "Relationer",
            "Koncentrationer (et stof pr. vare, g/kg), brændværdier (GJ/t) og forhold mellem strømme. En tom værdi er ukendt og findes.",
        ),
        (
            "Lagre",
            "Hvad der ligger der fra begyndelsen, og hvor længe det, der kommer ind, bliver liggende. Processen skal være af arten stock.",
        ),
        (
            "Enheder",
            "Enheden står i overskriften, fx værdi [ton/år], eller i en kolonne 'enhed'; aldrig begge, aldrig ingen. Et lags værdier skal være af samme art: masse, energi, rumfang eller stykker pr. år.",
        ),
        (
            "Ark og kolonner",
            "De findes ved navn, på dansk eller engelsk, i vilkårlig rækkefølge. Kolonner, der hedder note eller begynder med #, læses ikke; det gør ark, der begynder med #, heller ikke.",
        ),
        (
            "År",
            "Årene kan stå nedad i kolonnen 'år' eller hen ad i overskrifterne, én kolonne pr. år. Uden år gælder rækken alle år.",
        ),
        ("Tom celle", "Tom er ikke nul: tom betyder ikke oplyst."),
        (
            "Farver",
            "Mørk overskrift: skal udfyldes. Lys overskrift: kan udfyldes. Gul række: antaget; det står også i kolonnen status.",
        ),
        (
            "Kommandoer",
            "'mfa check FIL.xlsx' viser alle fejl på én gang; 'mfa account FIL.xlsx' beregner strømmene; 'mfa reconcile FIL.xlsx --out UD.xlsx' gør målingerne forenelige og finder de grove fejl.",
        ),
    ),
    "en": (
        ("How to use this workbook", ""),
        (
            "The least",
            "Processes, flows between them and some measurements are enough. An empty 'from' or 'to' is the system boundary. Every other sheet may stay empty.",
        ),
        (
            "Layers",
            "A layer is what is counted: goods, a substance, energy. Where none is named there is one, goods. The sheet of layers is needed for names and for the unit of results only.",
        ),
        (
            "Measurements",
            "A value with its standard deviation, in the unit (std) or in per cent (std_pct). 0 is exact; blank is the default of the settings, and a warning.",
        ),
        (
            "Coefficients",
            "The share of what enters a process that goes into a flow. They add up to 1; one blank per process and layer is the rest. Rows with a year are support points, linear between them.",
        ),
        (
            "Relations",
            "Concentrations (a substance per good, g/kg), heating values (GJ/t) and ratios of flows. A blank value is not known and is to be found.",
        ),
        (
            "Stocks",
            "What lies there at first, and how long what enters stays. The process must be of the kind stock.",
        ),
        (
            "Units",
            "The unit stands in the header, for instance value [t/year], or in a column 'unit'; never both, never neither. Values of one layer are of one kind: mass, energy, volume or pieces per year.",
        ),
        (
            "Sheets and columns",
            "They are found by name, Danish or English, in any order. Columns called note or starting with # are not read; nor are sheets starting with #.",
        ),
        (
            "Years",
            "Years may run down in the column 'year' or across in headers, one column a year. Without a year the row holds for every year.",
        ),
        ("Blank", "Blank is not zero: it means not given."),
        (
            "Colours",
            "Dark header: must be filled in. Light header: may be filled in. Yellow row: assumed; the status column says so too.",
        ),
        (
            "Commands",
            "'mfa check FILE.xlsx' shows every problem at once; 'mfa account FILE.xlsx' computes the flows; 'mfa reconcile FILE.xlsx --out OUT.xlsx' makes the measurements consistent and finds gross errors.",
        ),
    ),
}

UNIT_EXAMPLES = (
    ("t/year", "kg/year, t/year, ton/år, kt/year, 1000 t/year, Mt/year, lb/year, short_ton/year"),
    ("MWh/year", "MWh/year, GWh/year, GJ/year, TJ/year, PJ/year"),
    ("m**3/year", "m3/year, L/year, 1000 m3/year"),
    ("1/year", "1/year, 1000/year, stk/år, mio. stk/år, pieces/year"),
    ("t", "kg, t, kt, MWh, GJ, m3, 1 (stocks)"),
    ("t/t", "g/kg, kg/t, mg/kg, %, ppm, 1 (ratios of the same kind)"),
    ("MWh/t", "GJ/t, MJ/kg, kWh/kg, kg/m3, 1/t (ratios of different kinds)"),
    ("year", "year, år, months"),
)

DANISH_MEANINGS = {
    "settings": "titel, år, usikkerhed hvor ingen er oplyst, testenes niveau",
    "layers": "hvad der tælles, og enheden, det vises i; kun nødvendigt for andre enheder end ton/år",
    "processes": "hvor noget omdannes, flyttes eller lagres",
    "flows": "hvad der bevæger sig fra én proces til en anden",
    "transfer_coefficients": "andelen af det, der kommer ind i en proces (eller forlader et lager), som går i en strøm; én tom værdi er resten",
    "measurements": "hvad der vides om en strøm, eller om den årlige tilvækst i et lager (så er strømmen processen)",
    "correlations": "målinger, der fejler sammen",
    "relations": "forhold: en strøm er værdien gange en anden strøm (tom: den selv) i et andet lag (tom: det samme)",
    "stocks": "lagre: hvad der ligger der fra begyndelsen, og hvor længe det, der kommer ind, bliver",
}
