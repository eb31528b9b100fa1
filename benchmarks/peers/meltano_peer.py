"""One list loaded by a tap of Meltano's SDK and a target. Runs in an environment of its own.

`python meltano_peer.py URL FOLDER LIST SETTING TARGET`; LIST is a path of the API, such as
"workorders"; TARGET is the program of the target. A later run in the same FOLDER is incremental:
it starts from the last state that the target has written. SETTING is "defaults", or "best": a wait
for what the header of a 429 tells, and a tap that says that its records are sorted. "full" is a
full refresh with those of "best".
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fields import KEYS, SCHEMAS
from singer_sdk import RESTStream, Tap
from singer_sdk.authenticators import BearerTokenAuthenticator
from singer_sdk.exceptions import RetriableAPIError
from singer_sdk.pagination import JSONPathPaginator

URL, FOLDER, LIST, SETTING, TARGET = sys.argv[1:6]
BEST = SETTING != "defaults"


class Records(RESTStream[str]):  # type: ignore[misc]
    """The records of the list."""

    name = "records"
    url_base = URL
    path = f"/{LIST}"
    records_jsonpath = f"$.{KEYS[LIST]}[*]"
    primary_keys = ("id",)
    replication_key = "updatedAt"
    is_sorted = BEST
    schema = SCHEMAS[LIST]

    @property
    def authenticator(self) -> Any:
        return BearerTokenAuthenticator(token="sandbox-key-1")

    def get_new_paginator(self) -> Any:
        return JSONPathPaginator("$.nextCursor")

    def get_url_params(self, context: Any, next_page_token: str | None) -> dict[str, Any]:
        query = {"limit": 200, "sort": "updatedAt"}
        if since := self.get_starting_replication_key_value(context):
            query["updatedAt[gte]"] = since
        if next_page_token:
            query["cursor"] = next_page_token
        return query

    if BEST:

        def backoff_wait_generator(self) -> Any:
            def seconds(error: Exception) -> float:
                if isinstance(error, RetriableAPIError) and error.response is not None:
                    return float(error.response.headers.get("X-Rate-Limit-Reset", 0)) + 1
                return 1

            return self.backoff_runtime(value=seconds)


class Peer(Tap):  # type: ignore[misc]
    """The tap."""

    name = "tap-peer"
    config_jsonschema = {"type": "object", "properties": {}}  # noqa: RUF012

    def discover_streams(self) -> Iterable[Any]:
        return [Records(self)]


def main() -> None:
    """Run the tap into the target, and keep its last state."""
    folder = Path(FOLDER)
    folder.mkdir(exist_ok=True)
    state, config = folder / "state.json", folder / "target.json"
    config.write_text(
        json.dumps({"path": str(folder / "peer.duckdb"), "default_target_schema": "raw"})
    )
    arguments = ["--state", str(state)] if state.exists() and SETTING != "full" else []
    tap = subprocess.Popen(
        [sys.executable, *sys.argv[:6], "tap", *arguments],
        stdout=subprocess.PIPE,
    )
    with (folder / "states").open("w") as out:
        target = subprocess.Popen([TARGET, "--config", str(config)], stdin=tap.stdout, stdout=out)
        codes = (tap.wait(), target.wait())
    states = (folder / "states").read_text().splitlines()
    if states:
        state.write_text(states[-1])
    sys.exit(max(codes, key=abs))


if sys.argv[6:7] == ["tap"]:
    Peer.cli(sys.argv[7:])
else:
    main()
