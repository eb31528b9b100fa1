"""sqlfluff's command line: `python -m tools.lint_sql lint models tests`.

Python's garbage collector takes 20% of a lint, because the syntax trees of a file have many
objects. Each sqlfluff process imports this module, which makes the collector run less often.
"""

import gc

from sqlfluff.cli.commands import cli

gc.set_threshold(200_000, 50, 50)

if __name__ == "__main__":
    cli()
