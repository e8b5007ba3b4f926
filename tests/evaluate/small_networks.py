"""Small seeded networks that stand in for the trained ones behind the same files."""

import numpy as np

FEATURES, CLASSES, SIDE, EPSILON = 6, 5, 16, 0.001
LPIPS_CHANNELS = (4, 6, 8, 6, 5)
LPIPS_KERNELS = (11, 5, 3, 3, 3)


def inception_arrays():
    """Weights of the stand-in for the Inception graph."""
    random = np.random.default_rng(2015)
    return {
        "conv": random.normal(size=(1, 1, 3, FEATURES)).astype(np.float32),
        "mean": random.normal(size=FEATURES).astype(np.float32),
        "variance": random.uniform(0.5, 2.0, FEATURES).astype(np.float32),
        "beta": random.normal(size=FEATURES).astype(np.float32),
        "gamma": random.uniform(0.5, 2.0, FEATURES).astype(np.float32),
        "classes": random.normal(size=(2 * FEATURES, CLASSES)).astype(np.float32),
        "bias": random.normal(size=CLASSES).astype(np.float32),
    }


def inception_graph():
    """A frozen graph made like classify_image_graph_def.pb, with one convolution for its many.

    It has the names of the real one's tensors, a JPEG decoder in front, shapes frozen for one
    picture, the batch normalization and the concatenation of its time (before GraphDef version 9),
    and its checks of numbers, which are waited for and not used.
    """
    import tensorflow as tf

    v1, arrays = tf.compat.v1, inception_arrays()
    with tf.Graph().as_default() as graph:
        contents = tf.constant(b"", name="DecodeJpeg/contents")
        decoded = v1.image.decode_jpeg(contents, channels=3, name="DecodeJpeg")
        one = tf.expand_dims(tf.cast(decoded, tf.float32, name="Cast"), 0, name="ExpandDims")
        resized = v1.image.resize_bilinear(one, [SIDE, SIDE], name="ResizeBilinear")
        scaled = tf.multiply(tf.subtract(resized, 128.0, name="Sub"), 1 / 128, name="Mul")
        convolved = tf.nn.conv2d(scaled, arrays["conv"], 1, "VALID", name="conv/Conv2D")
        statistics = [tf.constant(arrays[name], name=f"conv/batchnorm/{name}")
                      for name in ("mean", "variance", "beta", "gamma")]  # fmt: skip
        normalized = tf.identity(convolved, name="conv/batchnorm")
        with tf.control_dependencies([v1.check_numerics(normalized, "", "conv/CheckNumerics")]):
            checked = tf.identity(normalized, name="conv/control_dependency")
        tower = tf.nn.relu(checked, name="conv/Relu")
        joined = tf.raw_ops.Concat(concat_dim=3, values=[tower, tower], name="mixed/join")
        pooled = tf.nn.avg_pool2d(joined, SIDE, 1, "VALID", name="pool_3")
        flat = tf.reshape(pooled, [1, 2 * FEATURES], name="pool_3/_reshape")
        matrix = tf.constant(arrays["classes"], name="softmax/weights")
        logits = tf.matmul(flat, matrix, name="softmax/logits/MatMul")
        tf.nn.softmax(tf.nn.bias_add(logits, arrays["bias"]), name="softmax")
    frozen = graph.as_graph_def(add_shapes=True)
    (node,) = (node for node in frozen.node if node.name == "conv/batchnorm")
    node.op = "BatchNormWithGlobalNormalization"
    node.input.extend(tensor.op.name for tensor in statistics)
    node.attr["variance_epsilon"].f = EPSILON
    node.attr["scale_after_normalization"].b = True
    frozen.versions.producer = 8
    return frozen


def inception_features(pictures):
    """What the stand-in gives for pictures of SIDE x SIDE, by numpy."""
    arrays = inception_arrays()
    convolved = (pictures.astype(np.float64) - 128) / 128 @ arrays["conv"][0, 0].astype(np.float64)
    spread = np.sqrt(arrays["variance"] + EPSILON)
    normalized = (convolved - arrays["mean"]) / spread * arrays["gamma"] + arrays["beta"]
    return np.tile(np.maximum(normalized, 0).mean(axis=(1, 2)), 2)


def lpips_arrays():
    """Weights of a small LPIPS in the layout of docs/weight_files.md."""
    random = np.random.default_rng(2018)
    arrays, channels = {}, 3
    for layer, (side, outputs) in enumerate(zip(LPIPS_KERNELS, LPIPS_CHANNELS, strict=True), 1):
        scale = (2 / (side * side * channels)) ** 0.5
        kernel = random.normal(0, scale, (side, side, channels, outputs))
        arrays[f"conv{layer}_kernel"] = kernel.astype(np.float32)
        arrays[f"conv{layer}_bias"] = random.normal(0, 0.1, outputs).astype(np.float32)
        arrays[f"linear{layer}"] = random.uniform(0, 1, outputs).astype(np.float32)
        channels = outputs
    return arrays


def noise_pictures(count, height, width, seed=0):
    """[count, height, width, 3] uint8."""
    return np.random.default_rng(seed).integers(0, 256, (count, height, width, 3), np.uint8)


def two_sets():
    """Features of real and of generated pictures, [60, 8] float32 each."""
    random = np.random.default_rng(2017)
    real, generated = random.normal(size=(2, 60, 8))
    mixed = generated @ random.normal(size=(8, 8)) * 0.5 + random.normal(size=8)
    return real.astype(np.float32), mixed.astype(np.float32)


def class_logits():
    """Class scores before the softmax, [200, 7] float32: ten blocks of 20."""
    return np.random.default_rng(2016).normal(0, 2, (200, 7)).astype(np.float32)
