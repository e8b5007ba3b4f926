"""The ten labels of SPT's parsing maps; left and right are the person's own (SPT section 2.3)."""

BACKGROUND, FACE, HAIR, UPPER_CLOTHES, PANTS, SKIRT = 0, 1, 2, 3, 4, 5
LEFT_ARM, RIGHT_ARM, LEFT_LEG, RIGHT_LEG = 6, 7, 8, 9
ARM = {"left": LEFT_ARM, "right": RIGHT_ARM}
LEG = {"left": LEFT_LEG, "right": RIGHT_LEG}
NAMES = ("background", "face", "hair", "upper clothes", "pants", "skirt",
         "left arm", "right arm", "left leg", "right leg")  # fmt: skip
