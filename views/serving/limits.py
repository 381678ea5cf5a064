"""What the connections to the server may cost."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class ConnectionLimits:
    """The limits of all connections; times are in seconds.

    Attributes:
        header_timeout: How long a client may take to send the header of a request,
            from its connection or from the header's first byte.
        keep_alive: How long a connection stays open after an answer, without
            another request. A longer time given to uvicorn itself counts instead.
        body_timeout: How long a client may take to send the body of a request.
        write_timeout: How long a client may go without reading anything of an
            answer that waits for it.
        slowest: Bytes per second at which an answer must be read on average, from
            `write_timeout` on.
        most_connections: Connections above which those that wait for a request are
            closed, the longest-waiting first. At twice as many, requests are
            answered 503. Fewer where the process may not open as many files.
        unsent_bytes: Bytes that all answers together may hold until they are sent.
        sweep_every: Seconds between two checks of all connections, on average.
        finish_within: How long running requests may go on after the signal to stop.
            A shorter time given to uvicorn itself counts instead.
        stop_within: How long the process may live after the signal to stop.
    """

    header_timeout: float = 10.0
    keep_alive: int = 30
    body_timeout: float = 60.0
    write_timeout: float = 20.0
    slowest: int = 2**14
    most_connections: int = 1000
    unsent_bytes: int = 2**28
    sweep_every: float = 1.0
    finish_within: int = 3
    stop_within: float = 4.0

    def __post_init__(self) -> None:
        """Refuses what would stop the server from working.

        Raises:
            ValueError: For the first limit that is wrong, in a sentence.
        """
        for field in fields(self):
            if not getattr(self, field.name) > 0:
                raise ValueError(f"{field.name} must be above 0.")
        if self.finish_within >= self.stop_within:
            raise ValueError("finish_within must be below stop_within.")
