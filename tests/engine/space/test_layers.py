"""The macro spaces: published sizes and networks, what a layer may read, what is the same network."""

import json
import random

import msgspec
import pytest

from engine.plan import PlanError, fields, override, preset
from engine.space.architecture import ArchitectureError, from_bytes
from engine.space.counts import PUBLISHED, Count, Skeleton, Unbuildable, count, published_frame
from engine.space.counts.layer_counts import reduced_after
from engine.space.decisions import OutsideSpace
from engine.space.enas_macro import EnasMacroSpace
from engine.space.enas_recurrent import EnasRecurrentSpace
from engine.space.layers import Layer, LayerArchitecture, layer_faults, loose_ends
from engine.space.nas_rl import NasRlSpace
from engine.space.notations import read

FINAL = """0 / 3 0 / 0 1 0 / 2 0 0 1 / 2 0 0 0 0 / 3 1 1 0 1 0"""
"""The first six of the 24 layers of the macro network that ENAS's authors published."""
MACRO = read(FINAL.replace(" / ", " "), "enas-macro")
ANCHORED = LayerArchitecture(
    (
        Layer("conv_3x5", (0,), 24, 2),
        Layer("conv_1x1", (1,), 36),
        Layer("conv_7x3", (0,), 48),
        Layer("conv_5x5", (1, 3), 64),
    )
)
replace = msgspec.structs.replace


def test_published_sizes():
    assert EnasMacroSpace().size() == 6**12 * 2**66
    assert f"{EnasMacroSpace().size():.1e}" == "1.6e+29"  # as the paper says
    assert NasRlSpace().size() == 64**6 * 2**15
    assert NasRlSpace(layers=20, strides=(1, 2, 3)).size() == 192**20 * 2**190
    assert NasRlSpace(layers=4, anchors=False).size() == 64**4


def test_growing_depth_is_another_space():
    grown = NasRlSpace().restrict("layer 2 height", ("3",)).sized(8)
    assert grown.layers == 8
    assert grown.size() == 64**8 * 2**28 // 4


def test_members_are_what_they_look_like():
    space = EnasMacroSpace(layers=6)
    assert space.decode(space.encode(MACRO)) == MACRO
    assert [layer.inputs for layer in MACRO.layers] == [(0,), (1,), (0, 2), (2, 3), (4,), (0, 1, 3, 5)]
    anchored = NasRlSpace(layers=4, strides=(1, 2))
    assert anchored.decode(anchored.encode(ANCHORED)) == ANCHORED
    assert loose_ends(ANCHORED) == (2, 4)
    every = NasRlSpace(layers=3, anchors=False)
    assert [layer.inputs for layer in every.decode(every.at(0)).layers] == [(0,), (1,), (2,)]


def test_a_choice_of_a_skip_points_at_the_layer():
    space = NasRlSpace(layers=3)
    skips = [question for question in space.questions(space.at(0)) if question.kind == "skip"]
    assert [(question.label, question.refs) for question in skips] == [
        ("layer 2 skip from 1", (None, 1)),
        ("layer 3 skip from 1", (None, 1)),
        ("layer 3 skip from 2", (None, 2)),
    ]


@pytest.mark.parametrize(
    ("space", "architecture", "reason"),
    [
        (EnasMacroSpace(), MACRO, "the network has 6 layers, and the space's networks have 12"),
        (EnasMacroSpace(layers=4), ANCHORED, "inputs meet after the operation"),
        (NasRlSpace(), MACRO, "inputs meet before the operation"),
        (
            EnasMacroSpace(layers=6, operations=("conv_3x3", "conv_5x5")),
            MACRO,
            "layer 2 operation: 'sep_conv_5x5' is not one of",
        ),
        (NasRlSpace(layers=4), ANCHORED, "layer 1: its stride is 2, and the space's is 1"),
        (NasRlSpace(layers=4, strides=(1, 3)), ANCHORED, "layer 1 stride: '2' is not one of 1, 3"),
        (NasRlSpace(layers=4, strides=(2, 1), filters=(24,)), ANCHORED, "layer 2 filters: '36' is not one of 24"),
        (NasRlSpace(layers=4, strides=(2, 1), anchors=False), ANCHORED, r"layer 3: it reads \[0\]"),
        (
            NasRlSpace(layers=2),
            LayerArchitecture((Layer("conv_1x1", (0,), 24), Layer("conv_1x1", (0, 1), 24))),
            "layer 2: it reads the image beside other layers",
        ),
        (
            NasRlSpace(layers=1),
            LayerArchitecture((Layer("max_pool_3x3", (0,), 24),)),
            "'max_pool_3x3' is no plain conv",
        ),
        (NasRlSpace(layers=1), LayerArchitecture((Layer("conv_1x1", (1,), 24),)), "no layer 1 before it"),
        (EnasMacroSpace(layers=1), LayerArchitecture((Layer("conv_1x1", ()),), "after"), "it reads nothing"),
        (EnasRecurrentSpace(), MACRO, "recurrent"),
    ],
)
def test_what_lies_outside_is_refused_with_the_reason(space, architecture, reason):
    with pytest.raises(OutsideSpace, match=reason):
        space.encode(architecture)


@pytest.mark.parametrize(
    ("layers", "join", "reason"),
    [
        ([], "before", "0 layers; architectures of 1 to 128"),
        ([Layer("conv_1x1", (0,), 2)] * 129, "before", "129 layers"),
        ([Layer("conv_2x2", (0,), 2)], "before", "layer 1: unknown operation 'conv_2x2'"),
        ([Layer("conv_1x1", (-1,), 2)], "before", "layer 1: there is no layer -1 before it, only 0 to 0"),
        ([Layer("conv_1x1", (0, 0), 2)], "before", "layer 1: its inputs [0, 0] are not in ascending order"),
        ([Layer("conv_1x1", (0,))], "before", "layer 1: the number of its filters is missing"),
        ([Layer("conv_1x1", (0,), 10**9)], "before", "1,000,000,000 filters"),
        ([Layer("conv_1x1", (0,), 2, 0)], "before", "a stride of 0"),
        ([Layer("conv_1x1", (0,), 2)], "after", "those of the skeleton"),
        (
            [Layer("conv_1x1", (0,)), Layer("conv_1x1", (0,))],
            "after",
            "works on layer 1, and that is not among its inputs",
        ),
    ],
)
def test_faults_have_place_and_reason(layers, join, reason):
    architecture = LayerArchitecture(tuple(layers), join)
    assert any(reason in fault for fault in layer_faults(architecture))
    with pytest.raises(ArchitectureError) as caught:
        from_bytes(msgspec.json.encode(architecture))
    assert "\n" not in str(caught.value)
    with pytest.raises(Unbuildable):
        count(architecture, Skeleton())


def test_bytes_that_are_no_layers():
    for wrong in ({"kind": "layers"}, {"kind": "layers", "layers": [], "join": "beside"}):
        with pytest.raises(ArchitectureError, match="not an architecture"):
            from_bytes(json.dumps(wrong).encode())


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"layers": 0}, "layers"),
        ({"heights": (2,)}, "heights: a filter's side is 1, 3, 5 or 7, not 2"),
        ({"widths": ()}, "widths: at least one"),
        ({"filters": (24, 24)}, "filters: .* none twice"),
        ({"strides": (0,)}, "strides"),
    ],
)
def test_settings_without_sense_are_refused(settings, reason):
    with pytest.raises(ValueError, match=reason):
        NasRlSpace(**settings)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"layers": 129}, "layers"),
        ({"operations": ()}, "operations: at least one"),
        ({"operations": ("none",)}, "operations: no layer can be built with 'none'"),
        ({"operations": ("conv_1x1",) * 2}, "none twice"),
    ],
)
def test_macro_settings_without_sense_are_refused(settings, reason):
    with pytest.raises(ValueError, match=reason):
        EnasMacroSpace(**settings)


def test_a_plan_sets_lists_of_whole_numbers():
    plan = override(preset("random-digits"), ["space=nas-rl", "space.strides=1, 2,3", "space.filters=[8]"])
    assert plan.space == NasRlSpace(strides=(1, 2, 3), filters=(8,))
    (info,) = (info for info in fields(NasRlSpace) if info.path == "filters")
    assert (info.kind, info.low, info.high, info.default) == ("whole numbers", 1, 65_536, (24, 36, 48, 64))
    for wrong in ("1.5", "many", "", "0"):
        with pytest.raises(PlanError, match=r"space\.strides"):
            override(plan, [f"space.strides={wrong}"])


def test_canonical_sees_through_the_order_of_layers_that_do_not_read_each_other():
    same = NasRlSpace().canonical
    one, two, three, four = ANCHORED.layers
    swapped = LayerArchitecture((three, one, replace(two, inputs=(2,)), replace(four, inputs=(1, 2))))
    assert same(ANCHORED) == same(swapped)
    for other in (replace(two, filters=24), replace(two, stride=2), replace(two, operation="conv_1x3")):
        assert same(ANCHORED) != same(LayerArchitecture((one, other, three, four)))
    assert same(ANCHORED) != same(LayerArchitecture((one, two, three, replace(four, inputs=(1, 2)))))


def test_canonical_tells_where_inputs_meet():
    same = EnasMacroSpace().canonical
    layers = (Layer("conv_3x3", (0,)), Layer("conv_3x3", (1,)), Layer("conv_3x3", (0, 2)))
    after = LayerArchitecture(layers, "after")
    assert same(after) != same(LayerArchitecture((*layers[:2], Layer("conv_3x3", (1, 2))), "after"))
    before = LayerArchitecture(tuple(replace(layer, filters=4) for layer in layers))
    assert same(after) != same(before)
    rng, space = random.Random(0), EnasMacroSpace(layers=5)
    members = {space.decode(space.sample(rng)) for _ in range(200)}
    assert len({same(member) for member in members}) == len(members)  # each layer reads the one before: no freedom


def test_counts_by_hand():
    """One layer on a 4×4 image; then ENAS's with the image halved after the first and the second of three layers."""
    small = Skeleton(channels=2, image=4, classes=3, in_channels=1)
    one = LayerArchitecture((Layer("conv_3x1", (0,), 5, 3),))
    assert count(one, small) == Count(3 * 5 + 10 + 15 + 3, 3 * 5 * 4 + 15)
    assert reduced_after(3) == (1, 2)
    assert (reduced_after(2), reduced_after(24)) == ((), (8, 16))
    layers = (Layer("conv_3x3", (0,)), Layer("avg_pool_3x3", (1,)), Layer("max_pool_3x3", (0, 2)))
    stem = Count(9 * 2 + 4, 9 * 2 * 16)
    first = Count(4 + 4 + 36 + 4, (4 + 36) * 16)
    halved = Count(2 * (8 + 8), 2 * 8 * 4)  # the stem, read by layer 3, and layer 1
    second = Count(2 * (16 + 8), 2 * 16 * 4)
    again = Count(2 * (32 + 16), 2 * 32)  # the stem and layer 2; nothing reads layer 1 any more
    third = Count(64 + 16 + 128 + 16, 64 + 128)
    total = stem + first + halved + second + again + third + Count(24 + 3, 24)
    assert count(LayerArchitecture(layers, "after"), small) == total


def test_a_network_of_layers_has_a_frame_of_its_own():
    assert published_frame(MACRO) == Skeleton(channels=96, layers=6)
    for frame in (PUBLISHED["imagenet"], PUBLISHED["nasbench201"]):
        with pytest.raises(Unbuildable, match="does not fit into the skeleton of"):
            count(MACRO, frame)
    with pytest.raises(Unbuildable, match="no auxiliary head"):
        count(MACRO, Skeleton(auxiliary=True))
    with pytest.raises(Unbuildable, match="layer 2: no layer can be built with 'skip_connect'"):
        count(LayerArchitecture((Layer("conv_1x1", (0,)), Layer("skip_connect", (1,))), "after"), Skeleton())
