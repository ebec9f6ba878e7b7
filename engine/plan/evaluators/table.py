"""The settings of looking scores up in a finished benchmark."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from engine.plan.plan import EVALUATORS, EvaluatorSettings, Fault, Plan
from engine.space.nasbench201 import NasBench201Space
from engine.space.setting import setting
from engine.space.spaces import Space

SHIPPED = {"nb201-cifar10": "NAS-Bench-201 CIFAR-10"}
"""The tables in resources/tables, by the name that a plan has for them."""


@EVALUATORS.register(30)
class TableSettings(EvaluatorSettings, frozen=True, kw_only=True, tag="table"):
    """A candidate's score is looked up in a table of architectures that somebody has trained before."""

    title: ClassVar[str] = "Looked up in a table"
    about: ClassVar[str] = (
        "Somebody has trained architectures of the space, all or some, and written down what came of it. A candidate "
        "costs no time but the simulated one that its training would have taken, so that whole searches take a second "
        "and can be repeated hundreds of times. Of a space that is known in part, the known part is searched."
    )
    source: ClassVar[str] = "Dong, Yang: NAS-Bench-201, ICLR 2020; Ying et al.: NAS-Bench-101, ICML 2019"
    needs_data: ClassVar[bool] = False
    panels: ClassVar[tuple[str, ...]] = ("standing",)

    file: Annotated[
        str,
        setting(
            "nb201-cifar10, the table of NAS-Bench-201 that the program ships; or a file: .csv, .json or .npz with a "
            "row for each architecture (its string, and its scores as numbers), or .h5 as `import-table` writes it.",
            label="File",
            source="Dong and Yang 2020 (resources/tables/README.md); other tables come from their authors, or from you",
        ),
    ] = "nb201-cifar10"
    score: Annotated[
        str,
        setting(
            "Column that the search is told. Empty takes the one that the file names.",
            label="Score",
            source="the file; for NAS-Bench-201, section 4, the validation accuracy after 12 epochs",
        ),
    ] = ""
    objective: Annotated[
        Literal["table's", "maximise", "minimise"],
        setting(
            "Whether a higher score is better, or a lower one, as of a loss. A score to be minimised is searched and "
            "recorded as its negative.",
            label="Objective",
            source="the file",
        ),
    ] = "table's"
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

    @property
    def benchmark(self) -> str:
        return SHIPPED.get(self.file) or f"table {Path(self.file).name}".strip()

    def network_size(self, space: Space) -> str:
        return "the benchmark's network"

    def faults(self, plan: Plan) -> Iterable[Fault]:
        if not self.file and not plan.method.one_shot:
            yield "evaluator.file", f"is missing: name the file with the table, or {' or '.join(SHIPPED)}"
        elif self.file in SHIPPED and not (plan.method.one_shot or isinstance(plan.space, NasBench201Space)):
            held = f"is a table of {NasBench201Space.title}, and the plan searches {plan.space.title}"
            yield "evaluator.file", f"{held}: name a file with a table of those"

    def whole_only(self, space: Space) -> str:
        return ": the table holds no smaller architectures"
