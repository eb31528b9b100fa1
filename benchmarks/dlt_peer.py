"""The same work orders loaded by dlt's rest_api source. Runs in an environment of its own.

`python dlt_peer.py URL FOLDER SETTING`; SETTING is "defaults" or "best": Parquet, no nested tables.
"""

import os
import sys

URL, FOLDER, SETTING = sys.argv[1:]
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["DLT_DATA_DIR"] = FOLDER

import dlt  # noqa: E402
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator  # noqa: E402
from dlt.sources.rest_api import rest_api_source  # noqa: E402

source = rest_api_source(
    {
        "client": {
            "base_url": URL,
            "paginator": JSONResponseCursorPaginator(
                cursor_path="nextCursor", cursor_param="cursor"
            ),
        },
        "resources": [
            {
                "name": "work_orders",
                "endpoint": {
                    "path": "workorders",
                    "params": {"limit": 200},
                    "data_selector": "workOrders",
                },
            }
        ],
    }
)
if SETTING == "best":
    source.max_table_nesting = 0
pipeline = dlt.pipeline(
    "peer",
    pipelines_dir=FOLDER,
    destination=dlt.destinations.duckdb(f"{FOLDER}/peer.duckdb"),
    dataset_name="raw",
)
pipeline.run(source, loader_file_format="parquet" if SETTING == "best" else None)
