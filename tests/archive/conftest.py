"""Both ways of walking a header."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest

from dicomtui.archive import header, walker


@pytest.fixture(scope="module", params=["loop", "pattern"])
def each_way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Walk as the first files of a scan are walked, by a loop, and as the others are, with a pattern."""
    by_loop = request.param == "loop"
    with (
        patch.object(walker, "PATIENCE", 1 << 40 if by_loop else 0),
        patch.dict(header._WALKER._runs, clear=by_loop),
    ):
        yield
