"""What the hierarchical space and its flat variant share: an operation or none on every edge of every motif."""

import random
from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated

from engine.space.architecture import Architecture
from engine.space.decisions import Decision, Decisions, OutsideSpace
from engine.space.factorized_space import Answer, ImageSpace, Question
from engine.space.motifs import PRIMITIVES, Motif, MotifArchitecture, motif_faults, pairs
from engine.space.operations import label
from engine.space.setting import setting

NO_EDGE = "no edge"


class MotifSpace(ImageSpace, frozen=True, kw_only=True):
    """Decisions: level by level, motif by motif, row by row of its table, the operation on each edge."""

    primitives: Annotated[
        tuple[str, ...],
        setting(
            "The operations at the bottom of the hierarchy.",
            label="Primitives",
            choices=PRIMITIVES,
            source="Hier-EA, section 4.1: these 6",
        ),
    ] = ("conv_1x1", "depth_conv_3x3", "sep_conv_3x3", "max_pool_3x3", "avg_pool_3x3", "skip_connect")

    def __post_init__(self) -> None:
        for name in self.primitives:
            if name not in PRIMITIVES:
                raise ValueError(f"primitives: a motif cannot be built with '{name[:40]}'")
        if not self.primitives or len(set(self.primitives)) < len(self.primitives):
            raise ValueError("primitives: at least one is needed, and none twice")
        super().__post_init__()

    @property
    @abstractmethod
    def shape(self) -> tuple[tuple[int, int], ...]:
        """For each level above the primitives: how many motifs there are, and of how many nodes."""

    def asked(self) -> Sequence[Question]:
        questions = []
        names = tuple(map(label, self.primitives))
        for place, (count, nodes) in enumerate(self.shape):
            choices = (NO_EDGE, *names)
            for motif in range(1, count + 1):
                whole = "cell" if place == len(self.shape) - 1 else f"motif {motif}"
                for source, target in pairs(nodes):
                    decision = Decision("operation", choices, (None,) * len(choices), f"{whole} edge {source}→{target}")
                    questions.append(Question(decision, tuple(range(len(choices)))))
            names = tuple(f"motif {motif}" for motif in range(1, count + 1))
        return questions

    def made(self, answers: Sequence[Answer]) -> Architecture:
        given = iter(answers)
        levels = (
            tuple(Motif(nodes, tuple(next(given) for _ in pairs(nodes))) for _ in range(count))
            for count, nodes in self.shape
        )
        return MotifArchitecture(tuple(levels), self.primitives)

    def answered(self, architecture: Architecture) -> Sequence[Answer]:
        if not isinstance(architecture, MotifArchitecture):
            raise OutsideSpace("the space holds motifs")
        for fault in motif_faults(architecture):
            raise OutsideSpace(fault)
        if architecture.primitives != self.primitives:
            given, own = (", ".join(map(label, names)) for names in (architecture.primitives, self.primitives))
            raise OutsideSpace(f"its primitives are {given}, and the space's are {own}")
        if len(architecture.levels) != len(self.shape):
            raise OutsideSpace(
                f"it has {len(architecture.levels)} levels of motifs, and the space has {len(self.shape)}"
            )
        for number, (level, (count, nodes)) in enumerate(zip(architecture.levels, self.shape, strict=True), 2):
            if [motif.nodes for motif in level] != [nodes] * count:
                sizes = ", ".join(str(motif.nodes) for motif in level[:20])
                raise OutsideSpace(f"level {number}: motifs of {sizes} nodes, and the space has {count} of {nodes}")
        return [operation for level in architecture.levels for motif in level for operation in motif.edges]

    def neighbour(self, decisions: Decisions, rng: random.Random, kind: str | None = None) -> Decisions:
        """The paper's mutation (section 3.2): level, motif, a node and one before it at random, a random operation.

        The operation, or none, is drawn from all, so the decisions may come back unchanged. There is one kind of
        decision; of another, nothing is changed.
        """
        if kind not in (None, "operation"):
            return decisions
        place = rng.randrange(len(self.shape))
        count, nodes = self.shape[place]
        motif = rng.randrange(count)
        target = rng.randrange(1, nodes)
        source = rng.randrange(target)
        before = sum(count * len(pairs(nodes)) for count, nodes in self.shape[:place])
        at = before + motif * len(pairs(nodes)) + pairs(nodes).index((source, target))
        return (*decisions[:at], rng.randrange(len(self.open()[at].answers)), *decisions[at + 1 :])

    def simplest(self) -> Decisions:
        """The trivial architecture: every motif a chain of the first below, which is identity where there is one.

        Where edits of the space do not allow that, it has the first choice that is open.
        """
        first = "skip_connect" if "skip_connect" in self.primitives else self.primitives[0]
        wanted: list[int] = []
        for place, (count, nodes) in enumerate(self.shape):
            below = 1 if place else self.primitives.index(first) + 1
            wanted += [below if target == source + 1 else 0 for source, target in pairs(nodes)] * count
        return tuple(
            question.answers.index(answer) if answer in question.answers else 0
            for question, answer in zip(self.open(), wanted, strict=True)
        )
