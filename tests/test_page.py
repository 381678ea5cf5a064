"""The page as its script makes it: widgets, address, notices, the player's edits."""

import html
import itertools
import json
import math
import re
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import example, given, settings
from hypothesis import strategies as st
from streamlit.components.v2 import manifest_scanner
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.scriptrunner import StopException
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.testing.v1 import AppTest

from optim import OPTIMIZERS
from surfaces import SURFACES, parse_formula
from surfaces.formula import KNOWN
from views.check import gradient_check
from views.fields import TYPED, VIEWS
from views.mathml import in_clauses
from views.player import KEY
from views.player_files import PLAYER_PATH
from views.setup import Setup
from views.theme import DEFAULT_ON

_NOTICE = re.compile(r'<div class="notice" role="alert">(.*)</div>')

APP = Path(__file__).parents[1] / "app.py"

every_surface = pytest.mark.parametrize("surface_key", SURFACES)


@pytest.fixture(autouse=True, scope="module")
def searched_once():
    """Packages are searched for components once, as by a server, not for each page."""
    name = "scan_component_manifests"
    once = cache(getattr(manifest_scanner, name))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, name, once)
        yield


class Page:
    """A person with the page open: what they see, and what they do."""

    def __init__(self, address=(), *states):
        self.app = self.unopened().app
        self.app.query_params.update(address)
        # What AppTest has no method for: a browser that knows the page already.
        self.app._run(WidgetStates(widgets=states))
        self.check()

    @classmethod
    def unopened(cls):
        page = cls.__new__(cls)
        page.app = AppTest.from_file(str(APP), default_timeout=120)
        return page

    def run(self):
        self.app.run()
        return self.check()

    def check(self):
        assert not self.app.exception, self.app.exception
        # What the page shows is what its address says.
        said, problems = Setup.parse(self.address.items())
        assert problems == ()
        shown = self.player
        own = {k: v for k, v in self.address.items() if not k.startswith("embed")}
        assert dict(parse_qsl(shown["query"], keep_blank_values=True)) == own
        assert self.app.selectbox(key="surface").value == said.surface_key
        drafts = self.app.session_state["session"].drafts
        for key, value in zip(
            ("start_x", "start_y", "steps"),
            (*said["start"], said["steps"]),
            strict=True,
        ):
            if key not in drafts:
                assert self.app.text_input(key=key).value == f"{value:.6g}"
        assert shown["start"] == list(said["start"])
        assert shown["surface"] == said.surface_key
        return self

    @property
    def address(self):
        return self.app.query_params

    @property
    def warnings(self):
        shown = (_NOTICE.fullmatch(part.value) for part in self.app.get("html"))
        return [html.unescape(part[1]) for part in shown if part]

    @property
    def player(self):
        """What the player is sent."""
        (component,) = self.app.get("bidi_component")

        def refuse(word):
            raise AssertionError(f"{word} kills the component")

        (data,) = json.loads(component.proto.json, parse_constant=refuse)
        return data

    def slider(self, key):
        """One of the player's sliders, as it is described to it."""
        data = self.player
        groups = [
            data["params"],
            data["conditions"],
            *(card["sliders"] for card in data["cards"]),
        ]
        return next(s for group in groups for s in group if s["key"] == key)

    def edit(self, n, changes):
        """Plays the browser's part: the player's edits arrive."""
        return self.receive({"n": n, "changes": changes})

    def receive(self, edits):
        self.app.session_state[KEY] = {"edits": edits}
        return self.run()

    def choose(self, **values):
        for key, value in values.items():
            if key == "surface":
                self.app.selectbox(key=key).select(value)
            elif key == "view":
                self.app.button_group(key=key).set_value(value)
            else:
                self.app.text_input(key=key).set_value(str(value))
        return self.run()


def text_of(app):
    (component,) = app.get("bidi_component")
    (data,) = json.loads(component.proto.json)
    written = [element.value for element in [*app.markdown, *app.caption]]
    return "\n".join([*written, data["story"]["facts"]])


# -- opening --------------------------------------------------------------------------


def test_the_page_opens():
    page = Page()
    assert page.warnings == []
    assert page.address == {}
    data = page.player
    assert data["surface"] == "rosenbrock"
    assert data["edits_seen"] == 0
    assert data["path"] == PLAYER_PATH
    assert [card["key"] for card in data["cards"]] == list(DEFAULT_ON)
    assert all(card["on"] for card in data["cards"])


def test_every_surface_can_be_chosen():
    box = Page().app.selectbox(key="surface")
    for option, surface in zip(box.options, SURFACES.values(), strict=False):
        assert option == f"{surface.family} · {surface.label}"
    own = ["Your own f(x, y)", "Your own data", "Your own grid of losses"]
    assert box.options[len(SURFACES) :] == own


@every_surface
def test_the_page_shows_what_is_known_of_a_surface(surface_key):
    page = Page({"surface": surface_key})
    surface = SURFACES[surface_key]
    text = text_of(page.app)
    for known in (surface.teaches, surface.source):
        assert known in text
    formula = page.player["story"]["formula"]
    variables = "x, y" if surface.variables == 2 else "x"
    shown = in_clauses(f"f({variables}) = {surface.latex}")
    assert shown[: -len("</mrow></math>")] in formula
    assert "\\" not in formula, "LaTeX is left in it"
    for places, word in (
        (surface.minima, "min"),
        (surface.saddles, "saddle"),
        (surface.maxima, "maxim"),
    ):
        assert (word in text.lower()) or not places
    for optimizer in map(OPTIMIZERS.__getitem__, DEFAULT_ON):
        assert optimizer.formula in text
        assert optimizer.source in text
    assert page.player["domain"] == list(surface.domain)


# -- widgets --------------------------------------------------------------------------


@every_surface
def test_choosing_a_surface(surface_key):
    page = Page({"surface": "saddle"}).choose(surface=surface_key)
    assert page.address == dict(Setup(surface_key).pairs())
    assert page.player["surface"] == surface_key
    assert page.player["steps"] == SURFACES[surface_key].steps
    for key, rate in SURFACES[surface_key].learning_rates.items():
        assert page.slider(f"{key}.lr")["value"] == rate
    assert page.warnings == []


def test_typing_a_start():
    x, y = SURFACES["rosenbrock"].start
    page = Page().choose(start_x=0.25)
    assert page.player["start"] == [0.25, y]
    page.choose(start_y=-0.5)
    assert page.address == {"start": "0.25,-0.5"}
    page.choose(start_x=x, start_y=y)
    assert page.address == {}, "the surface's own start needs no mention"


def test_typing_steps():
    page = Page().choose(steps=77)
    assert page.address == {"steps": "77"}
    assert page.player["steps"] == 77


def test_a_decimal_comma_is_a_point():
    page = Page({"surface": "griewank"}).choose(start_x="1,5")
    assert page.player["start"][0] == 1.5
    page.choose(start_y=" −0,05 ")
    assert page.address == {"surface": "griewank", "start": "1.5,-0.05"}
    assert page.warnings == []


def test_a_number_that_is_typed_leaves_the_other_as_exact_as_it_was():
    page = Page({"start": "0.123456789,0.987654321"})
    assert page.app.text_input(key="start_x").value == "0.123457"
    page.choose(start_y="0,5")
    assert page.address == {"start": "0.123456789,0.5"}
    page.choose(start_x="0.123457 ")
    assert page.address == {"start": "0.123456789,0.5"}
    page.choose(start_x="0.12346")
    assert page.address == {"start": "0.12346,0.5"}


@pytest.mark.parametrize("key", ["start_x", "start_y", "steps"])
def test_emptying_a_field_changes_nothing(key):
    page = Page(FULL)
    before = page.app.text_input(key=key).value
    page.choose(**{key: " "})
    assert page.address == FULL
    assert page.warnings == []
    assert page.app.text_input(key=key).value == before


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        (
            "start_x",
            "1,2,3",
            "Start x “1,2,3” is not a number; allowed is a number from -2 to 2.",
        ),
        ("start_x", "1 5", "Start x “1 5” is not a number"),
        ("start_y", "fast", "Start y “fast” is not a number"),
        (
            "start_y",
            "3,5",
            "Start y “3,5” is out of range; allowed is a number from -1 to 3.",
        ),
        ("start_y", "nan", "Start y “nan” is not finite"),
        ("steps", "1,5", "Steps “1,5” is not a whole number"),
        ("steps", "1.000", "Steps “1.000” is not a whole number"),
        ("steps", "9", "Steps “9” is out of range"),
    ],
)
def test_a_wrong_number_is_named_and_stays_to_be_mended(key, text, sentence):
    page = Page().choose(**{key: text})
    (warning,) = page.warnings
    assert warning.startswith(sentence)
    assert "allowed" in warning
    assert page.address == {}
    assert page.app.text_input(key=key).value == text
    page.choose(view="side")
    assert page.warnings == []
    assert page.app.text_input(key=key).value != text


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"f": "x^2 + 3y^2"}, "found: minimum at (0, 0)"),
        ({"f": "x^2 - y^2"}, "found: saddle at (0, 0)"),
        ({"f": "abs(x) + abs(y - 1)"}, "found: minimum at (0, 1)"),
        ({"f": "x + y"}, "no minimum found"),
        ({"f": "3 - x^2 - y^2"}, "found: maximum at (0, 0)"),
        ({"surface": "saddle", "l2": "3"}, "found: minimum at (0, 0)"),
        ({"surface": "saddle"}, "saddle at (0, 0)"),
        ({"surface": "bukin"}, "minimum at (−10, 1)"),
    ],
)
def test_what_was_searched_for_is_said_to_be_found(asked, words):
    text = text_of(Page({"surface": "formula"} | asked).app)
    assert words in text
    assert ("found" in text) == ("found" in words)
    assert "not marked" not in text


def test_typing_a_formula():
    page = Page().choose(surface=TYPED)
    assert page.address == {"surface": TYPED}
    page.choose(typed_f="f(x, y) = x**2 + 3y²").choose(typed_x="[-1; 2]")
    assert page.address == {"surface": TYPED, "f": "x^2 + 3*y^2", "x": "-1,2"}
    assert page.player["domain"] == [-1, 2, -4, 4]
    assert page.warnings == []
    square = "<msup><mi>x</mi><mrow><mn>2</mn></mrow></msup>"
    assert square in page.player["story"]["formula"]


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        ("typed_f", "x + )", "position 5"),
        ("typed_f", "x + foo(y)", "foo"),
        ("typed_f", "", "empty"),
        ("typed_f", "log(-1 - x^2)", "finite"),
        ("typed_f", "__import__('os')", "position"),
        ("typed_x", "3", "pair"),
        ("typed_x", "3,1", "must go from a lower number"),
        ("typed_y", "nan,1", "range"),
    ],
)
def test_a_mistake_in_a_formula_is_pointed_at_and_nothing_is_lost(key, text, sentence):
    page = Page({"surface": TYPED, "f": "x*y", "x": "-1,1"})
    before = dict(page.address)
    page.choose(**{key: text})
    (warning,) = page.warnings
    assert sentence in warning
    assert page.address == before
    assert page.app.text_input(key=key).value == text, "to be mended, not typed again"
    page.choose(steps=77)
    assert page.warnings == []
    assert page.address == before | {"steps": "77"}


def test_the_gradient_check_is_at_the_start():
    page = Page({"surface": "himmelblau"})
    button = next(b for b in page.app.button if b.label == "Gradient check")
    button.click()
    page.run()
    text = text_of(page.app)
    assert "(0.2, 4.2)" in text
    assert gradient_check(SURFACES["himmelblau"], (0.2, 4.2)).sentence in text


def test_a_gradient_check_at_once_after_a_choice_keeps_the_choice():
    """The browser sends the address that it had before it heard of the choice."""
    page = Page({"steps": "77"})
    before = dict(page.address)
    page.choose(surface="himmelblau")
    after = dict(page.address)
    assert after == {"steps": "77", "surface": "himmelblau"}
    page.app.query_params.clear()
    page.app.query_params.update(before)
    next(b for b in page.app.button if b.label == "Gradient check").click()
    page.run()
    assert page.player["surface"] == "himmelblau"
    assert page.address == after
    assert gradient_check(SURFACES["himmelblau"], (0.2, 4.2)).sentence in text_of(
        page.app
    )


def test_about_begins_with_how_to_use_the_page():
    page = Page({"on": "adam"})
    texts = [element.value for element in page.app.markdown]
    first = next(i for i, text in enumerate(texts) if text.startswith("**Begin:**"))
    rules = [i for i, text in enumerate(texts) if text.startswith("**Adam**")]
    assert rules
    assert first < rules[0]
    assert "**Keys:**" in texts[first]


def test_more_optimizers_than_fit_are_refused_in_words():
    keys = list(OPTIMIZERS)[:9]
    page = Page({"on": ",".join(keys)})
    (warning,) = page.warnings
    assert "9 optimizers" in warning
    assert "8" in warning
    page.edit(1, {"on": ",".join(keys[:8])})
    assert [card["key"] for card in page.player["cards"]] == keys[:8]


def test_the_view_can_be_switched():
    page = Page()
    assert page.player["view"] == "race"
    page.choose(view="side")
    assert page.address == {"view": "side"}
    assert page.player["view"] == "side"
    assert page.app.button_group(key="view").options == list(VIEWS.values())
    page.choose(view="race")
    assert page.address == {}


def test_a_new_surface_keeps_what_a_person_holds():
    page = Page().edit(1, {"adam.lr": "0.123", "momentum.beta": "0.5"})
    page.choose(steps=90, view="side", start_x=1.0)
    page.choose(surface="ravine")
    assert page.address == {
        "surface": "ravine",
        "steps": "90",
        "view": "side",
        "adam.lr": "0.123",
        "momentum.beta": "0.5",
    }
    assert page.player["start"] == list(SURFACES["ravine"].start)


# -- addresses ------------------------------------------------------------------------

FULL = {
    "surface": "ravine",
    "kappa": "55.5",
    "angle": "-30",
    "start": "0.5,-0.25",
    "steps": "120",
    "on": "momentum,adam",
    "view": "side",
    "lr": "0.02",
    "adam.lr": "0.3",
    "adam.beta2": "0.95",
}


def test_an_address_is_opened_as_it_stands():
    page = Page(FULL)
    assert page.warnings == []
    assert page.address == FULL
    data = page.player
    assert data["view"] == "side"
    assert data["shared"] == 0.02
    assert [c["key"] for c in data["cards"] if c["on"]] == ["momentum", "adam"]
    assert page.slider("kappa")["value"] == 55.5
    assert page.slider("adam.beta2")["value"] == 0.95


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("surface", "alps"),
        ("start", "nan,0"),
        ("start", "99,99"),
        ("start", "1"),
        ("steps", "1e9"),
        ("steps", "-5"),
        ("on", "unknown"),
        ("view", "3d"),
        ("lr", "inf"),
        ("adam.lr", "fast"),
        ("adam.beta1", "1"),
        ("sgd.lr", "0.1"),
        ("kappa", "10"),
        ("adam", "1"),
        ("<b>", "<i>"),
    ],
)
def test_a_broken_address_is_named_once_and_the_rest_is_kept(key, text):
    page = Page({"momentum.beta": "0.7", key: text})
    (notice,) = page.warnings
    assert key in notice
    assert notice.endswith(".")
    assert page.address == {"momentum.beta": "0.7"}
    assert page.slider("momentum.beta")["value"] == 0.7


def test_what_others_hang_on_a_link_goes_without_a_word():
    page = Page(
        {"adam.lr": "0.4", "utm_source": "mail", "fbclid": "IwAR0", "gclid": "E"}
    )
    assert page.warnings == []
    assert page.address == {"adam.lr": "0.4"}


def test_a_page_that_is_embedded_stays_so():
    embedded = {"embed": "true", "embed_options": ["dark_theme", "show_padding"]}
    page = Page(embedded | {"utm_source": "course"})
    assert page.warnings == []
    assert page.address == embedded
    page.choose(steps=77)
    assert page.address == embedded | {"steps": "77"}


TYPED_MARKS = [
    "![](//example.org/a.png)",
    "**x**",
    "[a](//example.org)",
    "x $ y",
    ":red[x]",
    "<img src=//example.org/a.png>",
]


def texts(app):
    """All that the page shows: of each element, each text and its name."""
    for element in app:
        proto = getattr(element, "proto", None)
        for name, value in _strings(MessageToDict(proto) if proto else ""):
            yield element.type, name, value


def _strings(value, name=""):
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _strings(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part, name)


@pytest.mark.parametrize("text", TYPED_MARKS)
@pytest.mark.parametrize("key", ["surface", "f", "x", "start", "on", "adam.lr"])
def test_what_stands_in_an_address_is_shown_as_text(text, key):
    page = Page({"surface": TYPED, key: text} if key != "surface" else {key: text})
    (warning,) = page.warnings
    assert f"“{text}”" in warning
    for kind, name, shown in texts(page.app):
        assert text not in html.unescape(shown) or (kind, name) == ("html", "body")


@pytest.mark.parametrize("text", TYPED_MARKS)
@pytest.mark.parametrize("key", ["typed_f", "typed_x", "start_x", "steps"])
def test_what_is_typed_is_shown_as_text(text, key):
    page = Page({"surface": TYPED}).choose(**{key: text})
    assert len(page.warnings) == 1
    for kind, name, shown in texts(page.app):
        if text in html.unescape(shown):
            # As text, in the notice, and in the field where it was typed.
            assert (kind, name) in (("html", "body"), ("text_input", "value"))


def test_help_keeps_its_asterisks():
    app = Page({"surface": TYPED}).app
    helps = [box.proto.help for box in app.text_input if box.proto.help]
    assert any("`x^2 + 3sin(xy)`" in tip and "`*`" in tip for tip in helps)
    for tip in helps:
        assert not set(re.sub("`[^`\n]*`", "", tip)) & set("*_[]<>!$\\`~|")
        for formula in re.findall("`([^`]*[xy][^`]*)`", tip):
            assert parse_formula(formula) if formula not in KNOWN else formula


def test_much_that_is_broken_is_one_notice():
    page = Page({"lr": ["1", "2"], "start": "x", "steps": "0", "a": "", "b": "💥"})
    (notice,) = page.warnings
    assert "4 more" in notice
    assert page.address == {"lr": "1"}


def test_a_notice_goes_when_something_is_right_again():
    page = Page({"steps": "0"})
    assert len(page.warnings) == 1
    page.run()
    assert len(page.warnings) == 1, "not by itself"
    page.choose(steps=50)
    assert page.warnings == []


def test_another_address_is_followed():
    """As when a person goes back in their browser."""
    page = Page().choose(surface="beale")
    page.app.query_params.clear()
    page.run()
    assert page.player["surface"] == "rosenbrock"
    page.app.query_params.update({"adam.lr": "0.4"})
    page.run()
    assert page.slider("adam.lr")["value"] == 0.4


class Stopping:
    """Stops a run of the page where Streamlit may, for the next, at the n-th place."""

    def __init__(self, monkeypatch):
        self.left = math.inf
        self.addressed = False  # whether the browser has heard of another address
        may_stop = ScriptRunner._maybe_handle_execution_control_request
        send = ScriptRunner._enqueue_forward_msg

        def stop(runner):
            may_stop(runner)
            self.left -= runner._execing
            if self.left < 0:
                self.left = math.inf
                raise StopException

        def enqueue(runner, message):
            send(runner, message)
            self.addressed |= message.WhichOneof("type") == "page_info_changed"

        monkeypatch.setattr(
            ScriptRunner, "_maybe_handle_execution_control_request", stop
        )
        monkeypatch.setattr(ScriptRunner, "_enqueue_forward_msg", enqueue)

    def at(self, n, do):
        """Whether the run that follows was stopped."""
        self.left, self.addressed = n, False
        do()
        stopped, self.left = self.left == math.inf, math.inf
        return stopped


def test_a_run_that_is_stopped_loses_no_edit_and_going_back_is_followed(monkeypatch):
    edits = {"n": 1, "changes": {"steps": "77"}}
    stopping = Stopping(monkeypatch)
    outcomes, place = set(), 0
    for place in itertools.count():
        page = Page()
        page.app.session_state[KEY] = {"edits": edits}
        if not stopping.at(place, page.app.run):
            break
        # Now the browser sends the address from before the edit.
        addressed = stopping.addressed
        page.app.query_params.clear()
        page.run()
        outcomes.add(addressed)
        if addressed:
            assert page.address == {}, (place, "it was gone back")
        else:
            assert page.address == {"steps": "77"}, (place, "the edit is kept")
    assert place > 20
    assert outcomes == {False, True}


def test_edits_before_the_first_run_is_over_are_kept(monkeypatch):
    changes = {"surface": "ravine", "start": "0.5,1", "steps": "77", "view": "side"}
    stopping = Stopping(monkeypatch)
    for place in itertools.count():
        page = Page.unopened()
        if not stopping.at(place, page.app.run):
            break
        page.receive({"n": 1, "changes": changes})
        assert page.address == changes, place
        assert page.app.selectbox(key="surface").value == "ravine", place
        assert page.app.text_input(key="start_x").value == "0.5", place
        assert page.app.text_input(key="steps").value == "77", place
    assert place > 20


def test_edits_that_are_sent_again_are_no_going_back():
    edits = {"n": 1, "changes": {"steps": "77"}}
    page = Page().receive(edits)
    # The browser has not heard of the new address when it sends them again.
    page.app.query_params.clear()
    page.receive(edits | {"again": 1})
    assert page.address == {"steps": "77"}
    assert page.player["edits_seen"] == 1
    page.app.query_params.clear()
    page.run()
    assert page.address == {}, "this is going back"


def test_what_a_widget_held_before_the_page_changed_it_is_no_choice():
    page = Page()
    changes = {"start": "0.5,1.5", "steps": "77", "surface": "ravine"}
    page.edit(1, changes)

    def late(**values):
        """The browser has not heard of the change when it sends something else."""
        for key, value in values.items():
            page.app.text_input(key=key).set_value(value)
        return page

    late(start_x="-1.2", start_y="1").receive({"n": 1, "changes": changes, "again": 1})
    assert page.address == changes
    late(start_x="-1.2", steps="700").edit(2, {"adam.lr": "0.123"})
    assert page.address == changes | {"steps": "700", "adam.lr": "0.123"}
    page.edit(3, {"steps": "77"})
    late(steps="700", start_x="0.25").run()
    assert page.address == changes | {"start": "0.25,1.5", "adam.lr": "0.123"}
    page.edit(4, {"start": "0.5,1.5"})
    late(start_x="0.25").run()
    assert page.address["start"] == "0.25,1.5", "a person typed it"


def test_going_back_beside_edits_that_are_sent_again_is_followed(monkeypatch):
    edits = {"n": 1, "changes": {"steps": "77"}}
    page, sent = Page().receive(edits), Stopping(monkeypatch)
    # Beside edits that are sent again, going back is not known yet: the page sends its
    # address, and the browser says that it was gone back before it has heard of that.
    for more, followed in (({}, {"steps": "77"}), ({"backs": 1}, {})):
        page.app.query_params.clear()
        message = edits | {"again": 1} | more
        sent.at(math.inf, lambda message=message: page.receive(message))
        assert page.address == followed
        assert sent.addressed, "else the browser is left with the other one"
    # Beside edits that are new it is an address from before them.
    page.receive({"n": 2, "changes": {"steps": "88"}, "backs": 2})
    assert page.address == {"steps": "88"}
    page.app.query_params.clear()
    page.receive({"n": 2, "changes": {"steps": "88"}, "backs": 2, "again": 1})
    assert page.address == {"steps": "88"}


def test_going_back_undoes_the_last_edits():
    page = Page().edit(1, {"adam.lr": "0.123"})
    page.app.query_params.clear()
    page.run()
    assert page.address == {}
    assert page.slider("adam.lr")["value"] == page.slider("adam.lr")["default"]


# -- the player's edits ---------------------------------------------------------------


def test_edits_reach_the_address_and_are_acknowledged():
    page = Page().edit(1, {"adam.lr": "0.123", "start": "0.5,1"})
    assert page.address == {"start": "0.5,1", "adam.lr": "0.123"}
    assert page.player["edits_seen"] == 1
    page.edit(2, {"adam.lr": None, "on": "adam"})
    assert page.address == {"start": "0.5,1", "on": "adam"}
    assert page.player["edits_seen"] == 2


def test_edits_are_applied_once():
    page = Page().edit(1, {"start": "0.5,1"})
    # A component's state stays; each run of the script meets it again.
    page.run()
    page.choose(start_x=-1.0)
    assert page.player["start"] == [-1, 1]
    page.run()
    assert page.address == {"start": "-1,1"}
    page.choose(surface="saddle")
    assert page.address == {"surface": "saddle"}


def test_every_setting_of_the_player_can_be_edited():
    page = Page({"surface": "ravine"})
    data = page.player
    groups = [data["params"], *(card["sliders"] for card in data["cards"])]
    for n, slider in enumerate([s for group in groups for s in group], 1):
        page.edit(n, {slider["key"]: repr(slider["high"])})
        assert page.slider(slider["key"])["value"] == slider["high"]
    page.edit(100, {"lr": "0.5"})
    assert page.player["shared"] == 0.5


def test_a_wrong_edit_is_named_and_nothing_is_lost():
    page = Page(FULL)
    page.edit(1, {"adam.lr": "99", "adam.beta1": "0.5"})
    (notice,) = page.warnings
    assert "adam.lr “99” is out of range" in notice
    assert page.address == FULL | {"adam.beta1": "0.5"}
    assert page.player["edits_seen"] == 1, "else it would be sent for ever"
    page.edit(2, {"nothing": "1"})
    assert page.address == FULL | {"adam.beta1": "0.5"}
    page.edit(3, {"start": "-1,0"})
    assert page.warnings == []
    assert page.address == FULL | {"adam.beta1": "0.5", "start": "-1,0"}


def test_a_restarted_server_receives_the_last_edits():
    """A new session's first run already carries the component's state."""
    name = Page().app.get("bidi_component")[0].proto.id
    edits = {"edits": {"n": 7, "changes": {"adam.lr": "0.123"}}}
    page = Page(
        {"momentum.beta": "0.7"}, WidgetState(id=name, json_value=json.dumps(edits))
    )
    assert page.address == {"momentum.beta": "0.7", "adam.lr": "0.123"}
    assert page.player["edits_seen"] == 7


def test_a_restarted_server_receives_what_the_widgets_hold():
    """A new session's first run already carries the widgets' state."""
    app = Page().app

    def held(kind, key, **value):
        return WidgetState(id=getattr(app, kind)(key=key).proto.id, **value)

    page = Page({"adam.lr": "0.1"}, held("text_input", "steps", string_value="123"))
    assert page.address == {"adam.lr": "0.1", "steps": "123"}
    page = Page((), held("text_input", "start_x", string_value="0,5"))
    assert page.address == {"start": "0.5,1"}
    page = Page((), held("selectbox", "surface", string_value="Valleys · Beale"))
    assert page.address == {"surface": "beale"}
    page.choose(steps=55)
    assert page.address == {"surface": "beale", "steps": "55"}


JUNK = [
    None,
    0,
    "text",
    [],
    [1, 2],
    {},
    {"n": None},
    {"n": 1},
    {"n": 1, "changes": None},
    {"n": 1, "changes": []},
    {"n": 1, "changes": "adam.lr"},
    {"n": "one", "changes": {}},
    {"n": [1], "changes": {"sgd": {"deep": [1]}}},
    {"n": 2, "changes": {"adam.lr": {"deep": [1]}}},
    {"n": 3, "changes": {"adam.lr": math.nan, "start": [0, 0], "on": False}},
    {"n": 4, "changes": {"": "", "\x00": "\x00", "k" * 9999: "v" * 9999}},
    {"changes": {"steps": -1}},
]


@pytest.mark.parametrize("edits", JUNK, ids=lambda edits: repr(edits)[:40])
def test_junk_from_the_player_is_harmless(edits):
    page = Page({"adam.lr": "0.123", "start": "1,1"}).receive(edits)
    assert page.address == {"adam.lr": "0.123", "start": "1,1"}
    assert len(page.warnings) <= 1
    page.edit(99, {"start": "0,0"})
    assert page.address == {"adam.lr": "0.123", "start": "0,0"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
edits = st.fixed_dictionaries(
    {
        "n": st.integers(1, 10**6) | json_values,
        "changes": st.dictionaries(
            st.sampled_from(
                ["surface", "start", "steps", "on", "view", "lr", "adam.lr"]
            )
            | st.text(max_size=5),
            st.sampled_from([*SURFACES, "0,0", "0.1", "100", "side", "adam", "nan", ""])
            | json_values,
            max_size=4,
        )
        | json_values,
    }
)


@settings(max_examples=60)
@given(sent=st.lists(edits, min_size=1, max_size=3))
@example(sent=[{"n": 1, "changes": {"surface": "ravine", "kappa": "2"}}])
def test_whatever_the_player_sends_the_page_stands(sent):
    page = Page()
    for one in sent:
        page.receive(one)
        assert len(page.warnings) <= 1


# -- sessions -------------------------------------------------------------------------


def test_two_people_do_not_meet():
    one, other = Page(), Page({"surface": "beale"})
    one.edit(1, {"adam.lr": "0.123"})
    other.run()
    assert other.address == {"surface": "beale"}
    assert one.run().address == {"adam.lr": "0.123"}


def test_the_page_says_what_it_is():
    page = Page()
    (name,) = [part.value for part in page.app.get("html") if "<h1>" in part.value]
    assert "Loss-surface visualizer" in name
    assert "optimizers" in name
