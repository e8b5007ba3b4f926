"""A whole person: all parts painted from far to near."""

from dpig.datasets.drawn import belongings, bicycle, hair, head, hips, limbs, trunk
from dpig.datasets.drawn.stage import Scene


def paint_figure(scene: Scene) -> None:
    """Paints the person, what the person carries, and the bicycle."""
    painters = (limbs, hips, trunk, head, hair, belongings, bicycle)
    parts = [part for painter in painters for part in painter.parts(scene)]
    for _, paint in sorted(parts, key=lambda part: part[0]):
        paint()
    scene.canvas.close_seams()
