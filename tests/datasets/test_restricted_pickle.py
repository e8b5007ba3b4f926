"""The restricted unpickler: plain data of any Python and numpy come through, nothing else."""

import collections
import functools
import operator
import os
import pickle
import struct

import numpy as np
import pytest

from dpig.datasets.restricted_pickle import read_pickle
from dpig.datasets.script import InputError

PLAIN = {
    "numbers": [1, -2, 3.5, 2**70, True, None, 1j],
    "texts": ["", "0001_c1s1_000044_00.jpg", "ü"],
    "containers": ((), [], {}, {1, 2}, frozenset([3]), collections.OrderedDict(a=1)),
    "bytes": [b"", b"\x00\xff"],
}
ARRAYS = {
    "subsets": np.arange(40, dtype=np.float64).reshape(2, 20) - 1,
    "nobody": np.zeros((0, 20)),
    "fortran": np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
    "big endian": np.arange(5, dtype=">i4"),
    "flags": np.array([True, False]),
    "scalar": np.float64(0.7),
    "integer": np.int64(-3),
    "no axes": np.array(2.5),
    "names": np.array(["a.jpg", "long name.jpg"]),
    "strided": np.arange(20)[::3],
}


def saved(tmp_path, content):
    path = tmp_path / "poses.p"
    path.write_bytes(content)
    return path


def refusal(tmp_path, content):
    path = saved(tmp_path, content)
    with pytest.raises(InputError) as error:
        read_pickle(path)
    sentence = str(error.value)
    assert str(path) in sentence and "\n" not in sentence and len(sentence) < 500
    return sentence


def assert_same_arrays(found, expected):
    assert found.keys() == expected.keys()
    for key, array in expected.items():
        np.testing.assert_array_equal(found[key], array, err_msg=key)
        assert found[key].shape == array.shape
        assert found[key].dtype.newbyteorder("=") == array.dtype.newbyteorder("=")


@pytest.mark.parametrize("protocol", range(6))
def test_plain_data(tmp_path, protocol):
    assert read_pickle(saved(tmp_path, pickle.dumps(PLAIN, protocol))) == PLAIN


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("numpy_1", [False, True])
def test_arrays(tmp_path, protocol, numpy_1):
    content = pickle.dumps(ARRAYS, protocol)
    if numpy_1 and protocol < 4:  # in later protocols the name carries its length
        content = content.replace(b"numpy._core", b"numpy.core")
    elif numpy_1:
        content = content.replace(
            b"\x8c\x16numpy._core.multiarray", b"\x8c\x15numpy.core.multiarray"
        )
        content = content.replace(b"\x8c\x13numpy._core.numeric", b"\x8c\x12numpy.core.numeric")
        content = b"".join((content[:2], b"", without_frames(content[2:])))
    assert_same_arrays(read_pickle(saved(tmp_path, content)), ARRAYS)


def without_frames(content):
    """Drops the frame opcode, whose length no longer fits."""
    assert content[:1] == pickle.FRAME
    return content[9:]


class Python2Pickler(pickle._Pickler):
    """Writes texts and bytes as Python 2 writes its str, and names as Python 2 and numpy 1 do."""

    def _save_text(self, text):
        content = text if isinstance(text, bytes) else text.encode("latin1")
        self.write(pickle.BINSTRING + struct.pack("<i", len(content)) + content)
        self.memoize(text)

    dispatch = pickle._Pickler.dispatch | {str: _save_text, bytes: _save_text}


def python_2(tmp_path, content):
    path = tmp_path / "poses.p"
    with path.open("wb") as file:
        Python2Pickler(file, protocol=2).dump(content)
    path.write_bytes(path.read_bytes().replace(b"numpy._core", b"numpy.core"))
    assert b"numpy.core" in path.read_bytes() and b"_codecs" not in path.read_bytes()
    return path


def test_python_2_arrays(tmp_path):
    arrays = {key: array for key, array in ARRAYS.items() if key != "names"}
    assert_same_arrays(read_pickle(python_2(tmp_path, arrays)), arrays)


def test_python_2_text_protocol(tmp_path):
    content = b"(dp0\nS'a.jpg'\np1\n(lp2\n(I32\nI16\nF0.9\nL7L\ntp3\nas."
    assert read_pickle(saved(tmp_path, content)) == {"a.jpg": [(32, 16, 0.9, 7)]}


def test_arrays_are_arrays(tmp_path):
    array = read_pickle(saved(tmp_path, pickle.dumps(ARRAYS["subsets"])))
    assert isinstance(array, np.ndarray) and array[1, 3] == 22
    assert (array + 1).sum() == np.arange(40).sum()


class Call:
    """Pickles as a call of a function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def hidden_in_an_object_array(call):
    array = np.empty(1, object)
    array[0] = call
    return array


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (os.system, ("touch {}",)),
        (eval, ("open('{}', 'w')",)),
        (exec, ("open('{}', 'w')",)),
        (open, ("{}", "w")),
        (getattr, ("{}", "join")),
        (np.save, ("{}.npy", 1)),
        (np.fromfile, ("{}",)),
        (np.zeros, (10,)),
        (bytearray, (10**12,)),
        (range, (10**9,)),
        (functools.partial, (os.system,)),
        (operator.attrgetter, ("a",)),
    ],
)
def test_calls_are_refused_by_name(tmp_path, protocol, function, arguments):
    target = tmp_path / "made"
    arguments = tuple(str(a).format(target) if isinstance(a, str) else a for a in arguments)
    call = Call(function, *arguments)
    for content in (call, [1, {"a": call}], {"a.jpg": hidden_in_an_object_array(call)}):
        sentence = refusal(tmp_path, pickle.dumps(content, protocol))
        assert "do not trust it" in sentence
    sentence = refusal(tmp_path, pickle.dumps(call, protocol))
    assert function.__name__ in sentence
    assert not list(tmp_path.glob("made*"))


def test_object_arrays_are_refused_even_when_harmless(tmp_path):
    content = pickle.dumps(np.array([None, 1], object))
    assert "arrays of type 'O8'" in refusal(tmp_path, content)
    records = np.zeros(2, [("a", "i4"), ("b", "O")])
    assert "arrays of type 'V12'" in refusal(tmp_path, pickle.dumps(records))
    assert "arrays of type 'M8'" in refusal(tmp_path, pickle.dumps(np.zeros(2, "M8[s]")))


@pytest.mark.parametrize("subtype", [np.matrix, np.recarray, np.memmap])
def test_subtypes_of_arrays_are_refused(tmp_path, subtype):
    array = np.zeros((2, 2)).view(subtype)
    assert "do not trust it" in refusal(tmp_path, pickle.dumps(array))


def named(module, name, rest=b"."):
    texts = (
        struct.pack("<cB", pickle.SHORT_BINUNICODE, len(text)) + text for text in (module, name)
    )
    return b"\x80\x04" + b"".join(texts) + pickle.STACK_GLOBAL + rest


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (b"numpy", b"ndarray.dump"),
        (b"numpy", b"dtype.__class__"),
        (b"builtins", b"set.__subclasses__"),
        (b"__builtin__", b"eval"),
        (b"posix", b"system"),
        (b"copyreg", b"_reconstructor"),
        (b"numpy.core.multiarray", b"fromfile"),
        (b"numpy.core.multiarray", b""),
        (b"dpig.datasets.script", b"whole_folder"),
    ],
)
def test_names_beside_the_allowed_ones(tmp_path, module, name):
    sentence = refusal(tmp_path, named(module, name))
    assert f"{module.decode()}.{name.decode()}" in sentence


def test_a_long_or_many_lined_name_stays_one_sentence(tmp_path):
    refusal(tmp_path, named(b"os\n\n" * 30, b"system"))


def test_allowed_functions_cannot_be_changed(tmp_path):
    encode = named(b"_codecs", b"encode", rest=b"")
    change = b"N}\x8c\x08__self__K\x01s\x86b."  # BUILD with (None, {"__self__": 1})
    assert "not a readable pickle" in refusal(tmp_path, encode + change)
    content = pickle.dumps({"a": b"\xff"}, 2)
    assert read_pickle(saved(tmp_path, content)) == {"a": b"\xff"}


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x05\x96" + struct.pack("<Q", 1 << 40) + b"abc.",  # a bytearray of a terabyte
        b"\x80\x04\x8e" + struct.pack("<Q", 1 << 62) + b"abc.",  # bytes
        b"\x80\x02K\x01r" + struct.pack("<I", (1 << 32) - 1) + b".",  # the memo's place 4294967295
        b"\x80\x02K\x01r" + struct.pack("<I", 1 << 24) + b".",  # in reach, but for 128 MB
        b"\x80\x02K\x01p99999999999\n.",
        b"\x80\x04K\x01Pid\n.",
        b"\x80\x02\x82\x01.",  # an entry of the extension registry
        b"\x80\x02(lp0\n",
        b"\x80\xff.",
        b"name:keypoints_y:keypoints_x\n",
        b"\x00" * 100,
        b"(" * 1000,
    ],
)
def test_damaged_and_greedy_pickles(tmp_path, content):
    assert "is not a readable pickle" in refusal(tmp_path, content)


T, DOUBLE = pickle.EMPTY_TUPLE, pickle.DUP + pickle.TUPLE2
REMEMBERED = b"q\x00" + b"h\x00\x86"  # twice the same through the memo
WIDE = b"q\x00(" + 1000 * b"h\x00" + b"t"
IN_A_SET = b"q\x00K\x01h\x00\x86q\x01(h\x00h\x01\x91"  # {t, (1, t)}, unlike each other
SET_OF_LIST = b"q\x00]" + b"h\x00a" + b"K\x01h\x00\x86a\x85q\x010c__builtin__\nfrozenset\nh\x01R"


@pytest.mark.parametrize(
    "key",
    [
        T + 60 * DOUBLE,
        T + 60 * REMEMBERED,
        T + 3 * WIDE,
        T + 60 * IN_A_SET,
        T + 60 * SET_OF_LIST,
        T + 100_000 * pickle.TUPLE1,  # hashing this overflows the stack of C
        T + 60 * (pickle.DUP + b"N" + pickle.BUILD + pickle.TUPLE2),
        T + 60 * (pickle.DUP + pickle.MARK + pickle.APPENDS + pickle.TUPLE2),
    ],
)
@pytest.mark.parametrize("use", [b"}{}Ns.", b"\x8f({}\x90.", b"({}N\x91."])
def test_keys_that_take_years_to_hash(tmp_path, key, use):
    before, after = use.split(b"{}", 1)
    refusal(tmp_path, b"\x80\x04" + before + key + after)


def test_tuples_as_keys(tmp_path):
    content = {(1, (2, ("a.jpg", (3.5,)))): 1, frozenset([(1, 2), (3, 4)]): 2, ((1, 2),) * 400: 3}
    content |= {(): [tuple(range(5000))] * 2000}
    for protocol in (4, 5):
        assert read_pickle(saved(tmp_path, pickle.dumps(content, protocol))) == content


def test_every_cut_of_a_file_is_refused(tmp_path):
    content = pickle.dumps(ARRAYS, 2)
    for length in range(1, len(content), 7):
        refusal(tmp_path, content[:length])


def test_an_array_must_fill_its_shape(tmp_path):
    content = pickle.dumps(np.zeros((3, 5), "i1"), 2)
    greedy = content.replace(b"K\x03K\x05\x86", b"K\xffK\xff\x86")
    assert greedy != content
    assert "bytes do not fill its shape" in refusal(tmp_path, greedy)


def test_a_missing_or_empty_file(tmp_path):
    with pytest.raises(InputError, match="is not a file"):
        read_pickle(tmp_path / "none.p")
    assert "is empty" in refusal(tmp_path, b"")
