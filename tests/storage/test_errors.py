"""The errors of the library, as another process and a copy of them have them."""

from __future__ import annotations

import copy
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from storage import (
    FileError,
    JSONEncodeError,
    MigrationRequiredError,
    StorageError,
    UndoConflictError,
    ValidationError,
)

ERRORS = (
    FileError("memory.db is a folder."),
    ValidationError("confidence is none.", field="confidence"),
    JSONEncodeError("details.x is inf.", path="details.x"),
    UndoConflictError("p has changed.", record_id="p", kind="pattern"),
    MigrationRequiredError("memory.db is older.", ("create table patterns",)),
)


def named(error: StorageError) -> str:
    return type(error).__name__


def told(error: BaseException) -> tuple[object, ...]:
    return type(error), str(error), error.args, vars(error)


@pytest.mark.parametrize("error", ERRORS, ids=named)
def test_a_copy_of_an_error_says_the_same(error: StorageError) -> None:
    assert told(copy.copy(error)) == told(copy.deepcopy(error)) == told(error)


def fail(number: int) -> None:
    raise ERRORS[number]


def test_an_error_of_a_worker_reaches_who_waits_for_it() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as workers:
        raised = [workers.submit(fail, number).exception(60) for number in range(len(ERRORS))]
    # Where it was raised is told along with it.
    assert [told(error)[:3] for error in raised if error] == [told(error)[:3] for error in ERRORS]
    assert getattr(raised[1], "field", None) == "confidence"
