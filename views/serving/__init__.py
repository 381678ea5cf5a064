"""How the app meets the network: what a connection may cost, and how it ends."""
