"""Reads `classify_image_graph_def.pb`, the frozen TensorFlow 1 graph of the Inception scores.

The file comes from anywhere. Of what it holds only the path from pictures to features and the
matrix of class scores are kept, nothing on it may read or write files or keep a state, and the
shapes that were frozen with it (one picture at a time) are dropped.
"""

from collections.abc import Mapping
from typing import NamedTuple

import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.python.framework import op_def_registry

from dpig.evaluate.weight_files import WeightFile

IMAGES, POOL, LOGITS = "ExpandDims", "pool_3", "softmax/logits/MatMul"
_FROZEN_SHAPES = "_output_shapes"
_FILE_READERS = ("ReadFile", "MatchingFiles", "ImmutableConst")  # TensorFlow calls them stateless
_HARMLESS = ("CheckNumerics",)  # behind each of the graph's convolutions; TensorFlow: stateful


class InceptionGraph(NamedTuple):
    """What is used of the file.

    Attributes:
        graph_def: the path from pictures to features, `ExpandDims` made a placeholder.
        class_matrix: the name of the tensor that `softmax/logits/MatMul` multiplies with.
    """

    graph_def: tf.compat.v1.GraphDef
    class_matrix: str


def read_inception_graph(file: WeightFile) -> InceptionGraph:
    """Takes the needed part out of the file.

    Raises:
        InputError: it is damaged, another graph, or does more than calculate.
    """
    try:
        frozen = tf.compat.v1.GraphDef.FromString(file.path.read_bytes())
    except DecodeError:
        raise file.unusable("is not a frozen TensorFlow graph (.pb), or is damaged") from None
    nodes = {node.name: node for node in frozen.node}
    for name in (IMAGES, POOL, LOGITS):
        if name not in nodes:
            raise file.unusable(f"is not the Inception graph of 2015-12-05: it has no {name}:0")
    class_matrix = (*nodes[LOGITS].input, "", "")[1]
    needed = _needed(nodes, [POOL, _node_name(class_matrix)], file)
    graph_def = tf.compat.v1.GraphDef(versions=frozen.versions)
    for node in needed.values():
        _check_op(node.op, file)
        graph_def.node.add().CopyFrom(node)
        graph_def.node[-1].attr.pop(_FROZEN_SHAPES, None)
    return InceptionGraph(graph_def, class_matrix if ":" in class_matrix else f"{class_matrix}:0")


def _needed(
    nodes: Mapping[str, tf.compat.v1.NodeDef], wanted: list[str], file: WeightFile
) -> dict[str, tf.compat.v1.NodeDef]:
    """Those that the wanted ones are calculated from, by name."""
    pictures = tf.compat.v1.NodeDef(name=IMAGES, op="Placeholder")
    pictures.attr["dtype"].type = tf.float32.as_datatype_enum
    needed, waiting = {}, list(wanted)
    while waiting:
        name = waiting.pop()
        if name not in nodes:
            raise file.unusable(f"is damaged: it has no {name}:0")
        if name not in needed:
            needed[name] = pictures if name == IMAGES else nodes[name]
            waiting += map(_node_name, needed[name].input)
    if IMAGES not in needed:
        raise file.unusable(
            f"is not the Inception graph of 2015-12-05: {POOL}:0 does not follow from {IMAGES}:0"
        )
    return needed


def _node_name(tensor: str) -> str:
    """Of an input: "node", "node:1", or "^node" for one that is only waited for."""
    return tensor.removeprefix("^").partition(":")[0]


def _check_op(op: str, file: WeightFile) -> None:
    known = op_def_registry.get(op)
    stateful = known is None or (known.is_stateful and op not in _HARMLESS)
    if stateful or op in _FILE_READERS:
        raise file.unusable(f"holds the operation {op}, which the Inception graph does not have")
