"""A notebook in JupyterLab that runs a race, which plays in it."""

import json
from contextlib import closing

CODE = """from loss_surface import adam, momentum, race

race("booth", adam(lr=0.1), momentum(), steps=60)
"""
CELL = {
    "cell_type": "code",
    "execution_count": None,
    "id": "race",
    "metadata": {},
    "outputs": [],
    "source": CODE,
}
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
NOTEBOOK = {
    "cells": [CELL],
    "metadata": {"kernelspec": KERNEL},
    "nbformat": 4,
    "nbformat_minor": 5,
}
OPEN = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel != null"
RUN = "() => void window.jupyterapp.commands.execute('notebook:run-all-cells')"
PLAYED = ".player[data-pictures]:not([data-pictures='0'])"
PATIENCE = 60_000


def test_a_race_plays_in_a_notebook(jupyter, context, tmp_path):
    (tmp_path / "race.ipynb").write_text(json.dumps(NOTEBOOK), "utf-8")
    with closing(context.new_page()) as page:
        page.set_default_timeout(PATIENCE)
        page.goto(f"{jupyter.address}/doc/tree/race.ipynb")
        page.wait_for_function(OPEN)
        page.evaluate(RUN)
        shown = page.locator("iframe[title='Loss-surface visualizer']")
        frame = shown.element_handle().content_frame()
        frame.locator(PLAYED).wait_for()
        first = frame.locator(".player").get_attribute("data-step")
        frame.locator(f".player:not([data-step='{first}'])").wait_for()
