"""Contact sheets: every picture in its place, pixels repeated, gaps left white."""

import numpy as np

from dpig.datasets.contact_sheet import GAP, LINE_HEIGHT, TITLE_HEIGHT, contact_sheet


def test_pictures_stand_where_their_row_and_column_say():
    red, blue = np.zeros((2, 8, 5, 3), np.uint8)
    red[..., 0], blue[..., 2] = 200, 100
    sheet = np.asarray(contact_sheet([[red, None], [None, blue]], scale=2))
    assert sheet.shape == (GAP + 2 * (16 + GAP), GAP + 2 * (10 + GAP), 3)
    assert (sheet[GAP : GAP + 16, GAP : GAP + 10] == (200, 0, 0)).all()
    assert (sheet[2 * GAP + 16 : -GAP, 2 * GAP + 10 : -GAP] == (0, 0, 100)).all()
    assert (sheet[GAP : GAP + 16, 2 * GAP + 10 :] == 255).all()


def test_titles_make_room_for_themselves():
    cell = np.zeros((8, 40), np.uint8)
    plain = contact_sheet([[cell]])
    titled = contact_sheet([[cell]], ["pose"], ["person 1"])
    assert titled.height == plain.height + TITLE_HEIGHT - GAP
    assert titled.width > plain.width
    assert (np.asarray(titled)[:TITLE_HEIGHT] < 128).any()


def test_long_titles_stay_over_their_columns():
    cell = np.full((8, 64), 255, np.uint8)
    long = contact_sheet([[cell, cell, cell]], ["G1", "G2 (untrained)", "target"])
    assert long.height == contact_sheet([[cell] * 3], ["G1", "G2", "target"]).height + LINE_HEIGHT
    ink = (np.asarray(long)[: TITLE_HEIGHT + LINE_HEIGHT] < 128).any(axis=(0, 2))
    left = 2 * GAP + 64  # of the middle column
    assert ink[left : left + 64].any() and not ink[left + 64 : left + 64 + GAP].any()
