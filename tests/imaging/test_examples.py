import doctest
from importlib import import_module

import pytest


@pytest.mark.parametrize(
    "module", ["modality_lut", "orientation", "presets", "rendering", "viewport", "voi_lut", "window"]
)
def test_the_examples_in_the_docstrings_work(module: str) -> None:
    results = doctest.testmod(import_module(f"dicomtui.imaging.{module}"))
    assert results.attempted > 0
    assert results.failed == 0
