"""Streamlit with a sentence on the page and nothing else: the least a page takes.

streamlit run benchmarks/empty_page.py
"""

import streamlit as st

if __name__ == "__main__":
    st.html("<p id=sentence>Nothing else.</p>")
