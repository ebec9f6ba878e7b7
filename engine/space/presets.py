"""The spaces of the field with their papers' parameters, one TOML file each in resources/spaces."""

from functools import lru_cache
from importlib.resources import files

from engine.space.spaces import SPACES, Space
from engine.space.text import read_space


@lru_cache(maxsize=1)
def presets() -> dict[str, Space]:
    """All of them by name, in the order of SPACES."""
    found = {
        file.name.removesuffix(".toml"): read_space(file.read_text(encoding="utf-8"))
        for file in (files("resources") / "spaces").iterdir()
        if file.name.endswith(".toml")
    }
    kinds = list(SPACES.values())
    return dict(sorted(found.items(), key=lambda item: (kinds.index(type(item[1])), item[0])))
