"""The frame that a space's numbers refer to: that of a plan's networks, a published one, or one's own. Without Qt."""

from engine.plan import Plan
from engine.space import Space
from engine.space.counts import PUBLISHED, Frame, LanguageModel, Skeleton, Unbuildable, count, frame_of, published_frame

CLASSES = {"cifar100": 100}
"""Of data sets that do not have ten; how many a folder has shows when it is read."""


def frame_of_plan(plan: Plan) -> Frame | None:
    """The frame in which the plan's networks are trained; None where they could not be."""
    from engine.plan import kind_of

    settings = plan.method if plan.method.one_shot else plan.evaluator
    given = {name: getattr(settings, name) for name in ("channels", "layers") if hasattr(settings, name)}
    sizes = {name: size[-1] if isinstance(size, tuple) else size for name, size in given.items()}  # of stages, the last
    skeleton = Skeleton(
        kind=frame_of(plan.space.example()),
        image=plan.data.image,
        in_channels=plan.data.in_channels,
        classes=CLASSES.get(kind_of(plan.data) or "", 10),
        **sizes,
    )
    return skeleton if fits(plan.space, skeleton) else None


def frames(space: Space) -> dict[str, Frame]:
    """The published frames that the space fits into, by name; that of the space's own paper first."""
    own = published_frame(space.example())
    known: dict[str, Frame] = {"as published": own, **PUBLISHED, "language model": LanguageModel()}
    found = {name: frame for name, frame in known.items() if fits(space, frame)}
    return {name: frame for name, frame in found.items() if name == "as published" or frame != own}


def fits(space: Space, frame: Frame) -> bool:
    """Whether the space's architectures can be counted in the frame."""
    return not misfit(space, frame)


def misfit(space: Space, frame: Frame) -> str:
    """Why the space's architectures cannot be counted in the frame, or ""."""
    try:
        count(space.example(), frame)
    except Unbuildable as reason:
        return str(reason)
    return ""


def fitting(space: Space, frame: Frame) -> Frame:
    """The frame, or one that the space fits into; the frame itself where there is none."""
    return frame if fits(space, frame) else next(iter(frames(space).values()), frame)
