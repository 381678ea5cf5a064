"""The lanes of the server, and what it can hold: one of each in a process."""

import ipaddress
from dataclasses import dataclass

from starlette.requests import Request

from surfaces.budget import STORE
from views.serving.lanes import Client, Lane, LoopLane
from views.serving.limits import ConnectionLimits
from views.serving.outbox import Outbox
from views.serving.settings import Settings, limits_of, settings

PAGE = "x-page"
"""The header that distinguishes the pages that are open at one address."""


@dataclass(frozen=True)
class Server:
    """What requests are served by.

    Attributes:
        settings: What was set.
        limits: What a connection may cost.
        outbox: Bounds the bytes of answers.
        short: Does races that are ready within milliseconds, in the event loop.
        races: Does what is ready within milliseconds, and never waits for others.
        pictures: Makes the still pictures.
        first: Does what has to be compiled first.
        studies: Computes studies.
    """

    settings: Settings
    limits: ConnectionLimits
    outbox: Outbox
    short: LoopLane
    races: Lane
    pictures: Lane
    first: Lane
    studies: Lane

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """All of them."""
        return self.short, self.races, self.pictures, self.first, self.studies


def serve_within(chosen: Settings) -> Server:
    """A server that keeps to its settings; the budget of compiled code is set, too."""
    STORE.budget.memory = chosen.memory * 10**6
    STORE.budget.mappings = chosen.mappings
    return Server(
        chosen,
        limits_of(chosen),
        Outbox(chosen.unsent * 10**6),
        short=LoopLane("short", chosen.queue),
        races=Lane("race", chosen.races, chosen.queue),
        pictures=Lane("picture", 2, chosen.queue),
        first=Lane("first", 2, chosen.queue),
        studies=Lane("study", 2, chosen.queue, long=True),
    )


SERVER = serve_within(settings())


def client_of(request: Request) -> Client:
    """Where a request comes from: the address, and the page that is open there.

    Of an IPv6 address only the network counts: one visitor has billions of addresses.
    """
    address = request.client.host if request.client else ""
    if ":" in address:
        try:
            network = ipaddress.ip_network((address.partition("%")[0], 64), False)
            address = str(network)
        except ValueError:
            pass
    return Client(address, request.headers.get(PAGE, "")[:32])
