"""Makes ``dicomtui/imaging/data/colour_maps.csv`` out of published tables.

Run it with an interpreter that has matplotlib and pydicom::

    python scripts/make_colour_maps.py dicomtui/imaging/data/colour_maps.csv

Hot Iron, PET, Hot Metal Blue and PET 20 Step are the standard's well-known palettes (PS3.6 Annex B), as
pydicom has them. Viridis is in the public domain (CC0). The cool-warm map is that of Moreland, "Diverging
Color Maps for Scientific Visualization", 2009, in the table that matplotlib has of it.
"""

import csv
import sys
from pathlib import Path

import numpy as np
import pydicom
from matplotlib import colormaps

STANDARD = {
    "hot iron": "hotiron",
    "PET rainbow": "pet",
    "hot metal": "hotmetalblue",
    "PET 20 steps": "pet20step",
}
OTHERS = {"viridis": ("viridis", "matplotlib, CC0"), "cool-warm": ("coolwarm", "Moreland 2009")}


def main(target: str) -> None:
    """Write one row a map: its name, where it comes from, and 256 colours in hexadecimal digits."""
    folder = Path(pydicom.__file__).parent / "data" / "palettes"
    rows = [
        (name, "DICOM PS3.6 Annex B", well_known(folder / f"{file}.dcm")) for name, file in STANDARD.items()
    ]
    for name, (known_as, source) in OTHERS.items():
        colours = colormaps[known_as](np.arange(256))[:, :3]
        rows.append((name, source, np.round(colours * 255).astype(np.uint8)))
    with Path(target).open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("name", "source", "colours"))
        writer.writerows((name, source, colours.tobytes().hex()) for name, source, colours in rows)


def well_known(path: Path) -> np.ndarray:
    """Return the 256 colours of a Color Palette instance."""
    dataset = pydicom.dcmread(path)
    colours = []
    for name in ("Red", "Green", "Blue"):
        if (data := dataset.get(f"Segmented{name}PaletteColorLookupTableData")) is not None:
            raise SystemExit(f"{path} has segmented data of {len(data)} bytes")
        words = np.frombuffer(dataset[f"{name}PaletteColorLookupTableData"].value, np.uint8)
        bits = dataset[f"{name}PaletteColorLookupTableDescriptor"].value[2]
        colours.append(words if bits == 8 else words[1::2])
    return np.stack(colours, axis=1)


if __name__ == "__main__":
    main(sys.argv[1])
