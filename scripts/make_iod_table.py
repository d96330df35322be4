"""Makes ``dicomtui/dataset/data/iod_table.json`` out of the tables of PS3.3 that highdicom repeats (MIT).

Run it with the interpreter that has highdicom::

    python scripts/make_iod_table.py dicomtui/dataset/data/iod_table.json

Kept are the Type 1 and Type 2 attributes of the modules that are mandatory in the IOD of a SOP Class, at the
top and up to two sequences deep; of Types 1C and 2C those whose condition ``dataset.validation_required``
can decide. Left out is what stands in functional groups, which the IOD puts together, and in content trees.
"""

import json
import sys
from pathlib import Path
from typing import Any

import highdicom._standard_utils as standard
from pydicom.datadict import tag_for_keyword

from dicomtui.dataset.validation_required import CONDITIONS

DEEPEST = 2
WITHOUT = {
    "ContentSequence",
    "PerFrameFunctionalGroupsSequence",
    "SharedFunctionalGroupsSequence",
    "ReferencedContentItemIdentifier",
}
OF_THE_ROOT = {"sr-document-content": {"ValueType"}, "key-object-document-content": {"ValueType"}}
"""What of these modules the root of a content tree needs: the rest depends on the Value Type of an item."""
CLAUSES = {
    "patient": "C.7.1.1",
    "general-study": "C.7.2.1",
    "patient-study": "C.7.2.2",
    "general-series": "C.7.3.1",
    "frame-of-reference": "C.7.4.1",
    "synchronization": "C.7.4.2",
    "general-equipment": "C.7.5.1",
    "enhanced-general-equipment": "C.7.5.2",
    "general-image": "C.7.6.1",
    "image-plane": "C.7.6.2",
    "image-pixel": "C.7.6.3",
    "contrast-bolus": "C.7.6.4",
    "cine": "C.7.6.5",
    "multi-frame": "C.7.6.6",
    "device": "C.7.6.12",
    "acquisition-context": "C.7.6.14",
    "multi-frame-dimension": "C.7.6.17",
    "specimen": "C.7.6.22",
    "cr-series": "C.8.1.1",
    "cr-image": "C.8.1.2",
    "ct-image": "C.8.2.1",
    "mr-image": "C.8.3.1",
    "nm-multi-frame": "C.8.4.8",
    "nm-image": "C.8.4.9",
    "nm-isotope": "C.8.4.10",
    "nm-detector": "C.8.4.11",
    "us-region-calibration": "C.8.5.5",
    "us-image": "C.8.5.6",
    "sc-equipment": "C.8.6.1",
    "sc-image": "C.8.6.2",
    "sc-multi-frame-image": "C.8.6.3",
    "x-ray-image": "C.8.7.1",
    "x-ray-acquisition": "C.8.7.2",
    "rt-series": "C.8.8.1",
    "rt-image": "C.8.8.2",
    "rt-dose": "C.8.8.3",
    "rt-dvh": "C.8.8.4",
    "structure-set": "C.8.8.5",
    "roi-contour": "C.8.8.6",
    "rt-roi-observations": "C.8.8.8",
    "rt-general-plan": "C.8.8.9",
    "pet-series": "C.8.9.1",
    "pet-isotope": "C.8.9.2",
    "pet-image": "C.8.9.4",
    "dx-series": "C.8.11.1",
    "dx-anatomy-imaged": "C.8.11.2",
    "dx-image": "C.8.11.3",
    "dx-detector": "C.8.11.4",
    "mammography-series": "C.8.11.6",
    "mammography-image": "C.8.11.7",
    "whole-slide-microscopy-series": "C.8.12.3",
    "whole-slide-microscopy-image": "C.8.12.4",
    "enhanced-mr-image": "C.8.13.1",
    "enhanced-ct-image": "C.8.15.2",
    "segmentation-series": "C.8.20.1",
    "segmentation-image": "C.8.20.2",
    "waveform-identification": "C.10.8",
    "waveform": "C.10.9",
    "modality-lut": "C.11.1",
    "voi-lut": "C.11.2",
    "sop-common": "C.12.1",
    "sr-document-series": "C.17.1",
    "sr-document-general": "C.17.2",
    "sr-document-content": "C.17.3",
    "encapsulated-document-series": "C.24.1",
    "encapsulated-document": "C.24.2",
}
"""Where PS3.3 defines a module; of the others only the name is told."""


def table() -> dict[str, Any]:
    """Return the table: ``classes`` has the modules of a SOP Class, ``modules`` their attributes by type."""
    iods = standard.get_iod_module_map()
    classes = {
        uid: sorted(module["key"] for module in iods[iod] if module["usage"] == "M")
        for uid, iod in sorted(standard.get_sop_class_iod_map().items())
    }
    used = sorted({key for keys in classes.values() for key in keys})
    return {
        "classes": classes,
        "modules": {key: [CLAUSES.get(key, ""), _attributes(key)] for key in used},
    }


def _attributes(module: str) -> dict[str, str]:
    """Return the attributes of a module, by the sequences around them and their type."""
    found: dict[str, list[str]] = {}
    for attribute in standard.get_module_attribute_map().get(module, ()):
        path, kind, keyword = attribute["path"], attribute["type"], attribute["keyword"]
        if len(path) > DEEPEST or WITHOUT.intersection(path):
            continue
        if module in OF_THE_ROOT and (path or keyword not in OF_THE_ROOT[module]):
            continue
        if kind not in ("1", "2") and (kind not in ("1C", "2C") or path or keyword not in CONDITIONS):
            continue
        tags = [tag_for_keyword(word) for word in (*path, keyword)]
        if None in tags:
            continue  # newer than the dictionary
        *around, last = (f"{tag:08X}" for tag in tags)
        found.setdefault(" ".join([kind, *around]), []).append(last)
    return {place: " ".join(sorted(set(tags))) for place, tags in sorted(found.items())}


def text() -> str:
    """Return the table as it stands in the file, one line for each module and SOP Class."""
    made = table()
    parts = []
    for name, entries in made.items():
        lines = [
            f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in entries.items()
        ]
        parts.append(f'"{name}": {{\n' + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="ascii")
