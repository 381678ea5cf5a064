"""Speaks Streamlit's protocol, as a browser does: a session over a websocket.

Only what a measurement needs: open a page, change one widget, wait until the script
has run.
"""

import json
from collections.abc import Callable
from contextlib import asynccontextmanager

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

Change = Callable[[str, int, float], WidgetState]


def player_edit(widget: str, number: int, power: float) -> WidgetState:
    """What our page's player sends when Adam's learning rate is let go."""
    edits = {"n": number, "changes": {"adam.lr": repr(round(10**power, 6))}}
    return WidgetState(id=widget, json_value=json.dumps({"edits": edits}))


def slider_move(widget: str, number: int, power: float) -> WidgetState:
    """What the stock page's last slider sends when it is let go."""
    return WidgetState(id=widget, double_array_value={"data": [round(power, 2)]})


class Session:
    """One open page.

    Attributes:
        received: Bytes that came over the websocket so far.
    """

    def __init__(self, socket: websockets.ClientConnection, change: Change):
        self.received = 0
        self._socket = socket
        self._change = change
        self._query = ""
        self._widget = ""
        self._number = 0

    async def run(self, power: float | None = None) -> None:
        """Runs the page's script, after a change unless it is the first time.

        Args:
            power: log10 of the new learning rate; None for no change.
        """
        message = BackMsg()
        message.rerun_script.query_string = self._query
        if power is not None:
            self._number += 1
            state = self._change(self._widget, self._number, power)
            message.rerun_script.widget_states.widgets.append(state)
        await self._socket.send(message.SerializeToString())
        while True:
            data = await self._socket.recv()
            self.received += len(data)
            if self._finishes(ForwardMsg.FromString(data)):
                return

    def _finishes(self, message: ForwardMsg) -> bool:
        kind = message.WhichOneof("type")
        if kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "delta":
            element = message.delta.new_element
            # The widget to be changed: our player, or the last slider.
            if element.WhichOneof("type") == "bidi_component":
                self._widget = element.bidi_component.id
            elif element.WhichOneof("type") == "slider":
                self._widget = element.slider.id
            elif element.WhichOneof("type") == "exception":
                raise RuntimeError(f"the page failed: {element.exception.message}")
        return kind == "script_finished"


@asynccontextmanager
async def session(port: int, change: Change):
    """A session whose page has run once."""
    async with websockets.connect(
        f"ws://127.0.0.1:{port}/_stcore/stream",
        subprotocols=[websockets.Subprotocol("streamlit")],
        compression=None,
        max_size=None,
    ) as socket:
        one = Session(socket, change)
        await one.run()
        yield one
