"""tf.train.Example as protocol buffers alone have it: the same bytes, without TensorFlow.

The messages are those of TensorFlow's example.proto and feature.proto. They are put together here,
in a pool of their own, because TensorFlow ships the compiled ones only inside itself.
"""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_Field = descriptor_pb2.FieldDescriptorProto
_LISTS = {"Bytes": _Field.TYPE_BYTES, "Float": _Field.TYPE_FLOAT, "Int64": _Field.TYPE_INT64}


def _add_field(
    message: descriptor_pb2.DescriptorProto,
    name: str,
    number: int,
    kind: "int | str",
    repeated: bool = False,
) -> descriptor_pb2.FieldDescriptorProto:
    """Adds a field of a scalar type, or of another message by its name."""
    label = _Field.LABEL_REPEATED if repeated else _Field.LABEL_OPTIONAL
    scalar = isinstance(kind, int)
    kinds = {"type": kind} if scalar else {"type": _Field.TYPE_MESSAGE, "type_name": kind}
    return message.field.add(name=name, number=number, label=label, **kinds)


def _messages() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="dpig/example.proto", package="tensorflow", syntax="proto3"
    )
    feature = file.message_type.add(name="Feature")
    feature.oneof_decl.add(name="kind")
    for number, (kind, scalar) in enumerate(_LISTS.items(), 1):
        held = file.message_type.add(name=f"{kind}List")
        _add_field(held, "value", 1, scalar, repeated=True)  # proto3 packs numbers
        field = _add_field(feature, f"{kind.lower()}_list", number, f".tensorflow.{kind}List")
        field.oneof_index = 0
    features = file.message_type.add(name="Features")
    entry = features.nested_type.add(name="FeatureEntry")
    entry.options.map_entry = True
    _add_field(entry, "key", 1, _Field.TYPE_STRING)
    _add_field(entry, "value", 2, ".tensorflow.Feature")
    _add_field(features, "feature", 1, ".tensorflow.Features.FeatureEntry", repeated=True)
    _add_field(file.message_type.add(name="Example"), "features", 1, ".tensorflow.Features")
    return file


_POOL = descriptor_pool.DescriptorPool()
_POOL.Add(_messages())
Example = message_factory.GetMessageClass(_POOL.FindMessageTypeByName("tensorflow.Example"))
