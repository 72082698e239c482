"""A table as admin pages: list, detail and export. The pages read through `services.operations.browsing` and never
write.

The library draws the pages, and the subclasses declare their contents. Lists are bounded (see `browsing`): a list
counts rows only as far as people can page, and its footer says so.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from starlette.requests import Request
from starlette_admin import BaseModelView
from starlette_admin.export import BaseExporter, CsvExporter
from starlette_admin.filters import FilterGroup, FilterRegistry
from starlette_admin.types import RequestAction

from app.api.admin.acts.act import About, Act
from app.api.admin.context import open_uow
from app.api.admin.drawing.formats import grouped
from app.api.admin.filters import ListingFilters, conditions_of
from app.services.operations import browsing
from app.services.operations.browsing import MOST_EXPORTED, MOST_SEEN, ListingQuery, ListTooWide


class ListingView(BaseModelView):
    """A view of one listing. Subclasses name it and declare its fields."""

    listing: ClassVar[str]
    #: The text under the heading.
    about: ClassVar[str] = ""
    #: What staff can do on a row's page.
    acts_about: ClassVar[About | None] = None
    #: What staff can do on the list.
    list_acts: ClassVar[Sequence[Act]] = ()

    pk_attr = "pk"
    page_size = 25
    page_size_options: Sequence[int] = (25, 50, 100)
    # A text from a file or a customer may begin with `=`: a spreadsheet must not run it as a formula.
    exporters: Sequence[BaseExporter | str] = (CsvExporter(escape_formulas=True), "json")
    importers = ()
    actions: Sequence[str] | None = ()
    # A click on a row, or Enter, opens its page.
    row_actions: Sequence[str] | None = ()
    search_highlight = False

    def can_create(self, request: Request) -> bool:
        return False

    def can_edit(self, request: Request) -> bool:
        return False

    def can_delete(self, request: Request) -> bool:
        return False

    def can_import(self, request: Request) -> bool:
        return False

    def get_filter_registry(self) -> FilterRegistry:
        return ListingFilters(self.listing)

    def heading(self, row: Any) -> str:
        """The heading of a row's detail page."""
        return str(row.pk)

    def subject_of(self, row: Any) -> str:
        """The id of what the acts on a row's page are about, if `acts_about` is given."""
        return str(row.pk)

    def page_of(self, row: Any) -> str | None:
        """The address of the row's page, where it has a page of our own instead of a list of its columns."""
        return None

    def related(self, row: Any) -> Sequence[tuple[str, str, str]]:
        """The links from a row to other lists: the label, the key of the view and the search text."""
        return ()

    # --- methods that the library calls ---

    def _query(
        self, q: str | None, sorts: Sequence[tuple[str, str]] | None, filters: FilterGroup | None
    ) -> ListingQuery:
        by_name = {field.name: field for field in self.fields}
        return ListingQuery(
            search=q,
            conditions=conditions_of(filters, fields_by_name=by_name),
            sorts=tuple((name, direction == "desc") for name, direction in sorts or ()),
        )

    async def find_all(
        self,
        request: Request,
        skip: int = 0,
        limit: int = 100,
        q: str | None = None,
        sorts: Sequence[tuple[str, str]] | None = None,
        filters: FilterGroup | None = None,
    ) -> Sequence[Any]:
        """A page of rows."""
        async with open_uow(request) as uow:
            return await browsing.page(uow, self.listing, self._query(q, sorts, filters), skip=skip, limit=limit)

    async def count(self, request: Request, q: str | None = None, filters: FilterGroup | None = None) -> int:
        """The number of rows that people can page through, or that an export may hold. Sets `request.state.row_count`
        for the page's footer."""
        query = self._query(q, None, filters)
        if request.state.action == RequestAction.EXPORT:
            async with open_uow(request) as uow:
                return await browsing.count(uow, self.listing, query, at_most=MOST_EXPORTED + 1)
        try:
            async with open_uow(request) as uow:
                found = await browsing.count(uow, self.listing, query, at_most=MOST_SEEN + 1)
                plain = query.conditions is None and not query.search
                about = await browsing.estimate(uow, self.listing) if plain and found > MOST_SEEN else None
        except ListTooWide:
            # The first of few rows are often found at once, but not how many there are.
            request.state.row_count = "not counted: too many rows to look at"
            return MOST_SEEN
        request.state.row_count = row_count(found, about=about)
        return min(found, MOST_SEEN)

    async def find_by_pk(self, request: Request, pk: Any) -> Any:
        """The row with this key; None if there is none."""
        found = await self.find_by_pks(request, [str(pk)])
        return found[0] if found else None

    async def find_by_pks(self, request: Request, pks: list[Any]) -> Sequence[Any]:
        """The rows with these keys."""
        async with open_uow(request) as uow:
            return await browsing.get(uow, self.listing, [str(pk) for pk in pks])

    async def before_export(self, request: Request, ctx: Any) -> None:
        """Records every export in the audit trail."""
        async with open_uow(request) as uow:
            await browsing.note_export(uow, self.listing or str(self.key), rows=len(ctx.rows), form=ctx.filename[:60])

    async def repr(self, obj: Any, request: Request) -> str:
        return self.heading(obj)


def row_count(found: int, *, about: int | None) -> str:
    """The number of rows, as the page's footer shows it."""
    if found <= MOST_SEEN:
        return grouped(found)
    size = f"about {grouped(about)}" if about is not None and about > MOST_SEEN else f"more than {grouped(MOST_SEEN)}"
    return f"{size}; the first {grouped(MOST_SEEN)} can be shown here: use a search or a filter to find the others"
