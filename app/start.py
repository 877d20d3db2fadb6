"""Start the app: print its address, what it reads and what it writes, then become Streamlit.

Streamlit gets all options: `app/start.py --server.baseUrlPath ipre`.
"""

import os
import socket
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
from ipre import serving
from ipre.ratings.errors import AddressRefused, StoreUnavailable
from rating_store import store_of

ADDRESS = "127.0.0.1"
PORT_VARIABLE = "IPRE_APP_PORT"


def main(options: list[str]) -> str | None:
    """Return in one line what prevents the start; otherwise this process becomes Streamlit."""
    try:
        published = serving.current()
        writes = what_is_written(published.run.data_kind)
        port = free_port(os.environ.get(PORT_VARIABLE, "8501"))
    except (serving.NothingPublished, AddressRefused, ValueError) as error:
        return str(error)
    print(f"ipre app: http://{ADDRESS}:{port}{base_path(options)} (stop it with Ctrl-C)")
    print(f"  reads   {serving.publish_dir() / serving.SERVING_FILE}, the lists of {published.run.as_of_date}")
    print(f"  writes  {writes}", flush=True)
    script = str(Path(__file__).with_name("main.py"))
    command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}", *options]
    # Pages import the package ipre from this path.
    path = os.pathsep.join([str(serving.PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])])
    os.execve(sys.executable, command, {**os.environ, "PYTHONPATH": path})


def base_path(options: list[str]) -> str:
    """Return the path of the pages behind a proxy, from Streamlit's environment or its last such option."""
    paths = [os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "")]
    for option, following in zip(options, [*options[1:], ""], strict=False):
        name, is_one, value = option.partition("=")
        if name == "--server.baseUrlPath":
            paths.append(value if is_one else following)
    path = paths[-1].strip("/")
    return f"/{path}" if path else ""


def what_is_written(data_kind: str) -> str:
    """Return where ratings are saved. Without a store people can still read the lists. Raises AddressRefused."""
    try:
        with store_of(data_kind) as store:
            return f"ratings, visit notes, and who opened which list: {store.address}"
    except StoreUnavailable as error:
        return f"nothing. {error}"


def free_port(wanted: str) -> int:
    """Return the port as a number. Raises ValueError when it is not a port, or is taken."""
    if not wanted.isdecimal() or not 0 < int(wanted) < 65536:
        raise ValueError(f"{PORT_VARIABLE} is '{wanted}'. Set it to a port from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, int(wanted)))
        except OSError as error:
            raise ValueError(
                f"Port {wanted} is in use. Stop the other program, or use another port: make app {PORT_VARIABLE}=8502."
            ) from error
    return int(wanted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
