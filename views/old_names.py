"""Names that addresses had before: they are read as the names of now."""

KEYS = {"apart": "ratio"}
"""Address keys."""

STUDIES = {"luck": "seeds"}
"""Studies, in the setting of that name and in the routes of their parts."""
