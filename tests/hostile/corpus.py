"""The corpus of hostile and broken things: `python -m tests.hostile.corpus DIR` writes its files."""

import argparse
from pathlib import Path

from tests.hostile.case import Body, Command, Message, Upload
from tests.hostile.messages import bodies, commands, messages
from tests.hostile.models import model_cases
from tests.hostile.pictures import picture_cases

Case = Upload | Body | Message | Command


def corpus() -> list[Case]:
    """Every case, files first."""
    return [*picture_cases(), *model_cases(), *bodies(), *messages(), *commands()]


def main() -> None:
    """Write what each case sends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    cases = corpus()
    for case in cases:
        place = folder / case.name
        place.mkdir(parents=True, exist_ok=True)
        files = case.files if isinstance(case, Upload | Command) else (("content", case.content),)
        for name, content in files:
            (place / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    print(f"{len(cases)} cases in {folder}")


if __name__ == "__main__":
    main()
