"""Every key of the browser, as data: bindings, help, configuration and README come from here."""

from typing import NamedTuple


class Key(NamedTuple):
    """One action and the keys that call it."""

    id: str
    """The name by which the configuration remaps it."""
    keys: str
    """Keys in Textual's names, separated by commas."""
    action: str
    """The action of the widget, screen or app, with its arguments."""
    description: str
    """What it does, as a phrase for help and palette."""
    hint: str = ""
    """One word for the line of hints, or nothing."""


ANYWHERE = (
    Key("app.help", "question_mark,f1", "app.help", "show the keys of the focused pane", "help"),
    Key("app.trees", "t", "switch_tree", "show the studies, or the files again", "studies"),
    Key("app.find", "ctrl+f", "find", "find instances in the whole folder by their attributes", "find"),
    Key("app.palette", "ctrl+p,colon", "app.command_palette", "search every command by name"),
    Key("app.quit", "q,ctrl+c", "app.quit", "quit", "quit"),
    Key(
        "app.deidentify",
        "a",
        "deidentify",
        "take out who the patient is: of the marked rows, or of the one under the tree's cursor",
        "de-identify",
    ),
    Key(
        "app.export",
        "x",
        "export",
        "export: the picture on the screen, its frames or series, the marked rows, or the one under the"
        " tree's cursor",
        "export",
    ),
    Key(
        "app.compare",
        "d",
        "compare",
        "compare the instance with the marked one, or with the one that was shown before",
    ),
    Key(
        "app.variation",
        "D",
        "variation",
        "which attributes vary in the series, the marked rows, or the row under the tree's cursor",
    ),
    Key(
        "app.copy",
        "y",
        "copy",
        "copy by the next key: v value, t tag, k keyword, p path, c command, ...; outside the attributes, of"
        " the instance",
        "copy",
    ),
    Key(
        "app.validate",
        "exclamation_mark",
        "validate",
        "what the instance has otherwise than the standard wants it; or the marked rows, or the row under the"
        " tree's cursor",
    ),
    Key("app.back", "escape", "back", "go one level back: search, character set, zoomed pane, window mode"),
    Key("app.next-pane", "tab", "next_pane(1)", "go to the next pane", "pane"),
    Key("app.previous-pane", "shift+tab", "next_pane(-1)", "go to the previous pane"),
    Key("app.focus-tree", "alt+1", "focus_pane('tree')", "go to the tree"),
    Key("app.focus-attributes", "alt+2", "focus_pane('attributes')", "go to the attributes"),
    Key("app.focus-image", "alt+3", "focus_pane('image')", "go to the image"),
    Key("app.zoom-pane", "z", "zoom_pane", "give the focused pane the whole screen, or put it back", "zoom"),
    Key("app.toggle-tree", "ctrl+b", "toggle_tree", "hide or show the tree"),
    Key("app.next-instance", "right_square_bracket", "step_instance(1)", "next instance"),
    Key("app.previous-instance", "left_square_bracket", "step_instance(-1)", "previous instance"),
    Key("app.next-series", "right_curly_bracket", "step_series(1)", "next series"),
    Key("app.previous-series", "left_curly_bracket", "step_series(-1)", "previous series"),
    Key(
        "app.card",
        "i",
        "card",
        "what the row under the tree's cursor is: counts, dates, what is wrong with it; outside the tree,"
        " what the instance is",
    ),
    Key("app.rescan", "r", "rescan", "read the folder, or the whole archive, again"),
    Key("app.suspend", "ctrl+z", "app.suspend_process", "suspend to the shell; fg comes back"),
)

LIST = (
    Key("list.down", "j,down", "move(1)", "down (10j moves ten)"),
    Key("list.up", "k,up", "move(-1)", "up"),
    Key("list.half-page-down", "ctrl+d", "page(0.5)", "half a page down"),
    Key("list.half-page-up", "ctrl+u", "page(-0.5)", "half a page up"),
    Key("list.page-down", "pagedown", "page(1)", "a page down"),
    Key("list.page-up", "pageup", "page(-1)", "a page up"),
    Key("list.first", "home", "first", "first row (also gg)"),
    Key("list.last", "G,end", "last", "last row (42G goes to row 42)"),
    Key("list.expand", "l,right", "expand", "expand, or go into"),
    Key("list.collapse", "h,left", "collapse", "collapse, or go to the parent"),
    Key("list.open", "enter", "open", "open", "open"),
    Key("list.search", "slash", "search", "search as you type", "search"),
    Key("list.next-hit", "n", "next_hit(1)", "next hit"),
    Key("list.previous-hit", "N", "next_hit(-1)", "previous hit"),
    Key("list.filter", "f", "filter", "show only the rows that match, as you type", "filter"),
)

TREE = (
    Key("tree.mark", "space", "mark", "mark the row, or take its mark away"),
    Key("tree.unmark-all", "U", "unmark_all", "take all marks away"),
    Key("tree.sort", "o", "screen.sort", "choose the order of the studies"),
    Key("tree.other-files", "full_stop", "toggle_others", "hide or show files that are not DICOM"),
)

ATTRIBUTES = (
    Key("attributes.private", "p", "toggle_private", "hide or show private elements"),
    Key("attributes.values", "c", "values", "the values of this attribute in all instances", "values"),
    Key(
        "attributes.explain",
        "K",
        "explain",
        "what this is: meaning of the value, place, bytes, what de-identification does with it",
        "explain",
    ),
    Key(
        "attributes.charset",
        "E",
        "screen.next_charset",
        "read texts in another character set: the next one, after the last as declared (also Esc)",
    ),
    Key("attributes.expand-all", "e", "toggle_all", "expand or collapse all sequences"),
)

IMAGE = (
    Key("image.next", "j,down", "step(1)", "next frame or instance (10j steps ten)", "next"),
    Key("image.previous", "k,up", "step(-1)", "previous frame or instance"),
    Key("image.next-10", "J,pagedown", "step(10)", "ten on"),
    Key("image.previous-10", "K,pageup", "step(-10)", "ten back"),
    Key("image.first", "home", "go_to(1)", "first frame or instance (also gg)"),
    Key("image.last", "G,end", "last", "last frame or instance (42G goes to 42)"),
    Key("image.window-auto", "0", "digit(0)", "automatic window: 1st to 99th percentile"),
    Key("image.window-file", "1", "digit(1)", "the file's own window; again for its next one"),
    Key("image.window-full", "2", "digit(2)", "full range"),
    Key("image.preset-3", "3", "digit(3)", "preset 3 of the modality", "preset"),
    *(
        Key(f"image.preset-{digit}", str(digit), f"digit({digit})", f"preset {digit} of the modality")
        for digit in range(4, 10)
    ),
    Key("image.window-mode", "w", "window_mode", "window by arrows, Shift coarse, Ctrl fine", "window"),
    Key("image.center-up", "full_stop", "shift_center(1)", "centre up (darker)"),
    Key("image.center-down", "comma", "shift_center(-1)", "centre down (brighter)"),
    Key("image.width-up", "greater_than_sign", "widen(1)", "width up (less contrast)"),
    Key("image.width-down", "less_than_sign", "widen(-1)", "width down (more contrast)"),
    Key("image.zoom-in", "plus", "zoom(1)", "zoom in", "zoom"),
    Key("image.zoom-out", "minus", "zoom(-1)", "zoom out"),
    Key("image.fit", "equals_sign", "fit", "fit to the pane"),
    Key("image.one-to-one", "b", "one_to_one", "one pixel of the image for each pixel shown"),
    Key("image.pan-left", "left,h", "pan(-1,0)", "pan left while zoomed in"),
    Key("image.pan-right", "right,l", "pan(1,0)", "pan right while zoomed in"),
    Key("image.pan-up", "ctrl+up", "pan(0,-1)", "pan up while zoomed in (also the up arrow)"),
    Key("image.pan-down", "ctrl+down", "pan(0,1)", "pan down while zoomed in (also the down arrow)"),
    Key("image.invert", "v", "invert", "invert"),
    Key("image.rotate", "R", "rotate", "rotate by 90 degrees"),
    Key("image.flip-horizontally", "F", "flip('horizontally')", "flip left and right"),
    Key("image.flip-vertically", "V", "flip('vertically')", "flip top and bottom"),
    Key(
        "image.marks",
        "O",
        "cycle_marks",
        "letters and ruler; with patient, study and technique in the corners; none",
    ),
    Key("image.colour-map", "C", "next_colour_map", "next colour map for grey pictures, or none"),
    Key("image.overlays", "o", "toggle_layer('overlays')", "overlay planes on or off"),
    Key("image.shutter", "S", "toggle_layer('shutter')", "display shutter on or off"),
    Key(
        "image.cine",
        "space,c",
        "play",
        "play the frames or instances, or stop (25Space plays 25 a second)",
        "play",
    ),
    Key("image.repeat", "L", "next_repeat", "play in a loop, back and forth, or once"),
    Key("image.slower", "left_parenthesis", "change_speed(-1)", "play slower"),
    Key("image.faster", "right_parenthesis", "change_speed(1)", "play faster"),
    Key("image.order", "T", "change_order", "next order of frames: dimensions, position, file"),
    Key("image.mode", "X", "next_mode", "next way to show pictures: auto, half blocks, quadrants ..."),
    Key(
        "image.traffic",
        "B",
        "count_traffic",
        "how many kB a picture takes, and pictures a second, or no more",
    ),
    Key("image.filmstrip", "m", "filmstrip", "filmstrip: all frames or instances, small", "film"),
    Key("image.probe", "s", "probe", "probe: read values under a cross-hair and measure with it", "probe"),
    Key("image.histogram", "H", "histogram", "histogram of the frame, or of the region measured last"),
    Key("image.window-region", "W", "window_region", "window from the region measured last, or the frame"),
    Key("image.process", "P", "screen.process", "process: steps with numbers, below the picture", "process"),
    Key("image.reslice", "M", "screen.reslice", "planes and slabs through the series: MPR, MIP, MinIP, mean"),
    Key("image.reset", "u", "reset", "undo window, zoom, rotation and flips"),
)

PANES: dict[str, tuple[Key, ...]] = {
    "tree": (*LIST, *TREE),
    "attributes": (*LIST, *ATTRIBUTES),
    "image": IMAGE,
}
"""The keys of each pane, besides those that work anywhere."""

_SHOWN = {
    "question_mark": "?",
    "colon": ":",
    "exclamation_mark": "!",
    "escape": "Esc",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "right_square_bracket": "]",
    "left_square_bracket": "[",
    "right_curly_bracket": "}",
    "left_curly_bracket": "{",
    "slash": "/",
    "full_stop": ".",
    "comma": ",",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "home": "Home",
    "end": "End",
    "enter": "Enter",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "space": "Space",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
}


_MODIFIERS = frozenset({"ctrl", "alt", "shift", "super"})
_OTHER_NAMES = frozenset(
    {"backspace", "delete", "insert", "quotation_mark", "number_sign", "dollar_sign"}
    | {"percent_sign", "ampersand", "apostrophe", "asterisk"}
    | {"semicolon", "at", "backslash", "circumflex_accent", "underscore", "grave_accent", "vertical_line"}
    | {"tilde"}
)
"""Keys that have a name in Textual and no action here."""


def is_key(name: str) -> bool:
    """Whether *name* is one of Textual's names of keys: ``j``, ``ctrl+b``, ``f1``, ``question_mark``."""
    *modifiers, key = name.split("+")
    named = key in _SHOWN or key in _OTHER_NAMES or (key[:1] == "f" and key[1:].isdigit())
    return (named or (len(key) == 1 and key.isalnum())) and _MODIFIERS.issuperset(modifiers)


def every_key() -> tuple[Key, ...]:
    """Return each key once, in the order in which help shows them."""
    return (*ANYWHERE, *LIST, *TREE, *ATTRIBUTES, *IMAGE)


def shown(keys: str) -> str:
    """Return Textual's names of keys as people write them: ``j ↓``, ``Ctrl+P``."""
    return " ".join(_shown(key) for key in keys.split(",") if key)


def _shown(key: str) -> str:
    if key in _SHOWN:
        return _SHOWN[key]
    *modifiers, last = key.split("+")
    name = _SHOWN.get(last, last.upper() if modifiers or (last.startswith("f") and len(last) > 1) else last)
    return "+".join([*(modifier.capitalize() for modifier in modifiers), name])
