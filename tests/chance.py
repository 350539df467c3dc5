"""What tests draw at random: the same in each run, unless somebody explores.

So a commit is green or red whoever tests it, and what only chance would meet is looked for by
itself: with `MEMGLASS_SEED=random`, as `make explore` and `make slow` say, each draw is another
one, and with `MEMGLASS_SEED=1234` it is the one that failed.
"""

from __future__ import annotations

import os
import random
from typing import Final

_SAID: Final = os.environ.get("MEMGLASS_SEED", "")
EXPLORES: Final = bool(_SAID)
"""Whether other draws than the usual ones are asked for."""


def seed_of(usual: int) -> int:
    """Return a seed to draw by, and print it for the one who has to draw so again.

    Args:
        usual: The seed where none is asked for.
    """
    seed = random.SystemRandom().randrange(2**32) if _SAID == "random" else int(_SAID or usual)
    print(f"MEMGLASS_SEED={seed}")
    return seed


def examples(usual: int) -> int:
    """Return how many examples to draw: as many as the suite has time for, or ten times that.

    Args:
        usual: How many where nobody explores.
    """
    return 10 * usual if EXPLORES else usual
