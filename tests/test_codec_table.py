"""README's table of what can be decoded is that of the codec table, and each of its cells is tested.

``DICOMTUI_README=write pytest tests/test_codec_table.py`` writes it anew.
"""

import os
import re
from pathlib import Path

from dicomtui.imaging.codecs import CODECS, Codec
from tests.imaging import test_codecs, test_video

README = Path(__file__).parents[1] / "README.md"
COLUMNS = {
    "grey": ("MONOCHROME1", "MONOCHROME2"),
    "palette": ("PALETTE COLOR",),
    "RGB": ("RGB",),
    "YBR full": ("YBR_FULL",),
    "YBR 422": ("YBR_FULL_422",),
}
"""Columns and the Photometric Interpretations they stand for."""
THE_CODECS_OWN = ("YBR_RCT", "YBR_ICT", "YBR_PARTIAL_420", "XYB")
"""The last column: colour spaces that only some codecs have, by name."""
NOTES = {
    "¹": "with 8 bits; nothing that writes arithmetic JPEG of 12 bits was at hand, so that is not tested.",
    "²": "codestreams of Part 1; the multi-component extensions of Part 2 are not tested.",
    "³": "only streams of one view were at hand.",
}
"""Footnotes by their marks."""
MARKS = {
    **dict.fromkeys(("4.52", "4.54", "4.56"), "¹"),
    **dict.fromkeys(("4.92", "4.93"), "²"),
    **dict.fromkeys(("4.106", "4.106.1"), "³"),
}
"""Which footnote holds for a Transfer Syntax, by the end of its UID."""
LEGEND = (
    "*yes*: a test decodes such a frame; *video*: the same with that extra, whatever the file calls the"
    " colours of the stream. -: not promised, as no test has it; such a frame is shown where its codestream"
    " says what its samples are, else refused in one line. The last column names colour spaces that only the"
    " codec has."
)


def table() -> str:
    """Return the table in Markdown, with what its signs mean."""
    names = [*COLUMNS, "the codec's own"]
    lines = ["| Transfer Syntax | UID | " + " | ".join(names) + " |", "|---|---|" + "---|" * len(names)]
    lines += [f"| {codec.name} | {codec.uid} | {' | '.join(cells(codec))} |" for codec in CODECS.values()]
    return "\n".join([*lines, "", LEGEND, "", *(f"{mark} {note}" + "\\" for mark, note in NOTES.items())])[
        :-1
    ]


def cells(codec: Codec) -> list[str]:
    mark = MARKS.get(codec.uid.removeprefix("1.2.840.10008.1.2."), "")
    read = (codec.extra or "yes") + mark
    known = set(codec.photometric)
    own = ", ".join(name for name in THE_CODECS_OWN if name in known)
    plain = [read if known.issuperset(names) else "-" for names in COLUMNS.values()]
    return [*plain, f"{own}{mark}" if own else "-"]


def test_readme_has_the_table_of_the_codecs() -> None:
    text = README.read_text("utf-8")
    marked = re.compile(r"(<!-- codecs -->\n).*?(\n<!-- /codecs -->)", re.DOTALL)
    assert len(marked.findall(text)) == 1
    wanted = marked.sub(lambda found: found[1] + table() + found[2], text)
    if os.environ.get("DICOMTUI_README") == "write":
        README.write_text(wanted, "utf-8")
    assert README.read_text("utf-8") == wanted


def test_every_cell_that_says_yes_is_decoded_by_a_test() -> None:
    promised = {(codec.uid, name) for codec in CODECS.values() for name in codec.photometric}
    tested = {*test_codecs.CLAIMS, *test_codecs.NATIVE_CLAIMS, *test_video.CLAIMS}
    assert promised == tested


def test_every_photometric_interpretation_of_a_codec_has_a_column() -> None:
    columns = {name for names in COLUMNS.values() for name in names} | {*THE_CODECS_OWN}
    assert {name for codec in CODECS.values() for name in codec.photometric} <= columns


def test_every_footnote_is_used() -> None:
    assert set(MARKS.values()) == set(NOTES)
    assert all(f"1.2.840.10008.1.2.{end}" in CODECS for end in MARKS)
