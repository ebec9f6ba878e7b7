"""Lists that things put themselves on: spaces, methods, evaluators, data sets, those of the program and any others.

A thing registers where it is defined. What comes with the program is found by importing the files of its folder when
the list is first looked at, so that a new file is all that a new thing takes; what comes from outside is a plug-in (see
`engine.plugins`) and registers in the same way.
"""

import pkgutil
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, Generic, TypeVar

Thing = TypeVar("Thing")
Made = TypeVar("Made")

LAST = 1_000
"""The order of what does not say where it stands: behind everything that does, in the order of registration."""


class NameTakenError(ValueError):
    """Two things of one name; one line."""


class Registry(Mapping[str, type[Thing]], Generic[Thing]):
    """The known classes of settings by the kind that they have in a plan, in the order in which they are offered."""

    def __init__(self, what: str, *folders: str) -> None:
        """`what` they are, in a word; `folders` are the packages or files with those of the program."""
        self.what = what
        self._own, self._folders = folders, list(folders)
        self._known: dict[str, tuple[int, type[Thing]]] = {}

    def register(self, order: int = LAST) -> Callable[[Made], Made]:
        """Decorates a class of settings with a `tag`. Raises NameTakenError."""

        def put(settings: Made) -> Made:
            made: Any = settings
            if not made.__module__.startswith(self._own):
                self.fill()  # first come those of the program, so that it is the other one whose name is taken
            kind = str(made.__struct_config__.tag)
            if kind in self._known:
                raise NameTakenError(f"there is a {self.what} named {kind} already: {self._known[kind][1].__name__}")
            self._known[kind] = order, made
            self._known = dict(sorted(self._known.items(), key=lambda item: item[1][0]))
            return settings

        return put

    def __getitem__(self, kind: str) -> type[Thing]:
        self.fill()
        return self._known[kind][1]

    def __iter__(self) -> Iterator[str]:
        self.fill()
        return iter(self._known)

    def __len__(self) -> int:
        self.fill()
        return len(self._known)

    def fill(self) -> None:
        """Import what comes with the program, if that has not been done yet."""
        while self._folders:
            import_all(self._folders.pop())


class Implementations(Generic[Thing]):
    """What carries settings out, by their class: the search of a method's settings, the reader of a data set's.

    Apart from the settings, since it loads torch; the folders are looked through when one is first wanted.
    """

    def __init__(self, what: str, *folders: str) -> None:
        self.what = what
        self._folders = list(folders)
        self._known: dict[type[Any], Thing] = {}

    def carries_out(self, settings: type[Any]) -> Callable[[Made], Made]:
        """Decorates what carries out these settings. Raises NameTakenError."""

        def put(made: Made) -> Made:
            if settings in self._known:
                raise NameTakenError(f"there is a {self.what} for {settings.__name__} already")
            known: Any = made
            self._known[settings] = known
            return made

        return put

    def of(self, settings: object) -> Thing:
        """What carries out these settings. Raises LookupError, in one line, where nothing does."""
        if type(settings) not in self._known:
            self.fill()
        if type(settings) not in self._known:
            raise LookupError(f"there is no {self.what} for {type(settings).__name__}: its file registers none")
        return self._known[type(settings)]

    def fill(self) -> None:
        """Import what comes with the program, if that has not been done yet."""
        while self._folders:
            import_all(self._folders.pop())


def import_all(package: str) -> None:
    """Import a file, or every file of a package in the order of their names."""
    for found in pkgutil.iter_modules(getattr(import_module(package), "__path__", ())):
        import_module(f"{package}.{found.name}")
