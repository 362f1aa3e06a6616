"""Words many names have, words that join names, words of movement: what a young ledger cannot know by itself.

Written as recon.text.name_fold folds them. The engine learns more of both from the names and texts it is given.
"""

from __future__ import annotations

_SURNAMES = """
hansen jensen nielsen pedersen petersen andersen christensen kristensen larsen sorensen rasmussen jorgensen madsen
olsen thomsen christiansen poulsen johansen moller mortensen knudsen eriksen lund holm schmidt jacobsen jakobsen
frederiksen laursen nissen berg nygard haugen hagen andersson johansson karlsson nilsson eriksson larsson olsson
persson svensson gustafsson pettersson jonsson jansson hansson lindberg lindstrom lundgren korhonen virtanen
makinen nieminen makela hamalainen laine heikkinen koskinen jarvinen muller schneider fischer weber meyer wagner
becker schulz hoffmann klein wolf
"""
_FIRST_NAMES = """
jens lars peter hans niels soren michal mikal henrik thomas jan christian martin anders morten jesper mads rasmus
per ole kim erik karl john bo jorgen anne mette kirsten hanne anna susanne lene maria marianne inge karen camilla
louise pia charlotte gitte birgit emma ida sofie eva johan lennart bjorn goran ingrid kerstin matti pekka jukka
liisa olli heikki jurgen wolfgang klaus
"""
_TRADES = """
byg bygg vvs el tomrer maler murer auto biler transport rengoring service services ejendom ejendomme invest holding
group gruppen gruppe consult consulting handel import export trading design media data teknik maskiner mobler
bageri restaurant cafe pizza klinik tandlage lage advokat revision frisor salon blomster cykler stad fastigheter
rakennus kiinteisto huolto bau handwerk elektro kloak anlag gartner entreprenor entreprise hotel forening foreningen
klub fond bank kommune butik shop store center international partners company
"""
_PLACES = """
dansk danmark denmark svensk sverige sweden suomi finland norge norway tyskland germany nordic nordisk scandinavia
kobenhavn arhus odense alborg stockholm goteborg malmo helsinki oslo berlin hamburg
"""
_MOVEMENT = """
indbetaling indbetalt betaling betalt overforsel overforing overfort straksoverforsel bankgiro bankgirot plusgiro
giro insattning betalning innbetaling maksu tilisiirto suoritus viite viesti lasku zahlung lastschrift uberweisung
sepa gutschrift rechnung faktura fakt regning nota payment transfer invoice from fra til till von vedr vedrorende
konto kontonr ref reference mobilepay swish vipps tak for hjalpen dankort visa mastercard pbs bgs bs fik kid ocr
"""

COMMON = frozenset((_SURNAMES + _FIRST_NAMES + _TRADES + _PLACES).split())
FILLERS = frozenset("og och ja und and co kg ohg gbr ry ky tmi".split())  # noqa: SIM905 - a list of words as above
MOVEMENT = frozenset(_MOVEMENT.split())
