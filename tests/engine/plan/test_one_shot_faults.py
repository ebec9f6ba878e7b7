"""What keeps the gradient-based methods from being run, each in one line that names the setting."""

import msgspec
import pytest

from engine.plan import METHODS, Budget, Plan, faults, override, preset, presets
from engine.plan.datasets import Cifar10, Digits, FashionMnist, ImageFolder
from engine.plan.methods.darts import DartsSettings
from engine.plan.methods.pc_darts import PcDartsSettings
from engine.plan.methods.pdarts import PdartsSettings
from engine.plan.methods.snas import SnasSettings
from engine.space.counts import Skeleton
from engine.space.darts import DartsSpace
from engine.space.limits import Limit
from engine.space.nasbench201 import NasBench201Space
from engine.space.spaces import SPACES

GRADIENT = [DartsSettings, SnasSettings, PdartsSettings, PcDartsSettings]
LIMITS = (Limit(counts="params", skeleton=Skeleton(channels=4, layers=3), most=10**9),)


def plan(method: object, **changes: object) -> Plan:
    return msgspec.structs.replace(Plan(method=method, data=Cifar10(), budget=Budget(epochs=9)), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("settings", GRADIENT)
@pytest.mark.parametrize(
    "space",
    [
        DartsSpace(),
        DartsSpace(nodes=3, inputs=3, operations=("skip_connect", "sep_conv_3x3")),
        DartsSpace().restrict(("none", "skip_connect"), cell="normal", edge=(1, 0)).fix((2, 1)),
        DartsSpace(output="last node"),
        NasBench201Space(),
        NasBench201Space(nodes=2).fix((0, 0)),
    ],
)
def test_edited_spaces_with_a_supernet_pass(settings, space):
    assert faults(plan(settings(), space=space)) == []


@pytest.mark.parametrize("settings", GRADIENT)
@pytest.mark.parametrize("kind", [kind for kind in SPACES if kind not in ("darts", "nasbench201")])
def test_a_space_without_supernet_is_refused(settings, kind):
    found = faults(plan(settings(), space=SPACES[kind]()))
    assert [fault.key for fault in found] == ["space"]
    assert "\n" not in str(found[0])


@pytest.mark.parametrize(
    ("settings", "changes", "key", "message"),
    [
        (DartsSettings(), {"space": DartsSpace(output="loose nodes")}, "space.output", "must be nodes or last node:"),
        (DartsSettings(), {"space": NasBench201Space(output="nodes")}, "space.output", "must be last node: DARTS"),
        (DartsSettings(), {"space": DartsSpace(limits=LIMITS)}, "space.limits", "must be none: DARTS cannot keep to"),
        (DartsSettings(w_lr=1e-4), {}, "method.w_lr_min", "must be at most method.w_lr (0.0001), which falls to it"),
        (DartsSettings(layers=2), {}, "method.layers", "must be at least 3, for two reduction cells and a normal one"),
        (SnasSettings(temperature=0.01), {}, "method.temperature_min", "at most method.temperature (0.01), which"),
        (PdartsSettings(layers=(5, 2, 17)), {}, "method.layers", "must be at least 3, for two reduction cells"),
        (PdartsSettings(layers=(5, 11)), {}, "method.layers", "must be 3 numbers, one for each stage, got 2"),
        (PdartsSettings(kept=(5, 3, 1)), {}, "method.kept", "must be 2 numbers, for the second and the third stage"),
        (PdartsSettings(kept=(3, 5)), {}, "method.kept", "must not grow, since an operation once dropped is gone"),
        (PdartsSettings(), {"budget": Budget(epochs=2)}, "budget.epochs", "must be at least 3, one for each stage"),
        (PcDartsSettings(channels=10), {}, "method.partial", "must divide method.channels (10), got 4"),
        # 1,797 - 359 = 1,438 images remain, of which a half is 719; of the share 0.9, 1,294 validate and 144 train.
        (DartsSettings(batch=720), {"data": Digits()}, "method.batch", "must be at most 719, the images of the"),
        (DartsSettings(batch=200), {"data": Digits(validation_share=0.9)}, "method.batch", "at most 144, the images"),
        (DartsSettings(batch=200), {"data": Digits(validation_share=0.1)}, "method.batch", "the validation split"),
        (DartsSettings(batch=64), {"data": FashionMnist(limit=100)}, "method.batch", "at most 50, the images of the"),
        (SnasSettings(batch=720), {"data": Digits()}, "method.batch", "at most 719, the images of the training split"),
    ],
)
def test_what_does_not_go_together_is_named_in_place(settings, changes, key, message):
    found = faults(plan(settings, **changes))
    assert [fault.key for fault in found] == [key]
    assert message in str(found[0])
    assert str(found[0]).startswith(key)


@pytest.mark.parametrize(
    ("settings", "data"),
    [
        (DartsSettings(batch=719), Digits()),
        (SnasSettings(batch=200), Digits(validation_share=0.1)),  # it does not learn from the validation split
        (DartsSettings(batch=60_000), ImageFolder(folder="x")),  # seen when the folder is read
    ],
)
def test_a_batch_that_the_splits_fill_passes(settings, data):
    assert faults(plan(settings, data=data)) == []


def test_the_papers_settings_are_the_defaults():
    assert {kind: method.budget.epochs for kind, method in METHODS.items() if method.one_shot} == {
        "darts": 50,
        "snas": 150,
        "pdarts": 75,
        "pcdarts": 50,
    }
    for settings, batch, rate, architecture in (
        (DartsSettings(), 64, 0.025, 3e-4),
        (SnasSettings(), 64, 0.025, 3e-4),
        (PdartsSettings(), 96, 0.025, 6e-4),
        (PcDartsSettings(), 256, 0.1, 6e-4),
    ):
        assert (settings.channels, settings.batch, settings.w_lr, settings.alpha_lr) == (16, batch, rate, architecture)


@pytest.mark.parametrize("kind", [kind for kind, method in METHODS.items() if method.one_shot])
def test_every_one_shot_preset_can_take_every_other_gradient_method(kind):
    found = [each for each in presets().values() if each.method.one_shot]
    assert len(found) == 15
    for each in found:
        assert faults(override(each, [f"method={kind}"])) == []


def test_the_presets_for_cifar10_have_the_papers_settings():
    for name, settings in (
        ("darts", DartsSettings()),
        ("darts2", DartsSettings(order="second", look_ahead="momentum")),  # as in the authors' code
        ("snas", SnasSettings()),
        ("pdarts", PdartsSettings()),
        ("pcdarts", PcDartsSettings()),
    ):
        found = preset(f"{name}-cifar10")
        assert (found.method, found.space, found.budget) == (settings, DartsSpace(), type(settings).budget)
