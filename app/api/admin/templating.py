"""The library's page templates, made fit for a strict content policy.

The library writes a few inline scripts and styles, two event handlers in attributes, and one font from another house's
server. They are rewritten while a template is loaded: inline scripts and styles carry the number of the request, the
handlers become marks that `static/kist/admin.js` listens to, and the font is gone. What a later version of the library
adds, the browser test finds: it fails at the first thing that the policy stops, and at any request to somewhere else.
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


class FitLoader(BaseLoader):
    """Loads the library's templates and rewrites what the policy would stop."""

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
    """The rewritten templates under their own names, and as `@library/...` for templates of ours that extend them."""
    fit = FitLoader()
    return [fit, PrefixLoader({"@library": fit})]
