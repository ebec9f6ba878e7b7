"""What is said of a search that learns nothing, while it happens."""

import math
import random

from engine.run.learning import Learning, missing

TEN = tuple("0123456789")


def lines(found) -> list[tuple[str, str]]:
    return [tuple(line) for line in found]


def test_a_loss_far_above_that_of_guessing_is_told_once_and_when_it_is_over():
    follower = Learning(TEN, 700)
    assert not lines(follower.loss(1, 6.8))  # 3 log 10 = 6.9
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
