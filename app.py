"""The app: Streamlit's page and the player's routes, served together.

Started by `streamlit run app.py`, or by any ASGI server: `uvicorn app:app`.
"""

import streamlit as st

from views.page import page
from views.routes import EARLY, page_of, routes_below
from views.serving.around import around
from views.warm import warming

base = st.get_option("server.baseUrlPath")
routes = routes_below(base)
middleware = around(routes, page_of(base), EARLY)
app = st.App(__file__, routes=routes, middleware=middleware, lifespan=warming)

# Streamlit runs this file as the script of every page; a server only imports it.
if __name__ == "__main__":
    page()
