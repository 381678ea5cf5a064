"""The same page in Firefox and WebKit: it opens, moves, follows a hand and teaches."""

import json
from urllib.request import Request, urlopen

import numpy as np
import pytest
from other_browsers import Browsers, Firefox, WebKit, again_after_a_crash

from views.palettes import LIGHT
from views.theme import DEFAULT_ON, LOOKS

SHOWN = "document.querySelector('.player')?.dataset.pictures > 0"
DATA = "({ ...document.querySelector('.player').dataset })"
DRAG = """(async () => {
  const input = document.querySelector('[data-testid="lr-adam"]');
  const before = Number(document.querySelector(".player").dataset.pictures);
  for (let k = 0; k < 40; k += 1) {
    input.value = String(0.3 + 0.01 * k);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise(requestAnimationFrame);
  }
  await new Promise((done) => setTimeout(done, 500));
  input.dispatchEvent(new Event("change", { bubbles: true }));
  return Number(document.querySelector(".player").dataset.pictures) - before;
})()"""

# However far the race has come, trails are long enough to be seen.
LATE = """(() => {
  const scrub = document.querySelector("[data-testid=timeline]");
  scrub.value = "400";
  scrub.dispatchEvent(new Event("input"));
})()"""


@pytest.fixture(scope="module", params=[Firefox, WebKit])
def other(request, tmp_path_factory):
    browsers = Browsers(request.param, tmp_path_factory)
    yield browsers
    browsers.close()


def near(pixels, colour):
    rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return np.abs(pixels - rgb).max(axis=2) < 24


def opened(other, server, query):
    other.open(f"{server.address}/{query}")
    other.until(SHOWN)


@again_after_a_crash
def test_five_colours_race_and_follow_a_hand(other, server):
    opened(other, server, "?theme=dark")
    first = int(other.js(DATA)["step"])
    other.until(f"document.querySelector('.player').dataset.step > {first}")
    assert other.js(DRAG) > 3, "pictures while it is dragged"
    other.until("new URLSearchParams(location.search).has('adam.lr')")
    other.js("document.querySelector('.player .play').click()")
    other.until("document.querySelector('.player').dataset.playing === 'false'")
    other.js(LATE)
    other.until("document.querySelector('.player').dataset.step >= 400")
    other.until("document.querySelector('.player .map').dataset.frames")
    for picture in (".player .map", ".player .losses"):
        pixels = other.shot(picture)
        for key in DEFAULT_ON:
            assert near(pixels, LOOKS[key].colour).sum() > 20, (key, picture)
    assert not other.errors


@again_after_a_crash
def test_it_is_light_where_that_is_asked_for(other, server):
    opened(other, server, "?theme=light")
    other.until("document.querySelector('.player .map').dataset.frames")
    assert other.js(DATA)["theme"] == "light"
    assert np.median(other.shot(".player .map")) > 200
    other.until("document.querySelector('.stApp')")
    page = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    rgb = ", ".join(str(int(LIGHT["page"][i : i + 2], 16)) for i in (1, 3, 5))
    other.until(f"{page} === 'rgb({rgb})'")
    assert not other.errors


@again_after_a_crash
def test_a_lesson_asks_and_answers(other, server):
    opened(other, server, "?lesson=momentum&theme=dark")
    assert other.js(DATA)["step"] == "0"
    other.js("document.querySelector('.lesson .options button').click()")
    other.js("document.querySelector('[data-testid=reveal]').click()")
    judged = "document.querySelector('.lesson .judged')"
    other.until(f"{judged}.textContent.length > 10")
    assert other.js(f"{judged}.dataset.right") in ("true", "false")
    other.js("document.querySelector('[data-testid=lesson-next]').click()")
    other.until("new URLSearchParams(location.search).get('page') === '2'")
    assert not other.errors


@again_after_a_crash
def test_a_study_is_drawn(other, server):
    query = "?view=studies&study=basins&surface=himmelblau&on=adam,momentum&theme=dark"
    opened(other, server, query)
    other.until("!document.querySelector('.player .basins').dataset.waits")
    legend = "document.querySelector('.player .basins .legend')"
    other.until(f"{legend}?.textContent.includes('× 256 starts')")
    pixels = other.shot(".player .basins")
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 50
    assert not other.errors


@again_after_a_crash
def test_a_saved_race_plays_from_its_file(other, server, tmp_path):
    path = tmp_path / "race.html"
    query = "surface=booth&steps=60&scene=0&sliders=adam.lr&theme=dark"
    with urlopen(f"{server.address}/race.html?{query}") as answer:
        path.write_bytes(answer.read())
    other.open(path.as_uri())
    other.until(SHOWN)
    first = int(other.js(DATA)["step"])
    other.until(f"document.querySelector('.player').dataset.step != {first}")
    assert other.js(DRAG) > 3, "pictures while it is dragged"
    pixels = other.shot(".player .map")
    for key in DEFAULT_ON:
        assert near(pixels, LOOKS[key].colour).sum() > 20, key
    assert not other.errors


def say(server, path, step, key=""):
    """Shows a step in a room, as a page does that leads; its answer."""
    message = {
        "query": "surface=saddle&steps=90",
        **{"step": step, "playing": False, "dragging": False, "revealed": False},
    }
    headers = {"content-type": "application/json"} | (
        {"x-room-key": key} if key else {}
    )
    request = Request(f"{server.address}/{path}", json.dumps(message).encode(), headers)
    with urlopen(request) as answer:
        return json.load(answer)


@again_after_a_crash
def test_it_follows_a_room(other, server):
    room = say(server, "room", 7)
    opened(other, server, f"?room={room['code']}")
    step = "document.querySelector('.player').dataset.step"
    other.until("document.querySelector('.player').dataset.surface === 'saddle'")
    other.until(f"{step} === '7'")
    say(server, f"room/{room['code']}", 42, room["key"])
    other.until(f"{step} === '42'")
    words = "document.querySelector('[data-testid=room]').innerText"
    other.until(f"{words}.includes('This page follows room')")
    other.js(LATE)
    other.until(f"{words}.includes('You have taken over')")
    assert not other.errors


class Brittle:
    """A browser that crashes as often as asked."""

    crashes = 0

    def __init__(self, folder):
        self.crashed = False

    def lives(self):
        return not self.crashed

    def open(self, fails):
        if Brittle.crashes:
            Brittle.crashes -= 1
            self.crashed = True
            raise OSError("no such session")
        assert not fails

    def close(self):
        pass


@pytest.mark.parametrize(
    ("crashes", "fails", "runs", "passes"),
    [
        (0, False, 1, True),
        (0, True, 1, False),
        (1, False, 2, True),
        (1, True, 2, False),
        (2, False, 2, False),
    ],
)
def test_only_a_crash_is_tried_again(
    crashes, fails, runs, passes, tmp_path_factory, recwarn
):
    seen = []

    @again_after_a_crash
    def attempt(other):
        seen.append(other)
        other.open(fails)

    Brittle.crashes = crashes
    browsers = Browsers(Brittle, tmp_path_factory)
    if passes:
        attempt(browsers)
    else:
        with pytest.raises((OSError, AssertionError)):
            attempt(browsers)
    assert len(seen) == len(set(seen)) == runs
    assert len(recwarn) == min(crashes, 1)
