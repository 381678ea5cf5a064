"""What a student tries: other rules, conditions, data, a formula of their own."""

from optim import OPTIMIZERS
from views.entries import MOST_ON
from views.theme import DEFAULT_ON

EIGHT = list(OPTIMIZERS)[:MOST_ON]


def keys_of(cards):
    return [card.get_attribute("data-testid")[5:] for card in cards.all()]


def test_optimizers_come_and_go(visit):
    add = visit.page.get_by_test_id("add-optimizer")
    cards = visit.page.locator(".player .card")
    for key in EIGHT[len(DEFAULT_ON) :]:
        add.select_option(key)
        visit.page.get_by_test_id(f"card-{key}").wait_for()
    visit.until_address(on=",".join(EIGHT))
    visit.eventually(lambda: "8 runs" in visit.status)
    assert keys_of(cards) == EIGHT
    visit.eventually(lambda: visit.page.locator(".player .map .head").count() == 8)

    # A ninth does not fit on the screen, and a sentence says so.
    add.select_option(list(OPTIMIZERS)[MOST_ON])
    visit.eventually(lambda: "At most 8 optimizers" in visit.status)
    assert visit.query["on"] == ",".join(EIGHT)

    # One of the others goes when it is switched off; one of the five stays, dim.
    last = visit.page.get_by_test_id(f"card-{EIGHT[-1]}")
    last.get_by_role("switch", name=OPTIMIZERS[EIGHT[-1]].label).click()
    visit.until_address(on=",".join(EIGHT[:-1]))
    last.wait_for(state="detached")
    adam = visit.page.get_by_test_id("card-adam")
    adam.get_by_role("switch", name="Adam", exact=True).click()
    visit.eventually(lambda: visit.outcomes["adam"] == "off")
    assert adam.is_visible()


def act(visit, entry, what):
    card = visit.page.get_by_test_id(f"card-{entry}")
    card.get_by_role("combobox").select_option(what)


def name_of(visit, entry):
    return visit.page.get_by_test_id(f"card-{entry}").locator("b").inner_text()


def test_an_optimizer_is_duplicated_and_named_by_what_differs(visits):
    visit = visits("?on=momentum,adam&adam.beta1=0.8")
    act(visit, "adam", "duplicate")
    visit.until_address(
        **{"on": "momentum,adam,adam~2", "adam.beta1": "0.8", "adam~2.beta1": "0.8"}
    )
    visit.eventually(lambda: visit.outcomes.get("adam~2") == visit.outcomes["adam"])
    assert [name_of(visit, e) for e in ("adam", "adam~2")] == ["Adam", "Adam 2"]

    # While it is dragged the names follow, and so does what the map says.
    pictures = visit.pictures
    visit.drag("lr-adam~2", -2)
    visit.until_next_picture(pictures)
    visit.eventually(lambda: name_of(visit, "adam~2") == "Adam, α 0.01")
    assert name_of(visit, "adam") == "Adam, α 0.2"
    heads = visit.page.locator(".player .map .head")
    visit.eventually(lambda: "Adam α 0.01" in heads.all_inner_texts())
    visit.release("lr-adam~2")
    visit.until_address(**{
        "on": "momentum,adam,adam~2", "adam.beta1": "0.8", "adam~2.beta1": "0.8",
        "adam~2.lr": "0.01",
    })  # fmt: skip
    colours = visit.js(
        "[...document.querySelectorAll('.player .card')].map((card) =>"
        " card.style.getPropertyValue('--colour'))"
    )
    assert len(set(colours)) == len(colours)

    act(visit, "adam~2", "only")
    visit.until_address(**{
        "on": "adam~2", "adam.beta1": "0.8", "adam~2.beta1": "0.8", "adam~2.lr": "0.01",
    })  # fmt: skip
    visit.eventually(lambda: name_of(visit, "adam~2") == "Adam 2")
    act(visit, "adam~2", "remove")
    visit.until_address(**{"on": "", "adam.beta1": "0.8"})
    visit.page.get_by_test_id("card-adam~2").wait_for(state="detached")


def test_an_optimizer_that_is_off_has_a_menu(visits):
    visit = visits("?on=momentum,adam&rmsprop.lr=0.1")
    offered = visit.page.get_by_test_id("card-rmsprop").locator(".acts option")
    texts = offered.evaluate_all(
        "(all) => all.filter(({ hidden }) => !hidden).map(({ text }) => text)"
    )
    assert texts == ["duplicate", "only this one", "edit as text"]
    act(visit, "rmsprop", "duplicate")
    visit.until_address(**{
        "on": "momentum,rmsprop~2,adam", "rmsprop.lr": "0.1", "rmsprop~2.lr": "0.1",
    })  # fmt: skip
    act(visit, "adagrad", "only")
    visit.until_address(**{"on": "adagrad", "rmsprop.lr": "0.1"})


def test_what_was_set_is_shown_where_sliders_are_few(visits):
    visit = visits("?on=rmsprop,adam&rmsprop.eps_inside=0")
    visit.show_all_sliders()
    visit.page.get_by_role("button", name="fewer sliders").click()
    switch = visit.page.get_by_role("switch", name="Epsilon inside the root")
    assert switch.is_visible()
    other = visit.page.get_by_role("switch", name="Bias correction")
    assert not other.is_visible()
    switch.click()
    visit.until_address(on="rmsprop,adam")
    assert switch.is_visible(), "it does not go from under the pointer"
    visit.show_all_sliders()
    visit.page.get_by_role("button", name="fewer sliders").click()
    assert not switch.is_visible()


def test_a_card_among_others_that_are_off_is_no_taller_than_what_it_says(visits):
    visit = visits("?on=momentum,adagrad", size=(1440, 900))
    act(visit, "adagrad", "only")
    visit.until_address(on="adagrad")
    card = visit.page.get_by_test_id("card-adagrad")
    empty = """(card) => {
      const shown = [...card.children].filter((one) => one.offsetHeight);
      const [first, last] = [shown[0], shown[shown.length - 1]];
      const top = first.getBoundingClientRect().top;
      return card.offsetHeight - (last.getBoundingClientRect().bottom - top);
    }"""
    visit.eventually(lambda: card.evaluate(empty) < 20)


def test_eight_optimizers_fit_on_a_projector(visits):
    visit = visits(f"?on={','.join(EIGHT)}")
    visit.eventually(lambda: len(visit.outcomes) == MOST_ON)
    assert visit.js(
        "document.querySelector('.player .list').scrollHeight <="
        " document.querySelector('.player .list').clientHeight + 1"
    )
    scrolls = "document.querySelector('.stMain')"
    assert visit.js(f"{scrolls}.scrollHeight <= {scrolls}.clientHeight")
    for card in visit.page.locator(".player .card").all():
        assert card.locator("input[type=range]").first.is_visible()


def test_every_card_shows_its_formula(visits):
    visit = visits(f"?on={','.join(EIGHT)}")
    for key in EIGHT:
        card = visit.page.get_by_test_id(f"card-{key}")
        if not card.locator("math").is_visible():
            card.get_by_role("button", name="formula").click()
        assert card.locator("math").bounding_box()["height"] > 8


def test_a_formula_follows_its_switches(visits):
    visit = visits("?on=rmsprop")
    card = visit.page.get_by_test_id("card-rmsprop")
    if not card.locator("math").is_visible():
        card.get_by_role("button", name="formula").click()
    root = card.locator("math msqrt")
    assert root.text_content() == "ε+r"
    if not card.get_by_text("Epsilon inside the root").is_visible():
        visit.page.get_by_role("button", name="all sliders").click()
    card.get_by_role("switch", name="Epsilon inside the root").click()
    visit.until_address(**{"rmsprop.eps_inside": "0"})
    visit.eventually(lambda: root.text_content() == "r")


def test_conditions(visit):
    before = visit.outcomes
    visit.page.get_by_test_id("tab-conditions").click()
    pictures = visit.pictures
    visit.page.get_by_test_id("schedule").select_option("exponential")
    visit.until_address(schedule="exponential")
    visit.until_next_picture(pictures)
    half_life = visit.page.get_by_test_id("exponential.half_life")
    half_life.wait_for()
    visit.drag("exponential.half_life", 0.5)
    visit.release("exponential.half_life")
    visit.until_address(**{"exponential.half_life": "3"})
    visit.eventually(lambda: visit.outcomes != before)

    # Noise bends the paths while it is dragged.
    pictures = visit.pictures
    visit.drag("noise", 1, 1.5, 2)
    visit.until_next_picture(pictures)
    assert "noise" not in visit.query
    visit.release("noise")
    visit.until_address(noise=visit.values["noise-value"])

    # The map shows the regularized surface, on the scale that was chosen.
    corner = "parseFloat(document.querySelector('.player .map').dataset.heights)"
    low = visit.js(corner)
    visit.page.get_by_test_id("level").select_option("linear")
    visit.until_address(level="linear")
    visit.until(f"(low) => {corner} !== low", low)
    low = visit.js(corner)
    visit.drag("l2", 2)
    visit.until(f"(low) => {corner} > low", low)
    visit.release("l2")
    visit.until_address(l2=visit.values["l2-value"])

    # All of it goes back at once.
    visit.page.get_by_test_id("recommended").click()
    visit.eventually(lambda: visit.query == {})
    visit.page.get_by_test_id("tab-optimizers").click()
    visit.eventually(lambda: visit.outcomes == before)


def test_data_beside_the_map(visits):
    visit = visits("?surface=linear_regression")
    visit.pause("End")
    picture = visit.page.locator(".player .data")
    assert picture.is_visible()
    assert not visit.page.locator(".player .scene").is_visible()
    ended = visit.shot(".player .data")
    visit.pause("Home")
    begun = visit.shot(".player .data")
    assert (ended != begun).any(axis=2).sum() > 200, "the curves follow the race"

    # Minibatches: real ones, of the size that is chosen, and their own surface.
    visit.page.get_by_test_id("tab-conditions").click()
    switch = visit.page.get_by_test_id("minibatch")
    assert not switch.is_visible()
    pictures = visit.pictures
    visit.drag("batch", 0)
    visit.until_next_picture(pictures)
    visit.release("batch")
    visit.until_address(batch="1")
    whole = visit.map["heights"]
    switch.click()
    visit.eventually(lambda: visit.map["heights"] != whole)
    first = visit.map["heights"]
    visit.page.keyboard.press("ArrowRight")
    visit.eventually(lambda: visit.map["heights"] != first)
    switch.click()
    visit.eventually(lambda: visit.map["heights"] == whole)

    # The surface in 3D is a click away.
    visit.page.get_by_role("button", name="3D").click()
    scene = visit.page.locator(".player .scene")
    assert scene.is_visible()
    assert not picture.is_visible()


def test_a_formula_of_ones_own(visit):
    visit.choose_surface("formula")
    visit.until_data(surface="formula")
    typed = visit.page.get_by_role("textbox", name="f(x, y), typed")
    typed.fill("(x - 1)**2 + 4*y^2")
    typed.press("Enter")
    visit.until_address(f="(x - 1)^2 + 4*y^2")
    visit.pause("End")
    visit.eventually(lambda: "minimum at (1, 0)" in visit.outcomes["adam"])
    heights = visit.map["heights"]

    typed.fill("(x - 1)**2 + 4*y)")
    typed.press("Enter")
    warning = visit.page.get_by_role("alert").filter(has_text="position")
    warning.wait_for()
    assert visit.query["f"] == "(x - 1)^2 + 4*y^2"
    assert typed.input_value() == "(x - 1)**2 + 4*y)"
    assert visit.map["heights"] == heights, "the surface before stays"

    typed.fill("sin(x) + y^2")
    typed.press("Enter")
    visit.until_address(f="sin(x) + y^2")
    warning.wait_for(state="detached")
    domain = visit.page.get_by_label("x from, to")
    domain.fill("-6,1")
    domain.press("Enter")
    visit.until_address(x="-6,1")
    visit.eventually(lambda: visit.map["x"] == [-6, 1])


def test_a_gradient_check(visit):
    visit.page.get_by_role("button", name="Gradient check").click()
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_text("automatic differentiation").wait_for()
    dialog.locator(".scatterlayer").first.wait_for()
    assert "h" in dialog.inner_text()
    visit.page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    visit.settle()
    assert visit.query == {}
