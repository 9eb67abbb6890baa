#version 420 core
in vec3 position;
in vec3 normal;
in vec2 uv;
in float openness;
#ifdef PAINT
in vec3 paint;

uniform vec3 mean_paint;
#endif

layout(binding = 0) uniform sampler2D start_texture;
layout(binding = 1) uniform sampler2D end_texture;

uniform vec3 camera_position;
uniform vec3 light_direction[3];
uniform vec3 light_colour[3];
uniform vec3 sky_colour;
uniform vec3 ground_colour;
uniform float light_wrap;
uniform float specular;
uniform float shininess;

uniform float texture_size;
uniform float texture_levels;
uniform float texture_blur;
uniform float texture_influence;
uniform float texture_morph;
uniform float lighting_influence;

out vec4 colour;

float solid = 0.0;

// Where the textures cut out, alpha is how solid the object is; the colours below it are whole.
// Otherwise colours are stored multiplied by their coverage, so texels that no triangle uses never bleed in.
vec3 texel(sampler2D picture, float share) {
#ifdef BLUR_TEXTURE
    vec2 across = dFdx(uv) * texture_size, down = dFdy(uv) * texture_size;
    float sharpest = max(0.5 * log2(max(dot(across, across), dot(down, down))), 0.0);
    vec4 stored = textureLod(picture, uv, mix(sharpest, texture_levels, texture_blur));
#else
    vec4 stored = texture(picture, uv);
#endif
#ifdef CUT_OUT
    solid += stored.a * share;
    return stored.rgb;
#else
    return stored.rgb / max(stored.a, 1.0 / 255.0);
#endif
}

vec3 albedo() {
#ifdef MIX_TEXTURES
    vec3 painted = mix(texel(start_texture, 1.0 - texture_morph), texel(end_texture, texture_morph), texture_morph);
#else
    vec3 painted = texel(start_texture, 1.0);
#endif
#ifdef PAINT
#ifdef BLUR_TEXTURE
    painted *= mix(paint, mean_paint, texture_blur);
#else
    painted *= paint;
#endif
#endif
#ifdef CUT_OUT
    if (solid < 0.5) discard;
#endif
    return mix(vec3(1.0), painted, texture_influence);
}

void main() {
    vec3 n = normal * inversesqrt(max(dot(normal, normal), 1e-12));
    n = gl_FrontFacing ? n : -n;
    vec3 to_camera = normalize(camera_position - position);

    vec3 diffuse = mix(ground_colour, sky_colour, 0.5 + 0.5 * n.y) * openness * openness;
    vec3 highlight = vec3(0.0);
    float reached = mix(1.0, openness, 0.7);
    for (int i = 0; i < 3; i++) {
        float facing = dot(n, light_direction[i]);
        diffuse += light_colour[i] * reached * max((facing + light_wrap) / (1.0 + light_wrap), 0.0);
        float lobe = max(dot(n, normalize(light_direction[i] + to_camera)), 0.0);
        highlight += light_colour[i] * (reached * pow(lobe, shininess) * smoothstep(0.0, 0.2, facing));
    }

    vec3 shaded = albedo() * mix(vec3(1.0), diffuse, lighting_influence);
    // The highlight takes only what is left up to white, so that nothing burns out.
    shaded += lighting_influence * specular * highlight * max(1.0 - shaded, 0.0);
    colour = vec4(shaded, 1.0);
}
