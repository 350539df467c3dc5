"""What the commands share that read a memory: opening it, and finding what somebody means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui.cli import check, fail

if TYPE_CHECKING:
    from datetime import datetime

    from storage import Named, SQLiteStore

_LISTED: Final = 8


def prepare(file: Path, *, is_exact: bool = False) -> None:
    """Refuse what is no memory, and follow the person's configuration.

    Args:
        file: The memory.
        is_exact: Whether what is written has to be what is stored, secrets and all.
    """
    check(file)
    follow_configuration(is_exact=is_exact)


def follow_configuration(*, is_exact: bool = False) -> None:
    """Show times in the zone, and mask secrets, as the person's configuration says.

    Args:
        is_exact: Whether secrets are none of its business, only the zone.
    """
    from tui.config import apply_to_process, load_config
    from tui.text import hide_secrets

    config = load_config()
    apply_to_process(config)
    if not is_exact:
        hide_secrets(config.mask_secrets)


async def find_one(store: SQLiteStore, text: str, kind: str | None) -> Named | None:
    """Find what somebody calls by an id or a name; None where there is no such thing.

    Several that fit end the process with a sentence that lists them.
    """
    found = await store.lookup.find(text, kind)
    if len(found) > 1:
        from tui.history_wording import noun

        listed = ", ".join(f"{noun(each.kind)} {each.record_id}" for each in found[:_LISTED])
        more = f" and {len(found) - _LISTED:,} more" if len(found) > _LISTED else ""
        fail(f"{text} may be {listed}{more}; say one by its id, with --kind where that is needed.")
    return found[0] if found else None


def moment_of(text: str) -> datetime:
    """Read a time as a person types it; without a zone it is local.

    Raises:
        ValidationError: It is no time.
    """
    from datetime import datetime

    from storage import read_time

    return read_time(text, datetime.now().astimezone())
