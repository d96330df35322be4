"""Opens one instance for the screen: what a thread does, so that the screen never waits."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dicomtui.errors import DecodeError, DicomTuiError
from dicomtui.garbage import spare_what_is_loaded
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from dicomtui.dataset.elements import Element
    from dicomtui.dataset.reading import Instance
    from dicomtui.imaging.cine import Timing
    from dicomtui.imaging.rendering import Rendering


def load_libraries() -> None:
    """Import what an instance needs, which takes longer than all the rest.

    pydicom goes first and as a whole: a thread that imports one of its modules while another imports the
    package would see it half made.
    """
    import pydicom  # noqa: F401  isort:skip

    import dicomtui.imaging.rendering
    import dicomtui.picture.cells  # noqa: F401

    spare_what_is_loaded()


@dataclass(frozen=True, eq=False)
class Opened:
    """An instance as the screen needs it; whatever went wrong is said in ``reason``."""

    path: str
    elements: "list[Element]" = field(default_factory=list)
    card: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    rendering: "Rendering | None" = None
    modality: str = ""
    series: str = ""
    """Series Instance UID: within one, window and zoom stay."""
    sop_instance: str = ""
    """SOP Instance UID."""
    orders: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """The orders that the frames have by name, the one to begin with first."""
    timing: "Timing | None" = None
    """How long frames stay while they are played; None for a single frame."""
    weight: int = 1 << 12
    """Bytes of memory that it holds, about."""
    reason: str = ""
    """Why there is no picture, ``""`` for an object that has none by its nature."""
    warnings: tuple[str, ...] = ()

    @property
    def first_order(self) -> tuple[int, ...]:
        """The order to begin with; empty for a single frame."""
        return next(iter(self.orders.values()), ())


def open_instance(path: str) -> Opened:
    """Read the file or member at *path* and prepare its picture; never raises."""
    load_libraries()
    from dicomtui.archive import opening
    from dicomtui.dataset.elements import elements_of
    from dicomtui.dataset.metadata import card
    from dicomtui.imaging.codec_process import expect
    from dicomtui.imaging.rendering import Rendering

    try:
        instance = opening.open_instance(path)
        expect(instance)
        elements = elements_of(instance)
    except DicomTuiError as error:
        return Opened(path, reason=safe_line(str(error)))
    except Exception as error:  # noqa: BLE001  a disk that fails while it is read, or a mistake of ours
        return Opened(path, reason=f"cannot be read: {type(error).__name__}")
    first = {element.keyword: element for element in elements if element.tag in _FIRST}
    values = {keyword: safe_line(element.text, 128) for keyword, element in first.items()}
    rendering, reason = None, ""
    if instance.pixel_data is not None:
        try:
            rendering = Rendering(instance)
        except DecodeError as error:
            reason = safe_line(str(error))
    return Opened(
        path,
        elements,
        card(instance),
        rendering,
        values.get("Modality", ""),
        values.get("SeriesInstanceUID", ""),
        "".join(first["SOPInstanceUID"].values[:1]) if "SOPInstanceUID" in first else "",
        *_sequence(instance, rendering),
        _weight(instance),
        reason,
        instance.warnings,
    )


def _weight(instance: "Instance") -> int:
    """Return the bytes of the file but those of the pixel data, and something for the rows made of them."""
    pixels = instance.pixel_data.length if instance.pixel_data is not None else 0
    return max(0, instance.source.size - pixels) * 4 + (1 << 16)


def _sequence(
    instance: "Instance", rendering: "Rendering | None"
) -> "tuple[dict[str, tuple[int, ...]], Timing | None]":
    from dicomtui.imaging.cine import timing
    from dicomtui.imaging.frame_order import frame_orders

    if rendering is None or rendering.frames < 2:
        return {}, None
    dataset, frames = instance.dataset, rendering.frames
    try:
        orders = frame_orders(dataset, frames).orders
        return {name: tuple(order) for name, order in orders.items()}, timing(dataset, frames)
    except Exception:  # noqa: BLE001  what pydicom makes of a hostile file must not hide its picture
        return {"file": tuple(range(1, frames + 1))}, None


_FIRST = frozenset({0x00080018, 0x00080060, 0x0020000E})
