"""One list loaded by dlt's rest_api source. Runs in an environment of its own.

`python dlt_peer.py URL FOLDER LIST SETTING`; LIST is a path of the API, such as "workorders". A
later run in the same FOLDER is incremental. SETTING is "defaults", or "best": Parquet files, no
nested tables, and more patience with a rate limit. "full" is a full refresh with those of "best".
"""

import os
import sys
from pathlib import Path

URL, FOLDER, LIST, SETTING = sys.argv[1:]
KEYS = {"workorders": "workOrders", "parts": "parts"}
BEST = SETTING != "defaults"
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["DLT_DATA_DIR"] = FOLDER
if BEST:
    # The default waits 15 seconds in five attempts, but a window of the API lasts 60.
    os.environ["RUNTIME__REQUEST_MAX_ATTEMPTS"] = "10"
    os.environ["RUNTIME__REQUEST_MAX_RETRY_DELAY"] = "60"

import dlt  # noqa: E402
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator  # noqa: E402
from dlt.sources.rest_api import rest_api_source  # noqa: E402

source = rest_api_source(
    {
        "client": {
            "base_url": URL,
            "auth": {"type": "bearer", "token": "sandbox-key-1"},
            "paginator": JSONResponseCursorPaginator(
                cursor_path="nextCursor", cursor_param="cursor"
            ),
        },
        "resources": [
            {
                "name": "records",
                "primary_key": "id",
                "write_disposition": "merge",
                "endpoint": {
                    "path": LIST,
                    "params": {"limit": 200, "sort": "updatedAt"},
                    "data_selector": KEYS[LIST],
                    "incremental": {
                        "start_param": "updatedAt[gte]",
                        "cursor_path": "updatedAt",
                        "initial_value": "2000-01-01T00:00:00.000Z",
                        "row_order": "asc",
                    },
                },
            }
        ],
    }
)
if BEST:
    source.max_table_nesting = 0
Path(FOLDER).mkdir(exist_ok=True)
pipeline = dlt.pipeline(
    "peer",
    pipelines_dir=FOLDER,
    destination=dlt.destinations.duckdb(f"{FOLDER}/peer.duckdb"),
    dataset_name="raw",
)
pipeline.run(
    source,
    loader_file_format="parquet" if BEST else None,
    refresh="drop_data" if SETTING == "full" else None,
)
