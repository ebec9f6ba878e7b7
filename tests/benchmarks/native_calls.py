"""Whether PyTorch's CPU library computes rightly what the program asks of it: a sweep over shapes, in own processes.

    python tests/benchmarks/native_calls.py [--torch] [--short] [--isa native AVX2 ...] [--only TEXT] [--skip N]

Every operation, reduction, stem and supernet of `engine.nets` (with --torch instead every convolution and pool that
they could ask for, bare) runs forwards and backwards in float32 and is held against itself in float64, which oneDNN
does not compute: values, and gradients of the images and of all weights. The sweep goes over channels, sides, one and
two threads and both layouts in memory, once with all instructions that the processor has and once with AVX2 at most.

Native code that writes where it must not seldom dies at once, so each group of cases is a process of its own, under
glibc's checks of the heap where they are at hand; where one dies, its cases run again one by one. The exit status is 1
if any case failed.
"""

import argparse
import itertools
import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HEAP_CHECKS = "libc_malloc_debug.so.0"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Sweep over the calls of native code.")
    parser.add_argument("--torch", action="store_true", help="the bare calls of torch, instead of the program's")
    parser.add_argument("--short", action="store_true", help="a few shapes, and nothing at stride 1 alone")
    parser.add_argument("--isa", nargs="+", default=["native", "AVX2"], help="of ONEDNN_MAX_CPU_ISA")
    parser.add_argument("--only", default="", help="what the names hold")
    parser.add_argument("--skip", type=int, default=0, help="so many of the first, to go on where it was stopped")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)  # in this process and its environment
    return parser.parse_args()


def launched() -> int:
    """The sweep once for each set of instructions, all at a time; what the worst of them ends with."""
    running = []
    for isa in options().isa:
        # Threads that wait passively leave the processor to those that they wait for.
        environment = os.environ | {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
        environment |= {"MALLOC_CHECK_": "3", "MALLOC_PERTURB_": "85"}
        if not subprocess.run(["true"], env=environment | {"LD_PRELOAD": HEAP_CHECKS}, capture_output=True).stderr:
            environment["LD_PRELOAD"] = HEAP_CHECKS
        if isa != "native":
            environment["ONEDNN_MAX_CPU_ISA"] = isa
        running.append(subprocess.Popen([sys.executable, *sys.argv, "--here", "--isa", isa], env=environment))
    return max(abs(one.wait()) for one in running)


if __name__ == "__main__" and "--here" not in sys.argv:
    sys.exit(launched())  # before it takes seconds to import torch

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
import torch.fx.experimental.symbolic_shapes  # noqa: E402  what the first gradient imports, not in every process anew
from torch import Tensor, nn  # noqa: E402

from engine.nets import Supernet  # noqa: E402
from engine.nets.autograd_modes import twice_differentiable  # noqa: E402
from engine.nets.convolution import convolution  # noqa: E402
from engine.nets.operations import BUILDERS, FactorizedReduce, build  # noqa: E402
from engine.nets.skeleton import ImagenetStem, stem  # noqa: E402
from engine.nets.stacked_network import ResidualHalving  # noqa: E402
from engine.nets.stacked_operations import depthwise  # noqa: E402
from engine.nets.weight_sharing.parts import PartedReduce  # noqa: E402
from engine.space.operations import KERNELS  # noqa: E402
from engine.space.spaces import SPACES  # noqa: E402

CHANNELS = (*range(1, 10), 12, 15, 16, 17, 24, 32)
TWO = (*range(2, 10), 12, 15, 16, 17, 24, 32)
SIDES = (5, 8, 14, 16, 28, 32, 56, 64)
MOST = 16 * 64 * 64
"""Numbers in an image: more channels only where the sides are shorter."""
BATCH = 2
TOLERANCE = 1e-2
"""Of the norm of what is right. Wrong ones are off by tens of percent; precision and kinks of ReLUs do a thousandth."""
SECONDS = 20
"""Of the processor for one group of cases; what needs more hangs."""
PATIENCE = 1200
"""Seconds for the same where the processor is busy with other things."""


@dataclass(frozen=True)
class Subject:
    """What is tried.

    Attributes:
        make: the module for C channels.
        images: channels of its images for C channels.
        channels: those to try.
        largest: the longest side to try.
    """

    name: str
    make: Callable[[int], nn.Module]
    images: Callable[[int], int] = lambda channels: channels
    channels: Sequence[int] = CHANNELS
    largest: int = 64


@dataclass(frozen=True)
class Case:
    """One shape in one layout."""

    channels: int
    side: int
    last: bool
    threads: int

    def __str__(self) -> str:
        layout = "channels last" if self.last else "channels first"
        return f"{self.channels} channels, {self.side} pixels, {layout}, threads {self.threads}"


class Gradient(nn.Module):
    """The gradient of what a module gives, as an output, so that its own gradients are second derivatives."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, images: Tensor) -> Tensor:
        with twice_differentiable():
            y = self.module(images)
            (gradient,) = torch.autograd.grad(y.square().sum(), images, create_graph=True)
        return gradient


class Depthwise(nn.Module):
    """The fast depthwise convolution of supernets."""

    def __init__(self, channels: int, kernel: int, stride: int, dilation: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(channels, 1, kernel, kernel))
        self.stride, self.dilation = stride, dilation

    def forward(self, images: Tensor) -> Tensor:
        return depthwise(images, self.weight, self.stride, self.dilation)


class Reduced(nn.Module):
    """A factorized reduction with shared weights, of two states of half the channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.reduce = PartedReduce(3, channels // 2, channels)

    def forward(self, images: Tensor) -> Tensor:
        y: Tensor = self.reduce(images, (0, 2))
        return y


def own() -> Iterator[Subject]:
    """What networks and supernets of the program are made of."""
    for name, stride in itertools.product(BUILDERS, (1, 2)):
        make = lambda c, name=name, stride=stride: build(name, c, stride, True)  # noqa: E731
        halves = name in ("skip_connect", "skip_enas")  # of which one has no channel where there is one
        yield Subject(f"{name}, stride {stride}", make, channels=TWO if halves else CHANNELS)
    for name in ("skip_connect", "nor_conv_1x1", "conv_1x3", "sep_conv_3x3", "dil_conv_3x3"):
        yield Subject(f"{name}, stride 2, twice", lambda c, name=name: Gradient(build(name, c, 2, True)), channels=TWO)
    for name, stride in itertools.product(KERNELS, (2, 3)):
        yield Subject(
            f"layer {name}, stride {stride}",
            lambda c, name=name, stride=stride: convolution(c, 8, KERNELS[name], stride),
        )
    for kernel, stride, dilation in itertools.product((3, 5, 7), (1, 2), (1, 2)):
        form = kernel, stride, dilation
        yield Subject(f"fast depthwise {form}", lambda c, form=form: Depthwise(c, *form))
    for out in (1, 2, 4):
        yield Subject(f"reduction to {out} C", lambda c, out=out: FactorizedReduce(c, out * c, True), channels=TWO)
    yield Subject("reduction of shared weights", Reduced, channels=TWO[::2])
    yield Subject("residual halving", ResidualHalving)
    for n in (1, 3):
        yield Subject(f"stem of {n}", lambda c, n=n: stem(n, c), lambda c, n=n: n)
        yield Subject(f"large stem of {n}", lambda c, n=n: ImagenetStem(n, c), lambda c, n=n: n, channels=TWO)
    for kind, partial in (("darts", 1), ("darts", 2), ("darts", 4), ("nasbench201", 1)):
        yield Subject(
            f"supernet of {kind}, 1 of {partial} channels",
            lambda c, kind=kind, partial=partial: Supernet(SPACES[kind](), c, 3, 2, 3, partial=partial),
            lambda c: 3,
            channels=[2 * partial, 4 * partial],
            largest=28,
        )


def bare() -> Iterator[Subject]:
    """The calls of torch that the program makes, or would make if it took no other way."""
    kernels = [(1, 1), (2, 2), (3, 3), (5, 5), (7, 7), (1, 3), (3, 1), (1, 7), (7, 1)]
    strides = [(1, 1), (2, 2), (3, 3), (1, 2), (2, 1)]
    groups: dict[str, Callable[[int], tuple[int, int, int]]] = {
        "C to C": lambda c: (c, c, 1),
        "C to 8": lambda c: (c, 8, 1),
        "depthwise": lambda c: (c, c, c),
        "4 groups of C": lambda c: (4 * c, 4 * c, 4),
    }
    for kernel, stride, dilation, (wide, sizes) in itertools.product(kernels, strides, (1, 2), groups.items()):
        if kernel == (1, 1) and dilation == 2:
            continue
        around = tuple(dilation * (side // 2) if side % 2 else 0 for side in kernel)

        def make(c: int, sizes=sizes, form=(kernel, stride, around, dilation)) -> nn.Module:
            inputs, outputs, many = sizes(c)
            return nn.Conv2d(inputs, outputs, *form, groups=many, bias=False)

        name = f"conv {kernel} stride {stride} dilation {dilation} {wide}"
        yield Subject(name, make, lambda c, sizes=sizes: sizes(c)[0])
    for kernel, stride, kind in itertools.product((1, 2, 3, 5, 7), (1, 2, 3), (nn.MaxPool2d, nn.AvgPool2d)):
        form = kernel, stride, kernel // 2 if kernel % 2 else 0
        yield Subject(f"{kind.__name__} {form}", lambda c, kind=kind, form=form: kind(*form, ceil_mode=form[0] == 2))


def failed(subject: Subject, cases: Sequence[Case], seed: int) -> Iterator[tuple[Case, str]]:
    """After each case what is wrong with it, or ""."""
    known: dict[tuple[int, int], list[tuple[str, Tensor]]] = {}
    for case in cases:
        if (shape := (case.channels, case.side)) not in known:
            known[shape] = computed(subject, case, seed, torch.float64)
        torch.set_num_threads(case.threads)
        wrong = ""
        for (name, right), (_, ours) in zip(known[shape], computed(subject, case, seed, torch.float32), strict=True):
            error = float((ours.double() - right).norm() / right.norm().clamp_min(1e-12))
            if not error <= TOLERANCE:
                wrong = wrong or f"{name} wrong by {100 * error:.3g} %"
        yield case, wrong


def computed(subject: Subject, case: Case, seed: int, dtype: torch.dtype) -> list[tuple[str, Tensor]]:
    """Outputs and all gradients, by name; in float64 channels first and on one thread."""
    torch.manual_seed(seed)
    module = subject.make(case.channels)
    if not isinstance(module, Supernet):
        module.eval()  # what a norm takes out has gradients that are nothing but rounding
    images = torch.randn(BATCH, subject.images(case.channels), case.side, case.side)
    layout = torch.channels_last if case.last and dtype == torch.float32 else torch.contiguous_format
    if dtype == torch.float64:
        torch.set_num_threads(1)
    module = module.to(dtype).to(memory_format=layout)
    images = images.to(dtype).contiguous(memory_format=layout).requires_grad_()
    outputs = module(images)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    upstream = [torch.empty_like(output).copy_(torch.randn(output.shape)) for output in outputs]
    weights = dict(module.named_parameters()) | {
        f"architecture {number}": part for number, part in enumerate(getattr(module, "architecture", ()))
    }
    wanted = [images, *weights.values()]
    if any(output.requires_grad for output in outputs):
        gradients = torch.autograd.grad(outputs, wanted, upstream, allow_unused=True, materialize_grads=True)
    else:  # zeros, of "none"
        gradients = tuple(torch.zeros_like(one) for one in wanted)
    names = ["output"] * len(outputs) + [f"gradient of {name}" for name in ("the images", *weights)]
    return list(zip(names, [output.detach() for output in outputs] + list(gradients), strict=True))


def apart(subject: Subject, cases: Sequence[Case], seed: int) -> tuple[list[tuple[Case, str]], str]:
    """The same in a process of its own: what it told, and how it died, or ""."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 2)  # glibc says there that the heap is broken
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        try:
            for _, wrong in failed(subject, cases, seed):
                os.write(writing, f"{wrong}\n".encode())
        except Exception as fault:
            line = f"{type(fault).__name__}: {fault}".splitlines()[0]
            os.write(writing, f"{line}\n".encode())
            os._exit(1)
        os._exit(0)
    os.close(writing)
    told = b""
    until = time.monotonic() + PATIENCE
    while select.select([reading], [], [], max(0.0, until - time.monotonic()))[0]:
        if not (part := os.read(reading, 1 << 16)):
            break
        told += part
    else:
        os.kill(child, signal.SIGKILL)
    os.close(reading)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    lines = told.decode().split("\n")[:-1]
    death = "" if code >= 0 else "hangs" if code in (-signal.SIGKILL, -signal.SIGXCPU) else signal.Signals(-code).name
    return list(zip(cases, lines, strict=False)), death


def faults(subject: Subject, cases: Sequence[Case]) -> list[tuple[Case, str]]:
    """The cases that fail, each alone, too: with what is wrong.

    What is wrong with one draw only is none: a number so near to zero that a ReLU takes it in one precision only.
    """
    told, death = apart(subject, cases, 0)
    suspects = cases if death else [case for case, wrong in told if wrong]
    found = []
    for case in suspects:
        for seed in (0, 1):
            alone, dead = apart(subject, [case], seed)
            wrong = dead or "".join(wrong for _, wrong in alone)
            if not wrong:
                break
        else:
            found.append((case, wrong))
    if death and not found:
        found.append((cases[min(len(told), len(cases) - 1)], f"{death} after the cases before it"))
    return found


def shapes(subject: Subject, short: bool) -> Iterator[list[Case]]:
    """The groups of cases."""
    for c in subject.channels if not short else [c for c in subject.channels if c == 3] or subject.channels[:1]:
        sides = [side for side in ((8, 64) if short else SIDES) if c * side * side <= MOST and side <= subject.largest]
        layouts = itertools.product(sides, (True,) if short else (False, True), (1, 2))
        yield [Case(c, side, last, threads) for side, last, threads in layouts]


def sweep(subjects: Sequence[Subject], short: bool, isa: str) -> int:
    """Prints what fails, and gives the number of cases that do."""
    begun = told = time.monotonic()
    done = count = 0
    for number, subject in enumerate(subjects):
        bad = []
        tried = 0
        for cases in shapes(subject, short):
            bad += faults(subject, cases)
            tried += len(cases)
            if time.monotonic() - told > 10:
                told = time.monotonic()
                print(f"{isa}: {number} of {len(subjects)}, {done + tried} cases, {told - begun:.0f} s", flush=True)
        done += tried
        count += len(bad)
        if bad:
            print(f"{isa}: {subject.name}: {len(bad)} of {tried} cases FAIL", flush=True)
            for case, wrong in bad[: 4 if len(bad) > 5 else 5]:
                print(f"    {case}: {wrong}", flush=True)
            if len(bad) > 5:
                channels, sides = sorted({case.channels for case, _ in bad}), sorted({case.side for case, _ in bad})
                print(f"    ... in all: channels {channels}, sides {sides}", flush=True)
    print(f"{isa}: {count} of {done} cases fail, {time.monotonic() - begun:.0f} s", flush=True)
    return count


if __name__ == "__main__":
    given = options()
    subjects = [one for one in (bare() if given.torch else own()) if given.only in one.name]
    if given.short:
        subjects = [one for one in subjects if "stride 1" not in one.name]
    subjects = subjects[given.skip :]
    sys.exit(sweep(subjects, given.short, given.isa[0]) > 0)
