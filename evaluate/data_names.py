"""What the data sets of index.json are called in words, and which of them are drawings."""

# The data sets that the papers publish numbers on.
PUBLISHED_DATASETS = {"market1501": "Market-1501", "deepfashion": "DeepFashion"}


def dataset_name(dataset: str) -> str:
    """How a data set of index.json is called in words."""
    if is_drawn(dataset):
        return "drawn people"
    if is_generated(dataset):
        return "generated people"
    return PUBLISHED_DATASETS.get(dataset, "own photographs" if dataset == "folder" else dataset)


def is_drawn(dataset: str) -> bool:
    """Whether the pictures were drawn by dpig-draw; their numbers say nothing about photographs."""
    return dataset.startswith("drawn")


def is_generated(dataset: str) -> bool:
    """Whether a model made the pictures, by dpig-virtual-market."""
    return dataset.startswith("generated")
