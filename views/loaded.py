"""All that takes long to import: the page, the routes, and what they compute."""

from views.page import page
from views.routes import routes_below
from views.warm import keep_compilations, warm_up

__all__ = ["keep_compilations", "page", "routes_below", "warm_up"]
