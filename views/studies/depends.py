"""What each study depends on besides the race."""

DEPENDS: dict[str, tuple[str, ...]] = {
    "basins": (),
    "sweep": ("objective", "tolerance", "budget"),
    "plane": ("second", "tolerance"),
    "fan": ("fan",),
    "curves": ("apart",),
    "swarm": ("swarm", "starts", "cloud"),
    "luck": ("seeds",),
}
"""The settings that each depends on besides those of the race."""

STUDIED = ("study", *dict.fromkeys(key for keys in DEPENDS.values() for key in keys))
"""All settings that no race depends on."""

SIZED = ("basins", "plane")
"""The studies that also take how many values a side."""
