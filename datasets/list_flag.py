"""A flag that takes several values, separated by commas or in several flags of the same name.

absl's own list flag keeps only the last of `--records=a --records=b`, without a word.
"""

from absl import flags


class _GrowingList(flags.Flag):
    """Each appearance on the command line adds to the ones before."""

    def parse(self, argument: str | list[str]) -> None:
        before = list(self.value) if self.present else []
        super().parse(argument)
        self.value = before + self.value


def define_list(name: str, help_text: str, flag_values: flags.FlagValues) -> None:
    """Defines a flag whose value is a list of texts, empty by default."""
    parser, serializer = flags.ListParser(), flags.CsvListSerializer(",")
    flags.DEFINE_flag(
        _GrowingList(parser, serializer, name, [], f"{help_text}; may be given several times"),
        flag_values,
    )
