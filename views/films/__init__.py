"""Films of what the page shows: the page draws the frames, the server encodes them."""
