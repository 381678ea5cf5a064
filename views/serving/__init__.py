"""How requests are served: in what order, within which bounds, and until when."""
