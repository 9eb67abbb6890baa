"""`perturber parameters`: the parameter table as Markdown, for docs/parameters.md."""

import argparse
from itertools import groupby

from perturber.parameter import MAX_CODE_LENGTH, Parameter
from perturber.parameters import TABLE

_HEAD = """# Parameters

Made from the table in `server/perturber/parameters.py` by `make docs`; don't edit it here. The keys are
the same on the wire, in the permalink and after `--set`.
"""


def run(_: argparse.Namespace) -> int:
    """Print the page."""
    print(markdown(), end="")
    return 0


def markdown() -> str:
    """The whole page: one table a group."""
    parts = [_HEAD]
    for group, rows in groupby(TABLE.values(), key=lambda parameter: parameter.group):
        parts.append(f"\n## {group}\n\n| key | label | values (default) | meaning |\n|---|---|---|---|\n")
        parts += [_row(parameter) for parameter in rows]
    return "".join(parts)


def _row(parameter: Parameter) -> str:
    return (
        f"| `{parameter.key}` | {parameter.label} | {_values(parameter)} (`{_plain(parameter.default)}`) "
        f"| {parameter.help} |\n"
    )


def _values(parameter: Parameter) -> str:
    match parameter.kind:
        case "number" | "integer":
            whole = "whole numbers " if parameter.kind == "integer" else ""
            unit = f" {parameter.unit}" if parameter.unit else ""
            return f"{whole}{parameter.minimum:,g}..{parameter.maximum:,.10g}{unit}"
        case "flag":
            return "`true`, `false`"
        case "choice":
            return parameter.alternatives("`")
        case "units":
            return "unit numbers, comma-separated"
        case "class":
            return "a class by name or wnid, or nothing"
        case "unit":
            return "a unit such as `mixed4a:222`, or nothing"
        case "content":
            return "the SHA-256 of what was brought, or nothing"
        case "range":
            return f"lower and upper end in {parameter.minimum:g}..{parameter.maximum:g}, comma-separated"
        case "code":
            return f"[GLSL](effects.md), at most {MAX_CODE_LENGTH:,} characters, or nothing"


def _plain(value: object) -> str:
    if isinstance(value, str) and "\n" in value:
        value = value.splitlines()[-1]
    return (
        str(value).lower()
        if isinstance(value, bool)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )
