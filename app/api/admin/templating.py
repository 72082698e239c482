"""The library's page templates, rewritten to fit a strict content policy.

The library uses inline scripts and styles, an event handler in an attribute, and a font from another server.
`PolicyLoader` rewrites them when a template is loaded: inline scripts and styles get the request's nonce, the handler
becomes a data attribute that `static/kist/admin.js` handles, and the font is removed. If a later version of the library
adds more, the browser test fails: it refuses everything that the policy blocks and every request to another server.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from jinja2 import BaseLoader, Environment, PackageLoader, PrefixLoader

HERE: Final = Path(__file__).parent
TEMPLATES: Final = HERE / "templates"
STATIC: Final = HERE / "static"

NONCE: Final = ' nonce="{{ request.state.csp_nonce }}"'
REWRITTEN: Final = (
    ("<script>", f"<script{NONCE}>"),
    ("<style>", f"<style{NONCE}>"),
    ("@import url('https://rsms.me/inter/inter.css');", ""),
    ("'Inter Var', ", ""),
    ('onclick="applyColumnVisibility()"', "data-kist-apply-columns"),
)


class PolicyLoader(BaseLoader):
    """Loads the library's templates and rewrites the parts that the policy would block."""

    def __init__(self) -> None:
        self._library = PackageLoader("starlette_admin", "templates")

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, filename, is_current = self._library.get_source(environment, template)
        for old, new in REWRITTEN:
            source = source.replace(old, new)
        return source, filename, is_current

    def list_templates(self) -> list[str]:
        return self._library.list_templates()


def template_loaders() -> list[BaseLoader]:
    """The rewritten templates, under their own names and as `@library/...` for our templates that extend them."""
    loader = PolicyLoader()
    return [loader, PrefixLoader({"@library": loader})]
