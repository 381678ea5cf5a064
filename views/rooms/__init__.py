"""Rooms: one page leads, and the pages that have joined show what it shows.

codes.py     the code of a room, and the key that only its opener's page has
message.py   what a page says that leads
room.py      a room, and those who follow; the rooms of one process
across.py    the rooms of several processes, in Redis
route.py     the routes
"""
