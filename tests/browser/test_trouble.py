"""What goes wrong in the page itself: said in a sentence, and kept from spreading."""

import pytest

from views.player_files import PLAYER_PATH

# From now on a method of a view throws; `mend` gives it back.
BREAK = """async ([path, name, view, method]) => {
  const { modules } = await import(`${path}/packed.js`);
  const { prototype } = modules[name][view];
  const kept = prototype[method];
  prototype[method] = () => { throw new Error("made to fail"); };
  window.mend = () => { prototype[method] = kept; };
}"""


def break_view(visit, name, view, method="draw"):
    visit.forgiven = ("made to fail",)
    visit.js(BREAK, [f"/{PLAYER_PATH}", name, view, method])


FAILED = "This panel failed: made to fail. The others go on."
FAILURES = """() => Object.fromEntries(
  [...document.querySelectorAll(".player [data-failed]")].map(
    ({ className, dataset }) => [className.split(" ")[0], dataset.failed],
  ),
)"""
SHOWN = """(place) => getComputedStyle(
  document.querySelector(place), "::after",
).content"""


def failures(visit):
    """What panels say of themselves, by their names."""
    return visit.js(FAILURES)


def goes_on(visit):
    """Time passes, and a drag bends the paths."""
    step, pictures = visit.data["step"], visit.pictures
    visit.until(
        "(step) => document.querySelector('.player').dataset.step !== step", step
    )
    visit.drag("lr-adam", -2, -2.2, -2.4)
    visit.until_next_picture(pictures)


@pytest.mark.parametrize(
    ("name", "view", "said"),
    [
        ("map", "MapView", "map"),
        ("scene", "SceneView", "3D surface"),
        ("losses", "LossView", "loss curves"),
        ("cards", "Cards", "cards"),
    ],
)
def test_a_view_that_fails_is_left_out_and_said(visit, name, view, said):
    break_view(visit.in_3d(), name, view)
    visit.eventually(lambda: said in visit.status)
    if name != "cards":
        assert failures(visit) == {name: FAILED}
        shown = visit.js(SHOWN, f".player .{name}")
        assert shown == f'"{FAILED}"', "in its place"
    goes_on(visit)
    visit.js("mend()")
    goes_on(visit)
    visit.eventually(lambda: said not in visit.status)
    assert failures(visit) == {}


def test_a_picture_of_a_study_that_fails_leaves_the_others(visits):
    visit = visits("?view=studies&study=rates&surface=ravine&on=adam")
    visit.eventually(lambda: "loss curves:" in visit.status)
    break_view(visit, "curves", "CurvesView", "receive")
    before = visit.shot(".player .sweep")
    visit.drag("kappa", 1)
    visit.release("kappa")
    visit.eventually(lambda: "new curves" in visit.status)
    visit.eventually(lambda: (visit.shot(".player .sweep") != before).any())
    assert failures(visit) == {"curves": FAILED}
    visit.js("mend()")
    visit.drag("kappa", 1.5)
    visit.release("kappa")
    visit.eventually(lambda: "Left out" not in visit.status)
    assert failures(visit) == {}


def test_a_still_picture_that_fails_is_said_and_the_next_is_drawn(visits):
    visit = visits("?surface=ravine").in_3d()
    corners = "document.querySelector('.player .map').dataset.heights"
    heights = visit.js(corners)
    break_view(visit, "map", "MapView", "receive")
    visit.drag("kappa", 1)
    visit.eventually(lambda: "reload" in visit.status.lower())
    visit.js("mend()")
    visit.drag("kappa", 0)
    visit.until(f"(heights) => {corners} !== heights", heights)
    visit.eventually(lambda: "reload" not in visit.status.lower())


# -- files that do not load -----------------------------------------------------------


@pytest.fixture
def page(context):
    """A page that is not opened yet."""
    one = context.new_page()
    one.set_default_timeout(60_000)
    yield one
    one.close()


def test_a_missing_plotly_is_said_and_looked_for_again(page, server):
    page.route("**/plotly.min.js", lambda route: route.abort())
    page.goto(server.address)
    status = page.locator(".player .status")
    status.filter(has_text="no 3D view").wait_for()
    assert page.locator(".player .map .head").count() == 5, "the race goes on"
    page.unroute("**/plotly.min.js")
    steps = page.get_by_role("textbox", name="Steps")
    steps.fill("300")
    steps.press("Enter")
    page.locator(".player .scene .gl-container").wait_for(state="attached")
    status.filter(has_text="300 steps").wait_for()


def test_a_plotly_that_fails_once_comes_by_itself(page, server):
    page.route("**/plotly.min.js", lambda route: route.abort(), times=2)
    page.goto(server.address)
    page.locator(".player .scene .gl-container").wait_for(state="attached")


def test_a_missing_player_is_said(page, server):
    page.route("**/packed.js*", lambda route: route.abort())
    page.goto(server.address)
    said = page.get_by_role("alert").filter(has_text="reload the page")
    said.wait_for()
    assert page.locator(".player").count() == 0


def test_a_player_that_fails_once_comes_by_itself(page, server):
    page.route("**/packed.js", lambda route: route.abort())
    page.goto(server.address)
    page.locator(".player[data-pictures]").wait_for()
    page.locator(".stApp .player").wait_for()
    assert page.locator(".missing").count() == 0


# -- what is not of this surface ------------------------------------------------------

STALE = """() => Object.fromEntries(["map", "scene", "losses"].map((name) => {
  const { classList, dataset } = document.querySelector(`.player .${name}`);
  return [name, [dataset.waits ?? null, classList.contains("other")]];
}))"""
HEADS = "document.querySelectorAll('.player .map .head:not([hidden])').length"
WAITS = "computing…"


def holds(visit, pattern):
    """Keeps requests from being answered; the function it gives lets them go."""
    held = []
    visit.page.route(pattern, lambda route: held.append(route))

    def release():
        for route in held:
            route.continue_()
        held.clear()
        visit.page.unroute(pattern)

    return release


def test_nothing_of_another_surface_is_shown_as_of_this_one(visit):
    visit.in_3d().until(f"{HEADS} === 5")
    release = holds(visit, "**/race?*surface=himmelblau*")
    visit.choose_surface("himmelblau")
    visit.until("document.querySelector('.player .map').dataset.waits")
    visit.until("!document.querySelector('.player .scene').matches('.other')")
    visit.settle()
    seen = visit.js(STALE)
    assert seen["map"] == seen["scene"] == [WAITS, False], "the new surface is there"
    assert seen["losses"] == [WAITS, True]
    assert visit.js(HEADS) == 0
    assert set(visit.outcomes.values()) == {WAITS}
    assert visit.page.locator(".player .card .loss").all_inner_texts() == [""] * 5
    assert visit.status == WAITS
    step = visit.data["step"]
    visit.settle()
    assert visit.data["step"] == step, "time waits, too"
    release()
    visit.until_data(surface="himmelblau")
    visit.until(f"{HEADS} === 5")
    assert visit.js(STALE) == {name: [None, False] for name in seen}
    assert WAITS not in visit.outcomes.values()


def test_a_race_does_not_run_over_another_surface(visit):
    visit.in_3d().until(f"{HEADS} === 5")
    release = holds(visit, "**/landscape?*surface=himmelblau*")
    visit.choose_surface("himmelblau")
    visit.until_data(surface="himmelblau")
    visit.settle()
    seen = visit.js(STALE)
    assert seen["map"] == seen["scene"] == [WAITS, True]
    assert seen["losses"] == [None, False], "its minimum is known"
    assert visit.js(HEADS) == 0
    assert WAITS not in visit.outcomes.values()
    release()
    visit.until(f"{HEADS} === 5")
    visit.until("!document.querySelector('.player .scene').dataset.waits")


def test_a_domain_makes_another_surface(visits):
    visit = visits("?surface=formula&f=x^2%2By^2")
    visit.until(f"{HEADS} === 5")
    release = holds(visit, "**/race?*x=-1*")
    domain = visit.page.get_by_label("x from, to")
    domain.fill("-1,2")
    domain.press("Enter")
    visit.until("document.querySelector('.player .map').dataset.waits")
    visit.until(f"{HEADS} === 0")
    release()
    visit.until(f"{HEADS} === 5")


def test_a_surface_that_is_turned_stays_the_same(visits):
    visit = visits("?surface=ravine").in_3d()
    visit.until("!document.querySelector('.player [data-waits]')")
    visit.js(
        """() => {
          window.waited = [];
          new MutationObserver((all) => window.waited.push(all.length)).observe(
            document.querySelector(".player"),
            { subtree: true, attributeFilter: ["data-waits"] },
          );
        }"""
    )
    pictures = visit.pictures
    visit.drag("kappa", *(k / 10 for k in range(20)))
    visit.until_next_picture(pictures)
    visit.release("kappa")
    visit.until("() => new URLSearchParams(location.search).has('kappa')")
    visit.settle()
    assert visit.js("window.waited") == []


def test_the_surface_in_3d_is_the_one_that_is_raced_on(visits):
    """Also where it was another one when it was last seen."""
    visit = visits().in_3d()
    visit.page.get_by_role("radio", name="Side by side").click()
    visit.until_data(view="side")
    visit.choose_surface("himmelblau")
    visit.until_data(surface="himmelblau")
    visit.page.get_by_role("radio", name="Race").click()
    visit.until_data(view="race")
    visit.until(
        "document.querySelector('.player .scene .plot')"
        "._fullLayout?.scene?.xaxis.range[0] < -3"
    )
    visit.until("!document.querySelector('.player .scene').dataset.waits")
