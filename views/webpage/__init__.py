"""A race as one HTML file that plays, without a server."""

from views.webpage.document import live_page, web_page
from views.webpage.options import MOST, Options, parse_options, web_page_cost
from views.webpage.page import live_description
from views.webpage.sliders import KeptSlider, parse_sliders

__all__ = [
    "MOST",
    "KeptSlider",
    "Options",
    "live_description",
    "live_page",
    "parse_options",
    "parse_sliders",
    "web_page",
    "web_page_cost",
]
