"""How frameworks for agents keep their memory here: each module is for one, and needs its extra."""

from storage.adapters.home import running

__all__ = ["running"]
