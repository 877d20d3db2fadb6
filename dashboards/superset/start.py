"""Open the dashboard: Superset, on this machine only, which reads the published serving file.

Superset's key and password are random and kept with its data in the environment's folder, which `make clean` deletes.
Every start imports the dashboard from `export/` again; what people add beside it stays.
"""

import contextlib
import io
import logging
import os
import secrets
import socket
import sys
import warnings
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[2]))
from ipre import serving

HERE = Path(__file__).resolve().parent
HOME = Path(os.environ.get("SUPERSET_HOME", f"{sys.prefix}/superset"))
ADDRESS = "127.0.0.1"
PORT_VARIABLE = "IPRE_DASHBOARD_PORT"
USER = "ipre"
# The folder of the serving file that the export names.
EXPORTED_FOLDER = "/srv/ipre/published"


def main() -> str | None:
    """Serve until somebody stops it; return in one line what prevents the start."""
    port = os.environ.get(PORT_VARIABLE, "8088")
    try:
        serving.current_path()
        if not port.isdecimal() or not 0 < int(port) < 65536:
            return f"{PORT_VARIABLE} is '{port}'. Set it to a port from 1 to 65535."
    except serving.NothingPublished as error:
        return str(error)
    with socket.socket() as probe:
        if probe.connect_ex((ADDRESS, int(port))) == 0:
            return f"Port {port} is in use. Use another port: make dashboard {PORT_VARIABLE}=8089."
    from werkzeug.serving import run_simple

    print("ipre dashboard: Superset is starting. The first start takes about a minute.", flush=True)
    app = prepared()
    print(f"ipre dashboard: http://{ADDRESS}:{port}/superset/dashboard/ipre/ (stop it with Ctrl-C)")
    print(f"  reads    {serving.publish_dir() / serving.SERVING_FILE}")
    print(f"  sign in  {USER}, password {secret('password')}", flush=True)
    run_simple(ADDRESS, int(port), app, threaded=True)
    return None


def secret(name: str) -> str:
    """Return a secret of this environment that only its user can read; make it the first time."""
    file = HOME / name
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(32 if name == "key" else 9))
    return file.read_text()


def prepared() -> Any:
    """Return Superset, ready with its tables, one user, and the dashboard of `export/`."""
    os.environ |= {
        "SUPERSET_CONFIG_PATH": str(HERE / "settings.py"),
        "SUPERSET_HOME": str(HOME),
        "SUPERSET_SECRET_KEY": secret("key"),
    }
    # Superset logs its start and every request.
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    with contextlib.redirect_stdout(io.StringIO()):
        from flask_migrate import upgrade
        from superset.app import create_app

        app = create_app()
        with app.app_context():
            upgrade()
    with app.app_context():
        from superset import appbuilder, security_manager
        from superset.utils.core import override_user

        user = security_manager.find_user(USER)
        if user is None:
            appbuilder.add_permissions(update_perms=True)
            security_manager.sync_role_definitions()
            admin = security_manager.find_role("Admin")
            user = security_manager.add_user(USER, USER, USER, f"{USER}@localhost", admin, secret("password"))
        with override_user(user):
            bring_in_the_dashboard()
    return app


def bring_in_the_dashboard() -> None:
    """Import data sets, charts and dashboard from the export, for this machine's serving file."""
    from superset.commands.importers.v1.assets import ImportAssetsCommand

    contents = {str(file.relative_to(HERE / "export")): file.read_text() for file in (HERE / "export").rglob("*.yaml")}
    database = contents["databases/ipre.yaml"]
    contents["databases/ipre.yaml"] = database.replace(EXPORTED_FOLDER, str(serving.publish_dir().absolute()))
    contents["metadata.yaml"] = contents["metadata.yaml"].replace("Dashboard", "assets")
    ImportAssetsCommand(contents).run()


if __name__ == "__main__":
    sys.exit(main())
