"""Benchmarks print ratios below the test run; without ``--benchmark-enable`` they are skipped."""

from collections.abc import Callable

import pytest

Report = Callable[[str, float], None]

_LINES = pytest.StashKey[list[str]]()


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Print a ratio when all is done: what was measured against what, and how often the one is the other."""
    config = request.config
    if not config.getoption("benchmark_enable") and not config.getoption("benchmark_only"):
        pytest.skip("a benchmark: --benchmark-enable runs it")

    def report(what: str, ratio: float) -> None:
        config.stash.setdefault(_LINES, []).append(f"{ratio:10.3g}  {what}")

    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the ratios."""
    if lines := config.stash.get(_LINES, []):
        terminalreporter.section("ratios")
        terminalreporter.write("\n".join(lines) + "\n")
