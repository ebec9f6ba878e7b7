"""Logs as the authors' search scripts print them, with numbers of our own; see `engine.run.search_log`."""

import math
from datetime import datetime, timedelta

BEGAN = datetime(2024, 3, 5, 22, 58, 0)
OPERATIONS = ("max_pool_3x3", "skip_connect", "sep_conv_3x3", "dil_conv_5x5")


def genotype(turn: int) -> str:
    """A cell that is another one every other epoch."""
    first = OPERATIONS[turn // 2 % len(OPERATIONS)]
    entries = [(first, 0), ("sep_conv_3x3", 1), ("skip_connect", 0), ("sep_conv_5x5", 2), ("avg_pool_3x3", 1)]
    entries += [("sep_conv_3x3", 0), ("dil_conv_3x3", 4), ("sep_conv_3x3", 1)]
    return f"Genotype(normal={entries}, normal_concat=range(2, 6), reduce={entries}, reduce_concat=range(2, 6))"


def weights(turn: int, edges: int = 14, operations: int = 8) -> list[list[float]]:
    """Softmaxed rows, in which one operation after the other leads."""
    rows = []
    for edge in range(edges):
        raw = [math.exp(0.1 * turn * ((edge + operation) % operations == 2)) for operation in range(operations)]
        rows.append([value / sum(raw) for value in raw])
    return rows


def tensor(rows: list[list[float]]) -> str:
    """As torch prints it."""
    inner = ",\n        ".join(f"[{', '.join(f'{value:.4f}' for value in row)}]" for row in rows)
    return f"tensor([{inner}],\n       device='cuda:0', grad_fn=<SoftmaxBackward>)"


class Printer:
    """Lines with stamps, an epoch of so many seconds at a time. `form`: as `datetime.strftime` takes it."""

    def __init__(self, form: str = "%m/%d %I:%M:%S %p ") -> None:
        self.now, self.form = BEGAN, form
        self.lines: list[str] = []

    def log(self, line: str, seconds: float = 0) -> None:
        self.now += timedelta(seconds=seconds)
        self.lines.append(f"{self.now.strftime(self.form)}{line}")

    def print(self, text: str) -> None:
        self.lines.append(text)

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


def darts(
    epochs: int = 4, *, form: str = "%m/%d %I:%M:%S %p ", planned: int | None = None, partial: bool = False
) -> str:
    """DARTS's or, `partial`, PC-DARTS's search: 391 or 98 steps an epoch, one in 100 told."""
    out = Printer(form)
    particular = "set='cifar10', " if partial else ""
    batch = 256 if partial else 64
    out.log("gpu device = 0")
    out.log(
        f"args = Namespace(arch_learning_rate=0.0003, arch_weight_decay=0.001, batch_size={batch}, cutout=False, "
        f"data='../data', epochs={planned or epochs}, gpu=0, grad_clip=5, init_channels=16, layers=8, "
        f"learning_rate=0.025, learning_rate_min=0.001, momentum=0.9, report_freq=50, save='EXP', seed=7, {particular}"
        "train_portion=0.5, unrolled=False, weight_decay=0.0003)"
    )
    out.log("param size = 1.930618MB", 3)
    for epoch in range(epochs):
        out.log(f"epoch {epoch} lr {0.025 * (1 - epoch / 50):e}", 1)
        out.log(f"genotype = {genotype(epoch)}")
        if not partial:
            out.print(tensor(weights(epoch)))
            out.print(tensor(weights(2 * epoch)))
        for step in range(0, 25_000 // batch, 100):
            loss, right = 2 / (1 + 0.3 * epoch + step / 1000), min(98, 20 + 10 * epoch + step / 100)
            out.log(f"train {step:03d} {loss:e} {right:f} 80.000000", 60)
        out.log(f"train_acc {min(99, 30 + 10 * epoch):f}", 60)
        if not partial or epoch == (planned or epochs) - 1:
            out.log(f"valid 000 {1.5 / (1 + 0.2 * epoch):e} {min(95, 28 + 9 * epoch):f} 90.000000", 5)
            out.log(f"valid_acc {min(95, 29 + 9 * epoch):f}", 5)
    return out.text


def pdarts(epochs: int = 6) -> str:
    """P-DARTS's search of three stages of so many epochs; the whole of it ends in genotypes of ever fewer skips."""
    out = Printer("%Y-%m-%d %H:%M:%S,000 ")
    out.log(
        "args = Namespace(add_layers=['6', '12'], add_width=['0'], arch_learning_rate=0.0006, batch_size=96, "
        f"cifar100=False, dropout_rate=['0.1', '0.4', '0.7'], epochs={epochs}, init_channels=16, layers=5, "
        "learning_rate=0.025, seed=2, train_portion=0.5, weight_decay=0.0003)"
    )
    for stage in range(3):
        out.log(f"param size = {1.2 + stage:f}MB", 2)
        for epoch in range(epochs):
            out.log(f"Epoch: {epoch} lr: {0.025 * (1 - epoch / epochs):e}", 1)
            out.log(f"TRAIN Step: 000 Objs: {2.3 - 0.1 * epoch:e} R1: {10 + epoch:f} R5: 50.000000", 10)
            out.log(f"TRAIN Step: 250 Objs: {2.2 - 0.1 * epoch:e} R1: {12 + epoch:f} R5: 55.000000", 10)
            out.log(f"Train_acc {15 + 5 * epoch + 10 * stage:f}")
            out.log("Epoch time: 20s")
            if epochs - epoch < 5:
                out.log(f"valid 000 {1.9:e} {20 + epoch:f} 60.000000", 5)
                out.log(f"Valid_acc {14 + 5 * epoch + 10 * stage:f}")
        out.print(f"------Dropping {(3, 2, 2)[stage]} paths------")
        out.log(f"switches_normal = {[[True, False] * 4] * 14}")
        out.log("['none', 'avg_pool_3x3', 'sep_conv_3x3', 'dil_conv_3x3']")
    out.log(genotype(2))
    out.log("Restricting skipconnect...")
    for skips in (2, 1, 0):
        out.log(f"Number of skip-connect: {skips}")
        out.log(genotype(4 + 2 * (2 - skips)) if skips else genotype(0))
    out.log("Total searching time: 900s")
    return out.text


def enas(epochs: int = 3, *, planned: int | None = None, macro: bool = False) -> str:
    """ENAS's search, three arcs after each epoch."""
    out = Printer("")
    width = 80
    for name, value in (
        ("batch_size", "160"),
        ("num_epochs", str(planned or epochs)),
        ("search_for", "macro" if macro else "micro"),
    ):
        out.print(name + "." * (width - len(name) - len(value)) + value)
    out.print("-" * width)
    minutes = 0.0
    for epoch in range(epochs + 1):  # whose number a line about a step says late: not every step is told
        minutes += 2.5
        out.print(
            f"epoch={max(0, epoch - 1):<6d}ch_step={281 * epoch:<6d} loss={2.1 - 0.4 * epoch:<8.6f} lr={0.05:<8.4f}"
            f" |g|={1.25:<8.4f} tr_acc={40 + 30 * epoch:<3d}/{160:>3d} mins={minutes:<10.2f}"
        )
        if epoch == 0:
            continue
        out.print(f"Epoch {epoch}: Training controller")
        minutes += 1
        out.print(
            f"ctrl_step={30 * epoch:<6d} loss={-0.5:<7.3f} ent={52.5 - epoch:<5.2f} lr={0.0035:<6.4f} |g|={0.01:<8.4f}"
            f" acc={0.5 + 0.1 * epoch:<6.4f} bl={0.4:<5.2f} mins={minutes:<.2f}"
        )
        out.print("Here are 10 architectures")
        for arc in range(3):
            if macro:
                for layer in range(4):
                    out.print(f"[{' '.join(str(number) for number in [(arc + layer) % 6, *[arc % 2] * layer])}]")
            else:
                out.print(f"[0 {arc} 0 0 0 4 0 1 0 4 1 1 1 0 0 1 0 2 1 1]")
                out.print("[1 0 1 0 0 3 0 2 1 1 3 1 1 0 0 4 0 3 1 1]")
            out.print(f"val_acc={0.4 + 0.1 * epoch + 0.01 * arc:<6.4f}")
            out.print("-" * width)
        out.print(f"Epoch {epoch}: Eval")
        out.print(f"Eval at {281 * epoch}")
        out.print(f"valid_accuracy: {0.5 + 0.1 * epoch:<6.4f}")
        out.print(f"Eval at {281 * epoch}")
        out.print(f"test_accuracy: {0.48 + 0.1 * epoch:<6.4f}")
    return out.text
