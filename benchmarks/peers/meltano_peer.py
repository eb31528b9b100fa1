"""One list loaded by a tap of Meltano's SDK and a target. Runs in an environment of its own.

`python meltano_peer.py URL FOLDER LIST SETTING TARGET`; LIST is a path of the API, such as
"workorders"; TARGET is the program of the target. A later run in the same FOLDER is incremental:
it starts from the last state that the target has told. SETTING is "defaults", or "best": a wait
for what the header of a 429 tells, a tap that says that its records are sorted, and a target that
loads, and tells a state, after 7,000 records. "full" is a full refresh with those of "best".
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
    """Run the tap into the target, from the last state that a target told, also one that died."""
    folder = Path(FOLDER)
    folder.mkdir(exist_ok=True)
    told, state, config = (folder / name for name in ("states", "state.json", "target.json"))
    settings = {"path": str(folder / "peer.duckdb"), "default_target_schema": "raw"}
    config.write_text(json.dumps(settings | ({"batch_size_rows": 7000} if BEST else {})))
    arguments = []
    if SETTING != "full" and told.exists() and (lines := told.read_text().splitlines()):
        state.write_text(lines[-1])
        arguments = ["--state", str(state)]
    tap = subprocess.Popen(
        [sys.executable, *sys.argv[:6], "tap", *arguments], stdout=subprocess.PIPE
    )
    with told.open("a") as out:
        target = subprocess.Popen([TARGET, "--config", str(config)], stdin=tap.stdout, stdout=out)
        codes = (tap.wait(), target.wait())
    sys.exit(max(codes, key=abs))


if sys.argv[6:7] == ["tap"]:
    Peer.cli(sys.argv[7:])
else:
    main()
