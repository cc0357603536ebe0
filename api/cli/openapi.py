"""`wangge openapi`: the API's description, without a database."""

import json
import sys

from api.app import create_app
from api.settings import ServerSettings
from data.database import Database


def print_openapi() -> None:
    """Print the OpenAPI document of the HTTP API as JSON."""
    app = create_app(Database("postgresql:///"), ServerSettings())
    json.dump(app.openapi(), sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
