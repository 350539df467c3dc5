"""Where what belongs to a file is kept for this user: by its name, and by where it really is."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

_LONGEST: Final = 100


def data_folder() -> Path:
    """Return the folder for the data of this program."""
    from platformdirs import user_data_path

    return user_data_path("memglass", appauthor=False)


def name_for(path: Path) -> str:
    """Return a name that says which file is meant; digits tell apart those of the same name.

    It is the same by whatever link the file is named.
    """
    real = os.path.realpath(path)
    digits = hashlib.sha256(os.fsencode(real)).hexdigest()[:12]
    # A folder may hold no name of more than 255 bytes.
    name = os.fsencode(Path(real).name)[:_LONGEST].decode("utf-8", "ignore")
    return f"{name}-{digits}"
