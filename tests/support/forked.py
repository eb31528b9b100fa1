"""Run `python -m loaders` in a process that is forked from one that has imported it.

Half of what a short command costs are its imports, and the tests run hundreds of commands. Each
still is a process of its own, with its own environment, files and exit code.

Run as a program: `python -m tests.support.forked SOCKET` serves until its standard input ends.
"""

import atexit
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from socketserver import ForkingMixIn, StreamRequestHandler, UnixStreamServer

from loaders.commands.main import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]


class Forked:
    """Forks a command of the loaders at a time. Starts its server at the first command."""

    _path: Path | None = None
    _starting = threading.Lock()

    def run(
        self, arguments: Sequence[str], env: dict[str, str], timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """The command, to its end, in the project's folder and with no standard input.

        Raises TimeoutError if it takes longer than `timeout` seconds.
        """
        with (
            tempfile.TemporaryFile("w+") as out,
            tempfile.TemporaryFile("w+") as err,
            socket.socket(socket.AF_UNIX) as server,
        ):
            server.settimeout(timeout)
            server.connect(str(self._served()))
            asked = json.dumps({"arguments": list(arguments), "env": env}) + "\n"
            socket.send_fds(server, [b" "], [out.fileno(), err.fileno()])
            server.sendall(asked.encode())
            code = int(server.makefile().read())
            said = [(stream.seek(0), stream.read())[1] for stream in (out, err)]
        return subprocess.CompletedProcess(list(arguments), code, *said)

    def _served(self) -> Path:
        with self._starting:
            if self._path is None:
                path = Path(tempfile.mkdtemp(prefix="forked")) / "socket"
                # Its standard input ends with this process, and the server with it.
                server = subprocess.Popen(
                    [sys.executable, "-m", __name__, str(path)],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
                assert server.stdout is not None
                assert server.stdout.readline() == b"ready\n"
                atexit.register(server.communicate)
                self._path = path
        return self._path


class _Asked(StreamRequestHandler):
    rbufsize = 0

    def handle(self) -> None:
        _, streams, _, _ = socket.recv_fds(self.request, 1, 2)
        asked = json.loads(self.request.makefile().readline())
        if (process := os.fork()) == 0:
            _become(asked["arguments"], asked["env"], streams)
        _, status = os.waitpid(process, 0)
        self.wfile.write(str(os.waitstatus_to_exitcode(status)).encode())


class _Server(ForkingMixIn, UnixStreamServer):
    max_children = 1000


def _become(arguments: list[str], env: dict[str, str], streams: list[int]) -> None:
    """Turn this process into the command; it ends with it."""
    code: object = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, stream in enumerate(streams, start=1):
            os.dup2(stream, number)
        os.closerange(3, 1000)
        os.environ.clear()
        os.environ.update(env)
        sys.argv = [str(ROOT / "loaders" / "__main__.py"), *arguments]
        main(prog_name="python -m loaders")
    except SystemExit as ended:
        code = 0 if ended.code is None else ended.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


def _serve(path: str) -> None:
    # As the loaders do, it hides some packages: not to be imported where the tests run.
    import loaders.__main__  # noqa: F401, PLC0415

    for name in COMMANDS:
        main.get_command(None, name)  # type: ignore[arg-type]
    # The export imports Google's client only when it is asked for; most environments lack it.
    with suppress(ImportError):
        import_module("loaders.export.bigquery")
    with _Server(path, _Asked) as server:
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
        print("ready", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    _serve(sys.argv[1])
