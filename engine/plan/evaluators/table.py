"""The settings of looking scores up in a finished benchmark."""

from collections.abc import Iterable
from typing import Annotated, ClassVar

from engine.plan.plan import EVALUATORS, EvaluatorSettings, Fault, Plan
from engine.space.setting import setting
from engine.space.spaces import Space


@EVALUATORS.register(30)
class TableSettings(EvaluatorSettings, frozen=True, kw_only=True, tag="table"):
    """A candidate's score is looked up in a table of architectures that somebody has trained before."""

    title: ClassVar[str] = "Looked up in a table"
    about: ClassVar[str] = (
        "Somebody has trained every architecture of the space and written down what came of it. A candidate costs no "
        "time but the simulated one that its training would have taken, so that whole searches take a second and can "
        "be repeated hundreds of times."
    )
    source: ClassVar[str] = "Dong, Yang: NAS-Bench-201, ICLR 2020; Ying et al.: NAS-Bench-101, ICML 2019"
    needs_data: ClassVar[bool] = False
    panels: ClassVar[tuple[str, ...]] = ("standing",)

    file: Annotated[
        str,
        setting(
            "File with the table, as `import-table` writes it; or NAS-Bench-201 as an .npz file.",
            label="File",
            source="none: the program ships no benchmark",
        ),
    ] = ""
    score: Annotated[
        str,
        setting(
            "Column that the search is told. Empty takes the one that the file names.",
            label="Score",
            source="the file; for NAS-Bench-201, section 4, the validation accuracy after 12 epochs",
        ),
    ] = ""
    reported: Annotated[
        str,
        setting(
            "Column that is reported of a candidate, and that the search never sees. Empty takes the file's.",
            label="Reported",
            source="the file; for NAS-Bench-201 the validation accuracy after 200 epochs",
        ),
    ] = ""
    cost: Annotated[
        str,
        setting(
            "Column with the simulated seconds of one evaluation. Empty takes the file's.",
            label="Cost",
            source="the file; for NAS-Bench-201 twelve epochs of training and one validation",
        ),
    ] = ""
    workers: Annotated[
        int,
        setting(
            "Candidates that are evaluated at once in simulated time; results arrive in the order of their end.",
            label="Workers",
            low=1,
            high=10_000,
            source="Dong and Yang 2020: one",
        ),
    ] = 1

    def network_size(self, space: Space) -> str:
        return "the benchmark's network"

    def faults(self, plan: Plan) -> Iterable[Fault]:
        if not self.file and not plan.method.one_shot:
            yield "evaluator.file", "is missing: name the file with the table, as import-table writes it"

    def whole_only(self, space: Space) -> str:
        return ": the table holds no smaller architectures"
