#version 420 core
// Locations follow pyrender.Primitive: the end shape travels in its tangents and colours, and in their fourth
// components how open the vertex lies at the start and at the end.
layout(location = 0) in vec3 start_position;
layout(location = 1) in vec3 start_normal;
layout(location = 2) in vec4 end_position;
layout(location = 3) in vec2 texture_coordinate;
layout(location = 4) in vec4 end_normal;
#ifdef PAINT
layout(location = 10) in vec3 start_paint;
layout(location = 11) in vec3 end_paint;

uniform float texture_morph;

out vec3 paint;
#endif

uniform mat4 world_to_clip;
uniform float shape;

out vec3 position;
out vec3 normal;
out vec2 uv;
out float openness;

void main() {
    position = mix(start_position, end_position.xyz, shape);
    normal = mix(start_normal, end_normal.xyz, shape);
    openness = mix(end_position.w, end_normal.w, shape);
    uv = texture_coordinate;
#ifdef PAINT
    paint = mix(start_paint, end_paint, texture_morph);
#endif
    gl_Position = world_to_clip * vec4(position, 1.0);
}
