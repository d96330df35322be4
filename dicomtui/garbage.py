"""How seldom Python looks for garbage while objects are made by the hundred thousand."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_GARBAGE = (2_000, 5, 5_000)
"""Objects between two searches, and how many searches there are before a larger one: the last is for all."""


@contextmanager
def few_searches_for_garbage() -> Iterator[None]:
    """Keep Python from looking through all that the program has loaded, a tenth of a second each time.

    What a scan makes goes by itself. What is loaded when the first one begins stays loaded, and is left out
    from then on.
    """
    before = gc.get_threshold()
    if not gc.get_freeze_count():
        gc.freeze()
    gc.set_threshold(*_GARBAGE)
    try:
        yield
    finally:
        gc.set_threshold(*before)
