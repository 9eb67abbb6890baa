#version 420 core
out vec4 colour;

#ifdef CUT_OUT
in vec2 uv;

layout(binding = 0) uniform sampler2D start_texture;
#endif

void main() {
#ifdef CUT_OUT
    if (texture(start_texture, uv).a < 0.5) discard;
#endif
    colour = vec4(1.0);
}
