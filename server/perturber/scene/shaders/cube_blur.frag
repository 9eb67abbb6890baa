#version 420 core
in vec2 place;

layout(binding = 0) uniform samplerCube panorama;

uniform mat3 face_axes;
uniform float texel;

out vec4 colour;

// The next mip level: a tent (1 3 3 1) / 8 over 4 x 4 texels of this one, across the edges of the cube. Between two
// texels the sampler weighs them 1 to 3, so four looks are enough.
void main() {
    vec3 sum = vec3(0.0);
    for (int corner = 0; corner < 4; corner++) {
        vec2 tap = place + (vec2(corner & 1, corner >> 1) - 0.5) * 1.5 * texel;
        sum += 0.25 * textureLod(panorama, face_axes * vec3(tap, 1.0), 0.0).rgb;
    }
    colour = vec4(sum, 1.0);
}
