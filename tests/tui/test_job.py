"""A long job: progress, stopping, quitting, what is listed in the end."""

import threading
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dicomtui.errors import WriteError
from dicomtui.outcomes import Failed, Outcome, Skipped, Step, Written
from dicomtui.tui.screens.job import Job, JobMoved
from dicomtui.tui.screens.job_screen import JobScreen
from dicomtui.tui.screens.job_summary import counts, duration_text, progress_text, share, state_text
from dicomtui.tui.screens.reader import TextLines
from tests.builders import ct, write
from tests.tui.driving import Driver, browser_on


class Work:
    """A task that does one file whenever it is let."""

    title, folder = "Copy [@click=app.quit]x[/]", "/tmp/[/]out"
    looking = "looking around"
    after_stop = "start again to go on"

    def __init__(self, total: int = 6) -> None:
        self.total, self.closed = total, False
        self.let = threading.Semaphore(0)

    def outcome(self, number: int) -> Outcome:
        if number % 3 == 1:
            return Skipped(f"/in/{number}.dcm", "it is ultrasound")
        if number % 3 == 2:
            return Failed(f"/in/[@click=app.quit]{number}[/].dcm", "\x1b]0;PWN\x07[/x]")
        return Written(f"/in/{number}.dcm", f"/out/{number}.dcm")

    def steps(self, stop: Callable[[], bool]) -> Generator[Step, None, None]:
        try:
            for number in range(self.total):
                while not self.let.acquire(timeout=0.02):
                    if stop():
                        return
                    yield Step((), number, self.total, complete=True)
                yield Step([self.outcome(number)], number + 1, self.total, complete=True)
        finally:
            self.closed = True

    def remarks(self) -> list[str]:
        return ["read [/report]"]


@asynccontextmanager
async def job_on(tmp_path: Path, work: Work, size: tuple[int, int] = (100, 30)) -> AsyncIterator[Driver]:
    write(ct(), tmp_path / "a.dcm")
    async with browser_on(tmp_path, size=size) as driver:
        await driver.until_status(" ms")
        driver.app.push_screen(JobScreen(work))
        await driver.until(lambda: isinstance(driver.app.screen, JobScreen), "the job")
        yield driver


async def test_it_says_how_far_it_is_and_what_came_of_it(tmp_path: Path) -> None:
    work = Work()
    async with job_on(tmp_path, work) as driver:
        await driver.until(lambda: "0 of 6 files" in driver.text(), "the total")
        for _ in range(3):
            work.let.release()
        await driver.until(lambda: "3 of 6 files" in driver.text(), "progress")
        assert " 50 %" in driver.text()
        assert "files/s" in driver.text()
        assert " left" in driver.text()
        for _ in range(3):
            work.let.release()
        await driver.until(lambda: "done, but 2 files failed" in driver.text(), "the end")
        text = driver.text()
        assert "Written   2" in text
        assert "Left out  2  it is ultrasound" in text
        assert "Not written · 4" in text
        assert "read [/report]" in text
        assert "\x1b" not in text


async def test_escape_stops_it_and_then_closes(tmp_path: Path) -> None:
    work = Work()
    async with job_on(tmp_path, work) as driver:
        work.let.release()
        await driver.until(lambda: "1 of 6 files" in driver.text(), "the first file")
        await driver.press("escape")
        await driver.until(lambda: "stopped: 1 of 6 files; start again to go on" in driver.text(), "the end")
        assert " 16 %" in driver.text()
        assert work.closed
        await driver.press("escape")
        assert driver.app.screen is driver.browser


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_quitting_asks_while_it_runs(tmp_path: Path, key: str) -> None:
    work = Work()
    async with job_on(tmp_path, work) as driver:
        await driver.until(lambda: "0 of 6 files" in driver.text(), "the total")
        await driver.press(key)
        await driver.until(lambda: "stop at once and quit" in driver.text(), "the question")
        await driver.press("enter")  # go on
        assert isinstance(driver.app.screen, JobScreen)
        assert not work.closed
        await driver.press(key, "j", "enter")
        await driver.until(lambda: work.closed, "the end of the work")
        assert driver.app._exit


async def test_a_file_that_failed_is_explained_while_it_runs(tmp_path: Path) -> None:
    work = Work()
    async with job_on(tmp_path, work) as driver:
        for _ in range(3):
            work.let.release()
        await driver.until(lambda: "Not written · 2" in driver.text(), "two files")
        await driver.press("enter")
        await driver.until(lambda: "/in/1.dcm" in driver.text() and "Esc back" in driver.text(), "a page")


async def test_the_whole_of_a_long_reason_is_seen_in_a_small_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, reason = Work(1), " ".join(f"word{number}" for number in range(30))
    monkeypatch.setattr(work, "outcome", lambda _: Failed("/in/a.dcm", reason))
    async with job_on(tmp_path, work, (80, 24)) as driver:
        work.let.release()
        await driver.until(lambda: "1 file failed" in driver.text(), "the end")
        await driver.press("i")
        await driver.until(lambda: "Esc back" in driver.text(), "a page")
        assert reason in " ".join(driver.lines(driver.app.screen.query_one(TextLines)))


async def test_a_small_terminal_shows_it_all(tmp_path: Path) -> None:
    work = Work()
    async with job_on(tmp_path, work, (60, 20)) as driver:
        for _ in range(6):
            work.let.release()
        await driver.until(lambda: "done, but 2 files failed" in driver.text(), "the end")
        assert "Written   2" in driver.text()
        assert "it is ultrasound" in driver.text()
        assert "Esc close" in driver.text()


async def test_the_browser_ends_while_a_job_runs(tmp_path: Path) -> None:
    work = Work()
    async with job_on(tmp_path, work):
        pass
    end = time.monotonic() + 10
    while not work.closed:
        assert time.monotonic() < end
        time.sleep(0.01)


# --- the job itself ---


def ended(steps: Callable[[Callable[[], bool]], Generator[Step, None, None]]) -> tuple[Job, list[JobMoved]]:
    """Run a job to its end."""
    said: list[JobMoved] = []
    over = threading.Event()

    def hear(message: object) -> None:
        assert isinstance(message, JobMoved)
        said.append(message)
        if message.job.ended:
            over.set()

    job = Job(steps, hear)
    job.start()
    assert over.wait(10)
    return job, said


def test_messages_are_few_and_lose_no_outcome() -> None:
    def steps(_: object) -> Generator[Step, None, None]:
        for number in range(5000):
            yield Step([Skipped(f"{number}", "odd")], number + 1, 5000, complete=True)

    job, said = ended(steps)
    assert [outcome.source for message in said for outcome in message.unwritten] == list(
        map(str, range(5000))
    )
    assert len(said) <= 15 * job.seconds + 2
    assert job.skipped == {"odd": 5000}


@pytest.mark.parametrize(
    ("error", "said"), [(WriteError("/out: disk\x1b full"), "/out: disk"), (KeyError("Doe^Jane"), "KeyError")]
)
def test_what_ends_a_job_early_is_one_line_without_values(error: Exception, said: str) -> None:
    def steps(_: object) -> Generator[Step, None, None]:
        yield Step([Written("a", "b")], 1, 2, complete=True)
        raise error

    job, _ = ended(steps)
    assert said in state_text(job)
    assert "Doe" not in job.reason
    assert "\x1b" not in job.reason
    assert job.written == 1


def test_what_is_stopped_before_the_whole_is_known_shows_no_full_bar() -> None:
    job = Job(lambda stop: iter(()), lambda _: None)  # type: ignore[arg-type,return-value]
    job._take(Step((), 232, 542, complete=False))
    job.stop()
    job.ended = True
    assert share(job) == pytest.approx(232 / 542)
    assert state_text(job) == "stopped: 232 of 542+ files"
    job._take(Step((), 542, 542, complete=False))
    assert (share(job) or 1) < 1
    job._take(Step((), 0, 0, complete=True))
    assert share(job) == 0
    assert state_text(job, "x") == "stopped: before the first file; x"


def test_many_reasons_are_summed_up() -> None:
    def steps(_: object) -> Generator[Step, None, None]:
        yield Step([Failed("a", f"reason {number}") for number in range(9)], 9, 9, complete=True)

    job, _ = ended(steps)
    lines = [text for _, text in counts(job)]
    assert lines[:2] == ["0", "9"]
    assert lines[-1] == "5  for 5 other reasons"


def test_without_a_total_there_is_no_time_left() -> None:
    def steps(_: object) -> Iterator[Step]:
        yield Step((), 3, 10, complete=False)

    job = Job(steps, lambda _: None)  # type: ignore[arg-type]
    job._take(Step((), 3, 10, complete=False))
    assert job.seconds_left is None
    assert "3 of 10+ files" in progress_text(job)
    assert "still looking for files" in progress_text(job)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.42, "0.4 s"), (12.3, "12 s"), (59.7, "1:00 min"), (185, "3:05 min"), (3725, "1:02 h")],
)
def test_times_are_written_as_people_say_them(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
