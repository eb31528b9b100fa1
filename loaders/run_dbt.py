"""`python -m loaders.run_dbt`: one command of dbt, of whose files only the results are written.

The command `dbt` also writes its manifest twice and puts each line of its log into words before it
looks at the level: a fifth of the build of a small plant.
"""

import json
import sys

from loaders.garbage import search_less

if __name__ == "__main__":
    search_less()

from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner

QUIET = ("--log-level", "none", "--no-write-json")


def main(results: str, *arguments: str) -> int:
    """Run dbt and write `results`, a run_results.json. Gives dbt's exit code.

    Writes the error where dbt stopped before the first node, as JSON in a line.
    """
    done = dbtRunner().invoke([*arguments, *QUIET])
    if isinstance(done.result, RunExecutionResult):
        done.result.write(results)
    if done.exception:
        sys.stdout.write(f"{json.dumps(str(done.exception))}\n")
        return 2
    return 0 if done.success else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
