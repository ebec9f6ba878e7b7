"""What a search looks at: the settings of every data set, its split, normalisation and augmentation included."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal, get_args

from msgspec import Meta

from engine.plan.plan import DATASETS, DataSettings, Fault, Plan
from engine.space.setting import setting

EmnistPart = Literal["balanced", "byclass", "bymerge", "letters", "digits", "mnist"]
EMNIST: tuple[EmnistPart, ...] = get_args(EmnistPart)
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Spread = Annotated[float, Meta(ge=1e-6, le=1.0)]
Grey = tuple[Share]
GreySpread = tuple[Spread]
Colour = tuple[Share, Share, Share]
ColourSpread = tuple[Spread, Spread, Spread]

VALIDATION = setting(
    "Share of the training images held back: a one-shot search adapts the architecture on it, others score on it.",
    label="Validation share",
    low=0.01,
    high=0.99,
    source="DARTS, section 3.1: half",
)
TEST = setting(
    "Share of all images set aside as test part, which no search sees.",
    label="Test share",
    low=0.01,
    high=0.9,
    source="ours: the set has no test part of its own",
)
SPLIT_SEED = setting(
    "Decides which image falls in which part. Apart from the plan's seed, so that runs with other seeds are compared "
    "on the same images.",
    label="Split seed",
    low=0,
    high=2**31 - 1,
    source="ours",
)
LIMIT = setting(
    "Use at most so many of the training images, drawn by the split seed; 0 uses all. The test part stays whole.",
    label="Images used",
    low=0,
    high=2**31 - 1,
    unit="images",
    zero="all",
    source="ours: a search on a few thousand images ends in minutes without a GPU",
)
CROP = setting(
    "Shift images at random by up to this share of their width, filling up with zeros; 0 does not.",
    label="Random crop",
    low=0.0,
    high=0.5,
    unit="× width",
    zero="none",
    source="DARTS, as usual on CIFAR: 4 of 32 pixels",
)
FLIP = setting("Mirror half of the images left to right, at random.", label="Random flip", source="usual on CIFAR")
CUTOUT = setting(
    "Blank a square of this share of the width at a random place; 0 does not. 0.5 is the usual 16 of 32 pixels.",
    label="Cutout",
    low=0.0,
    high=1.0,
    unit="× width",
    zero="none",
    source="DARTS: 0.5 in the final training, none in the search",
)
MEAN = setting("Mean of each channel (0 to 1), subtracted.", label="Mean", source="the set's training images")
STD = setting("Standard deviation of each channel, divided by.", label="Deviation", source="the set's training images")
IMAGE = setting(
    "Width and height that every picture is resized to; a multiple of 4, for the two reductions.",
    label="Image size",
    low=4,
    high=1024,
    unit="pixels",
    source="as CIFAR and MedMNIST",
)
FOLDER = "Folder that holds the set's files, as downloaded; empty looks where they are usually installed."


@DATASETS.register(10)
class Digits(DataSettings, frozen=True, kw_only=True, tag="digits"):
    """1,797 handwritten digits of 8×8 grey pixels, installed with scikit-learn."""

    title: ClassVar[str] = "Digits"
    about: ClassVar[str] = (
        "1,797 handwritten digits, 8×8 grey pixels, 10 classes. Small enough to search in minutes without a GPU, and "
        "easy: most cells end above 95 %, so look at how the search behaves rather than at the last percent."
    )
    source: ClassVar[str] = "Alpaydin, Kaynak 1998 (UCI), as shipped with scikit-learn"
    images: ClassVar[int] = 1_797
    image: ClassVar[int] = 8
    in_channels: ClassVar[int] = 1

    validation_share: Annotated[float, VALIDATION] = 0.5
    split_seed: Annotated[int, SPLIT_SEED] = 0
    limit: Annotated[int, LIMIT] = 0
    test_share: Annotated[float, TEST] = 0.2
    crop: Annotated[float, CROP] = 0.125
    flip: Annotated[bool, FLIP] = False
    cutout: Annotated[float, CUTOUT] = 0.0
    mean: Annotated[Grey, MEAN] = (0.3053,)
    std: Annotated[GreySpread, STD] = (0.3760,)


class InstalledImages(DataSettings, frozen=True, kw_only=True):
    """Images in files that others have made, with a test part of their own."""

    folder: Annotated[str, setting(FOLDER, label="Folder")] = ""
    validation_share: Annotated[float, VALIDATION] = 0.5
    split_seed: Annotated[int, SPLIT_SEED] = 0
    limit: Annotated[int, LIMIT] = 0
    crop: Annotated[float, CROP] = 0.125
    flip: Annotated[bool, FLIP] = True
    cutout: Annotated[float, CUTOUT] = 0.0


@DATASETS.register(15)
class Mnist(InstalledImages, frozen=True, kw_only=True, tag="mnist"):
    """60,000 + 10,000 handwritten digits of 28×28 grey pixels, in IDX files."""

    title: ClassVar[str] = "MNIST"
    about: ClassVar[str] = (
        "70,000 handwritten digits, 28×28 grey pixels, 10 classes, as downloaded or as torchvision keeps them. Easy: "
        "most cells end above 98 %."
    )
    source: ClassVar[str] = "LeCun, Cortes, Burges 1998"
    images: ClassVar[int] = 60_000
    image: ClassVar[int] = 28
    in_channels: ClassVar[int] = 1

    flip: Annotated[bool, FLIP] = False
    mean: Annotated[Grey, MEAN] = (0.1307,)
    std: Annotated[GreySpread, STD] = (0.3081,)


@DATASETS.register(17)
class Emnist(InstalledImages, frozen=True, kw_only=True, tag="emnist"):
    """Handwritten letters and digits of 28×28 grey pixels, in IDX files."""

    title: ClassVar[str] = "EMNIST"
    about: ClassVar[str] = (
        "Handwritten letters and digits, 28×28 grey pixels, in six sets of 10 to 62 classes and up to 814,255 images."
    )
    source: ClassVar[str] = "Cohen, Afshar, Tapson, van Schaik 2017"
    image: ClassVar[int] = 28
    in_channels: ClassVar[int] = 1

    part: Annotated[
        EmnistPart,
        setting("Which of the six sets.", label="Set", source="the paper, table II"),
    ] = "balanced"
    flip: Annotated[bool, FLIP] = False
    mean: Annotated[Grey, MEAN] = (0.1751,)
    std: Annotated[GreySpread, STD] = (0.3332,)


@DATASETS.register(20)
class FashionMnist(InstalledImages, frozen=True, kw_only=True, tag="fashion-mnist"):
    """60,000 + 10,000 pieces of clothing of 28×28 grey pixels, in IDX files."""

    title: ClassVar[str] = "Fashion-MNIST"
    about: ClassVar[str] = (
        "70,000 pieces of clothing, 28×28 grey pixels, 10 classes. Harder than digits and still small; a search takes "
        "minutes on a GPU and an evening on a laptop."
    )
    source: ClassVar[str] = "Xiao, Rasul, Vollgraf 2017"
    images: ClassVar[int] = 60_000
    image: ClassVar[int] = 28
    in_channels: ClassVar[int] = 1

    mean: Annotated[Grey, MEAN] = (0.2860,)
    std: Annotated[GreySpread, STD] = (0.3530,)


@DATASETS.register(30)
class Cifar10(InstalledImages, frozen=True, kw_only=True, tag="cifar10"):
    """50,000 + 10,000 photographs of 32×32 colour pixels, the folder of the python version."""

    title: ClassVar[str] = "CIFAR-10"
    about: ClassVar[str] = (
        "60,000 photographs, 32×32 colour pixels, 10 classes: the field's yardstick. Meant for a GPU."
    )
    source: ClassVar[str] = "Krizhevsky 2009"
    images: ClassVar[int] = 50_000
    image: ClassVar[int] = 32

    mean: Annotated[Colour, MEAN] = (0.49139968, 0.48215827, 0.44653124)
    std: Annotated[ColourSpread, STD] = (0.24703233, 0.24348505, 0.26158768)


@DATASETS.register(40)
class Cifar100(InstalledImages, frozen=True, kw_only=True, tag="cifar100"):
    """50,000 + 10,000 photographs of 32×32 colour pixels in 100 classes, the folder of the python version."""

    title: ClassVar[str] = "CIFAR-100"
    about: ClassVar[str] = "60,000 photographs, 32×32 colour pixels, 100 classes of 600 each. Meant for a GPU."
    source: ClassVar[str] = "Krizhevsky 2009"
    images: ClassVar[int] = 50_000
    image: ClassVar[int] = 32

    mean: Annotated[Colour, MEAN] = (0.5071, 0.4865, 0.4409)
    std: Annotated[ColourSpread, STD] = (0.2673, 0.2564, 0.2762)


class OwnImages(DataSettings, frozen=True, kw_only=True):
    """Images of one's own, of any size, resized to one square size and read as colour."""

    folder: Annotated[str, setting("Folder with one subfolder of pictures per class.", label="Folder")] = ""
    image: Annotated[int, IMAGE] = 32
    validation_share: Annotated[float, VALIDATION] = 0.5
    split_seed: Annotated[int, SPLIT_SEED] = 0
    limit: Annotated[int, LIMIT] = 0
    test_share: Annotated[float, TEST] = 0.2
    crop: Annotated[float, CROP] = 0.125
    flip: Annotated[bool, FLIP] = True
    cutout: Annotated[float, CUTOUT] = 0.0
    mean: Annotated[Colour, setting(MEAN.description or "", label="Mean", source="ImageNet")] = (0.485, 0.456, 0.406)
    std: Annotated[ColourSpread, setting(STD.description or "", label="Deviation", source="ImageNet")] = (
        0.229,
        0.224,
        0.225,
    )


@DATASETS.register(50)
class ImageFolder(OwnImages, frozen=True, kw_only=True, tag="folder"):
    """Pictures of any size, one subfolder per class."""

    title: ClassVar[str] = "Folder of images"
    about: ClassVar[str] = (
        "Your own pictures: one subfolder per class, named as the class, or train, val and test folders with those in "
        "them. They are resized to one square size and kept in memory, so start small. Drop the folder on the window "
        "to see what is taken."
    )

    def faults(self, plan: Plan) -> Iterable[Fault]:
        if not self.folder:
            yield "data.folder", "is missing: name the folder that holds one subfolder of images per class"


@DATASETS.register(60)
class ImageArrays(OwnImages, frozen=True, kw_only=True, tag="npz"):
    """Arrays of images with their labels in one .npz file, as MedMNIST has them."""

    title: ClassVar[str] = "Arrays in an .npz file"
    about: ClassVar[str] = (
        "Images and labels in one .npz file: train_images, train_labels, val_images and so on as MedMNIST names them, "
        "or x_train, y_train, x_test, y_test. Splits stay as they stand in the file."
    )
    source: ClassVar[str] = "Yang et al. 2023: MedMNIST v2"

    folder: Annotated[str, setting("The .npz file.", label="File")] = ""
    image: Annotated[int, IMAGE] = 28
    flip: Annotated[bool, FLIP] = False

    def faults(self, plan: Plan) -> Iterable[Fault]:
        if not self.folder:
            yield "data.folder", "is missing: name the .npz file with the images"
