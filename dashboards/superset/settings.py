"""What Superset is set to on this machine. Its database and its key are in SUPERSET_HOME (start.py)."""

OWN = ["'self'"]
# No picture, font or map from anywhere else, and so no pixel that counts who opens a page.
TALISMAN_CONFIG = {
    "content_security_policy": {
        "default-src": OWN,
        "base-uri": OWN,
        "img-src": [*OWN, "blob:", "data:"],
        "worker-src": [*OWN, "blob:"],
        "style-src": [*OWN, "'unsafe-inline'"],
        "script-src": [*OWN, "'strict-dynamic'"],
        "object-src": "'none'",
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}
APP_NAME = "ipre"
# One process serves one machine: what is limited, or kept from one click to the next, stays in its memory.
RATELIMIT_STORAGE_URI = "memory://"
SQLALCHEMY_TRACK_MODIFICATIONS = False
LOG_LEVEL = "ERROR"
