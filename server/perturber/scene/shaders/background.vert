#version 420 core
uniform mat3 camera_axes;
uniform mat3 panorama_axes;
uniform float half_extent;

out vec2 place;
out vec3 ray;
out vec3 lookup;

// One triangle that covers the picture. Rows run from the top.
void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0;
    place = corner * 0.5 + 0.5;
    ray = camera_axes * vec3(corner.x * half_extent, -corner.y * half_extent, -1.0);
    lookup = panorama_axes * ray;
    gl_Position = vec4(corner, 0.0, 1.0);
}
