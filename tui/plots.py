"""Plots as plain lines of text, drawn by plotext; marks and labels tell all that colours could.

plotext keeps one figure for the whole process and takes up to a tenth of a second for a large
one: these functions are for a thread beside the event loop, where each waits for its turn.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

_ONE_FIGURE: Final = threading.Lock()
_LINE: Final = "\u00b7"
_POINT: Final = "o"
_CHOSEN: Final = "X"


class Plot(NamedTuple):
    """A plot.

    Attributes:
        lines: Its lines, top down.
        left: The first cell of the area that is plotted in.
        right: The cell after that area.
    """

    lines: Sequence[str]
    left: int
    right: int


def bars(
    series: Sequence[Sequence[int]], marks: str, ticks: Mapping[int, str], width: int, height: int
) -> Plot:
    """Draw bars that are stacked from several series.

    Args:
        series: For each series one number a bar.
        marks: For each series the character that it is drawn with.
        ticks: What stands below some of the bars, by their number from 0.
        width: Cells, 20 or more.
        height: Lines, 5 or more.
    """
    with _ONE_FIGURE:
        plot = _figure(width, height)
        numbers = list(range(len(series[0])))
        plot.stacked_bar(numbers, [list(each) for each in series], marker=list(marks), width=0.999)
        plot.xticks(list(ticks), list(ticks.values()))
        top = max((sum(stack) for stack in zip(*series, strict=True)), default=0)
        plot.yticks([0, top / 2, top] if top > 1 else [0, top], _spelled(top))
        return _built(plot)


def course(
    values: Sequence[float], chosen: int, ends: tuple[str, str], width: int, height: int
) -> Plot:
    """Draw how values between 0 and 1 followed one another, at even distances.

    Args:
        values: The values; at least one.
        chosen: The number of the one that has a mark of its own, from 0.
        ends: What stands below the first and the last.
        width: Cells, 20 or more.
        height: Lines, 5 or more.
    """
    numbers = list(range(len(values)))
    with _ONE_FIGURE:
        plot = _figure(width, height)
        plot.plot(numbers, list(values), marker=_LINE)
        plot.scatter(numbers, list(values), marker=_POINT)
        plot.scatter([chosen], [values[chosen]], marker=_CHOSEN)
        plot.ylim(0, 1)
        plot.yticks([0, 0.5, 1], ["0", ".50", "1"])
        plot.xticks([numbers[0], numbers[-1]][: len(set(numbers))], list(ends)[: len(set(numbers))])
        return _built(plot)


def _spelled(top: int) -> list[str]:
    marks = [0, top // 2, top] if top > 1 else [0, top]
    return [f"{mark:,}" for mark in marks]


def _figure(width: int, height: int) -> Any:
    import plotext  # type: ignore[import-untyped]

    plotext.clear_figure()
    plotext.theme("clear")
    # Else it goes by the terminal that the process was started in, and not by the widget.
    plotext.limit_size(False, False)
    plotext.plotsize(width, height)
    return plotext


def _built(plot: Any) -> Plot:
    lines = [line.rstrip() for line in plot.uncolorize(plot.build()).split("\n")]
    floor = next((line for line in lines if "\u2514" in line), "")
    return Plot([line for line in lines if line], floor.find("\u2514") + 1, floor.find("\u2518"))
