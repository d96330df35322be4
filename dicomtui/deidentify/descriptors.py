"""Free text cleaned without a person: words of a list stay, all else goes (PS3.15 E.3.5)."""

import re
from collections.abc import Set

from dicomtui.deidentify.tables import descriptor_words

_WORD = re.compile(r"[^\W_]+(?:\.\d+)?[^\W_]*")
_MEASURE = re.compile(r"\d{1,2}(?:\.\d{1,2})?(?:mm|cm|ms|ml|sec|kv|deg|t)", re.IGNORECASE)

STANDARD_SCHEMES = frozenset(
    {
        "ACR", "BARI", "BI", "C4", "C5", "CARO", "CD2", "CTV3", "DC", "DCM", "DCMUID", "FMA", "HCPCS", "HPC",
        "I10", "I10P", "I11", "I9", "I9C", "IBSI", "ICDO3", "IEEE", "ISO3166_1", "ISO639_1", "ISO639_2",
        "ISO5218_1", "ITIS_TSN", "LN", "MA", "MDC", "MDNS", "MGI", "MSH", "NCBI", "NCDR", "NCIt", "NDC",
        "NEU", "NICIP", "NLM", "NPI", "NYUMCCG", "PATHLEX", "PNDS", "POS", "RADELEMENT", "RADLEX",
        "RFC3066", "RFC5646", "RO", "RXNORM", "SCPECG", "SCT", "SDM", "SNM3", "SRT", "TNM", "UBERON",
        "UCUM", "UMLS", "UNS", "UPC", "UNII", "X12DE1069",
    }
)  # fmt: skip
"""Coding Scheme Designators of PS3.16 Table 8-1: their meanings are public."""


def cleaned(text: str, forbidden: Set[str] = frozenset()) -> str:
    """Return the words of *text* that may stay, with single spaces, or ``""``.

    Parameters
    ----------
    text : str
        A description, several values with backslashes, or a whole paragraph.
    forbidden : set of str
        Casefolded words that may not stay although they are in the list: a patient may be called Hand.
    """
    known = descriptor_words()
    words = [word for word in _WORD.findall(text) if _MEASURE.fullmatch(word) or word.casefold() in known]
    return " ".join(word for word in words if word.casefold() not in forbidden)


def is_local(scheme: str) -> bool:
    """Whether a Coding Scheme Designator is of an institution's or a vendor's own."""
    return scheme.partition(" ")[0] not in STANDARD_SCHEMES
