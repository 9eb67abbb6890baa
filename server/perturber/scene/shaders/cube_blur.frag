#version 420 core
in vec2 place;

layout(binding = 0) uniform samplerCube panorama;

uniform mat3 face_axes;
uniform float texel;

out vec4 colour;

// The next mip level: a tent over 4 x 4 texels of this one, across the edges of the cube.
void main() {
    const float weight[4] = float[](1.0 / 8.0, 3.0 / 8.0, 3.0 / 8.0, 1.0 / 8.0);
    vec3 sum = vec3(0.0);
    for (int row = 0; row < 4; row++) {
        for (int column = 0; column < 4; column++) {
            vec2 tap = place + (vec2(column, row) - 1.5) * texel;
            sum += weight[column] * weight[row] * textureLod(panorama, face_axes * vec3(tap, 1.0), 0.0).rgb;
        }
    }
    colour = vec4(sum, 1.0);
}
