"""A log of the authors' search code (DARTS, P-DARTS, PC-DARTS, ENAS) becomes a session that replays like any other.

Read is what their scripts print: epochs, losses and accuracies, genotypes, softmaxed architecture weights, the arcs
that ENAS samples, with their scores. Rows have the times of the log's stamps, or of ENAS's minutes; in a log without
either, a second is an epoch. What is not in the log is not in the session, and where the log ends, the session does.
"""

import ast
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from msgspec.structs import replace

from engine.plan import METHODS, Plan, PlanError
from engine.plan.build import build
from engine.plan.methods.pdarts import PdartsSettings
from engine.run import collapse as health
from engine.run.log_messages import difference, unit_of
from engine.run.preflight import RunError, header_of
from engine.session import Recorder
from engine.session.schema import EPOCH_SCORE
from engine.space import genotype
from engine.space.architecture import Architecture, CellArchitecture, to_bytes
from engine.space.bounded_parsing import NotationError
from engine.space.counts import Unbuildable, published_frame
from engine.space.counts import count as arithmetic
from engine.space.integer_lists import parse_enas, parse_macro
from engine.space.layers import LayerArchitecture
from engine.words import count, plain

NUMBER = r"([-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|nan|inf))"
_LOG = re.compile(r"^.{0,80}?\bepoch:? +\d+,? +lr:? +[\d.]|^epoch=\d+ +ch_step=", re.I | re.M)
_DATED = re.compile(r"\[?(\d{4})[-/](\d\d)[-/](\d\d)[ T_-](\d\d)[:-](\d\d)[:-](\d\d)(?:[.,](\d{1,6}))?\]?")
_HALVES = re.compile(r"(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d) ([AP])M")
_LEVEL = re.compile(r"[\s|:-]*(?:\[?(?:INFO|root)\]?[\s|:-]+)*")
_ARGS = re.compile(r"args = (Namespace\(.*\))\s*\Z")
_FLAG = re.compile(r"(\w+)\.{3,}(\S+)\s*\Z")
_EPOCH = re.compile(rf"epoch:? +(\d+),? +lr:? +{NUMBER}", re.I)
_STEP = re.compile(rf"(train|valid) (?:step: )?(\d+) (?:objs: )?{NUMBER} (?:R1: )?{NUMBER}", re.I)
_ACCURACY = re.compile(rf"(train|valid)_acc {NUMBER}", re.I)
_SKIPS = re.compile(r"Number of skip-connect: (\d+)")
_REACHED = re.compile(r"Epoch (\d+): (?:Training controller|Eval)")
_TENSOR = re.compile(r"tensor\(\[\[|Variable containing:")
_PAIRS = re.compile(rf"([a-z_|]+)= *{NUMBER}(?: */ *(\d+))?", re.I)
_ROW = re.compile(r"[\[\]\d ]+\Z")
_EVALUATED = re.compile(rf"(valid|test)_accuracy: {NUMBER}", re.I)

SPLITS = {"train": "train", "valid": "validation", "test": "test"}
SETTINGS = {
    "batch_size": "batch",
    "init_channels": "channels",
    "layers": "layers",
    "learning_rate": "w_lr",
    "learning_rate_min": "w_lr_min",
    "momentum": "w_momentum",
    "weight_decay": "w_weight_decay",
    "grad_clip": "w_clip",
    "arch_learning_rate": "alpha_lr",
    "arch_weight_decay": "alpha_weight_decay",
}
"""The settings that the authors' arguments are called by here."""
STAGES, IMAGES = 3, 50_000


class Event(NamedTuple):
    """Something that the log says: when (s since its first line), what, and the values that belong to it."""

    at: float
    kind: str
    values: tuple[Any, ...]


class Log(NamedTuple):
    """What a log says. `arguments` are those that the authors' script was given, as it printed them."""

    method: str
    arguments: dict[str, Any]
    events: list[Event]
    began: datetime | None
    again: int


def is_log(text: str) -> bool:
    """Whether a text seems to be a log of epochs. What is wrong with it, if anything, `record` says."""
    return bool(_LOG.search(text))


def parse(text: str, method: str = "") -> Log:
    """What the last search of a log says. Raises RunError for a log of none."""
    events: list[Event] = []
    arguments: dict[str, Any] = {}
    rows: list[str] = []
    began: datetime | None = None
    again, clock = 0, 0.0
    lines = _timed(text)
    for when, line in lines:
        if when is not None:
            began = began or when
            clock = max(clock, (when - began).total_seconds())
        if _ROW.match(line) and (rows or "[" in line):
            rows.append(line)
        elif found := _ARGS.match(line):
            if any(event.kind == "epoch" for event in events):
                again, events, began, clock = again + 1, [], when, 0.0
            arguments = _constants(found[1])
        elif (flag := _FLAG.match(line)) and not events:
            arguments[flag[1]] = flag[2]
        elif _TENSOR.search(line):
            events.append(Event(clock, "weights", (_numbers(line, lines),)))
        else:
            for kind, values in _said(line, rows):
                if kind in ("child", "controller"):
                    clock = max(clock, 60 * values[0].get("mins", 0.0))
                events.append(Event(clock, kind, values))
            rows = []
    kinds = {event.kind for event in events}
    if not kinds & {"epoch", "child"}:
        raise RunError("the log has no epochs in the words of DARTS, P-DARTS, PC-DARTS or ENAS")
    if not kinds & {"genotype", "weights", "arc"} and not {"add_layers", "arch_learning_rate"} & arguments.keys():
        raise RunError("the log is of a training: it has epochs, but no genotypes, no architecture weights and no arcs")
    return Log(method or _method(kinds, text, arguments), arguments, events, began, again)


def record(text: str, out: Path | None, name: str, *, method: str = "", overwrite: bool = False) -> str:
    """Write the session that a log of this name tells of, to memory where `out` is None; returns how far it goes, in a
    line.

    Raises RunError or SessionError: it is no log of a search, or the session cannot be written.
    """
    log = parse(text, method)
    replayed = _Replay(log)
    plan = replayed.plan(name)
    header = header_of(plan)
    created = log.began.isoformat() if log.began and log.began.year > 1900 else header.created
    header = replace(header, device="", threads=0, created=created, versions={"log": name})
    recorder = Recorder(header, out, overwrite=overwrite, clock=lambda: replayed.now)
    try:
        return replayed.into(recorder)
    finally:
        recorder.close()


def _timed(text: str) -> Iterator[tuple[datetime | None, str]]:
    """The lines without their stamps, and their times. Stamps without a year begin in 1900, so that it shows."""
    last: datetime | None = None
    for line in text.splitlines():
        when: datetime | None = None
        stamp = _DATED.match(line) or _HALVES.match(line)
        if stamp is not None:
            with suppress(ValueError):  # digits that are no date
                if stamp.re is _DATED:
                    year, month, day, hour, minute, second = map(int, stamp.groups()[:6])
                    fraction = int((stamp[7] or "").ljust(6, "0"))
                    when = datetime(year, month, day, hour, minute, second, fraction)
                else:
                    month, day, hour, minute, second = map(int, stamp.groups()[:5])
                    hour = hour % 12 + (12 if stamp[6] == "P" else 0)
                    when = datetime(1900, month, day, hour, minute, second)
                    if last is not None and (last - when).days > 180:
                        when = when.replace(year=last.year + 1)
            line = line[stamp.end() :]
            last = when or last
        yield when, line[_LEVEL.match(line).end() :] if stamp is not None else line.strip()  # type: ignore[union-attr]


def _said(line: str, rows: list[str]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """What one line says, which may follow rows of numbers."""
    if found := _STEP.match(line):
        yield "step", (SPLITS[found[1].lower()], int(found[2]), float(found[3]), float(found[4]))
    elif found := _ACCURACY.match(line):
        yield "accuracy", (SPLITS[found[1].lower()], float(found[2]))
    elif found := _EPOCH.match(line):
        yield "epoch", (int(found[1]), float(found[2]))
    elif "Genotype(" in line:
        try:
            yield "genotype", (genotype.parse(line[line.index("Genotype(") : line.rfind(")") + 1]),)
        except NotationError as fault:
            yield "unread_line", (f"a genotype: {fault}",)
    elif found := _REACHED.match(line):
        yield "reached", (int(found[1]),)
    elif found := _SKIPS.match(line):
        yield "skips_left", (int(found[1]),)
    elif line.startswith(("epoch=", "ctrl_step=")):
        pairs = {key: (float(value), float(of or 0)) for key, value, of in _PAIRS.findall(line)}
        values = {key: 100 * value / of if of else value for key, (value, of) in pairs.items()}
        yield "child" if "ch_step" in values else "controller", (values,)
    elif line.startswith("val_acc="):
        try:
            read = parse_enas if len(rows) == 2 and len(rows[0]) == len(rows[1]) else parse_macro
            yield "arc", (read(" ".join(rows)), 100 * float(line[8:].split()[0]))
        except (ValueError, IndexError) as fault:  # one that is cut among them
            yield "unread_line", (f"an arc: {fault}",)
    elif found := _EVALUATED.match(line):
        yield "accuracy", (SPLITS[found[1].lower()], 100 * float(found[2]))
    elif line.startswith(("param size", "Restricting")) or "Dropping " in line:
        yield "note", (line.strip("- ")[:400],)


def _numbers(line: str, lines: Iterator[tuple[datetime | None, str]]) -> np.ndarray:
    """The matrix of a printed tensor that begins in this line; empty where the print is cut."""
    printed = [line[line.find("tensor(") :]]
    for _ in range(1 << 10):
        if "]]" in printed[-1] or printed[-1].startswith("[torch"):
            break
        printed.append(next(lines, (None, "]]"))[1])
    text = "\n".join(printed)
    rows = re.findall(r"\[([^\[\]]+)\]", text) if "tensor(" in text else printed
    found = [[float(number) for number in re.findall(r"[-+]?\d+\.\d*(?:e[-+]?\d+)?", row)] for row in rows]
    found = [row for row in found if row]
    return np.array(found) if len({len(row) for row in found}) == 1 else np.empty((0, 0))


def _constants(call: str) -> dict[str, Any]:
    """The plain values among the arguments of a printed `Namespace(...)`."""
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        body = ast.parse(call[:10_000], mode="eval").body
        if isinstance(body, ast.Call):
            return {
                word.arg: word.value.value
                for word in body.keywords
                if word.arg and isinstance(word.value, ast.Constant)
            }
    return {}


def _method(kinds: set[str], text: str, arguments: dict[str, Any]) -> str:
    if "child" in kinds:
        return "enas"
    if "add_layers" in arguments or re.search(r"\bswitches_normal =|^-+Dropping \d+ paths", text, re.M):
        return "pdarts"
    return "pcdarts" if "set" in arguments or "begin" in arguments else "darts"


class _Replay:
    """Puts what a log says into a session."""

    def __init__(self, log: Log) -> None:
        self.now = 0.0
        """Seconds since the log's first line, of what is being recorded."""
        self._log = log
        self._timed = any(event.at for event in log.events)
        self._per_epoch = self._steps_per_epoch()
        self._done = 0  # steps
        self._at, self._ended, self._stage = -1, 0, 0  # the epoch over all stages, how many are over, the stage
        self._unread = 0  # lines that say something which could not be read
        self._last: Architecture | None = None
        self._pair: list[np.ndarray] = []  # the weights of the normal cell, until those of the other follow
        self._skips = math.inf  # in the normal cell, at most, by the log
        epochs = [event.values[0] for event in log.events if event.kind == "epoch"]
        given = log.arguments.get("epochs")
        each = given if isinstance(given, int) and given > 0 else max(epochs, default=0) + 1
        self._total = min(each * (STAGES if log.method == "pdarts" else 1), 100_000)
        planned = str(log.arguments.get("num_epochs", ""))
        self._planned = int(planned) if planned.isdecimal() else 0  # epochs of ENAS, 0 where the log does not say
        self._arcs = [event.values[0] for event in log.events if event.kind == "arc"]

    def plan(self, name: str) -> Plan:
        """The plan of such a search, as far as the log tells; the rest is as the paper has it."""
        log, given = self._log, self._log.arguments
        raw: dict[str, Any] = {"name": re.sub(r"[\x00-\x1f\x7f]", " ", name)[:80] or "log", "device": "cuda"}
        if isinstance(given.get("seed"), int):
            raw["seed"] = given["seed"]
        hundred = given.get("cifar100") is True or given.get("set") == "cifar100"
        raw["data"] = {"kind": "cifar100" if hundred else "cifar10"}
        if "begin" in given:  # PC-DARTS's search on ImageNet
            raw["data"] = {"kind": "folder", "image": 224}
        elif isinstance(portion := given.get("train_portion"), float):
            raw["data"]["validation_share"] = round(1 - portion, 6)
        raw |= self._sampling() if log.method == "enas" else self._by_gradient()
        while True:
            try:
                return build(raw)
            except PlanError as fault:
                section, _, key = fault.key.partition(".")
                if (raw[section] if key and isinstance(raw.get(section), dict) else raw).pop(
                    key or section, None
                ) is None:
                    raise RunError(f"the log's arguments make no plan: {fault}") from None

    def _by_gradient(self) -> dict[str, Any]:
        method = {SETTINGS[key]: value for key, value in self._log.arguments.items() if key in SETTINGS}
        if self._log.method == "pdarts" and isinstance(method.get("layers"), int):
            method["layers"] = [method["layers"] + more for more in (0, 6, 12)]
        nodes = next((len(one.values[0].normal.nodes) for one in self._log.events if one.kind == "genotype"), 4)
        return {
            "space": {"kind": "darts", "nodes": nodes},
            "method": {"kind": self._log.method, **method},
            "budget": {"epochs": self._total},
        }

    def _sampling(self) -> dict[str, Any]:
        space: dict[str, Any] = {"kind": "enas-micro"}
        match self._arcs[:1]:
            case [LayerArchitecture(layers=layers)]:
                space = {"kind": "enas-macro", "layers": len(layers)}
            case [CellArchitecture(normal=cell)]:
                space["nodes"] = len(cell.nodes)
        return {
            "space": space,
            "method": {"kind": "enas", "constants": "authors' script"},
            "evaluator": {"kind": "shared"},
            "budget": {"evaluations": max(1, len(self._arcs))},
        }

    def into(self, recorder: Recorder) -> str:
        """Record everything; returns how far it goes, in words."""
        log, title = self._log, METHODS[self._log.method].title
        recorder.status("running")
        recorder.log(f"from a log of {title}{'' if self._timed else ', which has no times: a second is an epoch'}")
        if log.again:
            recorder.log(f"the log holds {log.again + 1} searches; this is the last one", "warning")
        for event in log.events:
            self.now = event.at if self._timed else self._done / self._per_epoch
            getattr(self, f"_{event.kind}")(recorder, *event.values)
        tables = {name: len(table) for name, table in recorder.tables.items()}
        if log.method == "enas":
            whole = self._ended >= self._planned
            parts = [count(max(0, self._at), "epoch"), count(tables["candidates"], "candidate")]
        else:
            whole = self._ended >= self._total and (log.method != "pdarts" or tables["derived"] > 0)
            parts = [f"{self._ended} of {count(self._total, 'epoch')}", count(tables["derived"], "derived cell")]
            parts.append(f"{count(tables['weights'], 'row')} of architecture weights")
        if self._unread:
            parts.append(f"{count(self._unread, 'line')} could not be read")
        ends = "" if whole else "the log ends before its search does"
        recorder.log(ends or "the log is whole", "warning" if ends else "info")
        recorder.status("finished" if whole else "interrupted", ends)
        return plain(" · ".join(filter(None, [title, *parts, ends])))

    def _steps_per_epoch(self) -> int:
        """As the arguments say, but no fewer than were counted in the log."""
        steps = (event.values for event in self._log.events if event.kind == "step")
        seen = max((step for split, step, *_ in steps if split == "train"), default=-1)
        batch, portion = (self._log.arguments.get(name) for name in ("batch_size", "train_portion"))
        planned = 0
        if seen >= 0 and isinstance(batch, int) and batch > 0 and isinstance(portion, float) and 0 < portion <= 1:
            planned = math.ceil(int(IMAGES * portion) / batch)
        return max(1, planned, seen + 1)

    def _counted(self, found: Architecture) -> int:
        """The weights of a path in ENAS's search network, of the sizes that the log tells; 0 where there is none."""
        frame, given = published_frame(found), self._log.arguments
        sizes = {"channels": str(given.get("child_out_filters", "")), "layers": str(given.get("child_num_layers", ""))}
        more = 0 if isinstance(found, LayerArchitecture) else 2  # two reductions between its cells
        numbers = {name: int(size) + more * (name == "layers") for name, size in sizes.items() if size.isdecimal()}
        with suppress(Unbuildable):
            return arithmetic(found, replace(frame, **numbers)).params
        return 0

    def _say(self, recorder: Recorder, series: str, value: float) -> None:
        recorder.scalar(series, value, step=max(0, self._done - 1), unit=unit_of(series))

    def _moved(self, recorder: Recorder, done: int) -> None:
        self._done = max(self._done, done)
        total = self._total * self._per_epoch
        left = self.now / done * (total - done) if 0 < done < total else math.nan
        recorder.progress(min(done, total), total, remaining=left)

    # -- one for each kind of event

    def _epoch(self, recorder: Recorder, number: int, rate: float) -> None:
        if self._at >= 0 and number == 0:
            self._stage += 1
        self._at += 1
        self._done = max(self._done, self._at * self._per_epoch)
        self._pair = []
        self._say(recorder, "w learning rate", rate)
        if self._log.method == "pdarts":
            self._say(recorder, "stage", self._stage + 1.0)

    def _step(self, recorder: Recorder, split: str, step: int, loss: float, accuracy: float) -> None:
        if split == "train":
            self._moved(recorder, max(0, self._at) * self._per_epoch + step + 1)
        self._say(recorder, f"{split} loss (epoch so far)", loss)
        self._say(recorder, f"{split} accuracy (epoch so far)", accuracy)

    def _accuracy(self, recorder: Recorder, split: str, value: float) -> None:
        if self._log.method != "enas":
            self._ended = self._at + 1
            self._moved(recorder, self._ended * self._per_epoch)
        elif split == "test":
            self._ended = self._at
        self._say(recorder, EPOCH_SCORE if split == "validation" else f"{split} accuracy (epoch)", value)
        recorder.log(f"epoch {self._at + (self._log.method != 'enas')} · {split} {value:.2f} %")

    def _genotype(self, recorder: Recorder, found: CellArchitecture) -> None:
        if self._skips < PdartsSettings().skips:  # the paper keeps 2, and the code prints all down to 0
            recorder.log(f"with {plain(count(int(self._skips), 'skip connection'))}: {genotype.format(found)}")
            return
        if self._last is not None and self._last != found:
            recorder.log(difference(self._last, found))
        self._last = found
        recorder.derived(to_bytes(found), step=self._done)
        for series, value in health.told_of_cells(found).items():
            self._say(recorder, series, value)

    def _skips_left(self, recorder: Recorder, most: int) -> None:
        self._skips = most

    def _weights(self, recorder: Recorder, matrix: np.ndarray) -> None:
        """Two matrices make a row, the normal cell's first; what does not fit the space is left out."""
        header = recorder.header
        if matrix.shape != (len(header.edges), len(header.operations)):
            size = f"{matrix.shape[0]} edges and {matrix.shape[1]} operations" if matrix.size else "no one size"
            self._unread_line(recorder, f"architecture weights of {size}")
            return
        if not np.allclose(matrix.sum(1), 1, atol=0.02):  # before the softmax
            matrix = np.exp(matrix - matrix.max(1, keepdims=True))
            matrix /= matrix.sum(1, keepdims=True)
        self._pair.append(matrix)
        if len(self._pair) == 2:
            recorder.weights(np.stack(self._pair), step=self._done)
            for series, value in health.told_of_weights(header.cells, np.stack(self._pair)).items():
                self._say(recorder, series, value)
            self._pair = []

    def _unread_line(self, recorder: Recorder, what: str) -> None:
        self._unread += 1
        recorder.log(f"could not be read: {what}", "warning")

    def _note(self, recorder: Recorder, line: str) -> None:
        recorder.log(line)

    def _reached(self, recorder: Recorder, epoch: int) -> None:
        self._at = epoch

    def _child(self, recorder: Recorder, values: dict[str, float]) -> None:
        self._at = max(self._at, int(values.get("epoch", 0)))
        self._done = max(self._done, int(values["ch_step"]))
        for name, series in (("loss", "train loss"), ("tr_acc", "train accuracy"), ("lr", "w learning rate")):
            if name in values:
                self._say(recorder, series, values[name])

    def _controller(self, recorder: Recorder, values: dict[str, float]) -> None:
        for name, series in (("ent", "entropy"), ("bl", "baseline"), ("acc", "reward"), ("loss", "controller loss")):
            if name in values:
                self._say(recorder, series, values[name])

    def _arc(self, recorder: Recorder, found: Architecture, score: float) -> None:
        last = self._at >= self._planned > 0
        number = recorder.candidate(to_bytes(found), origin="derived" if last else "sampled")
        recorder.score(number, score, seconds=0.0, parameters=self._counted(found))
        recorder.progress(number + 1, len(self._arcs), evaluations=number + 1)
