#version 420 core
in vec2 uv;

layout(binding = 0) uniform sampler2D image;
uniform vec2 resolution;
uniform float value;

out vec4 perturber_result;

const int perturber_most_turns = 4096;
int perturber_turns = 0;
int perturber_line = 0;

// Every loop asks here before each turn; when all are used up, no loop of this pixel goes on.
bool perturber_turn(int line) {
    if (++perturber_turns <= perturber_most_turns) return true;
    if (perturber_line == 0) perturber_line = line;
    return false;
}

void perturber_effect(inout vec3 color) {
#line 1
SNIPPET
#line 1000001
}

void main() {
    vec3 color = texelFetch(image, ivec2(gl_FragCoord.xy), 0).rgb;
    perturber_effect(color);
    color = clamp(mix(color, vec3(0.0), isnan(color)), 0.0, 1.0);
    // Transparent tells of a loop that didn't end, and red and green of its line.
    vec2 line = vec2(perturber_line & 255, perturber_line >> 8) / 255.0;
    perturber_result = perturber_line == 0 ? vec4(color, 1.0) : vec4(line, 0.0, 0.0);
}
