#version 420 core
in float height;

out vec4 colour;

// Red: touches the ground. Green: stands over it.
void main() {
    colour = vec4(exp(-max(height, 0.0) / 0.06), exp(-max(height, 0.0) / 1.0), 0.0, 1.0);
}
