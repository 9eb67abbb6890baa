#version 420 core
layout(location = 0) in vec3 start_position;
layout(location = 2) in vec4 end_position;

uniform float shape;
uniform float ground;
uniform float extent;

out float height;

// Seen from below, straight up: what is nearest to the ground wins.
void main() {
    vec3 position = mix(start_position, end_position.xyz, shape);
    height = position.y - ground;
    gl_Position = vec4(position.xz / extent, height / 4.0, 1.0);
}
