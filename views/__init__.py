"""The page: how surfaces and races are shown."""
