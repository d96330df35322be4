"""De-identifies many files in worker processes, resumably."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.options import DeidentifyOptions
from dicomtui.outcomes import Skipped, Step
from dicomtui.pool import Pool


def deidentify(
    sources: Iterable[list[str] | Skipped],
    out: str,
    options: DeidentifyOptions,
    key: Key,
    pool: Pool,
    *,
    inputs: Sequence[str] = (),
    resume: bool = False,
    dry_run: bool = False,
    dicomdir: bool = False,
    mapping: str | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Step]:
    """De-identify *sources* into the folder *out*."""
    raise NotImplementedError
