// Gamma: exponent 4 at 0, 1 at 0.5, 1/4 at 1; brighter to the right.
color = pow(color, vec3(exp2(2.0 - 4.0 * value)));
