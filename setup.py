"""Maps the five folders at the top of this repository to the packages `dpig.<folder>`."""

from setuptools import find_packages, setup

FOLDERS = ("models", "datasets", "train", "evaluate", "third_party")
PACKAGES = [pattern for folder in FOLDERS for pattern in (folder, f"{folder}.*")]
SCRIPTS = {
    "dpig-draw": "dpig.datasets.draw",
    "dpig-prepare": "dpig.datasets.prepare",
    "dpig-train-pg2": "dpig.train.train_pg2",
    "dpig-train-dpig": "dpig.train.train_dpig",
    "dpig-export": "dpig.train.export",
    "dpig-benchmark": "dpig.train.benchmark",
    "dpig-transfer": "dpig.evaluate.transfer",
    "dpig-evaluate": "dpig.evaluate.evaluate",
    "dpig-sample": "dpig.evaluate.sample",
    "dpig-swap": "dpig.evaluate.swap",
    "dpig-interpolate": "dpig.evaluate.interpolate",
    "dpig-video": "dpig.evaluate.video",
    "dpig-virtual-market": "dpig.evaluate.virtual_market",
    "dpig-control": "dpig.evaluate.control",
    "dpig-score": "dpig.evaluate.score",
    "dpig-compare": "dpig.evaluate.compare",
    "dpig-ablate": "dpig.train.ablate",
    "dpig-report": "dpig.evaluate.report",
    "dpig-import-tf1": "dpig.third_party.tf1.import_tf1",
    "dpig-check-golden": "dpig.third_party.tf1.check_golden",
}

setup(
    packages=[f"dpig.{package}" for package in find_packages(include=PACKAGES)],
    package_dir={f"dpig.{folder}": folder for folder in FOLDERS},
    package_data={
        "dpig.evaluate": ["published/*.json"],
        "dpig.models": ["weights/README.md", "weights/*/*"],
    },
    entry_points={
        "console_scripts": [f"{name} = {module}:run" for name, module in SCRIPTS.items()]
    },
)
