"""The README has what a newcomer needs, and leads to the pages of docs/."""

import re
import shlex
from pathlib import Path
from urllib.parse import parse_qsl

from views.setup import Setup

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text("utf-8")
ROW = re.compile(r"^\| `\?(\S+)` \| .*$", re.M)


def test_addresses_open_as_they_say():
    addresses = ROW.findall(TEXT)
    assert len(addresses) == 5
    for address in addresses:
        setup, problems = Setup.parse(parse_qsl(address))
        assert problems == (), address
        said = dict(parse_qsl(address))
        assert dict(setup.pairs()) | {"surface": said["surface"]} == said, (
            "every word of it counts"
        )


def test_addresses_are_of_the_gallery_where_they_are_tested():
    gallery = (ROOT / "docs" / "gallery.md").read_text("utf-8")
    rows = {row[0] for row in ROW.finditer(gallery)}
    assert {row[0] for row in ROW.finditer(TEXT)} <= rows


def test_two_screens_and_every_link_leads_to_a_file():
    assert len(TEXT.splitlines()) <= 110
    links = re.findall(r"\]\(([^)#]+)", TEXT)
    assert len(links) > 10
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_has_exactly_two_set_up_commands():
    commands = re.findall(r"^    (.*-m venv .*)$", TEXT, re.M)
    assert len(commands) == 2
    assert commands[0].endswith("streamlit run app.py")
    assert commands[1].endswith("-m pytest")
    for command in commands:
        assert shlex.split(command)
        # Before anything is made.
        assert command.startswith("python3 check_python.py && ")
