"""The plan: everything that decides how a search goes, as one value; and what its sections can be.

A method, an evaluator and a data set each have a class of settings, which registers here and says what it is, what else
it needs of a plan, and what it shows. What carries the settings out is elsewhere, since it loads torch.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from engine.plan.budget import Budget, Instruments
from engine.space.registry import Implementations, Registry
from engine.space.setting import setting
from engine.space.spaces import SPACES, Space

Fault: TypeAlias = tuple[str, str]
"""The key of the setting to change, and what is wrong with it, in words that go on from the key."""

Family: TypeAlias = Literal["Gradient-based", "Evolution", "Reinforcement learning", "Surrogates", "Random"]
FAMILIES: tuple[str, ...] = Family.__args__  # type: ignore[attr-defined]
"""The families of search methods, in the order in which they are offered."""


class Settings(Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True):
    """The settings of one method, evaluator or data set. The `tag` of a subclass is its kind in a plan."""

    title: ClassVar[str]
    about: ClassVar[str]
    """What it does, what to look for: two or three sentences for the window."""
    source: ClassVar[str] = ""
    panels: ClassVar[tuple[str, ...]] = ()
    """The names of the panels that it fills beside those that every search does."""

    def faults(self, plan: "Plan") -> Iterable[Fault]:
        """What keeps these settings from being carried out in this plan."""
        return ()


class MethodSettings(Settings, frozen=True, kw_only=True):
    """How it is searched."""

    family: ClassVar[Family]
    one_shot: ClassVar[bool] = False
    """Whether it trains one network that holds all candidates, instead of proposing them one by one."""
    budget: ClassVar[Budget]
    """The one that a plan begins with."""
    plans: ClassVar[tuple[str, ...]] = ()
    """Presets that come with it, as TOML, beside those in resources/presets."""
    small: ClassVar[dict[str, Any]] = {}
    """Settings with which a few candidates show all that a sampling method does, for the tests of its contract."""

    def split_faults(self, training: int, validation: int) -> Iterable[Fault]:
        """What keeps it from learning from splits of so many images; 0 where that is not known."""
        return ()

    @property
    def precision(self) -> str:
        """What a one-shot search computes in."""
        return "float32"

    @property
    def cuda_graphs(self) -> bool:
        """Whether it takes memory for recorded steps."""
        return False


class EvaluatorSettings(Settings, frozen=True, kw_only=True):
    """How a candidate gets its score."""

    needs_data: ClassVar[bool] = True
    """Whether it looks at the plan's data set."""
    trains: ClassVar[bool] = True
    """Whether it moves weights by an optimizer."""

    @property
    def workers(self) -> int:
        """Candidates that are evaluated at once."""
        return 1

    @property
    def epochs(self) -> int:
        """That a candidate is trained for."""
        return 1

    @property
    def benchmark(self) -> str:
        """What the scores come from, in words, where they are looked up; else ""."""
        return ""

    def network_size(self, space: Space) -> str:
        """The network in which candidates are built and counted, in words: "8 channels, 3 cells"; "" where the plan
        does not say its size."""
        channels, cells = getattr(self, "channels", 0), getattr(self, "layers", 0)
        return ", ".join([f"{channels} channels", *([] if space.macro else [f"{cells} cells"])]) if channels else ""

    def whole_only(self, space: Space) -> str:
        """Why smaller architectures, on the way to those of the space, cannot be scored, or ""."""
        return ""


class DataSettings(Settings, frozen=True, kw_only=True):
    """What the networks learn: a set of images, its split, normalisation and augmentation included."""

    images: ClassVar[int] = 0
    """How many the set has to train on, those of a test part of its own not counted; 0 where that is not known yet."""
    in_channels: ClassVar[int] = 3

    if TYPE_CHECKING:  # every set has these as settings, in an order of its own
        validation_share: float = 0.5
        split_seed: int = 0
        limit: int = 0
        crop: float = 0.0
        flip: bool = False
        cutout: float = 0.0
        mean: tuple[float, ...] = ()
        std: tuple[float, ...] = ()

    @property
    def image(self) -> int:
        """Width and height of the images, in pixels."""
        raise NotImplementedError

    @property
    def test_share(self) -> float:
        """Of the images, set aside as test part, where the set has none of its own."""
        return 0.0

    @property
    def folder(self) -> str:
        """Where the files are."""
        return ""

    @property
    def splits(self) -> tuple[int, int]:
        """Images to train on and to validate with, as far as they are known before they are read: 0 where not."""
        count = self.images - round(self.test_share * self.images)
        if self.limit:
            count = min(count, self.limit) if self.images else 0
        validation = round(self.validation_share * count)
        return count - validation, validation


METHODS: Registry[MethodSettings] = Registry("method", "engine.plan.methods")
EVALUATORS: Registry[EvaluatorSettings] = Registry("evaluator", "engine.plan.evaluators")
DATASETS: Registry[DataSettings] = Registry("data set", "engine.plan.datasets")

REGISTRIES: dict[str, Registry[Any]] = {"space": SPACES, "method": METHODS, "evaluator": EVALUATORS, "data": DATASETS}
"""By the section of the plan whose kinds they hold."""

READERS: Implementations[Callable[[Any], Any]] = Implementations("reader", "engine.data")
"""What reads the images of a data set: from its settings to a `engine.data.dataset.Reading`."""


def _section(text: str, label: str, kinds: Registry[Any]) -> Meta:
    return Meta(description=text, extra={"label": label, "kinds": kinds})


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Space, method, scoring of candidates, data, budget, seed and device. The same plan gives the same search."""

    name: Annotated[
        str,
        setting(
            "What this plan is called.",
            label="Name",
            pattern=r"^[^\x00-\x1f\x7f]{1,80}$",
            allowed="a name of 1 to 80 characters on one line",
        ),
    ] = "untitled"
    space: Annotated[Space, _section("What is searched.", "Space", SPACES)] = msgspec.field(
        default_factory=lambda: SPACES["darts"]()
    )
    method: Annotated[MethodSettings, _section("How it is searched.", "Method", METHODS)]
    evaluator: Annotated[
        EvaluatorSettings | None,
        _section("How a candidate gets its score; a one-shot method needs none.", "Evaluator", EVALUATORS),
    ] = None
    data: Annotated[DataSettings, _section("What the networks learn.", "Data", DATASETS)] = msgspec.field(
        default_factory=lambda: DATASETS["digits"]()
    )
    budget: Annotated[Budget, setting("How long the search may run.", label="Budget")] = Budget()
    instruments: Annotated[Instruments, setting("What a one-shot search is watched with.", label="Instruments")] = (
        Instruments()
    )
    seed: Annotated[
        int,
        setting(
            "Start of every random sequence. The same seed gives the same search; try several before you believe one.",
            label="Seed",
            low=0,
            high=2**32 - 1,
        ),
    ] = 0
    device: Annotated[
        str,
        setting(
            "Where the networks run.",
            label="Device",
            choices=("cpu", "cuda", "mps"),
            pattern=r"^(cpu|mps|cuda(:\d{1,3})?)$",
            allowed="cpu, cuda, cuda:N or mps",
        ),
    ] = "cpu"
    threads: Annotated[
        int,
        setting(
            "Processor threads for the arithmetic; 0 takes one less than the processor has cores, at least 1.",
            label="Threads",
            zero="all but one",
            low=0,
            high=1024,
        ),
    ] = 0

    @property
    def benchmark(self) -> str:
        """What its scores are looked up in, in words; "" for a search that trains on its data set."""
        return "" if self.method.one_shot or self.evaluator is None else self.evaluator.benchmark


LEAST_LAYERS = 3


def too_shallow(plan: Plan, layers: int) -> Iterable[Fault]:
    """What is wrong with an evaluator's networks of so many cells; one that trains none builds none."""
    if layers < LEAST_LAYERS and not plan.method.one_shot:
        reason = f"must be at least {LEAST_LAYERS}, for two reduction cells and a normal one, got {layers}"
        yield "evaluator.layers", reason
