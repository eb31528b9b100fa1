"""`python -m loaders`."""

import signal
import sys

from loaders.garbage import search_less

if __name__ == "__main__":
    # Ctrl-C during the imports ends without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    search_less()

# Neither is used here and both are slow to import: DuckDB looks for pandas at every parameter of a
# statement, and httpx imports its command line, which uses pygments.
for name in ("pandas", "pygments"):
    sys.modules.setdefault(name, None)  # type: ignore[arg-type]

if __name__ == "__main__":
    try:
        from loaders.commands.main import main

        signal.signal(signal.SIGINT, signal.default_int_handler)
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        main(prog_name="python -m loaders")
    except ModuleNotFoundError as error:
        if (error.name or "loaders").partition(".")[0] in ("loaders", "sandbox"):
            raise
        sys.stderr.write(
            f"error: the package {error.name} is not installed for {sys.executable}: run"
            " `make setup`, then `source .venv/bin/activate`\n"
        )
        sys.exit(2)
