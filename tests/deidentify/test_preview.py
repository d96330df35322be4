"""Rows of before and after."""

from pydicom.data import get_testdata_file

from dicomtui.dataset.elements import elements_of, walk
from dicomtui.dataset.reading import read_instance
from dicomtui.deidentify.cleaning import tag_path
from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.options import PRESETS, DeidentifyOptions, Rectangle
from dicomtui.deidentify.preview import preview_rows
from tests.deidentify.encoded import explicit, instance_of, item

CT = str(get_testdata_file("CT_small.dcm"))


def test_every_element_has_a_row_and_each_says_what_becomes_of_it(key: Key) -> None:
    instance = read_instance(CT)
    rows = {row.path: row for row in preview_rows(instance, PRESETS["research"], key)}
    paths = [tag_path(element.path) for element in walk(elements_of(instance))]
    assert set(paths) <= rows.keys()
    assert [path for path in rows if path in paths] == paths
    name, rows_of_pixels = rows["(0010,0010)"], rows["(7fe0,0010)"]
    assert (name.before, name.action) == ("CompressedSamples^CT1", "changed")
    assert name.after.startswith("ANON^")
    assert rows["(0010,1030)"].action == "kept"
    assert rows["(0010,1030)"].rule.startswith("K: Retain Patient Characteristics")
    assert rows["(0010,1002)[0].(0010,0020)"].action == "removed"
    assert rows["(0009,1001)"].action == "removed"
    assert rows["(0012,0062)"].action == "added"
    assert rows["(0028,0010)"] == ("(0028,0010)", "Rows", "US", "128", "128", "kept", "")
    assert rows_of_pixels.action == "kept"
    for path in ("(0002,0002)", "(0002,0010)"):
        assert rows[path].action == "kept"
        assert rows[path].after == rows[path].before


def test_elements_that_a_dummy_stands_for_are_shown_as_removed(key: Key) -> None:
    content = item(explicit(0x0040A040, "CS", "TEXT"), explicit(0x0040A160, "UT", "Doe"))
    rows = preview_rows(instance_of(explicit(0x0040A730, "SQ", content)), DeidentifyOptions(), key)
    actions = {row.path: row.action for row in rows}
    assert actions["(0040,a730)[0].(0040,a160)"] == "removed"


def test_black_rectangles_are_announced(key: Key) -> None:
    options = DeidentifyOptions(blank=(Rectangle(0, 0, 8, 8),))
    row = preview_rows(read_instance(CT), options, key)[-2:]
    assert any("1 black rectangle" in each.after and each.action == "changed" for each in row)


def test_a_preview_is_safe_to_show_and_needs_no_permission(key: Key) -> None:
    instance = instance_of(
        explicit(0x00080060, "CS", "US"),
        explicit(0x00081090, "LO", "\x1b]0;x\x07"),
        explicit(0x00280301, "CS", "YES"),
    )
    texts = [text for row in preview_rows(instance, DeidentifyOptions(), key) for text in row]
    assert all(text.isprintable() for text in texts)
