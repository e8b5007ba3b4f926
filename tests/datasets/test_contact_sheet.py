"""Contact sheets: every picture in its place, pixels repeated, gaps left white."""

import numpy as np

from dpig.datasets.contact_sheet import GAP, TITLE_HEIGHT, contact_sheet


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
