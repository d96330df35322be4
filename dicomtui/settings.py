"""The user's settings: ``$XDG_CONFIG_HOME/dicomtui/config.toml``."""

import os
import re
from dataclasses import dataclass, field
from typing import Any

from dicomtui.errors import UsageError
from dicomtui.keys import ANYWHERE, PANES, every_key, is_key, shown
from dicomtui.text import safe_line

DEFAULT_THEME = "dicomtui-dark"

_PLAIN = {
    "theme": str,
    "show_other_files": bool,
    "cache_mib": int,
    "index": bool,
    "clipboard": str,
    "graphics": str,
    "bandwidth": str,
    "access_log": str,
}
"""Settings whose values are taken as they are, with their types."""
WORDS = {
    "clipboard": ("auto", "on", "off"),
    "graphics": (
        *("auto", "half", "quadrant", "sextant", "octant", "braille", "ascii"),
        *("sixel", "kitty", "iterm2"),
    ),
    "bandwidth": ("auto", "full", "low"),
}
"""Settings that are one of a few words; the first is the default."""
CORNERS = ("top_left", "top_right", "bottom_left", "bottom_right")
"""Names of the corners of a picture."""
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}|\(?[0-9A-Fa-f]{4},?[0-9A-Fa-f]{4}\)?")


@dataclass(frozen=True)
class Settings:
    """What the configuration file may set; every field has a default."""

    theme: str = DEFAULT_THEME
    show_other_files: bool = True
    cache_mib: int = 32
    """Memory for instances and frames that were opened lately."""
    index: bool = False
    """Whether what a scan has found stays on disk."""
    keys: dict[str, str] = field(default_factory=dict)
    """Keys by the id of their action, in Textual's names, separated by commas."""
    presets: dict[str, dict[int, tuple[str, float, float]]] = field(default_factory=dict)
    """Name, Window Center and Window Width by modality and digit."""
    corners: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    """Lines in the corners of a picture by modality (``ALL`` for any) and corner."""
    pins: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Keywords or tags of what stands at the top of the attributes, by modality; ``OTHER`` for all others."""
    access_log: str = ""
    """A file that who opens, de-identifies or exports which instance is appended to; ``""`` for none."""
    clipboard: str = "auto"
    """Whether copying asks the terminal: ``auto``, ``on`` (whatever terminal it is) or ``off``."""
    graphics: str = "auto"
    """The mode that pictures are shown in."""
    bandwidth: str = "auto"
    """How much of the line to the terminal they may take: ``auto``, ``full`` or ``low``."""


def config_path() -> str:
    """Return where the configuration is looked for."""
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(base, "dicomtui", "config.toml")


def load_settings(path: str | None = None) -> Settings:
    """Read the configuration; an absent file gives the defaults.

    Raises
    ------
    UsageError
        If the file cannot be read, is not TOML, or sets something to what it cannot be.
    """
    path = path or config_path()
    try:
        with open(path, "rb") as stream:
            import tomllib  # only who has a configuration pays for its parser

            return _settings(tomllib.load(stream), path)
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise UsageError(f"{safe_line(path)}: {(error.strerror or 'cannot be read').lower()}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{safe_line(path)}: not UTF-8 text") from error
    except ValueError as error:
        raise UsageError(f"{safe_line(path)}: {safe_line(str(error), 200)}") from error


def default_toml() -> str:
    """Return a configuration file that sets everything to its default, with comments."""
    lines = [
        "# dicomtui reads this from $XDG_CONFIG_HOME/dicomtui/config.toml (~/.config by default).",
        "",
        "# One of: dicomtui-dark, dicomtui-black, dicomtui-light, or any theme of Textual.",
        f'theme = "{DEFAULT_THEME}"',
        "# Whether the tree lists files that are not DICOM.",
        "show_other_files = true",
        "",
        "# Memory for instances and frames that were opened lately, in MiB.",
        "cache_mib = 32",
        "",
        "# Whether what a scan has found, names of patients among it, is kept in $XDG_CACHE_HOME/dicomtui",
        "# (~/.cache by default), so that the next start need not wait. 'dicomtui index --clear' removes it.",
        "index = false",
        "",
        "# Whether y puts what it copies on the clipboard of the terminal: auto (where that may work), on,",
        "# or off: then the text is shown, to be copied by hand.",
        'clipboard = "auto"',
        "",
        "# How pictures are shown: auto (the best that the terminal is known to have), half, quadrant,",
        "# sextant, octant, braille, ascii, sixel, kitty, iterm2.",
        'graphics = "auto"',
        "# What they may take of the line: auto (as it is measured), full (exact, whatever it takes), low.",
        'bandwidth = "auto"',
        "",
        "# A file that a line is appended to for each instance that is opened, de-identified or exported:",
        "# time, user, host, action, SOP Instance UID and path. None is written where this is empty.",
        'access_log = ""',
        "",
        "# Window presets by modality and digit (3 to 9): name, Window Center, Window Width.",
        "[presets.CT]",
        '# 4 = { name = "abdomen", center = 60, width = 400 }',
        "",
        "# Texts in the corners of the picture (O shows them) by modality, ALL for any: top_left, top_right,",
        "# bottom_left, bottom_right. Parts of a line stand two spaces apart; a part is left out where its",
        "# attribute is absent. {Place} (in the stack) and {Window} are known too.",
        "[corners.ALL]",
        '# top_left = ["{PatientName}", "{PatientID}", "{PatientBirthDate}  {PatientSex}  {PatientAge}"]',
        "",
        "# Attributes at the top, by modality, as keywords or tags; OTHER is for modalities without a list.",
        "# Each list takes the place of the built-in one; an empty one pins nothing.",
        "[pins]",
        '# CT = ["PatientName", "SliceThickness", "ConvolutionKernel", "0009,1001"]',
        "# OTHER = []",
        "",
        "# Keys by action, in Textual's names, several separated by commas.",
        "[keys]",
    ]
    lines += [f'"{key.id}" = "{key.keys}"  # {key.description} ({shown(key.keys)})' for key in every_key()]
    return "\n".join(lines) + "\n"


def _settings(table: dict[str, Any], path: str) -> Settings:
    known = {**_PLAIN, "keys": dict, "presets": dict, "pins": dict, "corners": dict}
    for name, value in table.items():
        if name not in known:
            raise UsageError(f"{safe_line(path)}: unknown setting {safe_line(name, 60)!r}")
        kind = known[name]
        wrong_number = kind is int and (isinstance(value, bool) or (isinstance(value, int) and value < 0))
        if not isinstance(value, kind) or wrong_number:
            raise UsageError(f"{safe_line(path)}: {name} must be of type {kind.__name__}")
    keys = dict(table.get("keys", {}))
    ids = {key.id for key in every_key()}
    for name, value in keys.items():
        if name not in ids or not isinstance(value, str) or not value.strip():
            raise UsageError(
                f"{safe_line(path)}: keys: {safe_line(name, 60)!r} is no action, or its value no key"
            )
    _refuse_conflicts(keys, path)
    rest = {name: table[name] for name in _PLAIN if name in table}
    for name, words in WORDS.items():
        if rest.get(name, words[0]) not in words:
            raise UsageError(f"{safe_line(path)}: {name} must be one of {', '.join(words)}")
    return Settings(
        **rest,
        keys=keys,
        presets=_presets(table.get("presets", {}), path),
        pins=_pins(table.get("pins", {}), path),
        corners=_corners(table.get("corners", {}), path),
    )


def _refuse_conflicts(keys: dict[str, str], path: str) -> None:
    """Refuse a key that does not exist, and one that would mean two things in one pane."""
    for pane, pane_keys in PANES.items():
        meant: dict[str, str] = {}
        for key in (*pane_keys, *ANYWHERE):
            for name in keys.get(key.id, key.keys).split(","):
                if not is_key(name.strip()):
                    raise UsageError(f"{safe_line(path)}: keys: {safe_line(name, 40)!r} is no key ({key.id})")
                other = meant.setdefault(name.strip(), key.id)
                if other != key.id:
                    raise UsageError(
                        f"{safe_line(path)}: keys: {safe_line(name, 40)!r} would be both {other} and {key.id}"
                        f" in the {pane}"
                    )


def _presets(tables: dict[str, Any], path: str) -> dict[str, dict[int, tuple[str, float, float]]]:
    presets: dict[str, dict[int, tuple[str, float, float]]] = {}
    try:
        for modality, entries in tables.items():
            presets[modality.upper()] = {
                _digit(digit): (
                    safe_line(str(entry["name"]), 40),
                    float(entry["center"]),
                    _width(entry["width"]),
                )
                for digit, entry in entries.items()
            }
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"{safe_line(path)}: presets: write them as"
            ' 4 = { name = "abdomen", center = 60, width = 400 } below [presets.CT]'
        ) from error
    return presets


def _pins(tables: dict[str, Any], path: str) -> dict[str, tuple[str, ...]]:
    pins: dict[str, tuple[str, ...]] = {}
    for modality, names in tables.items():
        for name in names if isinstance(names, list) else [None]:
            if not isinstance(name, str) or not _ATTRIBUTE.fullmatch(name):
                raise UsageError(
                    f"{safe_line(path)}: pins: write them as"
                    ' CT = ["PatientName", "0009,1001"]: keywords or tags'
                )
        pins[modality.upper()] = tuple(names)
    return pins


def _corners(tables: dict[str, Any], path: str) -> dict[str, dict[str, tuple[str, ...]]]:
    corners: dict[str, dict[str, tuple[str, ...]]] = {}
    for modality, lines_by_corner in tables.items():
        for corner, lines in lines_by_corner.items() if isinstance(lines_by_corner, dict) else [("", None)]:
            texts: list[Any] = lines if isinstance(lines, list) else [None]
            if corner not in CORNERS or not all(isinstance(text, str) for text in texts):
                raise UsageError(
                    f"{safe_line(path)}: corners: write them as"
                    ' top_left = ["{PatientName}", "{PatientID}"] below [corners.CT]'
                )
            corners.setdefault(modality.upper(), {})[corner] = tuple(texts)
    return corners


def _width(number: object) -> float:
    width = float(number)  # type: ignore[arg-type]
    if not 0 < width < float("inf"):
        raise ValueError(number)
    return width


def _digit(text: str) -> int:
    digit = int(text)
    if not 3 <= digit <= 9:
        raise ValueError(text)
    return digit
