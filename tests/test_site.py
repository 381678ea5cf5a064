"""The pages of docs/ say what the code declares, and make a site without a warning."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import optax
import pytest

from docs import pictures
from optim import OPTIMIZERS, descend, typed_rule
from optim.typed import text_of
from surfaces import SURFACES, slope_and_hessian
from views.reference import REFERENCE, written_into
from views.setup import Setup

# What a browser loads by itself from another place than the site.
LOADED = r"""(?:<link[^>]* href|\bsrc)=["'](?:https?:)?//[^"']*"""
ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def text(name):
    return (DOCS / name).read_text("utf-8")


def test_the_site_is_built_without_a_warning(tmp_path):
    """A broken link, a picture that is missing, a page that no list has: all warn."""
    build = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q"]
    done = subprocess.run(
        [*build, "-d", str(tmp_path / "trees"), str(DOCS), str(tmp_path / "site")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for page in DOCS.glob("*.md"):
        assert (tmp_path / "site" / f"{page.stem}.html").is_file()
    api = (tmp_path / "site" / "api.html").read_text("utf-8")
    for name in ("surfaces.typed_surface", "optim.descend", "loss_surface.race"):
        assert f'id="{name}"' in api
    reference = (tmp_path / "site" / "reference.html").read_text("utf-8")
    assert reference.count("<math ") > 60
    assert "\\(" not in reference
    assert "$" not in reference
    for page in (tmp_path / "site").rglob("*.html"):
        elsewhere = re.findall(LOADED, page.read_text("utf-8"))
        assert not elsewhere, f"{page.name} cannot be read without a network"


def test_reference_tables_are_current():
    page = REFERENCE.read_text("utf-8")
    assert page == written_into(page), "run `python -m views.reference`"


@pytest.mark.parametrize("name", ["tour.md", "gallery.md", "choosing.md"])
def test_every_address_of_a_page_opens(name):
    addresses = re.findall(r"`\?([^`\s]+)`", text(name))
    assert len(addresses) >= 3
    for address in addresses:
        assert Setup.parse(parse_qsl(address, keep_blank_values=True))[1] == (), address


def test_addresses_of_the_gallery_hold_no_idle_word():
    for address in re.findall(r"^\| `\?(\S+)` \|", text("gallery.md"), re.M):
        setup, _ = Setup.parse(parse_qsl(address))
        said = dict(parse_qsl(address))
        assert dict(setup.pairs()) | {"surface": said["surface"]} == said


def test_the_gallery_shows_all_its_files_and_has_their_addresses():
    shown = pictures.shown()
    assert {one.file for one in shown} == set((DOCS / "gallery").iterdir())
    listed = re.findall(r"^\| `(\?\S+)` \|", text("gallery.md"), re.M)
    assert {one.address for one in shown} <= set(listed)


def test_the_guide_has_every_rule_once():
    keys = re.findall(r"\(`(\w+)`\)", text("choosing.md"))
    assert sorted(keys) == sorted(OPTIMIZERS), "a line of docs/choosing.md for each"
    for key in keys:
        assert f"**{OPTIMIZERS[key].label}** (`{key}`)" in text("choosing.md")


def test_the_first_page_starts_it_as_the_readme_does():
    (start,) = re.findall(r"^    .*streamlit run app.py$", text("index.md"), re.M)
    assert f"\n{start}\n" in (ROOT / "README.md").read_text("utf-8")


def test_notebook_example_says_what_it_prints(capsys):
    example = re.search(r"```python\n(from optim.*?)```", text("notebook.md"), re.S)
    assert example is not None
    exec(compile(example[1], "notebook.md", "exec"), {})
    promised = re.search(r"print\(run\.outcome\)  # (.*)", example[1])
    assert promised is not None
    assert capsys.readouterr().out.strip() == promised[1]


def added(what):
    """What the module in docs/adding.md that adds something declares."""
    page = text("adding.md").split(f"<!-- {what}: begin -->")[1]
    module = re.search(r"```python\n(.*?)```", page, re.S)
    assert module is not None
    names = {"__name__": what}
    exec(compile(module[1], "adding.md", "exec"), names)
    return names


def test_the_rule_that_is_added_has_the_path_that_its_text_and_optax_have():
    rule, surface = added("rule")["SIGN_DESCENT"], SURFACES["himmelblau"]
    hypers = rule.recommended(surface.recommended)
    assert hypers.lr == rule.rate({"adam": hypers.lr * 10})
    ours = descend(surface, rule, surface.start, hypers, 200).points
    typed = typed_rule(text_of(rule, hypers))
    same = descend(surface, typed, surface.start, typed.hypers(), 200).points
    np.testing.assert_array_equal(ours, same)
    by_optax, by_torch = rule.equivalents
    library = eval(by_optax.code_for(hypers), {"optax": optax})
    theirs = descend(surface.fn, library, surface.start, num_steps=200).points
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert by_torch.note.endswith(".")


def test_the_surface_that_is_added_has_its_minimum_where_it_says():
    surface = added("surface")["CURVED"]
    for a in (-1.5, 1.0, 2.0):
        moved = surface.with_params(a=a)
        assert moved.minima == ((a, a**2),)
        slope, hessian = slope_and_hessian(moved.fn, np.array(moved.minima[0]))
        np.testing.assert_allclose(slope, 0.0, atol=1e-12)
        assert (np.linalg.eigvalsh(hessian) > 0).all()


def test_the_study_that_is_added_computes_what_it_says():
    """Its page and its pictures are in tests/browser/test_added_study.py."""
    names = added("study")
    setup, problems = Setup().edited({"steps": "12", "on": "adam"})
    assert problems == ()
    found = names["PART"].find(setup, lambda part: None)
    rule = OPTIMIZERS["adam"]
    for steps, loss in zip(found.axes["steps"], found.runs["adam"]["losses"], strict=1):
        given = setup.surface, rule, setup["start"], setup.hypers("adam")
        assert loss == np.float32(descend(*given, int(steps)).losses[-1])
    assert found.axes["steps"][-1] == 12
    assert names["PART"].chart.described()["kind"] == "lines"
