#version 420 core
in vec2 place;

layout(binding = 0) uniform sampler2D panorama;

uniform mat3 face_axes;

out vec4 colour;

const float PI = 3.14159265358979;

void main() {
    vec3 direction = normalize(face_axes * vec3(place, 1.0));
    vec2 turn = vec2(atan(direction.x, -direction.z) / (2.0 * PI) + 0.5, acos(direction.y) / PI);
    colour = vec4(textureLod(panorama, turn, 0.0).rgb, 1.0);
}
