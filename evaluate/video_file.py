"""Writes frames as an animated WebP, an animated GIF, or an MP4."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from dpig.datasets.script import InputError

KINDS = ("webp", "gif", "mp4")
_SHORTEST_OF_GIF = 2  # hundredths of a second: players show anything shorter much slower


def check_kind(kind: str, fps: float) -> None:
    """Says before any work is done what would stop the writing at its end.

    Raises:
        InputError: MP4 without imageio-ffmpeg, or a GIF faster than GIFs can be.
    """
    if kind == "mp4" and importlib.util.find_spec("imageio_ffmpeg") is None:
        raise InputError(
            "--format=mp4 needs imageio-ffmpeg, which is not installed: "
            "pip install imageio-ffmpeg, or take --format=webp"
        )
    if kind == "gif" and fps * _SHORTEST_OF_GIF > 100:
        raise InputError(
            f"--fps={fps:g} is too fast for --format=gif: "
            f"at most {100 // _SHORTEST_OF_GIF}, or take --format=webp"
        )


def write_video(path: Path, frames: Sequence[np.ndarray], fps: float) -> None:
    """Writes a video that plays again and again (an MP4: once).

    Args:
        path: the file to write, whose suffix is one of KINDS.
        frames: uint8 pictures [H, W, 3], all of one size.
        fps: frames a second.
    """
    if path.suffix == ".mp4":
        _write_mp4(path, frames, fps)
        return
    pictures = [Image.fromarray(frame) for frame in frames]
    unit = 10 if path.suffix == ".gif" else 1  # milliseconds that the format counts in
    kept = {"disposal": 1} if path.suffix == ".gif" else {"quality": 90, "method": 4}
    pictures[0].save(
        path,
        save_all=True,
        append_images=pictures[1:],
        duration=durations(len(frames), fps, unit),
        loop=0,
        **kept,
    )


def durations(frames: int, fps: float, unit: int) -> list[int]:
    """Milliseconds of each frame in whole units, whose sum never drifts from the true time."""
    ends = np.round(np.arange(frames + 1) * 1000 / fps / unit).astype(int) * unit
    return np.diff(ends).tolist()


def _write_mp4(path: Path, frames: Sequence[np.ndarray], fps: float) -> None:
    import imageio_ffmpeg

    height, width = (-(-extent // 2) * 2 for extent in frames[0].shape[:2])  # H.264: even sizes
    writer = imageio_ffmpeg.write_frames(
        str(path), (width, height), fps=fps, quality=8, macro_block_size=2
    )
    writer.send(None)  # starts ffmpeg
    for frame in frames:
        rows, columns = height - frame.shape[0], width - frame.shape[1]
        padded = np.pad(frame, ((0, rows), (0, columns), (0, 0)), mode="edge")
        writer.send(np.ascontiguousarray(padded))
    writer.close()
