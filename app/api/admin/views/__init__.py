"""The views of the admin pages, one module a part of the menu."""
