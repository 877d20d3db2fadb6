"""The environment variables of ipre, and their legal values."""

import os
import re

from .warehouse import Refused, nearest

# DuckDB starts as many threads as it is asked for, also far too many.
WHOLE_NUMBER = ("[1-9][0-9]{0,2}", "a whole number from 1 to 999")
# DuckDB takes `0GB`, and then cannot even say that it has no memory.
SIZE = (r"(?=.*[1-9])[0-9]+([.][0-9]+)? ?[MGTmgt]i?[Bb]", "a size such as 3GB or 500MB")
TEXT = (r"(?s).*\S.*", "a path")
ADDRESS = (TEXT[0], "an address")
# Name -> pattern of its legal values, and the same in words. README.md says what each of them does.
VARIABLES = {
    "IPRE_DATA_DIR": TEXT,
    "IPRE_DATABASE_PASSWORD": (TEXT[0], "a password"),
    "IPRE_WAREHOUSE": TEXT,
    "IPRE_PUBLISH_DIR": TEXT,
    "IPRE_PUBLISH_TO": ADDRESS,
    "IPRE_RATINGS_URL": ADDRESS,
    "IPRE_MEMORY_LIMIT": SIZE,
    "IPRE_THREADS": WHOLE_NUMBER,
    "IPRE_DUCKDB_THREADS": WHOLE_NUMBER,
    # Apache Spark's (docs/scale.md).
    "IPRE_SPARK_MASTER": ADDRESS,
    "IPRE_SPARK_WAREHOUSE": TEXT,
    "IPRE_SPARK_SCHEMA_PREFIX": ("[a-z][a-z0-9_]*", "lowercase letters, digits and underscores, with a letter first"),
    # The app's (docs/the-app.md) and the dashboard's (docs/bi-tools.md); a build ignores them.
    "IPRE_APP_PORT": ("[0-9]+", "a port"),
    "IPRE_DASHBOARD_PORT": ("[0-9]+", "a port"),
    "IPRE_SIGN_IN": ("(?i)proxy|oidc", "proxy or oidc"),
}


def check_environment() -> None:
    """Raise Refused for a variable that is empty, illegal or unknown: the default would silently be in force."""
    for name, value in sorted(os.environ.items()):
        if not name.upper().startswith("IPRE_"):
            continue
        if name not in VARIABLES:
            raise Refused(
                f"ipre does not know the environment variable {name}; did you mean {nearest(name.upper(), VARIABLES)}?"
            )
        pattern, legal = VARIABLES[name]
        if not value.strip():
            raise Refused(f"ipre: the environment variable {name} is set but empty. Give it a value or unset it.")
        if not re.fullmatch(pattern, value):
            raise Refused(f"ipre: {name} must be {legal}; got {value!r}.")
