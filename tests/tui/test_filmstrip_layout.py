"""Where the pictures of a filmstrip stand: laws that hold in any pane."""

from hypothesis import given
from hypothesis import strategies as st

from dicomtui.tui.widgets.filmstrip_layout import Layout, most_across, usual_across

layouts = st.builds(
    Layout, columns=st.integers(1, 400), lines=st.integers(1, 150), across=st.integers(1, 100)
)


@given(layout=layouts)
def test_pictures_of_a_pane_stay_inside_and_apart(layout: Layout) -> None:
    taken: set[tuple[int, int]] = set()
    for index in range(layout.rows * layout.count_across):
        column, line = layout.place(index)
        cells = {(x, y) for x in range(column, column + layout.width) for y in range(line - 1, line)}
        assert not cells & taken
        taken |= cells
        if layout.columns >= 3:
            assert column >= 1
            assert column + layout.width < layout.columns + 1
        if layout.lines >= 2:
            assert line + layout.height <= layout.lines


@given(layout=layouts, index=st.integers(0, 500))
def test_the_picture_at_a_cell_of_it_is_that_picture(layout: Layout, index: int) -> None:
    column, line = layout.place(index)
    for x in (column, column + layout.width - 1):
        for y in (line - 1, line, line + layout.height - 1):
            assert layout.at(x, y) == index


@given(layout=layouts, count=st.integers(1, 2000), data=st.data())
def test_the_cursor_is_always_in_view_and_the_pane_never_scrolls_behind_the_end(
    layout: Layout, count: int, data: st.DataObject
) -> None:
    cursor, top = data.draw(st.integers(0, count - 1)), data.draw(st.integers(0, 500))
    first = layout.top_for(cursor, top, count)
    assert first <= cursor // layout.count_across < first + layout.rows
    assert 0 <= first <= max(0, (count - 1) // layout.count_across)
    assert layout.top_for(cursor, first, count) == first


@given(columns=st.integers(1, 500))
def test_there_is_room_for_the_usual_number(columns: int) -> None:
    assert 1 <= usual_across(columns) <= most_across(columns)
