"""Flags that dpig-evaluate and dpig-score share; light, so that --help answers at once."""

from absl import flags

from dpig.datasets.list_flag import define_list

NETWORKS = {
    "inception": "classify_image_graph_def.pb, for Inception scores, FID and KID",
    "lpips": "an .npz file with the weights of LPIPS",
    "features": "a .keras file, or a .pb file like that of --inception: the network for FID and "
    "KID, if not that of --inception",
}


def define_network_flags(flag_values: flags.FlagValues) -> None:
    """The flags that name files with the weights of networks."""
    for name, text in NETWORKS.items():
        note = f"{text}; without it the measures that need it are left out; see "
        flags.DEFINE_string(name, None, note + "docs/weight_files.md", flag_values=flag_values)


def define_more_measures(flag_values: flags.FlagValues) -> None:
    """The flag that asks for measures beyond a protocol's."""
    note = (
        "also these measures, beside those of the (first) protocol, such as mask_l1_pg2; a wrong "
        "name is answered with all"
    )
    define_list("measures", note, flag_values)


def network_files(flag_values: flags.FlagValues) -> dict[str, str | None]:
    """What these flags were given, as `dpig.evaluate.network_measures.open_networks` takes it."""
    return {name: flag_values[name].value for name in NETWORKS}
