"""The OpenAPI document as a file: the contract that clients are generated from.

It is what a service outside production serves at `/openapi.json`, and depends on the code alone. In the repository, a
change of the contract is a change of this file, which a reviewer reads.
"""

import json
from functools import cache
from typing import Any

from pydantic import SecretStr

from app.main import create_app
from app.settings import Settings


@cache
def make_document() -> dict[str, Any]:
    """The document. It needs no setting of the environment, and nothing is signed here."""
    settings = Settings.model_construct(jwt_secret=SecretStr("no token is signed with this secret"))
    return create_app(settings).openapi()


def openapi_document() -> str:
    """The file docs/reference/openapi.json."""
    return json.dumps(make_document(), indent=1, ensure_ascii=False) + "\n"
