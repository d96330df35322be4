"""A key that is always the same."""

import pytest

from dicomtui.deidentify.keys import Key


@pytest.fixture
def key() -> Key:
    return Key(bytes(range(32)))
