"""A mock MaintainX API with reproducible data: the published API over HTTP, data from a seed.

`build` makes the data, `Sandbox` holds it, `serve` answers requests on a socket. Tests change the
data, set faults and a rate limit, and read the request log on the `Sandbox`.
"""

from sandbox.api.faults import Fault, Kind, Quota
from sandbox.api.server import run, serve
from sandbox.api.state import KEY, KEY_OF_ONE, Request, Sandbox
from sandbox.api.webhooks import Trouble
from sandbox.plant.build import build, small
from sandbox.plant.dataset import Dataset

__all__ = [
    "KEY",
    "KEY_OF_ONE",
    "Dataset",
    "Fault",
    "Kind",
    "Quota",
    "Request",
    "Sandbox",
    "Trouble",
    "build",
    "run",
    "serve",
    "small",
]
