"""A user's snippet made safe to compile: it stays inside its function, and its loops end.

The text is read token by token. What could leave the function or hide from this reading is refused by line
and column; every loop's condition is joined with a count of turns (`effect.frag` keeps it). Comments become
spaces, and rows of spaces one. Every place that the compiler names leads back to one in the text.
"""

import re
from dataclasses import dataclass, field

from perturber.scene.effect.effect import EffectError

MAX_DEPTH = 40
RESERVED = "perturber_"

_TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<unended>/\*)|(?P<space>\s+)|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<number>(0[xX][0-9a-fA-F]+|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)([uUfF]|lf|LF)?(?![\w.]))"
    r"|(?P<digits>\.?\d[\w.]*)|(?P<symbol>[-+*/%<>=!&|^~?:;,.(){}\[\]])",
    re.DOTALL | re.ASCII,
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_FORBIDDEN = {
    "discard": "every pixel needs a colour",
    "asm": "it is no word of GLSL's",
}


@dataclass(frozen=True)
class Translation:
    """GLSL for the function of `effect.frag`; `origin` has each letter's offset in the user's `text`."""

    text: str
    code: str
    origin: tuple[int, ...]

    def place(self, line: int, column: int | None) -> tuple[int, int]:
        """Line and column of the text, from 1, for those that the compiler names; past the end: its last."""
        lines = self.code.split("\n")
        if not 1 <= line <= len(lines) or not self.text.strip():
            return _place(self.text, max(len(self.text.rstrip()) - 1, 0))
        first = len(lines[line - 1]) - len(lines[line - 1].lstrip())
        within = first if column is None else min(column - 1, len(lines[line - 1]))
        start = sum(len(earlier) + 1 for earlier in lines[: line - 1])
        return _place(self.text, self.origin[min(start + within, len(self.origin) - 1)])


@dataclass
class _Bracket:
    """An open bracket: where, and for a loop's head which loop and where its semicolons are."""

    opening: str
    offset: int
    loop: str = ""
    semicolons: list[int] = field(default_factory=list)


def translate(text: str) -> Translation:
    """`text` as the body of a function.

    Raises:
        EffectError: it names the line and column of what is not allowed, or not closed.
    """
    reader = _Reader(text)
    reader.read()
    return reader.finish()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.brackets: list[_Bracket] = []
        self.blanked = list(text.replace("\t", " "))
        self.inserted: list[tuple[int, str]] = []
        self.loop = ""

    def read(self) -> None:
        offset = 0
        while offset < len(self.text):
            token = _TOKEN.match(self.text, offset)
            if token is None:
                raise self.error(offset, f"{_named(self.text[offset])} is not allowed here")
            self.take(token)
            offset = token.end()
        if self.loop:
            raise self.error(len(self.text) - 1, f"expected ( after {self.loop}")
        for bracket in self.brackets:
            raise self.error(bracket.offset, f"{bracket.opening} is never closed")

    def finish(self) -> Translation:
        letters: list[tuple[str, int]] = []
        additions = sorted(self.inserted, key=lambda pair: pair[0])
        for offset, letter in enumerate([*self.blanked, "\n"]):
            while additions and additions[0][0] == offset:
                letters += [(added, offset) for added in additions.pop(0)[1]]
            # Mesa counts a row of spaces as one column.
            if letter != " " or not letters or letters[-1][0] != " ":
                letters.append((letter, offset))
        code, origin = zip(*letters, strict=True)
        return Translation(self.text, "".join(code), origin)

    def take(self, token: re.Match[str]) -> None:
        kind, offset, read = token.lastgroup, token.start(), token.group()
        if kind == "unended":
            raise self.error(offset, "the comment /* is never closed")
        if kind == "digits":  # or a word might hide behind a number: `1for(;;)`
            raise self.error(offset, f"{read[:40]} is not a number")
        if kind == "comment":
            self.blanked[offset : token.end()] = ["\n" if letter == "\n" else " " for letter in read]
            return
        if kind == "space":
            return
        if self.loop and read != "(":
            raise self.error(offset, f"expected ( after {self.loop}")
        if kind == "word":
            self.take_word(offset, read)
        elif read in _CLOSING:
            self.open(offset, read)
        elif read in _CLOSING.values():
            self.close(offset, read)
        elif read == ";" and self.brackets and self.brackets[-1].loop == "for":
            self.brackets[-1].semicolons.append(offset)

    def take_word(self, offset: int, word: str) -> None:
        if word in _FORBIDDEN:
            raise self.error(offset, f"{word} is not allowed: {_FORBIDDEN[word]}")
        if word.startswith(("gl_", RESERVED)) or "__" in word:
            raise self.error(offset, f"the name {word[:40]} is not allowed")
        if word in ("for", "while"):
            self.loop = word

    def open(self, offset: int, bracket: str) -> None:
        if len(self.brackets) == MAX_DEPTH:
            raise self.error(offset, f"brackets are nested more than {MAX_DEPTH} deep")
        self.brackets.append(_Bracket(bracket, offset, self.loop))
        self.loop = ""

    def close(self, offset: int, closing: str) -> None:
        if not self.brackets:
            raise self.error(offset, f"{closing} closes nothing")
        bracket = self.brackets.pop()
        if _CLOSING[bracket.opening] != closing:
            line, column = _place(self.text, bracket.offset)
            raise self.error(
                offset, f"{closing} does not close the {bracket.opening} of line {line}, column {column}"
            )
        if bracket.loop:
            self.count_turns(bracket, offset)

    def count_turns(self, head: _Bracket, end: int) -> None:
        """Join the loop's condition with the count of turns."""
        start = head.offset + 1
        if head.loop == "for":
            if len(head.semicolons) != 2:
                raise self.error(head.offset, "expected two semicolons in the head of for")
            start, end = head.semicolons[0] + 1, head.semicolons[1]
        turn = f"{RESERVED}turn({_place(self.text, head.offset)[0]})"
        if head.loop == "for" and not "".join(self.blanked[start:end]).strip():
            self.inserted.append((start, turn))
        else:
            self.inserted += [(start, f"{turn} && ("), (end, ")")]

    def error(self, offset: int, message: str) -> EffectError:
        line, column = _place(self.text, offset)
        return EffectError(message, self.text, line, column)


def _place(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _named(letter: str) -> str:
    return letter if letter.isprintable() and letter != " " else f"the character U+{ord(letter):04X}"
