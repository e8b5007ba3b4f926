"""Who a drawn person is: build, skin, hair, clothes, shoes and bag."""

from dataclasses import dataclass

from dpig.datasets.drawn.palettes import Colour


@dataclass(frozen=True)
class Garment:
    """One piece of clothing.

    `length` of a top: how far below the hips it ends (statures); of a bottom: 0 hip, 1 knee, 2
    ankle. `sleeve`: 0 none, 1 elbow, 2 wrist. `loose`: distance from the skin, 1 is average.
    """

    kind: str
    colour: Colour
    second: Colour = (0.5, 0.5, 0.5)
    pattern: str = "plain"
    scale: float = 1.0  # of the pattern
    length: float = 0.0
    sleeve: float = 0.0
    loose: float = 1.0


@dataclass(frozen=True)
class Person:
    """Everything that stays the same from one picture of a person to the next."""

    woman: bool
    girth: float
    shoulder: float
    hip: float
    leg: float
    head: float
    skin: Colour
    hair: str  # bald, cropped, short, bob, long, ponytail, bun
    hair_colour: Colour
    parting: float  # -1..1, side of the fringe
    beard: bool
    glasses: bool
    hat: str  # none, cap
    hat_colour: Colour
    top: Garment
    bottom: Garment
    shoes: str  # sneakers, shoes, sandals, boots
    shoe_colour: Colour
    sole_colour: Colour
    sock: float  # how far up the shin, 0..1
    sock_colour: Colour
    bag: str  # none, backpack, shoulder, hand
    bag_colour: Colour
    bag_side: str
    weave_seed: int  # folds and prints
