"""A race as one HTML file that plays, without a server."""

from views.webpage.document import web_page
from views.webpage.options import MOST, Options, parse_options, web_page_cost
from views.webpage.sliders import KeptSlider, parse_sliders

__all__ = [
    "MOST",
    "KeptSlider",
    "Options",
    "parse_options",
    "parse_sliders",
    "web_page",
    "web_page_cost",
]
