"""A class that follows: a page leads, others show what it shows or take over."""

import re

GONE = (
    *("Failed to load", "net::ERR_", "WebSocket", "when disconnected from server"),
    *("Client Error in reaching", "reaching server endpoint"),
    "Is Streamlit still running",
)


def words(visit):
    return visit.page.get_by_test_id("room").inner_text()


def until_said(visit, text):
    try:
        visit.eventually(lambda: text in words(visit))
    except AssertionError as error:
        raise AssertionError(f"it says {words(visit)!r}, not {text!r}") from error


def lead(visit):
    """Opens a room by the dialog; the link of it, as a query."""
    visit.page.get_by_test_id("share").click()
    visit.page.get_by_test_id("lead").check()
    link = visit.page.get_by_test_id("link")
    visit.eventually(lambda: "?room=" in link.input_value())
    visit.page.locator("dialog.share .close").click()
    return re.search(r"\?room=.*", link.input_value())[0]


def press(visit, name):
    visit.page.get_by_test_id("room").get_by_role("button", name=name).click()


def test_who_shares_an_address_of_this_machine_alone_reads_that(visits):
    visit = visits()
    visit.page.get_by_test_id("share").click()
    said = visit.page.locator("dialog.share .said")
    visit.eventually(lambda: "Only this computer" in said.inner_text())
    visit.page.get_by_test_id("lead").check()
    link = visit.page.get_by_test_id("link")
    visit.eventually(lambda: "?room=" in link.input_value())
    assert "Only this computer" in said.inner_text()


def test_pages_show_what_the_page_that_leads_shows(visits):
    leader = visits("?surface=himmelblau&steps=120&theme=dark")
    leader.pause()
    query = lead(leader)
    until_said(leader, "0 pages have joined")
    follower, phone = visits(query), visits(query, size=(390, 844))
    until_said(leader, "2 pages have joined")
    for one in (follower, phone):
        one.until_data(surface="himmelblau", steps="120", playing="false", step="0")
        until_said(one, f"follows room {query[-6:]}")
    visited = follower.js("history.length")
    # While a slider is being dragged, before anything is in an address.
    leader.drag("lr-adam", -1.0, -0.5, 0.0)
    for one in (follower, phone):
        one.eventually(lambda one=one: one.values["lr-adam-value"] == "1")
    assert "adam.lr" not in leader.query
    leader.release("lr-adam")
    for one in (follower, phone):
        one.until_address(**{"adam.lr": "1", "room": query[-6:]})
    # Another surface, a start, and a step.
    leader.choose_surface("saddle")
    leader.until_data(surface="saddle")
    for one in (follower, phone):
        one.until_data(surface="saddle")
    leader.click_map(0.5, 0.5)
    start = leader.data["start"]
    follower.eventually(lambda: follower.data["start"] == start)
    leader.pause("End")
    follower.until_data(step=leader.data["steps"], playing="false")
    leader.page.keyboard.press("ArrowLeft")
    follower.until_data(step=str(int(leader.data["steps"]) - 1))
    # How it is seen, too; but each page has its own theme.
    leader.page.get_by_test_id("shows").select_option("field")
    follower.until_address(show="field", theme=None)
    assert not any("taken over" in words(one) for one in (follower, phone))
    # To go back is to go back from the room.
    assert follower.js("history.length") == visited


def test_who_takes_over_is_left_alone_and_may_follow_again(visits):
    leader = visits("?surface=saddle")
    leader.pause()
    query = lead(leader)
    follower = visits(query)
    follower.until_data(surface="saddle")
    follower.drag("lr-adam", -2.5)
    until_said(follower, "You have taken over")
    follower.release("lr-adam")
    mine = follower.values["lr-adam-value"]
    leader.drag("lr-adam", 0.0)
    leader.release("lr-adam")
    leader.until_address(**{"adam.lr": "1"})
    follower.page.wait_for_timeout(500)
    assert follower.values["lr-adam-value"] == mine
    press(follower, "follow again")
    follower.eventually(lambda: follower.values["lr-adam-value"] == "1")
    until_said(follower, "follows room")
    # By Streamlit's widgets, and by the timeline.
    follower.choose_surface("himmelblau")
    until_said(follower, "You have taken over")
    follower.until_data(surface="himmelblau")
    press(follower, "follow again")
    follower.until_data(surface="saddle")
    follower.page.keyboard.press("End")
    until_said(follower, "You have taken over")
    press(follower, "leave the room")
    follower.until_address(room=None)
    until_said(leader, "0 pages have joined")


def test_a_room_goes_on_when_its_leader_is_back_and_ends_when_it_is_ended(visits):
    leader = visits("?surface=saddle")
    leader.pause()
    follower = visits(lead(leader))
    follower.until_data(surface="saddle")
    leader.page.reload()
    leader.ready()
    until_said(leader, "1 page has joined")
    leader.drag("lr-adam", 0.0)
    follower.eventually(lambda: follower.values["lr-adam-value"] == "1")
    leader.release("lr-adam")
    follower.until_address(**{"adam.lr": "1"})
    press(leader, "end the room")
    until_said(follower, "is over. This page stays as it is.")
    leader.until_address(room=None)
    press(follower, "close")
    follower.until_address(room=None, surface="saddle")


def test_a_question_is_answered_on_all_pages_at_once(visits):
    leader = visits("?lesson=momentum&page=1")
    query = lead(leader)
    follower = visits(query)
    follower.until_data(lesson="momentum 1")
    while not leader.page.get_by_test_id("predict").is_visible():
        leader.page.get_by_test_id("lesson-next").click()
        leader.settle()
        leader.eventually(lambda: follower.data["lesson"] == leader.data["lesson"])
    follower.eventually(lambda: follower.data["playing"] == "false")
    reveal = follower.page.get_by_test_id("reveal")
    assert reveal.is_visible()
    leader.page.locator(".player .predict .options button").first.click()
    leader.page.get_by_test_id("reveal").click()
    follower.eventually(lambda: not reveal.is_visible())
    follower.until_data(playing="true")
    assert "follows room" in words(follower)


def test_a_code_is_typed_and_one_of_no_room_is_said(visits):
    leader = visits("?surface=saddle")
    code = lead(leader)[-6:]
    follower = visits("", forgiven=("404",))
    for typed, said in (("nope", "has 6 letters"), ("zzzzzz", "There is no room")):
        follower.page.get_by_test_id("share").click()
        follower.page.get_by_test_id("room-code").fill(typed)
        follower.page.keyboard.press("Enter")
        if said.startswith("has"):
            assert said in follower.page.locator("dialog.share .said").inner_text()
            follower.page.keyboard.press("Escape")
        else:
            until_said(follower, said)
            press(follower, "close")
    follower.page.get_by_test_id("share").click()
    follower.page.get_by_test_id("room-code").fill(f"{code[:3]} {code[3:]}".upper())
    follower.page.keyboard.press("Enter")
    follower.until_data(surface="saddle")
    until_said(leader, "1 page has joined")


def test_the_dialog_knows_when_a_room_is_left_meanwhile(visits):
    visit = visits("", forgiven=("404",))
    visit.page.get_by_test_id("share").click()
    visit.page.get_by_test_id("room-code").fill("zzzzzz")
    visit.page.keyboard.press("Enter")
    until_said(visit, "There is no room")
    visit.until_address(room="zzzzzz")
    visit.page.get_by_test_id("share").click()
    typed = visit.page.get_by_test_id("room-code")
    assert not typed.is_visible()
    visit.js(
        """[...document.querySelectorAll("[data-testid=room] button")].at(-1).click()"""
    )
    visit.eventually(typed.is_visible)


def test_a_room_outlives_its_server(visits, own_server):
    leader = visits("?surface=saddle", server=own_server, forgiven=GONE)
    leader.pause()
    query = lead(leader)
    follower = visits(query, server=own_server, forgiven=GONE)
    follower.until_data(surface="saddle")
    own_server.stop()
    until_said(follower, "reconnecting")
    own_server.start()
    until_said(leader, "1 page has joined")
    until_said(follower, "follows room")
    leader.drag("lr-adam", 0.0)
    follower.eventually(lambda: follower.values["lr-adam-value"] == "1")


def test_without_the_page_that_leads_all_stay_as_they_are(visits):
    leader = visits("?surface=saddle&steps=5000&speed=10")
    follower = visits(lead(leader))
    follower.until_data(surface="saddle", playing="true")
    leader.page.goto("about:blank")
    until_said(follower, "the page that leads is away; this one stays as it is")
    follower.until_data(playing="false")
    step = follower.data["step"]
    follower.page.wait_for_timeout(500)
    assert follower.data["step"] == step


def test_what_a_follower_looks_at_is_theirs_until_the_page_that_leads_turns_it(visits):
    leader = visits("?surface=saddle")
    leader.pause()
    follower = visits(lead(leader))
    follower.until_data(surface="saddle")
    follower.page.get_by_test_id("show-inside").click()
    follower.until_address(panels="inside")
    leader.page.keyboard.press("End")
    follower.until_data(step=leader.data["steps"])
    assert follower.query["panels"] == "inside"
    assert "follows room" in words(follower)
    leader.page.get_by_test_id("show-table").click()
    follower.until_address(panels="table")
    # Who follows again sees all as the page that leads does; speed is of the race.
    follower.page.get_by_test_id("show-inside").click()
    follower.until_address(panels="inside")
    follower.page.get_by_test_id("speed").select_option("640")
    until_said(follower, "You have taken over")
    press(follower, "follow again")
    follower.until_address(panels="table")
    follower.eventually(
        lambda: follower.page.get_by_test_id("speed").input_value() == ""
    )


def test_a_room_that_was_left_by_going_back_is_opened_again(visits):
    leader = visits("?surface=saddle")
    leader.pause()
    query = lead(leader)
    leader.until_address(room=query[-6:])
    follower = visits(query)
    until_said(leader, "1 page has joined")
    leader.page.go_back()
    leader.until_address(room=None)
    leader.eventually(lambda: not words(leader))
    assert lead(leader) == query
    until_said(leader, "1 page has joined")
    leader.drag("lr-adam", 0.0)
    follower.eventually(lambda: follower.values["lr-adam-value"] == "1")


# All that is drawn on the map over its still picture.
DRAWN = (
    "[...document.querySelectorAll('.player .map canvas')].map((c) => c.toDataURL())"
)


def kept(visit):
    """What the trails that are kept are called; empty without."""
    caption = visit.page.locator(".player .map .kept span")
    return caption.inner_text() if caption.is_visible() else ""


def test_kept_trails_are_followed_also_by_who_comes_later(visits):
    leader = visits("?surface=ravine&on=momentum,adam&steps=80")
    leader.pause("End")
    follower = visits(lead(leader))
    follower.until_data(steps="80", step="80", playing="false")
    leader.page.keyboard.press("k")
    follower.eventually(lambda: kept(follower) == "kept: these trails")
    before = follower.js(DRAWN)
    leader.drag("lr-adam", -2.0, -1.5)
    follower.eventually(lambda: kept(follower) not in ("", "kept: these trails"))
    assert kept(follower) == kept(leader)
    leader.release("lr-adam")
    later = visits(f"?room={leader.query['room']}")
    for one in (follower, later):
        one.eventually(lambda one=one: kept(one) == kept(leader))
        one.until_data(step="80")
        one.eventually(lambda one=one: one.js(DRAWN) == leader.js(DRAWN))
    assert follower.js(DRAWN) != before
    # What a follower keeps stays until the page that leads keeps something else.
    leader.page.keyboard.press("k")
    follower.eventually(lambda: not kept(follower))
    later.eventually(lambda: not kept(later))
    follower.page.keyboard.press("k")
    leader.page.keyboard.press("ArrowLeft")
    follower.until_data(step="79")
    assert kept(follower)
    assert not any("taken over" in words(one) for one in (follower, later))
    leader.page.keyboard.press("k")
    later.eventually(lambda: kept(later) == "kept: these trails")


def test_a_step_in_slow_motion_is_followed(visits):
    leader = visits("?surface=ravine&on=adam&panels=inside&inspect=adam&steps=20")
    leader.pause()
    follower = visits(lead(leader))
    follower.until_data(steps="20", step="0", playing="false")
    said = ".player [data-testid=inside] .says"
    seen = []
    for _ in range(3):
        leader.page.keyboard.press("e")
        leader.settle()
        text = leader.page.locator(said).inner_text()
        assert text not in seen
        follower.eventually(
            lambda text=text: follower.page.locator(said).inner_text() == text
        )
        seen.append(text)
    # Who goes on alone takes over; it then stands where they are.
    follower.page.keyboard.press("e")
    until_said(follower, "You have taken over")
    leader.page.keyboard.press("Shift+E")
    leader.settle()
    assert follower.page.locator(said).inner_text() not in seen
    press(follower, "follow again")
    follower.eventually(lambda: follower.page.locator(said).inner_text() == seen[1])


def test_the_map_of_a_minibatch_is_followed(visits):
    leader = visits("?surface=linear_regression&batch=1&steps=30&on=gradient_descent")
    leader.pause()
    follower = visits(lead(leader))
    follower.until_data(steps="30", step="0", playing="false")
    of_all = follower.map["levels"]
    leader.page.get_by_test_id("tab-conditions").click()
    leader.page.get_by_test_id("minibatch").check()
    leader.eventually(lambda: leader.map["levels"] != of_all)
    follower.eventually(lambda: follower.map["levels"] == leader.map["levels"])
    leader.page.get_by_test_id("minibatch").uncheck()
    follower.eventually(lambda: follower.map["levels"] == of_all)
