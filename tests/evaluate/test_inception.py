"""The Inception graph's stand-in, frozen like it: features, class scores, and bad files."""

import numpy as np
import pytest
import scipy.special

from dpig.datasets.script import InputError
from dpig.evaluate.inception import Inception
from dpig.evaluate.inception_graph import read_inception_graph
from dpig.evaluate.weight_files import open_weight_file
from tests.evaluate import small_networks as small


def _shape(node):
    return [size.size for size in node.attr["_output_shapes"].list.shape[0].dim]


def test_the_stand_in_is_frozen_for_one_picture(inception_graph):
    """As the real graph is: otherwise these tests would not show that it is undone."""
    shapes = {node.name: _shape(node) for node in inception_graph.node}
    assert shapes["ExpandDims"][0] == shapes["pool_3"][0] == 1
    assert inception_graph.versions.producer < 9


def test_only_the_needed_part_is_taken_and_without_its_shapes(inception_path):
    taken = read_inception_graph(open_weight_file(inception_path, "--inception")).graph_def
    nodes = {node.name: node for node in taken.node}
    assert nodes["ExpandDims"].op == "Placeholder"
    assert {"pool_3", "softmax/weights", "conv/batchnorm", "conv/CheckNumerics"} <= nodes.keys()
    assert not nodes.keys() & {"DecodeJpeg", "Cast", "softmax/logits/MatMul", "softmax"}
    assert not any("_output_shapes" in node.attr for node in taken.node)


@pytest.mark.parametrize("count", [1, 100, 101])
def test_features_of_any_number_of_pictures(inception_path, count):
    """101 leaves a last batch of one, on which the released code fails."""
    pictures = small.noise_pictures(count, small.SIDE, small.SIDE)
    features = Inception(inception_path).features(pictures)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, small.inception_features(pictures), atol=1e-5)


def _doubled(pictures, axis):
    """TensorFlow 1's bilinear rule: old pixels, and between them means; none after the last."""
    after = np.concatenate([np.delete(pictures, 0, axis), pictures.take([-1], axis)], axis)
    places = np.arange(pictures.shape[axis])
    doubled = np.concatenate([pictures, (pictures + after) / 2], axis)
    return doubled.take(np.ravel([places, places + len(places)], "F"), axis)


def test_pictures_are_stretched_by_the_graph_as_tensorflow_1_does(inception_path):
    pictures = small.noise_pictures(2, small.SIDE // 2, small.SIDE // 2)
    stretched = _doubled(_doubled(pictures.astype(np.float64), 1), 2)
    features = Inception(inception_path).features(pictures)
    np.testing.assert_allclose(features, small.inception_features(stretched), atol=1e-5)


def test_class_scores_have_no_bias(inception_path):
    arrays, features = small.inception_arrays(), np.float32([range(12), [0] * 12])
    probabilities = Inception(inception_path).probabilities(features)
    expected = scipy.special.softmax(features @ arrays["classes"], axis=1)
    np.testing.assert_allclose(probabilities, expected, rtol=1e-5)
    np.testing.assert_allclose(probabilities[1], 1 / small.CLASSES)
    assert np.ptp(arrays["bias"]) > 1  # with it they would differ


def _without(name):
    def change(graph):
        kept = [node for node in graph.node if node.name != name]
        del graph.node[:]
        graph.node.extend(kept)

    return change


def _with_op(name, op):
    def change(graph):
        (node,) = (node for node in graph.node if node.name == name)
        node.op = op

    return change


def _detached(graph):
    (node,) = (node for node in graph.node if node.name == "pool_3")
    node.input[0] = "conv/Conv2D/filter"


def _with_other_filters(graph):
    (node,) = (node for node in graph.node if node.name == "conv/Conv2D/filter")
    node.attr["value"].tensor.tensor_shape.dim[3].size = 5


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_without("pool_3"), "it has no pool_3:0"),
        (_without("ExpandDims"), "it has no ExpandDims:0"),
        (_without("softmax/logits/MatMul"), "it has no softmax/logits/MatMul:0"),
        (_without("conv/Conv2D"), "is damaged: it has no conv/Conv2D:0"),
        (_without("softmax/weights"), "is damaged: it has no softmax/weights:0"),
        (_detached, "pool_3:0 does not follow from ExpandDims:0"),
        (_with_op("conv/Relu", "PyFunc"), "holds the operation PyFunc"),
        (_with_op("conv/Relu", "ReadFile"), "holds the operation ReadFile"),
        (_with_op("conv/Relu", "NoSuchOp"), "holds the operation NoSuchOp"),
        (_with_op("conv/Relu", "ArgMax"), "cannot be run"),
        (_with_other_filters, "cannot be run"),
    ],
)
def test_another_graph_is_one_clear_sentence(tmp_path, inception_graph, change, words):
    graph = type(inception_graph)()
    graph.CopyFrom(inception_graph)
    change(graph)
    (tmp_path / "graph.pb").write_bytes(graph.SerializeToString())
    _refused(tmp_path / "graph.pb", words)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "it has no ExpandDims:0"), (b"\x1f\x8bnot a graph", "is not a frozen TensorFlow graph")],
)
def test_a_damaged_file_is_one_clear_sentence(tmp_path, content, words):
    (tmp_path / "graph.pb").write_bytes(content)
    _refused(tmp_path / "graph.pb", words)


def _refused(path, words):
    with pytest.raises(InputError) as error:
        Inception(path)
    sentence = str(error.value)
    assert sentence.startswith(f"--inception={path} ")
    assert words in sentence
    assert sentence.endswith("see docs/weight_files.md")
    assert "\n" not in sentence
