"""DPIG's checkpoints, as the authors write them, become runs that compute the same."""

import json
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from dpig.datasets.script import InputError
from dpig.models import dpig_losses
from dpig.third_party.tf1 import dpig_import, golden_dpig, golden_file, import_tf1, variable_names
from dpig.third_party.tf1.checkpoint import Checkpoint
from dpig.third_party.tf1.dpig_stages import read_stages
from dpig.train.dpig_loading import load_dpig
from dpig.train.dpig_run import open_stage

KINDS = ("appearance", "pose", "map_appearance", "map_pose")
MARKET = {kind: f"dpig_model{number}_market" for number, kind in enumerate(KINDS, 1)}
AT_256 = {kind: f"dpig_model{number}_256" for number, kind in enumerate(KINDS, 101)}


def write(prefix, values):
    """A checkpoint file with these variables."""
    prefix.parent.mkdir(parents=True, exist_ok=True)
    tensors = [tf.constant(value) for value in values.values()]
    tf.raw_ops.SaveV2(
        prefix=str(prefix),
        tensor_names=list(values),
        shape_and_slices=[""] * len(values),
        tensors=tensors,
    )
    return str(prefix)


def values_of(golden, step=0):
    """Every variable of a golden file, the scalars of the authors' graphs, and a few slots."""
    values = dict(golden.variables)
    some = [name for name in values if name.endswith("/weights")][:2]
    values |= {f"{name}/Adam_1": values[name] for name in some}
    values |= {f"{name}/RMSProp": values[name] for name in some}
    scalars = {"step": np.int32(step), "phase": np.bool_(True)}
    return values | scalars | {"g_lr": np.float32(2e-5), "d_lr": np.float32(2e-5)}


class Written:
    """The authors' four folders of one data set, at the widths of the golden files."""

    def __init__(self, folder, golden_folder, models):
        self.golden = {
            kind: golden_file.read(golden_folder / f"{name}.npz") for kind, name in models.items()
        }
        self.prefixes = {
            kind: write(folder / models[kind] / "model.ckpt-0", values_of(golden, 7))
            for kind, golden in self.golden.items()
        }


@pytest.fixture(scope="module")
def goldens(tmp_path_factory, request):
    """Writes each data set's checkpoints once."""
    made = {}

    def get(model):
        if model not in made:
            folder = tmp_path_factory.mktemp(model)
            models = MARKET if model == "dpig-market" else AT_256
            made[model] = Written(folder, request.path.parents[1] / "golden", models)
        return made[model]

    return get


@pytest.fixture(scope="module")
def imported(goldens, tmp_path_factory):
    """Imports each data set's four checkpoints once: (run folder, what the import returned)."""
    made = {}

    def get(model):
        if model not in made:
            run_dir = tmp_path_factory.mktemp("runs") / model
            made[model] = (
                run_dir,
                dpig_import.import_dpig(model, goldens(model).prefixes, str(run_dir)),
            )
        return made[model]

    return get


def close(golden, key, value):
    wanted = golden.arrays[key]
    np.testing.assert_allclose(value, wanted, atol=1e-4 * np.abs(wanted).max(), err_msg=key)


@pytest.mark.parametrize("model", ["dpig-market", "dpig-256"])
def test_imported_stages_compute_what_the_authors_graphs_computed(goldens, imported, model):
    """Each file was made with weights of its own: appearance, pose and mappings apart."""
    run_dir, _ = imported(model)
    complete, _ = load_dpig(run_dir)
    golden = goldens(model).golden["appearance"]
    inputs = golden_dpig.encoder_inputs(golden)
    embedding, _ = complete.appearance.encoder(**inputs)
    close(golden, "out/embs", embedding)
    painted, _ = complete.appearance.generator(embedding, golden.input("pose"))
    close(golden, "out/G", painted)
    together = model == "dpig-256"
    real, fake = dpig_losses.judge(complete.discriminator, inputs["image"], painted, together)
    close(golden, "out/D_logits_real", real)
    close(golden, "out/D_logits_fake", fake)

    golden = goldens(model).golden["pose"]
    decoded, pieces = complete.pose(golden_dpig.keypoints(golden))
    close(golden, "out/pose_embs", pieces["embedding"])
    close(golden, "out/G_pose_rcv", decoded)

    golden = goldens(model).golden["map_appearance"]
    if model == "dpig-market":
        close(
            golden,
            "out/app_embs_fg",
            complete.sample("foreground", golden.input("z_Gaussian_FC_Fg")),
        )
        close(
            golden,
            "out/app_embs_bg",
            complete.sample("background", golden.input("z_Gaussian_FC_Bg")),
        )
    else:
        close(golden, "out/app_embs", complete.sample("appearance", golden.input("z_Gaussian_FC")))
    golden = goldens(model).golden["map_pose"]
    close(golden, "out/G_pose_embs", complete.sample("pose", golden.input("z_PoseGaussian")))


@pytest.mark.parametrize(
    ("model", "mapped", "recipe"),
    [
        ("dpig-market", {"map_foreground", "map_background"}, "market1501"),
        ("dpig-256", {"map_appearance"}, "deepfashion"),
    ],
)
def test_run_folder_says_where_its_stages_come_from(goldens, imported, model, mapped, recipe):
    run_dir, (steps, _, _) = imported(model)
    assert steps == dict.fromkeys({"appearance", "pose", "map_pose"} | mapped, 7)
    for stage in steps:
        run, numbers = open_stage(run_dir, stage)
        assert numbers.name == recipe
        kind = "map_appearance" if stage in mapped else stage
        assert run.options["imported"]["checkpoint"] == goldens(model).prefixes[kind]
        assert f"--run_dir={run_dir} " in (run.path / "README.txt").read_text()
    config = goldens(model).golden["appearance"].config
    numbers = open_stage(run_dir, "appearance")[1]
    assert numbers.conv_width == config["conv_hidden_num"]
    assert numbers.bottleneck == config["z_num"]
    assert numbers.discriminator_width == config["discriminator_dim"]
    assert open_stage(run_dir, "map_pose")[1].hidden == config["fc_hidden"]


def test_what_is_left_behind_is_listed(goldens, imported):
    prefixes, (_, left, _) = goldens("dpig-market").prefixes, imported("dpig-market")[1]
    appearance, mapping = left[prefixes["appearance"]], left[prefixes["map_appearance"]]
    assert appearance["counters and rates"] == ["d_lr", "g_lr", "phase", "step"]
    assert len(appearance["optimizer slots"]) == 4
    moving = [
        name for name in goldens("dpig-market").golden["appearance"].variables if "moving" in name
    ]
    assert appearance["the discriminator"] == sorted(moving)
    assert len(mapping["critics"]) == 20
    assert "ID_AE/G/Conv/weights" in mapping["networks of other stages"]
    assert not appearance["unknown names"] and not mapping["unknown names"]


def test_a_mapping_of_another_encoder_is_told(goldens, imported, tmp_path):
    """The golden files have weights of their own each; one checkpoint for both fits itself."""
    prefixes, (_, _, strangers) = goldens("dpig-market").prefixes, imported("dpig-market")[1]
    assert [sentence.partition(" ")[0] for sentence in strangers] == [
        prefixes["map_appearance"],
        prefixes["map_pose"],
    ]
    assert "Encoder/G_encoder/Conv/biases differs" in strangers[0]
    same = dict.fromkeys(("pose", "map_pose"), prefixes["map_pose"])
    assert dpig_import.import_dpig("dpig-market", same, str(tmp_path / "run"))[2] == []


def test_a_later_model_serves_for_the_earlier_ones(goldens, tmp_path):
    """Model 4 holds encoder and generator, the pose auto-encoder and its own mapping."""
    golden, prefix = (
        getattr(goldens("dpig-market"), a)["map_pose"] for a in ("golden", "prefixes")
    )
    run_dir = tmp_path / "run"
    for kind in ("map_pose", "appearance", "pose"):  # in one call or one after the other
        dpig_import.import_dpig("dpig-market", {kind: prefix}, str(run_dir))
    complete, _ = load_dpig(run_dir)
    assert complete.discriminator is None
    embedding, _ = complete.appearance.encoder(**golden_dpig.encoder_inputs(golden))
    close(golden, "out/embs", embedding)
    close(golden, "out/pose_embs", complete.encode_pose(golden_dpig.keypoints(golden)))


@pytest.mark.parametrize(
    ("model", "kind", "other", "words"),
    [
        ("dpig-market", "appearance", "pose", r"no variables Encoder/G_encoder/.*: it fits --pose"),
        ("dpig-market", "pose", "map_appearance", "it fits --appearance and --map_appearance"),
        ("dpig-market", "map_pose", "appearance", "it fits --appearance"),
        ("dpig-256", "appearance", "appearance", "only --model=dpig-market has"),
        ("dpig-256", "map_appearance", "map_appearance", "no stage map_foreground"),
    ],
)
def test_a_checkpoint_of_another_model_is_an_error(goldens, tmp_path, model, kind, other, words):
    prefix = goldens("dpig-market").prefixes[other]
    with pytest.raises(InputError, match=words) as error:
        dpig_import.import_dpig(model, {kind: prefix}, str(tmp_path / "run"))
    assert prefix in str(error.value) or "--model" in str(error.value)
    assert not (tmp_path / "run").exists()


def test_a_256_checkpoint_as_market_is_an_error(goldens, tmp_path):
    prefix = goldens("dpig-256").prefixes["appearance"]
    with pytest.raises(InputError, match=r"another model|lacks"):
        dpig_import.import_dpig("dpig-market", {"appearance": prefix}, str(tmp_path / "run"))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PoseAE/G_Pose_Decoder/fully_connected_3/weights", None, "lacks 1 variables"),
        ("PoseAE/G_Pose_Encoder/fully_connected/biases", None, "no variable .*another model"),
        ("PoseAE/G_Pose_Encoder/fully_connected_2/biases", np.zeros(3, "float32"), r"\(3,\)"),
        ("PoseAE/G_Pose_Encoder/fully_connected_2/biases", np.full(64, np.nan, "f4"), "not finite"),
    ],
)
def test_a_damaged_checkpoint_writes_nothing(goldens, tmp_path, name, value, words):
    """Also none of the stages whose checkpoints are whole."""
    whole = goldens("dpig-market")
    values = values_of(whole.golden["pose"])
    values.pop(name)
    prefix = write(tmp_path / "model.ckpt-0", values if value is None else values | {name: value})
    sources = {"map_pose": whole.prefixes["map_pose"], "pose": prefix}
    with pytest.raises(InputError, match=words):
        dpig_import.import_dpig("dpig-market", sources, str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_a_folder_with_one_checkpoint_will_do(goldens, tmp_path):
    prefix = goldens("dpig-market").prefixes["pose"]
    folder = prefix.removesuffix("/model.ckpt-0")
    assert Checkpoint(folder).prefix == prefix
    with pytest.raises(InputError, match="holds 0 checkpoints"):
        Checkpoint(str(tmp_path))
    for step in (1, 2):
        write(tmp_path / f"model.ckpt-{step}", {"step": np.int32(step)})
    with pytest.raises(InputError, match=r"2 checkpoints \(.*model.ckpt-1, .*model.ckpt-2\)"):
        Checkpoint(str(tmp_path))


@pytest.fixture
def command(monkeypatch, capsys):
    def forget():
        for name in ("checkpoint", *import_tf1.DPIG_CHECKPOINTS):
            import_tf1.FLAGS[name].unparse()

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["dpig-import-tf1", *map(str, words)])
        forget()  # those of an earlier call
        try:
            import_tf1.run()
            code = 0
        except SystemExit as stop:
            code = stop.code
        return code, capsys.readouterr()

    yield call
    forget()


def test_command(goldens, command, tmp_path):
    prefixes, out = goldens("dpig-market").prefixes, f"--out_dir={tmp_path / 'run'}"
    words = [f"--{kind}={prefixes[kind]}" for kind in ("pose", "map_pose")]
    code, said = command("--model=dpig-market", *words, out)
    assert code == 0
    assert "stages: pose (step 7), map_pose (step 7)" in said.out
    assert "critics: 10" in said.out
    assert "needs --appearance" in said.out
    assert "another encoder" in said.err
    code, said = command("--model=dpig-market", *words, out)
    assert code == 2
    assert said.err.count("\n") == 1 and "pose exists already" in said.err
    (tmp_path / "run/pose").rename(tmp_path / "elsewhere")
    assert command("--model=dpig-market", *words, out)[0] == 2  # map_pose is there still
    assert not (tmp_path / "run/pose").exists()


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--model=dpig-market", "--checkpoint=x"], "takes no --checkpoint: give --appearance"),
        (["--model=pg2-market", "--pose=x"], "takes no --pose: give --checkpoint"),
        (["--model=dpig-256"], "needs a checkpoint: give --appearance, --pose"),
        (["--model=dpig-256", "--pose=nowhere"], "nowhere is not a readable TensorFlow checkpoint"),
    ],
)
def test_flags_that_do_not_fit(command, tmp_path, words, fault):
    code, said = command(*words, f"--out_dir={tmp_path / 'run'}")
    assert code == 2
    assert fault in said.err and said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("model", "names"), [("dpig-market", MARKET), ("dpig-256", AT_256)], ids=lambda x: str(x)[:9]
)
def test_names_and_shapes_at_full_width_are_the_manifest_s(
    golden_folder, model, names, tmp_path, monkeypatch
):
    """A checkpoint with every variable of the published graphs, at the published widths, fits."""
    for kind in ("GlorotUniform", "RandomUniform"):  # only shapes matter here
        monkeypatch.setattr(getattr(keras.initializers, kind), "__call__", _zeros)
    monkeypatch.setattr(Checkpoint, "read", lambda self, name: np.zeros(self.shapes[name], "f4"))
    monkeypatch.setattr(Checkpoint, "__init__", lambda self, prefix: None)
    manifest = json.loads((golden_folder / "checkpoint_manifest.json").read_text())
    for kind, name in names.items():
        checkpoint = Checkpoint(name)
        checkpoint.prefix, checkpoint.shapes = name, {n: tuple(s) for n, s in manifest[name]}
        taken = {
            n: v.shape
            for stage in read_stages(checkpoint, kind, model)
            for n, v in stage.names.items()
        }
        scopes = {n.split("/")[0] for n in taken} & {"Encoder", "ID_AE", "PoseAE", "PoseGaussian"}
        for each, shape in checkpoint.shapes.items():
            of_stage = each.split("/")[0] in scopes or each.startswith(
                ("Discriminator.", "Gaussian_FC")
            )
            if of_stage and not variable_names.never_read(each):
                assert taken.pop(each) == shape
        assert not taken


def _zeros(self, shape, dtype=None):
    return keras.ops.zeros(shape, dtype)
