"""Maps the five folders at the top of this repository to the packages `dpig.<folder>`."""

from setuptools import setup

FOLDERS = ("models", "datasets", "train", "evaluate", "third_party")
SCRIPTS = {
    "dpig-draw": "dpig.datasets.draw",
    "dpig-prepare": "dpig.datasets.prepare",
    "dpig-train-pg2": "dpig.train.train_pg2",
    "dpig-export": "dpig.train.export",
    "dpig-benchmark": "dpig.train.benchmark",
    "dpig-transfer": "dpig.evaluate.transfer",
    "dpig-evaluate": "dpig.evaluate.evaluate",
    "dpig-report": "dpig.evaluate.report",
    "dpig-import-tf1": "dpig.third_party.tf1.import_tf1",
    "dpig-check-golden": "dpig.third_party.tf1.check_golden",
}

setup(
    packages=[f"dpig.{folder}" for folder in FOLDERS] + ["dpig.third_party.tf1"],
    package_dir={f"dpig.{folder}": folder for folder in FOLDERS},
    package_data={"dpig.evaluate": ["published/*.json"]},
    entry_points={
        "console_scripts": [f"{name} = {module}:run" for name, module in SCRIPTS.items()]
    },
)
