"""Which files are meant by the folders, files, containers and DICOMDIRs that a person names."""

from collections.abc import Callable, Iterator, Sequence

from dicomtui.outcomes import Skipped


def gather(
    paths: Sequence[str], stop: Callable[[], bool] = lambda: False
) -> Iterator[list[str] | Skipped]:
    """Yield the files that *paths* mean, a few at a time, each once."""
    raise NotImplementedError


def holds_dicomdir(paths: Sequence[str]) -> bool:
    """Whether one of *paths* is a DICOMDIR, or a folder or container with one at its top."""
    raise NotImplementedError
