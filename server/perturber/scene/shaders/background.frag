#version 420 core
in vec2 place;
in vec3 ray;
in vec3 lookup;

#ifdef FLAT
layout(binding = 0) uniform sampler2D panorama;
#else
layout(binding = 0) uniform samplerCube panorama;
#endif
layout(binding = 1) uniform sampler2D contact;
layout(binding = 2) uniform sampler2D foreground;
layout(binding = 3) uniform sampler2D shadow_mask;

uniform vec3 mean_colour;
uniform float panorama_level;
uniform float mean_share;
uniform float saturation;
#ifdef FLAT
uniform vec3 shown_size;
#endif

uniform vec3 camera_position;
uniform float ground;
uniform float contact_extent;
uniform float shadow_extent;
uniform float shadow_strength;
uniform float shape;

out vec4 colour;

const float KEY_SHARE = 0.62;

// How much light the object keeps from the point of the ground that the ray meets: of the sky's what the contact
// map says, of the key light's what the mask says, softened by its mip levels.
float shadow() {
    float height = camera_position.y - ground;
    float along = -height / min(ray.y, -1e-4);
    vec2 point = (camera_position + along * ray).xz;
    vec2 from_sky = textureLod(contact, point / contact_extent * 0.5 + 0.5, 0.0).rg;
    float from_key = textureLod(shadow_mask, point / shadow_extent * 0.5 + 0.5, 1.5).r;
    float passed = (1.0 - mix(from_sky.r, from_sky.g, shape)) * (1.0 - KEY_SHARE * from_key);
    return height > 0.0 && ray.y < -1e-4 ? 1.0 - passed : 0.0;
}

void main() {
#ifdef FLAT
    vec2 where = (place - 0.5) * shown_size.xy + 0.5;
#else
    vec3 where = lookup;
#endif
    vec3 seen = mix(textureLod(panorama, where, panorama_level).rgb, mean_colour, mean_share);
    seen = mix(vec3(dot(seen, vec3(0.2126, 0.7152, 0.0722))), seen, saturation);
    seen *= 1.0 - shadow_strength * shadow();
    // The foreground has two by two samples per pixel: between them, the sampler averages them in linear light.
    vec4 object = textureLod(foreground, place, 0.0);
    colour = vec4(object.rgb + (1.0 - object.a) * seen, 1.0);
}
