"""What a lecturer does: drags, clicks, types, presses keys, sends the address on."""

from collections import Counter
from urllib.parse import parse_qsl

import numpy as np
import pytest

from optim.base import LEARNING_RATE
from surfaces import SURFACES
from views.mark import marked
from views.setup import Setup
from views.theme import DEFAULT_ON, LOOKS

START = SURFACES["rosenbrock"].start
RATES = [f"lr-{key}" for key in DEFAULT_ON]


def pixels_of(visit, key):
    """Which pixels of the map have an optimizer's colour, or nearly."""
    rgb = [int(LOOKS[key].colour[i : i + 2], 16) for i in (1, 3, 5)]
    return np.abs(visit.shot(".player .map") - rgb).max(axis=2) < 40


def starts_near(visit, start):
    """Whether the start is where it is wanted, as near as pixels can show."""
    return np.abs(np.subtract(visit.start, start)).max() < 0.02


# Notes what is written in a player without a change, and texts that get a new node.
WASTE = """() => {
  window.waste = [];
  window.written = 0;
  const named = (node) => `${node.nodeName}.${node.className}`;
  new MutationObserver((changes) => {
    window.written += changes.length;
    for (const { target, attributeName: name, oldValue, addedNodes } of changes) {
      const same = name && target.getAttribute(name) === oldValue;
      const anew = [...addedNodes].some((node) => node instanceof Text);
      if (same || anew) window.waste.push(`${named(target)} ${name ?? ""}`);
    }
  }).observe(document.querySelector(".player"), {
    subtree: true, childList: true, characterData: true, attributeOldValue: true,
  });
}"""


# -- sliders --------------------------------------------------------------------------


def test_a_drag_bends_the_path_under_the_finger(visit):
    visit.pause("End")
    trail, pictures = pixels_of(visit, "adam"), visit.pictures
    visit.drag("lr-adam", *np.linspace(-2, -3, 40).tolist())
    visit.until_next_picture(pictures + 1)
    visit.eventually(lambda: (pixels_of(visit, "adam") != trail).sum() > 50)
    assert visit.values["lr-adam-value"] == "0.001"
    assert visit.query == {}, "only a drag that has ended is an edit"
    assert visit.data["step"] == visit.data["steps"], "time stands still"
    visit.release("lr-adam")
    visit.until_address(**{"adam.lr": "0.001"})
    assert visit.values["lr-adam-value"] == "0.001"


def test_what_a_drag_asks_for_comes_whole(visit):
    # By `fetch`, a slow machine would show a picture with every second frame only.
    visit.pause("End")
    asked = []
    visit.page.on("request", lambda one: asked.append((one.resource_type, one.url)))
    pictures = visit.pictures
    visit.drag("lr-adam", *np.linspace(-2, -3, 20).tolist())
    visit.until_next_picture(pictures + 2)
    kinds = {kind for kind, url in asked if "/race?" in url}
    assert kinds == {"xhr"}


@pytest.mark.parametrize(
    "query", ["", "?surface=ravine&view=side", "?show=every&panels=table"]
)
def test_a_drag_writes_only_what_it_changes(visits, query):
    """What is written anew has the browser look at its rules with :has() again."""
    visit = visits(query)
    visit.pause("End")
    visit.js(WASTE)
    pictures = visit.pictures
    visit.drag("lr-adam", *np.linspace(-1, -3.5, 240).tolist())
    visit.until_next_picture(pictures + 30)
    visit.settle()
    assert visit.js("window.written") > 60
    often = {what: n for what, n in Counter(visit.js("window.waste")).items() if n > 3}
    assert not often


def test_edits_in_quick_succession_all_arrive(visit):
    visit.js(
        """(names) => names.forEach((name) => {
          const slider = document.querySelector(`[data-testid="${name}"]`);
          slider.value = -2;
          slider.dispatchEvent(new Event("input", { bubbles: true }));
          slider.dispatchEvent(new Event("change", { bubbles: true }));
        })""",
        RATES,
    )
    # Still being dragged when the page answers the edits before.
    visit.drag("lr-adam", -1.5, -1.6, -1.7)
    visit.until_address(**{f"{key}.lr": "0.01" for key in DEFAULT_ON if key != "adam"})
    visit.settle()
    values = visit.values
    assert values["lr-adam-value"] == "0.02", "turned back in the hand"
    assert {values[f"{name}-value"] for name in RATES[:-1]} == {"0.01"}
    visit.release("lr-adam")
    visit.until_address(**{"adam.lr": "0.02"})
    assert visit.query == {f"{key}.lr": "0.01" for key in DEFAULT_ON} | {
        "adam.lr": "0.02"
    }


VIEWPOINT = """() => {
  const scene = document.querySelector(".player .scene .plot")._fullLayout;
  const map = document.querySelector(".player .map").dataset;
  const numbers = (text) => text.split(",").map(Number);
  const { x, y, z } = scene.scene._scene.getCamera().eye;
  return {
    eye: [x, y, z].map((value) => value.toFixed(9)),
    x: numbers(map.x), y: numbers(map.y),
    same: document.querySelector(".player").same,
  };
}"""


def test_camera_zoom_and_play_survive_every_change(visit):
    visit.js("document.querySelector('.player').same = true")
    before = visit.in_3d().js(VIEWPOINT)
    scene = visit.page.locator(".player .scene").bounding_box()
    visit.page.mouse.move(scene["x"] + 200, scene["y"] + 300)
    visit.page.mouse.down()
    visit.page.mouse.move(scene["x"] + 250, scene["y"] + 280, steps=4)
    visit.page.mouse.up()
    plot = visit.page.locator(".player .map").bounding_box()
    visit.page.mouse.move(plot["x"] + 150, plot["y"] + 150)
    visit.page.mouse.wheel(0, -150)
    visit.until(
        f"""(before) => {{
          const now = ({VIEWPOINT})();
          return now.x[0] !== before.x[0] && now.eye[0] !== before.eye[0];
        }}""",
        before,
    )
    visit.page.wait_for_timeout(500)  # until the wheel has come to rest
    chosen = visit.js(VIEWPOINT)
    assert visit.data["playing"] == "true"

    visit.drag("lr-adam", *np.linspace(-2, -3, 10).tolist())
    assert visit.js(VIEWPOINT) == chosen
    visit.release("lr-adam")
    visit.until_address(**{"adam.lr": "0.001"})
    steps = visit.page.get_by_role("textbox", name="Steps", exact=True)
    steps.fill("432")
    steps.press("Enter")
    visit.until_data(steps="432")
    visit.page.get_by_test_id("card-adagrad").get_by_role("switch").click()
    visit.until_address(on="gradient_descent,momentum,rmsprop,adam")
    visit.settle()
    assert visit.js(VIEWPOINT) == chosen
    assert visit.data["playing"] == "true"

    visit.pause("Home")
    visit.page.keyboard.press("ArrowRight")
    visit.drag("lr-adam", -1)
    visit.release("lr-adam")
    visit.until_address(**{"adam.lr": "0.1"})
    assert visit.data["playing"] == "false"
    assert visit.data["step"] == "1"
    assert visit.js(VIEWPOINT) == chosen

    visit.page.set_viewport_size({"width": 1200, "height": 700})
    visit.until("document.querySelector('.player').clientWidth < 1200")
    visit.settle()
    assert visit.js(VIEWPOINT) == chosen

    visit.page.locator(".player .map .fit").click()
    visit.until(
        f"(before) => Math.abs(({VIEWPOINT})().x[0] - before.x[0]) < 1e-9", before
    )


def test_a_surface_has_sliders_of_its_own(visits):
    visit = visits("?surface=ravine")
    corners = "document.querySelector('.player .map').dataset.heights"
    heights, pictures = visit.js(corners), visit.pictures
    visit.drag("kappa", 0)
    visit.until_next_picture(pictures)
    visit.until(f"(heights) => {corners} !== heights", heights)
    assert visit.query == {"surface": "ravine"}
    visit.release("kappa")
    visit.until_address(kappa="1")
    assert visit.values["kappa-value"] == "1"


# -- cards ----------------------------------------------------------------------------


def test_cards(visit):
    default = visit.values
    rates = {f"{name}-value" for name in RATES}

    # Off and on.
    switch = visit.page.get_by_test_id("card-adam").get_by_role(
        "switch", name="Adam", exact=True
    )
    switch.click()
    visit.eventually(lambda: visit.outcomes["adam"] == "off")
    visit.until_address(on="gradient_descent,momentum,adagrad,rmsprop")
    assert visit.page.locator(".player .map .head").count() == 4
    switch.click()
    visit.eventually(lambda: visit.outcomes["adam"] != "off")
    visit.until_address(on=None)

    # One rate for all, and each its own again.
    visit.page.get_by_test_id("shared-lr").click()
    first = default["lr-gradient_descent-value"]
    visit.until_address(lr=first)
    visit.eventually(lambda: {visit.values[name] for name in rates} == {first})
    visit.drag("lr-rmsprop", -1.5, -2)
    assert {visit.values[name] for name in rates} == {"0.01"}
    visit.release("lr-rmsprop")
    visit.until_address(lr="0.01")
    visit.page.get_by_test_id("shared-lr").click()
    visit.until_address(lr=None)
    visit.eventually(lambda: visit.values == default)

    # Typed: what is allowed, and what is not.
    typed = visit.page.get_by_test_id("lr-adam-value")
    typed.fill("0.123")
    typed.press("Enter")
    visit.until_address(**{"adam.lr": "0.123"})
    typed.fill("0,125")
    typed.press("Enter")
    visit.until_address(**{"adam.lr": "0.125"})
    visit.eventually(lambda: visit.values["lr-adam-value"] == "0.125")
    typed.fill("")
    typed.press("Enter")
    visit.eventually(lambda: visit.values["lr-adam-value"] == "0.125")
    assert "allowed" not in visit.status
    typed.fill("0.123")
    typed.press("Enter")
    visit.until_address(**{"adam.lr": "0.123"})
    beyond = ("99", "1e999")
    for wrong in ("fast", "1,2,3", "nan", "0x1", *beyond):
        typed.fill(wrong)
        typed.press("Enter")
        why = "is out of range" if wrong in beyond else "is not a number"
        visit.eventually(
            lambda words=f"“{wrong}” {why}; allowed": words in visit.status
        )
        assert visit.values["lr-adam-value"] == "0.123"
    assert visit.query == {"adam.lr": "0.123"}
    typed = visit.page.get_by_test_id("momentum.beta-value")
    typed.fill("0.5")
    typed.press("Enter")
    visit.eventually(lambda: "allowed" not in visit.status)
    visit.until_address(**{"adam.lr": "0.123", "momentum.beta": "0.5"})

    # Back to what is recommended: one slider, then all.
    visit.page.get_by_test_id("lr-adam").dblclick()
    visit.until_address(**{"adam.lr": None, "momentum.beta": "0.5"})
    visit.page.get_by_test_id("recommended").click()
    visit.until_address(**{"momentum.beta": None})
    visit.eventually(lambda: visit.values == default)
    assert visit.query == {}


def test_recommended_is_all_that_a_surface_recommends(visits):
    visit = visits("?start=0.5,1&steps=77&lr=0.02&momentum.beta=0.5&view=side")
    visit.page.get_by_test_id("recommended").click()
    visit.eventually(lambda: visit.query == {"view": "side"})
    visit.eventually(lambda: visit.start == list(START))
    visit.until_data(steps=str(SURFACES["rosenbrock"].steps))
    ring = "document.querySelector('.player .start').getBoundingClientRect()"
    x, y = visit.js(f"[{ring}.x + {ring}.width / 2, {ring}.y + {ring}.height / 2]")
    assert x > 0
    assert y > 0


# -- what lets go ---------------------------------------------------------------------

CANCEL = """(selector) => document.querySelector(selector).dispatchEvent(
  new PointerEvent("pointercancel", { pointerId: 1, bubbles: true }))"""


def test_a_start_that_is_cancelled_stays_where_it_was(visit):
    visit.page.mouse.move(*visit.on_screen(*visit.start))
    visit.page.mouse.down()
    visit.page.mouse.move(*visit.on_screen(-1, 0.5), steps=6)
    visit.eventually(lambda: starts_near(visit, (-1, 0.5)))
    visit.js(CANCEL, ".player .start")
    visit.until_address(start=visit.data["start"])
    visit.page.mouse.move(*visit.on_screen(1, 1), steps=3)
    visit.settle()
    assert starts_near(visit, (-1, 0.5))
    visit.page.mouse.up()
    visit.settle()
    assert starts_near(visit, (-1, 0.5))


def test_a_slider_that_is_cancelled_is_let_go(visit):
    visit.drag("lr-adam", -1.8, -2)
    visit.js(CANCEL, ".player [data-testid=lr-adam]")
    visit.until_address(**{"adam.lr": "0.01"})
    visit.page.go_back()
    visit.until_address(**{"adam.lr": None})
    visit.eventually(lambda: visit.values["lr-adam-value"] != "0.01")


def test_a_pair_that_is_cancelled_stays_where_it_was(visits):
    visit = visits("?view=studies&study=plane&surface=ravine")
    visit.eventually(lambda: "two settings:" in visit.status)
    box = visit.page.locator(".player .plane").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    visit.page.mouse.move(*middle)
    visit.page.mouse.down()
    visit.page.mouse.move(middle[0] + 20, middle[1] + 20, steps=3)
    visit.js(CANCEL, ".player .plane")
    visit.until("() => new URLSearchParams(location.search).has('momentum.lr')")
    assert float(visit.query["momentum.lr"]) > 10 * LEARNING_RATE.low, "not in a corner"
    visit.page.mouse.up()


# -- the start ------------------------------------------------------------------------


def test_the_start_is_where_it_is_put(visit):
    visit.click_map(0.5, 2)
    visit.eventually(lambda: starts_near(visit, (0.5, 2)))
    visit.until_address(start=visit.data["start"])
    clicked = visit.data["start"]

    # The ring moves it live; the page learns of it when it is let go.
    visit.page.mouse.move(*visit.on_screen(*visit.start))
    visit.page.mouse.down()
    visit.page.mouse.move(*visit.on_screen(-1, 0.5), steps=6)
    visit.eventually(lambda: starts_near(visit, (-1, 0.5)))
    assert visit.query == {"start": clicked}
    visit.page.mouse.up()
    visit.until_address(start=visit.data["start"])
    assert starts_near(visit, (-1, 0.5))
    box = visit.page.get_by_role("textbox", name="Start x", exact=True)
    visit.eventually(lambda: float(box.input_value()) == visit.start[0])

    # Typed in.
    for name, text, part in (("Start x", "0,25", 0.25), ("Start y", "−0.75", -0.75)):
        box = visit.page.get_by_role("textbox", name=name)
        box.fill(text)
        box.press("Enter")
        visit.eventually(lambda part=part: part in visit.start)
    visit.until_address(start="0.25,-0.75")
    assert visit.start == [0.25, -0.75]

    # A pan is no click.
    where = visit.on_screen(1.5, 2.5)
    visit.page.mouse.move(*where)
    visit.page.mouse.down()
    visit.page.mouse.move(where[0] - 40, where[1] + 30, steps=5)
    visit.page.mouse.up()
    visit.eventually(lambda: visit.on_screen(1.5, 2.5)[0] < where[0] - 20)
    visit.settle()
    assert visit.start == [0.25, -0.75]
    assert visit.query == {"start": "0.25,-0.75"}


# -- time -----------------------------------------------------------------------------


def test_keys_and_timeline(visit):
    press = visit.page.keyboard.press
    last = visit.data["steps"]
    press("Space")
    visit.until_data(playing="false")
    press("Space")
    visit.until_data(playing="true")
    press("Space")
    visit.until_data(playing="false")
    press("Home")
    visit.until_data(step="0")
    press("ArrowLeft")
    visit.settle()
    assert visit.data["step"] == "0", "nothing before the start"
    for step in ("1", "2", "3"):
        press("ArrowRight")
        visit.until_data(step=step)
    press("ArrowLeft")
    visit.until_data(step="2")
    press("End")
    visit.until_data(step=last)
    press("ArrowRight")
    visit.settle()
    assert visit.data["step"] == last, "nothing after the end"
    press("Space")
    visit.until_data(playing="true")

    # While text is typed, its keys are not the timeline's.
    press("Space")
    visit.until_data(playing="false")
    visit.page.get_by_role("textbox", name="Start x", exact=True).focus()
    for key in ("Home", "ArrowRight", "Space"):
        step = visit.data["step"]
        press(key)
        visit.settle()
        assert visit.data["step"] == step
        assert visit.data["playing"] == "false"
    press("Backspace")  # the number is as before: no sentence moves the pictures
    press("Escape")
    visit.js("document.activeElement.blur()")

    # The timeline scrubs, and so do the loss curves.
    output = visit.page.locator(".player output")
    visit.drag("timeline", 10, 100, 123)
    visit.until_data(step="123", playing="false")
    visit.eventually(lambda: output.inner_text() == f"step 123 / {last}")
    box = visit.page.locator(".player .losses").bounding_box()
    visit.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 40)
    visit.eventually(lambda: 0.3 < int(visit.data["step"]) / int(last) < 0.7)

    # Its buttons; after a click the space bar is the timeline's.
    visit.page.locator(".player .timeline .restart").click()
    visit.until_data(step="0")
    visit.page.locator(".player .timeline .forward").click()
    visit.until_data(step="1")
    visit.page.locator(".player .timeline .back").click()
    visit.until_data(step="0")
    visit.page.locator(".player .timeline .loop").click()
    visit.page.locator(".player .timeline .play").click()
    visit.until_data(playing="true")
    visit.settle()
    press("End")
    visit.until_data(playing="false", step=last)
    press("Space")
    visit.until_data(playing="true")


# -- addresses ------------------------------------------------------------------------


def test_an_address_shows_the_same_page_to_others(visits):
    mine = visits("?surface=ravine&lr=0.05&rmsprop.rho=0.5")
    mine.drag("angle", 30)
    mine.release("angle")
    mine.click_map(1, -1.5)
    mine.page.get_by_test_id("card-adagrad").get_by_role("switch").click()
    mine.show_all_sliders()
    mine.page.get_by_test_id("adam.beta1-value").fill("0.75")
    mine.page.get_by_test_id("adam.beta1-value").press("Enter")
    mine.until_address(
        angle="30",
        on="gradient_descent,momentum,rmsprop,adam",
        **{"adam.beta1": "0.75"},
    )
    steps = mine.page.get_by_role("textbox", name="Steps", exact=True)
    steps.fill("150")
    steps.press("Enter")
    mine.until_data(steps="150")
    mine.page.get_by_role("radio", name="Side by side").click()
    mine.until_address(view="side", steps="150")
    assert set(mine.query) == {
        "surface", "angle", "start", "steps", "on", "view", "lr",
        "adam.beta1", "rmsprop.rho",
    }  # fmt: skip

    theirs = visits("?" + mine.js("location.search.slice(1)"))
    theirs.until("document.querySelectorAll('.player .note').length === 4")
    mine.settle()
    theirs.settle()
    for name in ("surface", "start", "steps", "view"):
        assert theirs.data[name] == mine.data[name]
    assert theirs.values == mine.values
    assert theirs.outcomes == mine.outcomes
    assert theirs.outcomes["adagrad"] == "off"
    assert theirs.query == mine.query
    assert not theirs.page.locator(".notice").count()


def test_a_broken_address_is_said_and_the_page_works(visits):
    visit = visits("?adam.lr=fast&gradient_descent.lr=0.01&start=nan,0")
    alert = visit.page.locator(".notice")
    assert alert.count() == 1
    assert "adam.lr" in alert.inner_text()
    assert visit.query == {"gradient_descent.lr": "0.01"}
    assert visit.start == list(START)
    bottom = visit.page.locator(".player").bounding_box()
    assert bottom["y"] + bottom["height"] <= 720

    # A run that blows up says so, with the step.
    (run,) = visit.server.race("?on=gradient_descent&gradient_descent.lr=0.01")["runs"]
    said = f"diverged, off the map since step {run['step']}"
    assert visit.outcomes["gradient_descent"] == said
    visit.pause("End")
    loss = visit.page.get_by_test_id("card-gradient_descent").locator(".loss")
    assert "beyond" in loss.inner_text() or "not a number" in loss.inner_text()

    # The next thing that is right takes the notice away, and nothing else.
    visit.js("document.querySelector('.player').same = true")
    visit.drag("lr-adam", -1)
    visit.release("lr-adam")
    visit.until_address(**{"adam.lr": "0.1", "gradient_descent.lr": "0.01"})
    visit.eventually(lambda: alert.count() == 0)
    assert visit.js("document.querySelector('.player').same"), "another player"
    assert visit.data["playing"] == "false"


def test_back_and_forward(visit):
    default = visit.values
    for name, key in (("lr-adam", "adam.lr"), ("lr-momentum", "momentum.lr")):
        visit.drag(name, -2)
        visit.release(name)
        visit.until_address(**{key: "0.01"})
    visit.page.go_back()
    visit.until_address(**{"adam.lr": "0.01", "momentum.lr": None})
    visit.eventually(lambda: visit.values == default | {"lr-adam-value": "0.01"})
    visit.page.go_forward()
    visit.until_address(**{"adam.lr": "0.01", "momentum.lr": "0.01"})
    visit.eventually(lambda: visit.values["lr-momentum-value"] == "0.01")


# In the page: ten moves by the driver may take longer than moves are gathered.
MOVES = """async (rates) => {
  const slider = document.querySelector("[data-testid='lr-adam']");
  for (const rate of rates) {
    slider.value = String(rate);
    for (const kind of ["input", "change"])
      slider.dispatchEvent(new Event(kind, { bubbles: true }));
    await new Promise((done) => setTimeout(done, 60));
  }
}"""


def test_one_slider_is_one_step_back(visit):
    visit.in_3d()  # until then the page may be busy for longer than moves are gathered
    default, before = visit.values, visit.js("history.length")
    visit.js(MOVES, np.linspace(-2, -3, 10).tolist())
    visit.until_address(**{"adam.lr": "0.001"})
    visit.settle()
    assert visit.js("history.length") == before + 1
    visit.page.go_back()
    visit.until_address(**{"adam.lr": None})
    visit.eventually(lambda: visit.values == default)
    visit.page.go_forward()
    visit.until_address(**{"adam.lr": "0.001"})
    visit.eventually(lambda: visit.values["lr-adam-value"] == "0.001")


# -- a server that goes away ----------------------------------------------------------


@pytest.mark.parametrize("released", ["while it is away", "when it is back"])
def test_a_server_that_restarts_in_the_middle_of_a_drag(visits, own_server, released):
    visit = visits("?momentum.beta=0.5", server=own_server)
    visit.forgiven = (
        *("net::ERR_", "WebSocket", "when disconnected from server"),
        *("Client Error in reaching", "Is Streamlit still running?"),
    )
    visit.js("document.querySelector('.player').same = true")
    visit.pause("End")
    visit.drag("lr-adam", -2, -2.2, -2.4)
    pictures = visit.pictures
    own_server.stop()
    visit.drag("lr-adam", -2.6, -2.8, -3)
    visit.eventually(lambda: "Reconnecting" in visit.status)
    if released == "while it is away":
        visit.release("lr-adam")
    own_server.start()
    visit.until_next_picture(pictures)
    visit.eventually(lambda: "Reconnecting" not in visit.status)
    if released == "when it is back":
        visit.release("lr-adam")
    visit.until_address(**{"adam.lr": "0.001", "momentum.beta": "0.5"})
    visit.settle()
    assert visit.values["lr-adam-value"] == "0.001"
    assert visit.data["playing"] == "false"
    assert visit.js("document.querySelector('.player').same"), "another player"

    # And on it goes.
    visit.click_map(0.5, 2)
    visit.eventually(lambda: starts_near(visit, (0.5, 2)))
    visit.until_address(start=visit.data["start"])
    assert visit.query == {
        "start": visit.data["start"],
        "momentum.beta": "0.5",
        "adam.lr": "0.001",
    }


# -- files ----------------------------------------------------------------------------


def test_the_race_on_the_page_is_saved_with_its_setup(visits):
    visit = visits("?surface=himmelblau&on=adam,adam~2&adam~2.lr=0.01&steps=50")
    visit.drag("lr-adam", -1)
    visit.release("lr-adam")
    visit.until_address(**{"adam.lr": "0.1"})
    with visit.page.expect_download() as download:
        visit.page.get_by_test_id("save-race").select_option("csv")
    assert download.value.suggested_filename == "race-himmelblau.csv"
    comments = download.value.path().read_text().splitlines()
    (text,) = (one for one in comments if one.startswith("# setup: "))
    setup, problems = Setup.parse(parse_qsl(text.removeprefix("# setup: ")))
    assert problems == ()
    address = dict(visit.query)
    assert setup == Setup.parse(address.items())[0]
    assert "# adam~2: Adam, α 0.01: " in "\n".join(comments)


def test_the_race_on_the_page_is_saved_as_code(visits):
    visit = visits("?surface=himmelblau&on=adam,momentum&steps=50")
    visit.drag("lr-adam", -1)
    visit.release("lr-adam")
    visit.until_address(**{"adam.lr": "0.1"})
    with visit.page.expect_download() as download:
        visit.page.get_by_label("Save this race").select_option("code (PyTorch)")
    assert download.value.suggested_filename == "race-himmelblau.py"
    text = download.value.path().read_text()
    assert "torch.optim.Adam([w], lr=0.1," in text
    (address,) = (one for one in text.splitlines() if one.startswith("# http"))
    setup, problems = Setup.parse(parse_qsl(address.partition("?")[2]))
    assert problems == ()
    assert setup == Setup.parse(dict(visit.query).items())[0]
    with visit.page.expect_download() as download:
        visit.page.get_by_label("Save this race").select_option("notebook (PyTorch)")
    assert download.value.suggested_filename == "race-himmelblau.ipynb"
    query = marked(download.value.path().read_bytes())
    assert query is not None
    assert Setup.parse(parse_qsl(query)) == (setup, ())


def test_a_race_that_cannot_be_saved_is_said(visits):
    visit = visits()
    visit.forgiven = ("503",)
    visit.page.route(
        "**/race.npz*", lambda route: route.fulfill(status=503, body="Full.")
    )
    visit.page.get_by_test_id("save-race").select_option("npz")
    visit.eventually(lambda: visit.status == "Full.")
    visit.page.unroute("**/race.npz*")
    with visit.page.expect_download() as download:
        visit.page.get_by_test_id("save-race").select_option("npz")
    assert np.load(download.value.path())["adam/points"].dtype == np.float64
    visit.eventually(lambda: "runs ×" in visit.status)
