"""The app: Streamlit's page and the player's routes, served together.

Started by `streamlit run app.py`, or by any ASGI server: `uvicorn app:app`.
"""

import streamlit as st

from views.serving.around import around
from views.start import load, warming

middleware = around(st.get_option("server.baseUrlPath"))
app = st.App(__file__, middleware=middleware, lifespan=warming)

# Streamlit runs this file as the script of every page; a server only imports it.
if __name__ == "__main__":
    load().result().page()
