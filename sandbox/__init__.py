"""A MaintainX of our own: the published API over HTTP, with a plant's data drawn from a seed.

`build` makes the data, `Sandbox` holds it and answers, `serve` puts it behind a socket. Tests
change the data, set faults and a quota, and read the log of requests on the `Sandbox`.
"""

from sandbox.api.faults import Fault, Kind, Quota
from sandbox.api.server import run, serve
from sandbox.api.state import KEY, KEY_OF_ONE, Request, Sandbox
from sandbox.plant.dataset import Dataset, build, small

__all__ = [
    "KEY",
    "KEY_OF_ONE",
    "Dataset",
    "Fault",
    "Kind",
    "Quota",
    "Request",
    "Sandbox",
    "build",
    "run",
    "serve",
    "small",
]
