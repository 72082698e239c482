"""The OpenAPI document as a file: the contract that clients are generated from.

It is what a service outside production serves at `/openapi.json`, and depends on the code alone. In the repository, a
change of the contract is a change of this file, which a reviewer reads.
"""

import json

from pydantic import SecretStr

from app.main import create_app
from app.settings import Settings


def openapi_document() -> str:
    """The file docs/reference/openapi.json."""
    # The document needs no setting of the environment, and nothing is signed here.
    settings = Settings.model_construct(jwt_secret=SecretStr("no token is signed with this secret"))
    return json.dumps(create_app(settings).openapi(), indent=1, ensure_ascii=False) + "\n"
