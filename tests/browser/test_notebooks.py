"""Notebooks of Jupyter and marimo: a race plays there, and its kernel answers."""

import json
from contextlib import closing

from loss_surface import adam, race

CODE = """from loss_surface import adam, momentum, race

run = race("booth", adam(lr=0.1), momentum(), steps=60)
"""
MARIMO = """import marimo

app = marimo.App()


@app.cell
def _():
    from loss_surface import adam, momentum, race

    run = race("booth", adam(lr=0.1), momentum(), steps=60)
    return (run,)


@app.cell
def _(run):
    run
    return


@app.cell
def _(run):
    run.widget(scene=False)
    return
"""
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
OPEN = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel != null"
RUN = "() => void window.jupyterapp.commands.execute('notebook:run-all-cells')"
FRAME = "iframe[title='Loss-surface visualizer']"
DRAG = """async (slider) => {
  const { min, max } = slider;
  for (let part = 0; part <= 1; part += 1 / 16) {
    slider.value = Number(min) + (Number(max) - Number(min)) * (0.6 + 0.2 * part);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise(requestAnimationFrame);
  }
  slider.dispatchEvent(new Event("change", { bubbles: true }));
}"""
TO_THE_END = """(scrub) => {
  scrub.value = scrub.max;
  scrub.dispatchEvent(new Event("input", { bubbles: true }));
}"""
PATIENCE = 60_000


def notebook(*sources):
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"cell{number}",
            "metadata": {},
            "outputs": [],
            "source": source,
        }
        for number, source in enumerate(sources)
    ]
    about = {"metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps({"cells": cells, **about})


def ends_as(frame, rate):
    """Waits until Adam's card has the last loss of a run with this learning rate."""
    frame.get_by_test_id("timeline").evaluate(TO_THE_END)
    frame.locator(".player[data-step='60'][data-playing='false']").wait_for()
    (*_, last) = race("booth", adam(lr=rate), steps=60).runs["adam"].losses
    loss = frame.locator("[data-testid='card-adam'] .loss")
    loss.filter(has_text=f"loss {last:.3g} ").wait_for()


def plays(page):
    """A race that is shown plays as it was; that of a widget is alive, too."""
    page.locator(FRAME).nth(1).wait_for()
    saved, alive = (
        one.content_frame() for one in page.locator(FRAME).element_handles()
    )
    for frame in (saved, alive):
        frame.locator(".player[data-pictures]:not([data-pictures='0'])").wait_for()
        first = frame.locator(".player").get_attribute("data-step")
        frame.locator(f".player:not([data-step='{first}'])").wait_for()
        ends_as(frame, 0.1)
    alive.get_by_test_id("lr-adam").evaluate(DRAG)
    rate = float(alive.get_by_test_id("lr-adam-value").input_value())
    assert rate > 0.3
    ends_as(alive, rate)
    ends_as(saved, 0.1)


def test_a_race_plays_in_jupyter(jupyter, context, tmp_path):
    text = notebook(CODE, "run", "run.widget(scene=False)")
    (tmp_path / "race.ipynb").write_text(text, "utf-8")
    with closing(context.new_page()) as page:
        page.set_default_timeout(PATIENCE)
        page.goto(f"{jupyter.address}/doc/tree/race.ipynb")
        page.wait_for_function(OPEN)
        page.evaluate(RUN)
        plays(page)


def test_a_race_plays_in_marimo(marimo, context, tmp_path):
    path = tmp_path / "race.py"
    path.write_text(MARIMO, "utf-8")
    with closing(context.new_page()) as page:
        page.set_default_timeout(PATIENCE)
        page.goto(marimo(path).address)
        plays(page)
