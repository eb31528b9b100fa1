"""`python -m loaders`."""

import sys

# Neither is used here, and each is dear: DuckDB looks for pandas at every parameter of a statement,
# httpx loads a command line of its own where there is rich. Both do without.
for name in ("pandas", "rich"):
    sys.modules.setdefault(name, None)  # type: ignore[arg-type]

from loaders.commands.cli import main  # noqa: E402

if __name__ == "__main__":
    main(prog_name="python -m loaders")
