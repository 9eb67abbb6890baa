#version 420 core
layout(location = 0) in vec3 start_position;
layout(location = 2) in vec4 end_position;

#ifdef CUT_OUT
layout(location = 3) in vec2 texture_coordinate;

out vec2 uv;
#endif

uniform float shape;
uniform float ground;
uniform float shadow_extent;
uniform vec3 key_direction;

// Down the light's way onto the ground.
void main() {
    vec3 position = mix(start_position, end_position.xyz, shape);
    vec2 fallen = position.xz - key_direction.xz * ((position.y - ground) / key_direction.y);
#ifdef CUT_OUT
    uv = texture_coordinate;
#endif
    gl_Position = vec4(fallen / shadow_extent, 0.0, 1.0);
}
