"""The machines that train together, by TensorFlow's environment variable TF_CONFIG."""

import json
import os

from dpig.datasets.script import InputError


def worker_count() -> int:
    """How many machines the environment variable TF_CONFIG names; 0 without it."""
    text = os.environ.get("TF_CONFIG", "")
    try:
        cluster = json.loads(text).get("cluster", {}) if text else {}
        return sum(len(cluster.get(job, [])) for job in ("chief", "worker"))
    except (ValueError, AttributeError, TypeError) as error:
        raise InputError(f"the environment variable TF_CONFIG is not a cluster: {error}") from None
