"""What the painters of body parts share: canvas, person, pose, and where the body lies."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dpig.datasets.drawn.canvas import Canvas
from dpig.datasets.drawn.person import Person
from dpig.datasets.drawn.skeleton import Pose, Skeleton
from dpig.datasets.drawn.surveillance import Frame

Part = tuple[float, Callable[[], None]]  # place in the order from far to near, and the painter


@dataclass
class Scene:
    """What every painter of a part needs."""

    canvas: Canvas
    person: Person
    pose: Pose
    bones: Skeleton
    frame: Frame

    @property
    def scale(self) -> float:
        """Pixels per stature."""
        return self.frame.scale

    @property
    def pixel(self) -> float:
        """Statures per pixel."""
        return 1.0 / self.frame.scale

    def at(self, point: np.ndarray) -> np.ndarray:
        """A point [3] of the camera's frame as (column, row, near)."""
        return self.frame.place(point[None])[0]
