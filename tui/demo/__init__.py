"""The demo memory: eleven weeks of a coding agent, and why it deployed on a Friday.

Everything in it is made up, from words in `data/` and a fixed seed: two runs give the same rows.
"""

from tui.demo.build import create_demo
from tui.demo.clock import DEMO_EPOCH, DEMO_WEEKS, DEMO_ZONE
from tui.demo.memory import DEMO_LIVE, DEMO_RELEASE_LIVE

__all__ = [
    "DEMO_EPOCH",
    "DEMO_LIVE",
    "DEMO_RELEASE_LIVE",
    "DEMO_WEEKS",
    "DEMO_ZONE",
    "create_demo",
]
