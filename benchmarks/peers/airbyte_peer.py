"""One list loaded by PyAirbyte from a declarative source. Runs in an environment of its own.

`python airbyte_peer.py URL FOLDER LIST SETTING`; LIST is a path of the API, such as "workorders".
A later run in the same FOLDER is incremental. SETTING is "defaults", or "best": a budget of calls,
and a wait for what the header of a 429 tells. "full" is a full refresh with those of "best".
"""

import os
import sys
from pathlib import Path

URL, FOLDER, LIST, SETTING = sys.argv[1:]
# It asks a registry for connectors, and this one is in this file.
os.environ["AIRBYTE_OFFLINE_MODE"] = "1"
os.environ["DO_NOT_TRACK"] = "1"
os.environ["AIRBYTE_PROJECT_DIR"] = FOLDER
os.environ["AIRBYTE_LOGGING_ROOT"] = FOLDER

import airbyte  # noqa: E402
from fields import KEYS, SCHEMAS  # noqa: E402

TIME = "%Y-%m-%dT%H:%M:%S.%_msZ"
requester = {
    "type": "HttpRequester",
    "url_base": URL,
    "path": f"/{LIST}",
    "http_method": "GET",
    "authenticator": {"type": "BearerAuthenticator", "api_token": "sandbox-key-1"},
    "request_parameters": {"limit": "200", "sort": "updatedAt"},
}
manifest = {
    "version": "6.0.0",
    "type": "DeclarativeSource",
    "check": {"type": "CheckStream", "stream_names": ["records"]},
    "streams": [
        {
            "type": "DeclarativeStream",
            "name": "records",
            "primary_key": ["id"],
            "schema_loader": {"type": "InlineSchemaLoader", "schema": SCHEMAS[LIST]},
            "retriever": {
                "type": "SimpleRetriever",
                "requester": requester,
                "record_selector": {
                    "type": "RecordSelector",
                    "extractor": {"type": "DpathExtractor", "field_path": [KEYS[LIST]]},
                },
                "paginator": {
                    "type": "DefaultPaginator",
                    "page_token_option": {
                        "type": "RequestOption",
                        "inject_into": "request_parameter",
                        "field_name": "cursor",
                    },
                    "pagination_strategy": {
                        "type": "CursorPagination",
                        "cursor_value": "{{ response.get('nextCursor') }}",
                        "stop_condition": "{{ not response.get('nextCursor') }}",
                    },
                },
            },
            "incremental_sync": {
                "type": "DatetimeBasedCursor",
                "cursor_field": "updatedAt",
                "datetime_format": TIME,
                "start_datetime": {
                    "type": "MinMaxDatetime",
                    "datetime": "2000-01-01T00:00:00.000Z",
                    "datetime_format": TIME,
                },
                "start_time_option": {
                    "type": "RequestOption",
                    "inject_into": "request_parameter",
                    "field_name": "updatedAt[gte]",
                },
            },
        }
    ],
    "spec": {
        "type": "Spec",
        "connection_specification": {"type": "object", "properties": {}},
    },
}
if SETTING != "defaults":
    requester["error_handler"] = {
        "type": "DefaultErrorHandler",
        "max_retries": 10,
        "backoff_strategies": [{"type": "WaitTimeFromHeader", "header": "X-Rate-Limit-Reset"}],
    }
    manifest["api_budget"] = {
        "type": "HTTPAPIBudget",
        "ratelimit_remaining_header": "X-Rate-Limit-Remaining",
        "policies": [
            {
                "type": "MovingWindowCallRatePolicy",
                "rates": [{"limit": 100, "interval": "PT1M"}],
                "matchers": [],
            }
        ],
    }

# As a process of its own, as Airbyte runs connectors: given as `source_manifest`, PyAirbyte 0.71.3
# ignores the state of the last run and reads everything again.
source = airbyte.get_source(
    "source-peer",
    config={"__injected_declarative_manifest": manifest},
    local_executable=Path(sys.executable).with_name("source-declarative-manifest"),
)
source.select_all_streams()
cache = airbyte.caches.DuckDBCache(db_path=f"{FOLDER}/peer.duckdb", schema_name="raw")
if SETTING == "full":
    source.read(cache=cache, force_full_refresh=True, write_strategy="replace")
else:
    source.read(cache=cache)
