"""scikit-image, and what comes with it, imported when it is needed: it takes long, and may not be there."""

from importlib import import_module
from typing import Any

from dicomtui.errors import UsageError


def skimage(module: str) -> Any:
    """Return a module of scikit-image, for instance ``filters``.

    Raises
    ------
    UsageError
        If it is not installed.
    """
    return imported(f"skimage.{module}")


def imported(module: str) -> Any:
    """Return a module that comes with it; the rest as for :func:`skimage`."""
    try:
        return import_module(module)
    except ImportError as error:
        raise UsageError(
            "processing needs scikit-image; install it with: pip install 'dicomtui[processing]'"
        ) from error
