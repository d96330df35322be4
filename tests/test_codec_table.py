"""README's table of what can be decoded is that of the codec table.

``DICOMTUI_README=write pytest tests/test_codec_table.py`` writes it anew.
"""

import os
import re
from pathlib import Path

from dicomtui.imaging.codecs import CODECS, Codec

README = Path(__file__).parents[1] / "README.md"
COLUMNS = {
    "grey": ("MONOCHROME1", "MONOCHROME2"),
    "palette": ("PALETTE COLOR",),
    "RGB": ("RGB",),
    "YBR full": ("YBR_FULL",),
    "YBR 422": ("YBR_FULL_422",),
    "YBR of the codec": ("YBR_RCT", "YBR_ICT", "YBR_PARTIAL_420", "XYB"),
}
"""Columns and the Photometric Interpretations they stand for."""


def table() -> str:
    """Return the table in Markdown."""
    lines = ["| Transfer Syntax | UID | " + " | ".join(COLUMNS) + " |", "|---|---|" + "---|" * len(COLUMNS)]
    lines += [f"| {codec.name} | {codec.uid} | {' | '.join(cells(codec))} |" for codec in CODECS.values()]
    return "\n".join(lines)


def cells(codec: Codec) -> list[str]:
    read = f"with `{codec.extra}`" if codec.extra else "yes"
    return [read if set(names) & set(codec.photometric) else "-" for names in COLUMNS.values()]


def test_readme_has_the_table_of_the_codecs() -> None:
    text = README.read_text("utf-8")
    marked = re.compile(r"(<!-- codecs -->\n).*?(\n<!-- /codecs -->)", re.DOTALL)
    assert len(marked.findall(text)) == 1
    wanted = marked.sub(lambda found: found[1] + table() + found[2], text)
    if os.environ.get("DICOMTUI_README") == "write":
        README.write_text(wanted, "utf-8")
    assert README.read_text("utf-8") == wanted


def test_every_photometric_interpretation_of_a_codec_has_a_column() -> None:
    columns = {name for names in COLUMNS.values() for name in names}
    assert {name for codec in CODECS.values() for name in codec.photometric} <= columns
