"""Every action by name in the command palette."""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.command import DiscoveryHit, Hit, Hits, Provider

from dicomtui.keys import ANYWHERE, PANES, Key, shown

if TYPE_CHECKING:
    from textual.widget import Widget

_NOT_LISTED = frozenset({"app.palette"})


class Commands(Provider):
    """The actions of the panes and of the browser, with their keys."""

    async def discover(self) -> Hits:
        """List all actions."""
        for key, widget in self._actions():
            yield DiscoveryHit(
                key.description.capitalize(),
                self._command(key, widget),
                help=shown(key.keys) if key.keys else None,
            )

    async def search(self, query: str) -> AsyncIterator[Hit]:
        """List the actions that fit *query*."""
        matcher = self.matcher(query)
        for key, widget in self._actions():
            text = key.description.capitalize()
            if (score := matcher.match(text)) > 0:
                yield Hit(
                    score,
                    matcher.highlight(text),
                    self._command(key, widget),
                    help=shown(key.keys) if key.keys else None,
                )

    def _actions(self) -> "Iterator[tuple[Key, Widget | None]]":
        presets = self._presets()
        for pane, keys in PANES.items():
            for widget in self.screen.query(f"#{pane} .content"):
                for key in keys:
                    description = presets.get(key.id, key.description)
                    yield key._replace(description=f"{pane}: {description}"), widget
        for key in ANYWHERE:
            if key.id not in _NOT_LISTED:
                yield key, None
        for number, name in enumerate(sorted(self.app.available_themes)):
            if name != self.app.theme:
                yield Key(f"theme.{number}", "", f"app.theme('{name}')", f"theme: {name}"), None
        from dicomtui.tui.widgets.image_view import ImageView

        for widget in self.screen.query(ImageView):
            for preset in widget.window.unkeyed_presets():
                action = f"window_preset('{preset.name}')"
                yield Key(f"preset.{preset.name}", "", action, f"image: preset {preset.name}"), widget

    def _presets(self) -> dict[str, str]:
        """Return what the keys of presets are called for the image that is shown."""
        from dicomtui.tui.widgets.image_view import ImageView

        found = (view.window.presets().items() for view in self.screen.query(ImageView))
        return {f"image.preset-{n}": f"preset {preset.name}" for items in found for n, preset in items}

    def _command(self, key: Key, widget: "Widget | None") -> Any:
        return partial(self._run, key, widget)

    async def _run(self, key: Key, widget: "Widget | None") -> None:
        if widget is not None:
            widget.focus()
        await self.app.run_action(key.action, widget or self.screen)
