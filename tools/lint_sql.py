"""sqlfluff's command line: `python -m tools.lint_sql lint models tests`.

Python looks for garbage among the trees of a file so often that it takes a fifth of a lint. Each
process of sqlfluff imports this module, so that each looks less often.
"""

import gc

from sqlfluff.cli.commands import cli

gc.set_threshold(200_000, 50, 50)

if __name__ == "__main__":
    cli()
