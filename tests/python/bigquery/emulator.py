"""bqemulator without DuckDB's spatial extension, which is downloaded for each version of DuckDB.

`python -m tests.python.bigquery.emulator start --help` shows its options.
"""

from bqemulator.cli import main
from bqemulator.storage.engine import DuckDBEngine

DuckDBEngine._load_spatial = lambda _engine: None


if __name__ == "__main__":
    main()
