"""Which namespaces and values are meant, as LangGraph's own stores understand it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from storage.langgraph_items import Namespace


class Condition(Protocol):
    """What a namespace has to be like: `MatchCondition` of LangGraph."""

    @property
    def match_type(self) -> str:
        """`prefix` or `suffix`."""

    @property
    def path(self) -> Sequence[str]:
        """The labels that it begins or ends with; `*` is any one of them."""


def begins_with(namespace: Namespace, prefix: Namespace) -> bool:
    """Say whether a namespace is this one, or in it."""
    return namespace[: len(prefix)] == prefix


def matches(namespace: Namespace, conditions: Iterable[Condition]) -> bool:
    """Say whether a namespace fits all conditions."""
    return all(_fits(namespace, condition) for condition in conditions)


def _fits(namespace: Namespace, condition: Condition) -> bool:
    path = tuple(condition.path)
    if len(path) > len(namespace):
        return False
    is_prefix = condition.match_type == "prefix"
    part = namespace[: len(path)] if is_prefix else namespace[len(namespace) - len(path) :]
    return all(wanted in ("*", label) for label, wanted in zip(part, path, strict=True))


def holds(value: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Say whether a value has what a filter asks of each of its fields.

    A field is asked for by its name, or by a path with dots; it has to be equal, or to be compared
    as `{"$gt": 3}` says. What cannot be compared does not fit.

    Raises:
        ValueError: There is no such operator.
    """
    return all(_fits_value(_field(value, name), asked) for name, asked in wanted.items())


def _field(value: Any, path: str) -> Any:
    if isinstance(value, Mapping) and path in value:
        return value[path]
    name, _, rest = path.partition(".")
    if rest and isinstance(value, Mapping) and name in value:
        return _field(value[name], rest)
    return None


def _fits_value(held: Any, asked: Any) -> bool:
    if isinstance(asked, Mapping):
        if any(str(name).startswith("$") for name in asked):
            return all(_compared(held, name, than) for name, than in asked.items())
        return isinstance(held, Mapping) and all(
            _fits_value(held.get(name), part) for name, part in asked.items()
        )
    if isinstance(asked, list | tuple):
        return (
            isinstance(held, list)
            and len(held) == len(asked)
            and all(map(_fits_value, held, asked))
        )
    return _is_equal(held, asked)


def _is_equal(held: Any, asked: Any) -> bool:
    # JSON knows true from 1.
    return isinstance(held, bool) == isinstance(asked, bool) and bool(held == asked)


_OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "$eq": _is_equal,
    "$ne": lambda held, asked: not _is_equal(held, asked),
    "$gt": lambda held, asked: held > asked,
    "$gte": lambda held, asked: held >= asked,
    "$lt": lambda held, asked: held < asked,
    "$lte": lambda held, asked: held <= asked,
}


def _compared(held: Any, operator: str, asked: Any) -> bool:
    compare = _OPERATORS.get(operator)
    if compare is None:
        raise ValueError(f"There is no operator {operator}; there are {', '.join(_OPERATORS)}.")
    try:
        return bool(compare(held, asked))
    except TypeError:
        return False
