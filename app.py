"""The app: Streamlit's page and the player's routes, served together.

Started by `streamlit run app.py`, or by any ASGI server: `uvicorn app:app`.
"""

import os

import streamlit as st

from views.page import page
from views.routes import under
from views.serving.headers import security_headers
from views.warm import warming

try:
    headers = security_headers(os.environ.get("VISUALIZER_EMBED", ""))
except ValueError as error:
    raise SystemExit(f"VISUALIZER_EMBED: {error}") from None

routes = under(st.get_option("server.baseUrlPath"))
app = st.App(__file__, routes=routes, lifespan=warming, middleware=[headers])

# Streamlit runs this file as the script of every page; a server only imports it.
if __name__ == "__main__":
    page()
