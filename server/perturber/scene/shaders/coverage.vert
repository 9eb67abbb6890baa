#version 420 core
layout(location = 3) in vec2 texture_coordinate;

void main() {
    gl_Position = vec4(texture_coordinate * 2.0 - 1.0, 0.0, 1.0);
}
