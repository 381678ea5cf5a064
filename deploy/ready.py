"""Fails unless the app in this container computes a race within a second."""

import os
from urllib.request import urlopen

BASE = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
PORT = os.environ.get("STREAMLIT_SERVER_PORT", "8501")

urlopen("/".join(filter(None, (f"http://localhost:{PORT}", BASE, "ready")))).close()
