"""`python -m loaders`."""

import sys

# Neither is used here and both are slow to import: DuckDB looks for pandas at every parameter of a
# statement, and httpx imports its own command line if rich is installed.
for name in ("pandas", "rich"):
    sys.modules.setdefault(name, None)  # type: ignore[arg-type]

from loaders.commands.main import main  # noqa: E402

if __name__ == "__main__":
    main(prog_name="python -m loaders")
