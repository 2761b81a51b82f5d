"""Tables: contestants as Markdown."""

from collections.abc import Iterable, Iterator, Sequence

from tests.bench.contestant import Contestant, Counts

TIMES = ("program", "seconds", "CPU seconds", "times the floor", "peak memory")


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table: words on the left, numbers on the right."""
    yield _line(headers)
    yield "|---|" + "--:|" * (len(headers) - 1)
    yield from map(_line, rows)
    yield ""


def times(everyone: Sequence[Contestant]) -> Iterator[str]:
    """What each took."""
    fastest = _fastest_floor(everyone)
    yield from table(TIMES, ([one.name, *_took(one, fastest)] for one in everyone))


def times_and_counts(everyone: Sequence[Contestant]) -> Iterator[str]:
    """What each took, how many controls it answered and how many of its counts are the floor's."""
    fastest, floor = _fastest_floor(everyone), next(one for one in everyone if one.is_floor).found
    rows = ([one.name, *_took(one, fastest), *_agreement(one, floor)] for one in everyone)
    yield from table([*TIMES, "controls", "the floor's counts"], rows)


def _line(cells: Sequence[str]) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |"


def _fastest_floor(everyone: Sequence[Contestant]) -> float:
    """Seconds of the fastest floor."""
    return min((one.median for one in everyone if one.is_floor and not one.failure), default=float("nan"))


def _took(one: Contestant, fastest: float) -> list[str]:
    """Cells on what one took, or on why it took nothing."""
    if one.failure:
        return [one.failure, "", "", f"{one.peak:,.0f} MB" if one.megabytes else ""]
    return [f"{one.median:.2f}", f"{one.median_busy:.2f}", f"{one.median / fastest:.1f}", f"{one.peak:,.0f} MB"]


def _agreement(one: Contestant, floor: Counts) -> list[str]:
    """Cells on the controls that one answered and the counts that are the floor's."""
    if one.failure:
        return ["", ""]
    answered = [control for control in floor if control in one.found]
    same = [control for control in answered if one.found[control] == floor[control]]
    return [f"{len(answered)} of {len(floor)}", str(len(same))]
