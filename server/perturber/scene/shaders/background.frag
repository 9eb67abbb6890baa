#version 420 core
in vec2 place;
in vec3 ray;
in vec3 lookup;

layout(binding = 0) uniform samplerCube panorama;
layout(binding = 1) uniform sampler2D contact;
layout(binding = 2) uniform sampler2D foreground;

uniform vec3 mean_colour;
uniform float panorama_level;
uniform float mean_share;
uniform float saturation;

uniform vec3 camera_position;
uniform float ground;
uniform float contact_extent;
uniform float contact_strength;
uniform float shape;

out vec4 colour;

// How much light the object keeps from the point of the ground that the ray meets.
float shadow() {
    float height = camera_position.y - ground;
    float along = -height / min(ray.y, -1e-4);
    vec2 point = (camera_position + along * ray).xz / contact_extent * 0.5 + 0.5;
    vec2 kept = textureLod(contact, point, 0.0).rg;
    float met = height > 0.0 && ray.y < -1e-4 ? 1.0 : 0.0;
    return met * mix(kept.r, kept.g, shape);
}

void main() {
    vec3 seen = mix(textureLod(panorama, lookup, panorama_level).rgb, mean_colour, mean_share);
    seen = mix(vec3(dot(seen, vec3(0.2126, 0.7152, 0.0722))), seen, saturation);
    seen *= 1.0 - contact_strength * shadow();
    // The foreground has two by two samples per pixel: between them, the sampler averages them in linear light.
    vec4 object = textureLod(foreground, place, 0.0);
    colour = vec4(object.rgb + (1.0 - object.a) * seen, 1.0);
}
