"""What would hold keys up is done when nobody types."""

import asyncio
import time

from dicomtui.tui.rest import REST_SECONDS, Rest


async def _typed(rest: Rest, times: int) -> float:
    """Type; return the longest pause in seconds, which a busy machine makes longer."""
    longest, last = 0.0, time.monotonic()
    for _ in range(times):
        rest.typed()
        await asyncio.sleep(REST_SECONDS / 6)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    return longest


async def test_it_is_done_once_after_the_last_key_and_not_between() -> None:
    done: list[float] = []
    rest = Rest(lambda: done.append(time.monotonic()))
    for _ in range(2):
        done.clear()
        if await _typed(rest, 12) < REST_SECONDS:
            assert not done
            await asyncio.sleep(REST_SECONDS * 2)
            assert len(done) == 1
            await asyncio.sleep(REST_SECONDS * 2)
            assert len(done) == 1


async def test_nothing_is_done_for_who_does_not_type() -> None:
    done: list[float] = []
    Rest(lambda: done.append(time.monotonic()))
    await asyncio.sleep(REST_SECONDS * 2)
    assert not done
