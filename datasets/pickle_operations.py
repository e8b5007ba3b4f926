"""Follows a pickle without running it, and refuses what would stop the unpickler for good.

Keys of dictionaries and members of sets are hashed, and Python hashes a tuple anew through all its
levels: fifty tuples, each holding the one before twice, take a fraction of a kilobyte to write and
years to hash. So the expanded size of every tuple is counted here, on a stack and a memo that hold
sizes in the place of values.
"""

import pickletools

MOST_TUPLES = 1000  # in one tuple, through all levels; arrays and peaks need three

_PUTS = ("PUT", "BINPUT", "LONG_BINPUT")
_GETS = ("GET", "BINGET", "LONG_BINGET")
_HASHED = ("TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "FROZENSET")  # what these build can be a key
_MARK = None


def check_operations(content: bytes) -> None:
    """Looks at every operation of a pickle.

    Raises:
        ValueError: cut or malformed; memo places beyond the end, for which the unpickler would
            allocate memory; tuples of more than `MOST_TUPLES` tuples.
        IndexError, KeyError: takes more from the stack or the memo than there is.
    """
    stack: list[int | None] = []  # tuples in the value, counted through all levels, or a mark
    memo: dict[int, int | None] = {}
    for count, (operation, argument, _) in enumerate(pickletools.genops(content)):
        if operation.name in _PUTS:
            if argument > count:
                raise ValueError("a memo place beyond the end")
            memo[argument] = stack[-1]
        elif operation.name == "MEMOIZE":
            memo[len(memo)] = stack[-1]
        elif operation.name in _GETS:
            stack.append(memo[argument])
        else:
            _follow(operation, stack)


def _follow(operation: pickletools.OpcodeInfo, stack: list[int | None]) -> None:
    """What an operation takes from the stack and leaves there."""
    taken, before = [], list(operation.stack_before)
    if pickletools.markobject in before:
        while (item := stack.pop()) is not _MARK:
            taken.append(item)
        before = before[: before.index(pickletools.markobject)]
    kept = 0  # for new values; lists and dictionaries cannot be hashed
    for _ in before:
        kept = stack.pop()
        taken.append(kept)
    if _MARK in taken and operation.name != "POP":
        raise ValueError("a mark in the place of a value")
    if operation.name in _HASHED:
        kept = 1 + sum(taken)
        if kept > MOST_TUPLES:
            raise ValueError("tuples in tuples beyond measure")
    for left in operation.stack_after:
        # An operation that fills or changes a value leaves that value: the lowest that it took.
        stack.append(_MARK if left is pickletools.markobject else kept)
