"""The words invented people, companies and bank texts are made of."""

from __future__ import annotations

FIRST = {
    "DK": """Anne Peter Mette Lars Kirsten Michael Hanne Jens Maria Henrik Susanne Thomas Lene Søren Camilla Jan
        Marianne Christian Lone Martin Charlotte Niels Pia Morten Tina Anders Gitte Jesper Louise Hans Emma Mads
        Ida Rasmus Freja Kasper Sofie Mikkel Åse Bjørn Jørgen Bodil Kåre Ulla Frederik Signe Emil Tove Oskar Line
        Mohammed Fatima Ali Øyvind Karla Villads Nanna Asger Ditte Esben Pernille Torben Birgit Kaj Inge""",
    "SE": """Erik Lars Karl Anders Johan Maria Anna Margareta Elisabeth Eva Åsa Göran Björn Märta Sven Ingrid
        Gustav Linnéa Oskar Elsa""",
    "NO": "Jan Per Bjørn Ole Lars Kjell Anne Inger Kari Marit Ingrid Liv Eva Øystein Håkon Åse Solveig Trond",
    "FI": "Juhani Matti Antero Mikael Maria Helena Anneli Johanna Päivi Jyrki Väinö Aino Eero Tuula Seppo",
    "DE": "Hans Peter Wolfgang Ursula Karin Jürgen Sabine Klaus Monika Günter Petra Stefan Heike Jörg Lukas",
}
LAST = {
    "DK": """Jensen Nielsen Hansen Pedersen Andersen Christensen Larsen Sørensen Rasmussen Jørgensen Petersen
        Madsen Kristensen Olsen Thomsen Christiansen Poulsen Johansen Møller Mortensen Knudsen Jakobsen Lund
        Mikkelsen Holm Østergaard Laursen Schmidt Frandsen Kjær Bach Dahl Vestergaard Nørgaard Winther Søndergaard
        Friis Bruun Kjeldsen Lauridsen Gade Overgaard Krogh Bech Ravn Damgaard Toft Skov Lykke Åkjær Bæk Hedegaard
        Brandt Dalgård Rønne Vinther Højlund Fuglsang Birk Abildgaard Kofoed Yilmaz Ahmed Nguyen Hassan Ødegaard""",
    "SE": """Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Lindström
        Sjöberg Åkesson Björk Öberg Holmgren""",
    "NO": "Hansen Johansen Olsen Larsen Andersen Pedersen Nilsen Berg Haugen Hagen Bakken Solberg Ødegård Åsen Lie",
    "FI": "Korhonen Virtanen Mäkinen Nieminen Mäkelä Hämäläinen Laine Heikkinen Koskinen Järvinen Lehtonen Niemi",
    "DE": "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schröder Krüger Köhler",
}
PLACES = {
    "DK": """Lyngby Skagen Aarhus Odense Nørrebro Esbjerg Svendborg Ribe Kolding Vejle Horsens Aalborg Hjørring
        Thisted Randers Viborg Silkeborg Herning Ringkøbing Varde Tønder Sønderborg Fåborg Nyborg Middelfart Assens
        Slagelse Korsør Næstved Køge Roskilde Holbæk Hillerød Helsingør Frederikssund Rødovre Valby Amager Bornholm
        Rønne Læsø Anholt Samsø Ærø Fanø Nordhavn Vesterhavet Limfjorden Mols Djursland""",
    "SE": "Göteborg Malmö Lund Växjö Örebro Umeå Luleå Ystad Västerås Kalmar Halmstad Värmdö",
    "NO": "Oslo Bergen Tromsø Ålesund Molde Bodø Stavanger Hamar Røros Lofoten Drammen",
    "FI": "Helsinki Tampere Turku Oulu Espoo Jyväskylä Hämeenlinna Pori Lahti Kuopio",
    "DE": "Hamburg Kiel Lübeck Flensburg Bremen Münster Köln Düsseldorf Göttingen Nürnberg",
}
TRADES = {
    "DK": """Tømrer|Murerfirma|VVS|El-Service|Ejendomme|Revision|Arkitekter|Advokater|Tandklinik|Fysioterapi|Bageri
        Bryghus|Kaffe|Blomster|Auto|Cykler|Møbler|Maskinfabrik|Stål|Emballage|Logistik|Vognmandsforretning|Spedition
        Boligforening|Andelskasse|Børnehave|Efterskole|Hotel|Kro|Restaurant|Catering|Rengøring|Reklamebureau|Trykkeri
        Software|Data|Konsulenter|Rådgivning|Invest|Byg|Entreprise|Gartneri|Landbrug|Fiskeeksport|Køleteknik|Lagerhotel
        Udlejning|Forsikring|Energi|Varmeværk|Vandværk|Idrætsforening|Galleri|Lydstudie|Optik|Apotek""",
    "SE": "Formhus|Möbler|Bygg|Åkeri|Redovisning|El & Rör|Textil|Konsult|Fastigheter|Bageri|Skog",
    "NO": "Interiør|Eiendom|Bygg|Regnskap|Rørleggerfirma|Sjømat|Transport|Møbler|Elektro",
    "FI": "Sisustus|Kahvila|Hotellit|Rakennus|Kuljetus|Puutarha|Sähkö|Lasi|Huolto",
    "DE": "Einrichtung|Holzwerk|Bäckerei|Maschinenbau|Spedition|Möbelhaus|Gärtnerei|Elektro",
}
FORMS = {
    "DK": ("ApS", "A/S", "I/S", "ApS", "A.M.B.A.", "P/S", "IVS", ""),
    "SE": ("AB", "AB", "HB", ""),
    "NO": ("AS", "AS", "ENK", ""),
    "FI": ("Oy", "Oy", "Oyj"),
    "DE": ("GmbH", "GmbH & Co. KG", "AG"),
}
SHORTENED = {
    "Ejendomme": "Ejd.", "Murerfirma": "Murerf.", "Boligforening": "Boligf.", "Rådgivning": "Rådg.",
    "Vognmandsforretning": "Vognm.", "Konsulenter": "Kons.", "Maskinfabrik": "Maskinf.", "Entreprise": "Entr.",
    "Restaurant": "Rest.", "Idrætsforening": "IF", "Forsikring": "Fors.", "Arkitekter": "Ark.", " & ": " og ",
    "Redovisning": "Redov.", "Fastigheter": "Fast.", "Regnskap": "Regnsk.",
}  # fmt: skip
"""How people shorten a company's trade in a bank's short text."""

RECEIVED = {
    "DK": ("Overførsel", "Indbetaling", "Faktura", "Fra", "Straksoverførsel", "Fakt.", "Betaling", "MobilePay",
        "Faktura nr.", "Fakturanr", "Betaling af faktura", "Vedr. faktura", "Fak"),
    "SE": ("Insättning", "Bg 512-4471", "Faktura", "OCR", "Betalning", "Inbetalning"),
    "NO": ("Innbetaling", "KID", "Overføring", "Faktura", "Giro"),
    "FI": ("Tilisiirto", "Viite", "Lasku", "Maksu"),
    "DE": ("Rechnung", "SEPA-Gutschrift", "Überweisung", "RE-Nr."),
}  # fmt: skip
"""What stands before the number or name, commonest first."""

BARE = {
    "DK": (
        "Overførsel",
        "Indbetaling",
        "Betaling",
        "Bankoverførsel",
        "Straksoverførsel",
        "Faktura",
        "Overf. netbank",
    ),
    "SE": ("Insättning", "Bankgiroinsättning", "Betalning"),
    "NO": ("Overføring", "Innbetaling", "Giro"),
    "FI": ("Tilisiirto", "Maksu"),
    "DE": ("Gutschrift", "Überweisung"),
}
SENT = ("Faktura", "Til", "Betaling", "Overførsel", "Udbetaling", "Fakt.", "Leverandør")
BARE_SENT = ("Overførsel", "Udbetaling", "Betaling", "Netbank overførsel")
CARD = ("Dankort-nota", "Visa/Dankort", "VISA køb", "Kortkøb", "MC/VISA")
DIRECT_DEBIT = ("BS", "Bs betaling", "Betalingsservice", "LS", "PBS")
REFUND = ("Refusion", "Kreditnota", "Retur", "Tilbagebetaling")
FEES = (
    "Gebyr",
    "Kontogebyr",
    "Overførselsgebyr",
    "Gebyr netbank erhverv",
    "Gebyr udenlandsk betaling",
    "Kortgebyr",
)
INTEREST = ("Rente", "Renter", "Debetrente", "Rente kvartal")
OWN_TRANSFER = (
    "Overførsel",
    "Egen konto",
    "Overførsel egen konto",
    "Likviditet",
    "Intern overførsel",
    "Til drift",
)
SPENT = (
    "Lønoverførsel", "Skattestyrelsen", "Moms", "ATP - Samlet Betaling", "Husleje", "Dankort-nota Netto 1123",
    "Dankort-nota Circle K", "VISA køb DSB", "Kortkøb Rema 1000", "Feriepenge", "BS Fagforening", "A-skat", "Frokost",
    "Parkering", "BS Licens", "Visa/Dankort 7-Eleven", "Udlæg medarbejder", "Kontant udbetaling",
)  # fmt: skip
EARNED = ("Overførsel", "Gave", "MobilePay", "Refusion sygedagpenge", "Fra", "Udlæg retur", "Tak for sidst", "Lån",
    "Skattestyrelsen", "Indskud", "Depositum", "Udbytte", "Straksoverførsel")  # fmt: skip
PROVIDERS = ("NETS", "CLEARHAUS", "STRIPE")
