"""The Agents SDK itself, with its own scripted model, over a session that is kept in a memory."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import SQLiteStore
from storage.adapters.openai_agents import MemglassSession
from tests.chance import examples

if TYPE_CHECKING:
    from agents import Session

agents = pytest.importorskip("agents", reason="make adapters installs the Agents SDK")
testing = pytest.importorskip("agents.testing")

# The SDK says who called what to a server of its makers, unless it is told not to.
agents.set_tracing_disabled(True)


def as_session(session: MemglassSession) -> Session:
    """Fails to type-check where the SDK would not take it."""
    return session


@pytest.fixture
async def session(store: SQLiteStore) -> MemglassSession:
    return MemglassSession("s-1", store)


async def run(way: str, agent: Any, asked: str, **options: Any) -> Any:
    """Ask an agent in one of the ways that the SDK has."""
    if way == "run":
        return await agents.Runner.run(agent, asked, **options)
    if way == "run_streamed":
        result = agents.Runner.run_streamed(agent, asked, **options)
        async for _ in result.stream_events():
            pass
        return result
    return await asyncio.to_thread(in_a_loop_of_its_own, agent, asked, **options)


def in_a_loop_of_its_own(agent: Any, asked: str, **options: Any) -> Any:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        return agents.Runner.run_sync(agent, asked, **options)
    finally:
        loop.close()


def told(model: Any) -> list[Any]:
    """What the model was told last, as texts."""
    return [
        item["content"] if isinstance(item.get("content"), str) else item["content"][0]["text"]
        for item in model.calls[-1].input
    ]


def limited(limit: int | None) -> Any:
    return agents.RunConfig(session_settings=agents.SessionSettings(limit=limit))


def test_the_sdk_takes_it_for_a_session(store: SQLiteStore) -> None:
    assert isinstance(as_session(MemglassSession("s-1", store)), agents.Session)


@pytest.mark.parametrize("way", ["run", "run_sync", "run_streamed"])
async def test_an_agent_is_told_what_was_said_before(session: MemglassSession, way: str) -> None:
    model = testing.ScriptedModel([[testing.assistant_message(f"Reply {n}")] for n in (1, 2)])
    agent = agents.Agent(name="test", model=model)
    assert (await run(way, agent, "Message 1", session=session)).final_output == "Reply 1"
    assert (await run(way, agent, "Message 2", session=session)).final_output == "Reply 2"
    assert told(model) == ["Message 1", "Reply 1", "Message 2"]
    assert len(await session.get_items()) == 4


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (0, ["Message 3"]),
        (2, ["Message 2", "Reply 2", "Message 3"]),
        (None, ["Message 1", "Reply 1", "Message 2", "Reply 2", "Message 3"]),
        (100, ["Message 1", "Reply 1", "Message 2", "Reply 2", "Message 3"]),
    ],
)
async def test_an_agent_is_told_as_much_as_the_run_allows(
    session: MemglassSession, limit: int | None, expected: list[str]
) -> None:
    session.session_settings = agents.SessionSettings(limit=100)
    model = testing.ScriptedModel([[testing.assistant_message(f"Reply {n}")] for n in (1, 2, 3)])
    agent = agents.Agent(name="test", model=model)
    for number in (1, 2):
        await run("run", agent, f"Message {number}", session=session)
    await run("run", agent, "Message 3", session=session, run_config=limited(limit))
    assert told(model) == expected


async def test_calls_of_tools_stand_beside_what_they_gave(
    session: MemglassSession, store: SQLiteStore
) -> None:
    @agents.function_tool  # type: ignore[untyped-decorator, unused-ignore]
    def weather(place: str) -> str:
        return f"sunny in {place}"

    model = testing.ScriptedModel(
        [
            [testing.function_call("weather", {"place": "Bern"}, call_id="call_1")],
            [testing.assistant_message("It is sunny.")],
        ]
    )
    agent = agents.Agent(name="test", model=model, tools=[weather])
    await run("run", agent, "What is the weather?", session=session)
    found = [record async for record in store.iter_interactions(session_id="s-1")]
    assert [(each["action"], each["details"].get("call_id")) for each in reversed(found)] == [
        ("message", None),
        ("function_call", "call_1"),
        ("function_call_output", "call_1"),
        ("message", None),
    ]
    assert found[1]["content"] == "sunny in Bern"


async def test_a_conversation_goes_on_in_another_process_as_it_were(path: Path) -> None:
    model = testing.ScriptedModel([[testing.assistant_message(f"Reply {n}")] for n in (1, 2)])
    agent = agents.Agent(name="test", model=model)
    for number in (1, 2):
        async with SQLiteStore(path) as store:
            await run("run", agent, f"Message {number}", session=MemglassSession("s-1", store))
    assert told(model) == ["Message 1", "Reply 1", "Message 2"]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 3)),
        st.tuples(st.just("pop"), st.just(0)),
        st.tuples(st.just("get"), st.sampled_from([None, -1, 0, 1, 2, 3, 50])),
        st.tuples(st.just("clear"), st.just(0)),
    ),
    max_size=14,
)


@given(steps=STEPS)
@settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_it_does_what_the_session_of_the_sdk_does(tmp_path_factory: Any, steps: Any) -> None:
    theirs = agents.SQLiteSession("s-1")
    async with SQLiteStore(tmp_path_factory.mktemp("law") / "memory.db") as store:
        ours = MemglassSession("s-1", store)
        for number, (step, argument) in enumerate(steps):
            if step == "add":
                items: Any = [
                    {"role": "user", "content": f"{number}.{at}"} for at in range(argument)
                ]
                await theirs.add_items(items)
                await ours.add_items(items)
            elif step == "pop":
                assert await ours.pop_item() == await theirs.pop_item()
            elif step == "clear":
                await theirs.clear_session()
                await ours.clear_session()
            else:
                assert await ours.get_items(argument) == await theirs.get_items(argument)
        assert await ours.get_items() == await theirs.get_items()
    theirs.close()
