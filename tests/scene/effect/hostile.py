"""Snippets that are broken, or mean harm: how each must end.

A row is (text, complaint, line, column); line and column are None where nobody can know them.
"""

Row = tuple[str, str, int | None, int | None]

OUT_OF_THE_FUNCTION: list[Row] = [
    ("}", "} closes nothing", 1, 1),
    ("color = vec3(1.0);\n} void spare() {", "} closes nothing", 2, 1),
    ("if (value > 0.5) {", "{ is never closed", 1, 18),
    ("/* the rest of the shader is mine", "comment /* is never closed", 1, 1),
    ("// a line that goes on \\\n}", "} closes nothing", 2, 1),
    ("/* */ } /* */ void f() {", "} closes nothing", 1, 7),
    ("color = vec3(1.0];", "] does not close the ( of line 1, column 13", 1, 17),
    ("void f() { f(); }\nf();", "syntax error", 1, 10),
    ("#define LOOP while(true)\nLOOP;", "# is not allowed here", 1, 1),
    ("  #extension GL_ARB_shader_image_load_store : enable", "# is not allowed here", 1, 3),
    ("#line 999\ncolor = x;", "# is not allowed here", 1, 1),
    ("#version 110", "# is not allowed here", 1, 1),
    ("??=define X", "syntax error", 1, 1),
    ("wh\\\nile(true);", "\\ is not allowed here", 1, 3),
    ("uniform mat4 secrets;", "must be declared at global scope", 1, 1),
    ("layout(location = 1) out vec4 more;", "must be declared at global scope", 1, 1),
    ("buffer Memory { int words[]; };", "syntax error", 1, 8),
]

FORBIDDEN_NAMES: list[Row] = [
    ("gl_FragDepth = 0.0;", "the name gl_FragDepth is not allowed", 1, 1),
    ("color.r = gl_FragCoord.x;", "the name gl_FragCoord is not allowed", 1, 11),
    ("perturber_turns = -1000000000;", "the name perturber_turns is not allowed", 1, 1),
    ("perturber_result = vec4(0.0);", "the name perturber_result is not allowed", 1, 1),
    ("color.r = float(__LINE__);", "the name __LINE__ is not allowed", 1, 17),
    ("discard;", "discard is not allowed: every pixel needs a colour", 1, 1),
    ("uv = vec2(0.0);", "assignment to read-only variable 'uv'", 1, 1),
]

NO_PROGRAM: list[Row] = [
    ("color = colr;", "'colr' undeclared", 1, 9),
    ("\n\n  color *= blurred(uv);", "no function with name 'blurred'", 3, 12),
    ("/* two\nlines */ color = nothing;", "'nothing' undeclared", 2, 18),
    ("for (int i = 0; i < 3; i++) color.r += wrong;", "'wrong' undeclared", 1, 40),
    ("for (;;) { if (value < wrong) break; }", "'wrong' undeclared", 1, 24),
    ("while (value < 0.5 && wrong) color.r = 0.0;", "'wrong' undeclared", 1, 23),
    ("color.r = 1for(;;);", "1for is not a number", 1, 11),
    ("color.r = 0xfwhile(true);", "0xfwhile is not a number", 1, 11),
    ("color.r\u00a0= 1.0;", "U+00A0 is not allowed", 1, 8),
    ("color = color", "unexpected end", 1, 13),
    ("color = vec3(1.0)\ncolor = vec3(0.0);", "syntax error", 2, 1),
    ("float x;\ncolor.r = x;", "'x' used uninitialized", 2, 11),
    ("for (int i = 0; i < 3) {}", "two semicolons in the head of for", 1, 5),
    ("while", "expected ( after while", 1, 5),
    ("for x", "expected ( after for", 1, 5),
    ("color = vec3(" + "(" * 60 + "1.0" + ")" * 61 + ";", "nested more than 40 deep", 1, 53),
    ('color = "red";', '" is not allowed here', 1, 9),
    ("color = vec3(1\u20240);", "\u2024 is not allowed here", 1, 15),
    ("color\x07 = vec3(1.0);", "the character U+0007 is not allowed", 1, 6),
    ("color[3] = 1.0;", "vector index must be < 3", 1, 1),
    ("x" * 4000, "syntax error", 1, None),
]

REFUSED = OUT_OF_THE_FUNCTION + FORBIDDEN_NAMES + NO_PROGRAM

TOO_MANY_TURNS: list[tuple[str, int]] = [
    ("while (true) {}", 1),
    ("for (;;);", 1),
    ("\ndo\n  color.r += 0.1;\nwhile (color.r > -1.0);", 4),
    ("for (int i = 0; i < 2000000000; i++) color = fract(color * 1.1 + 0.1);", 1),
    ("for (int i = 0; i < 100; i++)\n  for (int j = 0; j < 100; j++)\n    color.r += 0.01;", 2),
    ("if (uv.x > 0.5 && uv.y < 0.1)\n  while (value >= 0.0) color.r += value;", 2),
    ("while (true) while (true) while (true) color += 0.1;", 1),
    ("int i = 0; while (i < 10) { i--; }", 1),
]

HEAVY: list[str] = [
    "float a[100000000]; a[int(value * 9.0)] = 1.0; color.r = a[3];",
    "mat4 m[20000]; m[int(uv.x * 9.0)][0][0] = 1.0; color = m[int(value)][1].rgb;",
    "for (int i = 0; i < 4; i++) " * 40 + "color.r += sin(color.r);",
    f"for (int i = 0; i < 4000; i++) {{ {'color = pow(color, texture(image, color.rg).rgb); ' * 50} }}",
]
"""Taken by the compiler, or not even by it within any time one would wait."""

ODD_BUT_FINE: list[str] = [
    "color = vec3(0.0) / vec3(0.0);",
    "color = vec3(1.0) / (uv.x - uv.x);",
    "color = vec3(log(uv.x - uv.x - 1.0));",
    "color = vec3(1e38) * 1e38 - vec3(1e38) * 1e38;",
    "int zero = int(uv.x) / 9; color.r = float(7 / zero) + float(7 % zero);",
    "color = texelFetch(image, ivec2(1 << 30, -(1 << 30)), 1000).rgb;",
    "color = textureLod(image, uv * 1e38, 1e38).rgb;",
    "float a[4]; int i = int(uv.x * 1e9); a[i] = 1.0; color.r = a[-i];",
    "color[int(uv.x * 1e9)] = 1.0;",
    "return;",
    "color = vec3(1., .5, 0x1F) * 1e-3f + vec3(3u, 2.5E+1, 017);",
    ";;;;",
    "// nothing but words: äöü, 字, #define, }, while(true)",
    "/* a } comment\nof two lines */ color.r = 1.0;",
    "color.r = " + "1.0 + " * 600 + "1.0;",
    "for (int i = 0, j = 5; i < j; i++) color *= 0.9;",
    "int n = 0; for (;;) if (n++ > 20) break;",
    "do color.r += 0.01; while (color.r < 0.5);",
    "struct Pair { float a, b; }; Pair pair = Pair(0.2, 0.4); color.rg = vec2(pair.a, pair.b);",
    "{{{ color = vec3(dFdx(uv.x)); }}}",
]
