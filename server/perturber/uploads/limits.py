"""Every limit on what users bring, in one place; docs/bring-your-own.md is the same table in words."""

MEBIBYTE = 1024**2

BYTES = {"object": 64 * MEBIBYTE, "background": 32 * MEBIBYTE, "picture": 32 * MEBIBYTE}
"""Of one upload, all its files together."""
FILES = {"object": 8, "background": 1, "picture": 1}
HEADER_BYTES = 16_384
"""Of an upload's list of files."""
NAME_LENGTH = 200

PIXELS = 40_000_000
"""Of one picture as its file says, before anything is decoded."""
SIDE = 16_384
KEPT_SIDE = {"texture": 2048, "background": 4096, "picture": 1024}
"""Longest side, in pixels, of what is kept of a picture; larger ones are scaled down."""
THUMBNAIL = 96

VERTICES = 200_000
FACES = 400_000
COORDINATE = 1e12
LINE_BYTES = 65_536
"""Of one line of a text file."""
TEXT_HEADER_BYTES = 65_536
"""Of the header of a PLY file."""
JSON_BYTES = 8 * MEBIBYTE
JSON_DEPTH = 32
NODES = 10_000
"""Nodes of a glTF scene, and meshes drawn by them."""
TEXTURES = 16

PARSE_SECONDS = 20.0
"""Wall clock, for one upload; processor time is bounded by `PARSE_CPU_SECONDS`."""
PARSE_CPU_SECONDS = 10
PARSE_MEMORY = 2048 * MEBIBYTE
RESULT_BYTES = 160 * MEBIBYTE

SESSION_BYTES = 512 * MEBIBYTE
"""What one session may bring in `SESSION_WINDOW` seconds."""
SESSION_UPLOADS = 120
SESSION_WINDOW = 600.0

KEPT_BYTES = 1024 * MEBIBYTE
"""Of all that is kept; what was used longest ago goes first."""
KEPT_SECONDS = 30 * 86_400.0
"""Without use, then it is removed."""
