"""What is said of a search that learns nothing, while it happens."""

import math
import random

from engine import plan as plans
from engine.run.learning import Learning, missing
from engine.search.darts import Darts
from engine.session import LEVELS

TEN = tuple("0123456789")


def lines(found) -> list[tuple[str, str]]:
    return [tuple(line) for line in found]


def test_a_loss_far_above_that_of_guessing_is_told_once_and_when_it_is_over():
    follower = Learning(TEN, 700)
    assert not lines(follower.loss(1, 4.6))  # 2 log 10 = 4.605
    ((text, level),) = lines(follower.loss(2, 35.24))
    assert text == (
        "the training loss is exploding: 35.2 on average in epoch 2, where guessing gives 2.30; lower the weights' "
        "learning rate"
    )
    assert level == "warning"
    assert not lines(follower.loss(3, 80.0))
    assert lines(follower.loss(4, 2.1)) == [("the training loss is back at 2.10 on average in epoch 4", "good")]
    assert len(lines(follower.loss(5, 7.0))) == 1


def test_scores_of_chance_are_told_after_three_in_a_row():
    follower = Learning(TEN, 900)  # 10 % with a standard error of 1 %: up to 12 %
    assert not lines(follower.score(11.9)) + lines(follower.score(9.0)) + lines(follower.score(12.1))
    assert not lines(follower.score(11.0)) + lines(follower.score(10.0))
    ((text, level),) = lines(follower.score(10.4))
    assert text.startswith(
        "nothing has been learnt yet: the last 3 epochs score 10.4 % or so, and guessing among 10 classes"
    )
    assert level == "warning"
    assert not lines(follower.score(10.0))
    assert not lines(follower.score(math.nan))
    assert lines(follower.score(45.0)) == [("scores are above chance again: 45.0 %", "good")]


def test_true_guessing_is_taken_for_it_and_a_weak_network_is_not():
    rng = random.Random(0)
    for classes, images in ((2, 200), (10, 700), (100, 5000)):
        alarms = 0
        for _ in range(100):
            follower = Learning([str(each) for each in range(classes)], images)
            scores = [100 * sum(rng.random() < 1 / classes for _ in range(images)) / images for _ in range(3)]
            alarms += any(lines(follower.score(score)) for score in scores)
        assert alarms > 85  # each lies within two standard errors above in 97.7 of 100 cases
        follower = Learning([str(each) for each in range(classes)], images)
        guess = 100 / classes
        better = guess + 3 * math.sqrt(guess * (100 - guess) / images)
        assert not any(lines(follower.score(better)) for _ in range(9))


def test_a_class_that_is_never_the_answer_is_named_after_three_epochs():
    follower = Learning(("cat", "dog", "eel"), 90)
    for _ in range(2):
        assert not lines(follower.predicted([50, 40, 0]))
    assert lines(follower.predicted([50, 40, 0])) == [
        ("class eel is never predicted, for any validation image in the last 3 epochs", "warning")
    ]
    assert not lines(follower.predicted([90, 0, 0]))
    assert lines(follower.predicted([80, 0, 10])) == [("class eel is predicted again", "good")]
    assert lines(follower.predicted([80, 0, 10])) == [
        ("class dog is never predicted, for any validation image in the last 3 epochs", "warning")
    ]


def test_where_all_is_chance_no_class_is_named_beside():
    follower = Learning(TEN, 100)
    for _ in range(4):
        list(follower.score(10.0))
        assert not lines(follower.predicted([100] + 9 * [0]))


def test_classes_that_a_split_lacks_are_named():
    names = ("cat", "dog", "eel", "fox", "gnu")
    assert not lines(missing(names, (1, 2, 3, 4, 5), "test"))
    found = [
        lines(missing(names, images, "validation"))[0][0]
        for images in ((1, 0, 1, 1, 1), (1, 0, 0, 1, 1), (0, 0, 0, 0, 1))
    ]
    assert found == [
        "class dog is never seen in the validation split, which has no such image",
        "classes dog and eel are never seen in the validation split, which has no such image",
        "4 classes (cat, dog, eel …) are never seen in the validation split, which has no such image",
    ]


def told(view) -> list[tuple[str, str]]:
    return [(LEVELS[row["level"]], view.text(row["text"])) for row in view.rows("log")]


def test_a_search_whose_loss_explodes_says_so_while_it_does(search, one_shot_plan, monkeypatch):
    step = Darts.step

    def worse(self):
        values = step(self)
        return {**values, "train loss": values["train loss"] * (5 if 3 < self._step <= 6 else 1)}

    monkeypatch.setattr(Darts, "step", worse)
    view, _ = search(one_shot_plan)
    lines = [line for line in told(view) if "the training loss is" in line[1] or line[1].startswith("epoch ")]
    assert [text.split(" · ")[0].split(":")[0] for _, text in lines] == [
        "epoch 1",
        "epoch 2",
        "the training loss is exploding",
        "epoch 3",
        lines[4][1],
        "epoch 4",
    ]
    assert lines[2][0] == "warning"
    assert "in epoch 2, where guessing gives 2.30" in lines[2][1]
    assert lines[4][0] == "good"
    assert lines[4][1].startswith("the training loss is back at 2.")


def test_a_search_that_never_learns_says_so_and_what_chance_is(search, one_shot_plan):
    view, _ = search(plans.override(one_shot_plan, ["method.w_lr=0", "method.w_lr_min=0", "budget.epochs=4"]))
    (line,) = [text for level, text in told(view) if level == "warning" and "learnt" in text]
    assert "the last 3 epochs score" in line
    assert "guessing among 10 classes gives 10.0 %" in line


def test_resting_architecture_weights_are_told_with_the_epoch_in_which_they_begin(search, one_shot_plan):
    view, _ = search(plans.override(one_shot_plan, ["method=pcdarts", *PC_DARTS]))
    lines = [text for _, text in told(view)]
    assert "architecture weights rest until epoch 3; they decide nothing before" in lines
    began = lines.index("architecture weights begin to move, in epoch 3")
    assert sum(text.startswith("epoch ") for text in lines[:began]) == 2


PC_DARTS = ["method.channels=4", "method.partial=2", "method.layers=3", "method.batch=32", "method.alpha_rest=0.5"]
