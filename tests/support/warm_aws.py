"""`aws` for shells of tests that run many of its commands: the same CLI, imported once, forked for each command.

    with warm_aws(folder) as programs:          # a folder for the front of PATH
        subprocess.run(["sh", "-c", "aws sts get-caller-identity"], env={**env, "PATH": f"{programs}:{path}"})

What a command has of its own (words, working directory, environment, the three files) is handed to a process that has the
CLI's modules already; a fork of it becomes that command. A start costs some 0.5 s otherwise, most of it imports.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FILES = 3
_LARGEST = 1 << 17  # of a command's words and environment together: what a datagram takes

_SHIM = """#!{python} -SI
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
server.connect({place!r})
socket.send_fds(server, [json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()], [0, 1, 2])
sys.exit(int(server.recv(8) or 255))
"""


@contextmanager
def warm_aws(folder: Path) -> Iterator[Path]:
    """The folder has an `aws`, until the end of the block."""
    place = str(folder / "aws.socket")
    shim = folder / "aws"
    shim.write_text(_SHIM.format(python=sys.executable, place=place))
    shim.chmod(0o755)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(place)
        listening.listen(8)
        server = subprocess.Popen([sys.executable, __file__, str(listening.fileno())], pass_fds=[listening.fileno()])
        try:
            yield folder
        finally:
            server.terminate()
            server.wait(10)


def serve(listening: socket.socket) -> None:
    """Forks for each command that comes, and never returns."""
    import awscli.clidriver
    import awscli.handlers

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them but who asked
    while True:
        client, _ = listening.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            become(client, awscli.clidriver.main)
        client.close()


def become(client: socket.socket, main) -> None:
    """This process is that command; it ends with it."""
    code = 255
    try:
        data, files, _, _ = socket.recv_fds(client, _LARGEST, _FILES)
        words, folder, environment = json.loads(data)
        for number, file in enumerate(files):
            os.dup2(file, number)
        os.chdir(folder)
        models = os.environ["AWS_DATA_PATH"]  # the CLI sets it when it is imported
        os.environ.clear()
        os.environ.update(environment, AWS_DATA_PATH=models)
        sys.argv = ["aws", *words]
        code = main()
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:  # noqa: BLE001  a command that dies says why, as its own process would
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        client.send(str(code).encode())
        os._exit(0)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
