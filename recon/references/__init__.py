"""Payment references: the standards by their check digits, and the one form in which two spellings are equal.

In: references as printed, typed or sent by a bank. Out: whether one is whole, and keys to join on.
A check digit alone never proves a payment: one random number in ten has a valid one.

`fik kid ocr viitenumero` are written the way python-stdnum writes its modules (`compact validate is_valid
calc_check_digit format`), which has RF (`stdnum.iso11649`) and QRR (`stdnum.ch.esr`) but none of these four.
"""

from recon.references import fik, kid, ocr, viitenumero
from recon.references.keys import JOINED, is_complete, national_key, printed_form, reference_key

__all__ = [
    "JOINED",
    "fik",
    "is_complete",
    "kid",
    "national_key",
    "ocr",
    "printed_form",
    "reference_key",
    "viitenumero",
]
