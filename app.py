"""The app: Streamlit's page and the player's routes, served together.

streamlit run app.py        or        uvicorn app:app
"""

import streamlit as st

from views.page import page
from views.routes import ROUTES
from views.warm import warming

app = st.App(__file__, routes=ROUTES, lifespan=warming)

# Streamlit runs this file as the script of every page; a server only imports it.
if __name__ == "__main__":
    page()
