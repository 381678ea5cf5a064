"""A study is one module and one row: that of docs is added to a copy of the app."""

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from optim import OPTIMIZERS, descend
from surfaces import SURFACES

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def added(tmp_path, server_with):
    """A server of the app with the study that docs/adding.md adds."""
    page = (ROOT / "docs" / "adding.md").read_text("utf-8")
    page = page.split("<!-- study: begin -->")[1].split("<!-- study: end -->")[0]
    module, row = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    for name in ("views", "optim", "surfaces", "parameters", ".streamlit"):
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "app.py", tmp_path)
    (tmp_path / "views/studies/horizon.py").write_text(module, "utf-8")
    tabs = tmp_path / "views/tabs.py"
    text = tabs.read_text("utf-8")
    end = text.index("\n}\n", text.index("TABS = {")) + 1
    tabs.write_text(text[:end] + row + text[end:], "utf-8")
    return server_with(folder=tmp_path)


def test_a_study_that_declares_its_chart_is_drawn(visits, added):
    steps, keys = 40, ("momentum", "adam")
    query = f"&surface=himmelblau&steps={steps}&on={','.join(keys)}"
    visit = visits(f"?view=studies{query}", server=added)
    visit.page.get_by_test_id("study-horizon").click()
    visit.until_address(study="horizon")
    visit.eventually(lambda: "last losses:" in visit.status)
    visit.settle()
    chart = visit.page.locator(".player .chart")
    assert chart.bounding_box()["height"] > 300
    shot = visit.shot(".player .chart")
    for colour in ([0xFF, 0x3D, 0xF2], [0x5B, 0x8D, 0xFF]):
        assert (np.abs(shot - colour).max(axis=2) < 40).sum() > 300, "its line"
    box = chart.bounding_box()
    visit.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    visit.eventually(lambda: "steps" in chart.locator(".tip").inner_text())

    with visit.page.expect_download() as download:
        visit.page.get_by_test_id("save").select_option("horizon.svg")
    root = ElementTree.parse(download.value.path()).getroot()
    said = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    assert "Himmelblau: the last loss of races of so many steps" in said
    for words in ("steps", "last loss − minimum", "Momentum", "Adam"):
        assert words in said
    with visit.page.expect_download() as download:
        visit.page.get_by_test_id("save").select_option("horizon.csv")
    rows = [
        row.split(",")
        for row in download.value.path().read_text("utf-8").splitlines()
        if row.startswith("momentum,")
    ]
    surface, rule = SURFACES["himmelblau"], OPTIMIZERS["momentum"]
    for _, count, loss in (rows[0], rows[7], rows[-1]):
        hypers = rule.hypers(lr=surface.learning_rates["momentum"])
        run = descend(surface, rule, surface.start, hypers, int(count))
        assert float(loss) == pytest.approx(run.losses[-1] - surface.lowest, rel=1e-5)
    assert int(rows[-1][1]) == steps
