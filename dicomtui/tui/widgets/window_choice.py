"""Which window a picture is shown through: chosen by keys, kept while frames come and go."""

from typing import TYPE_CHECKING, Literal, NamedTuple

from dicomtui.tui.widgets.typed_count import TypedCount

if TYPE_CHECKING:
    from dicomtui.imaging.presets import Preset
    from dicomtui.imaging.regions import Region
    from dicomtui.imaging.rendering import Frame
    from dicomtui.imaging.voi_lut import VoiLut
    from dicomtui.imaging.window import Window

OwnPresets = dict[str, dict[int, tuple[str, float, float]]]
"""The user's presets: name, centre and width by modality and digit."""


class Choice(NamedTuple):
    """A rule that gives a window for any frame."""

    kind: Literal["default", "auto", "file", "full", "preset", "own"] = "default"
    number: int = 0
    """Which of the file's windows, or the digit of the preset."""
    own: "Window | None" = None


class WindowChoice:
    """The current rule, the window it gives for the current frame, and what keys make of them."""

    def __init__(self, own_presets: OwnPresets) -> None:
        self._own_presets = own_presets
        self._choice = Choice()
        self._before_digits = Choice()
        self._frame: Frame | None = None
        self._modality = ""
        self._voi: tuple[Window | VoiLut, str] | None = None
        self.count = TypedCount()

    def take_frame(self, frame: "Frame", modality: str, *, keep: bool) -> None:
        """Look at another frame; unless *keep*, with the window it asks for."""
        self._frame, self._modality, self._voi = frame, modality, None
        if not keep:
            self._choice = Choice()

    @property
    def voi(self) -> "tuple[Window | VoiLut, str]":
        """The window for the current frame, and where it comes from."""
        if self._voi is None:
            assert self._frame is not None
            self._voi = self._apply(self._frame)
        return self._voi

    @property
    def choice(self) -> Choice:
        """The rule as it was chosen."""
        return self._choice

    def voi_for(self, frame: "Frame") -> "Window | VoiLut":
        """Return the window that another frame would be shown through."""
        return self._apply(frame)[0]

    @property
    def rule(self) -> "Window | VoiLut | Literal['file', 'full', 'auto']":
        """What gives other frames the window that they would be shown through: a rule, or a window."""
        match self._choice.kind:
            case "default":
                return "file"
            case "full" | "auto" as rule:
                return rule
        return self.voi[0]

    def presets(self) -> "dict[int, Preset]":
        """Return the presets of the modality by digit, the user's own before ours."""
        from dicomtui.imaging.presets import Preset, presets_for
        from dicomtui.imaging.window import Window

        unit = self._frame.unit if self._frame else ""
        found = {int(preset.key): preset for preset in presets_for(self._modality, unit) if preset.key}
        for digit, (name, center, width) in self._own_presets.get(self._modality, {}).items():
            found[digit] = Preset(
                str(digit), name, Window(center, width, "LINEAR" if width >= 1 else "LINEAR_EXACT", name)
            )
        return found

    def unkeyed_presets(self) -> "list[Preset]":
        """Return the presets of the modality that no digit calls up."""
        from dicomtui.imaging.presets import presets_for

        if self._frame is None or self._frame.is_colour:
            return []
        return [preset for preset in presets_for(self._modality, self._frame.unit) if not preset.key]

    def use(self, name: str) -> None:
        """Choose a preset by its name."""
        for preset in self.unkeyed_presets():
            if preset.name == name:
                self._choose(Choice("own", own=preset.window))

    def digit(self, digit: int) -> None:
        """Choose by a digit; right before a movement key the digits turn out to be a count."""
        if not self.count:
            self._before_digits = self._choice
        self.count.type(digit)
        if digit == 0:
            self._choose(Choice("auto"))
        elif digit == 1:
            self._choose(Choice("file", self._choice.number + 1 if self._choice.kind == "file" else 0))
        elif digit == 2:
            self._choose(Choice("full"))
        elif digit in self.presets():
            self._choose(Choice("preset", digit))

    def take_count(self) -> int | None:
        """Return the count typed just before, and undo the windows that its digits called up."""
        count = self.count.take()
        if count is not None:
            self._choose(self._before_digits)
        return count

    def shift_center(self, steps: float) -> None:
        """Move Window Center by *steps*."""
        self._choose(Choice("own", own=self._window().shifted(steps)))

    def widen(self, steps: float) -> None:
        """Change Window Width by *steps*."""
        self._choose(Choice("own", own=self._window().widened(steps)))

    def use_limits(self, low: float, high: float) -> None:
        """Show *low* as black and *high* as white."""
        from dicomtui.imaging.window import Window

        self._choose(Choice("own", own=Window.between(low, high)))

    def use_values(self, frame: "Frame", region: "Region | None") -> None:
        """Choose the window from the 1st to the 99th percentile of a region, or of all of a frame."""
        from dicomtui.imaging.voi_lut import automatic_window

        values, padding = frame.values, frame.padding
        if region is not None:
            mask = region.mask(*values.shape)
            values = values[mask][None]
            padding = None if padding is None else padding[mask][None]
        self._choose(Choice("own", own=automatic_window(values, padding)))

    def _choose(self, choice: Choice) -> None:
        if choice != self._choice:
            self._choice, self._voi = choice, None

    def _window(self) -> "Window":
        """Return the window that keys start from."""
        from dicomtui.imaging.window import Window

        voi, _ = self.voi
        return voi if isinstance(voi, Window) else voi.as_window()

    def _apply(self, frame: "Frame") -> "tuple[Window | VoiLut, str]":
        from dicomtui.imaging.rendering import default_window
        from dicomtui.imaging.voi_lut import automatic_window, full_range_window

        kind, number, own = self._choice
        if own is not None:
            return own, ""
        if kind == "auto":
            return automatic_window(frame.values, frame.padding), "auto"
        if kind == "full":
            return full_range_window(frame.values, frame.padding), "full range"
        if kind == "file" and frame.windows:
            voi = frame.windows[number % len(frame.windows)]
            place = (
                f" {number % len(frame.windows) + 1}/{len(frame.windows)}" if len(frame.windows) > 1 else ""
            )
            return voi, f"file{place} {voi.explanation}".rstrip()
        if kind == "preset" and (preset := self.presets().get(number)) is not None:
            return preset.window_for(frame.values, frame.padding), preset.name
        return default_window(frame, self._modality)
