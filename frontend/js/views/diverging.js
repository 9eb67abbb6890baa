/**
 * The colours of activation maps: red positive, blue negative, zero neutral.
 *
 * Both arms run through OKLab (Björn Ottosson, 2020) from the neutral to ends of the same lightness, in even steps of
 * lightness, so that equal magnitudes look equally strong; chroma rises faster, so that the sign of weak values shows.
 * The neutral is dark on the dark theme and light on the light one: strength always means distance from the page.
 */

export const STEPS = 255;

/** OKLCH: lightness, chroma, hue in degrees. */
const ENDS = {
  dark: { zero: [0.22, 0.004, 255], positive: [0.7, 0.19, 27], negative: [0.7, 0.14, 250] },
  light: { zero: [0.975, 0.002, 255], positive: [0.5, 0.19, 27], negative: [0.5, 0.17, 258] },
};
const CHROMA_EXPONENT = 0.7;

/**
 * 511 packed RGBA colours: index 0 is -1, 255 is zero, 510 is +1.
 * @param {"dark" | "light"} theme
 * @returns {Uint32Array}
 */
export function makeColours(theme) {
  const { zero, positive, negative } = ENDS[theme];
  const [neutral, red, blue] = [zero, positive, negative].map(toLab);
  return Uint32Array.from({ length: 2 * STEPS + 1 }, (_, index) => {
    const value = (index - STEPS) / STEPS;
    const end = value < 0 ? blue : red;
    const size = Math.abs(value);
    const lab = neutral.map(
      (start, axis) => start + (end[axis] - start) * (axis === 0 ? size : size ** CHROMA_EXPONENT),
    );
    const [r, g, b] = toSrgb(lab);
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  });
}

/**
 * Colours `count` values from `values[start]` on into packed RGBA pixels.
 * @param {Float32Array} values
 * @param {number} start
 * @param {number} divisor ±1 after division is full colour
 * @param {Uint32Array} colours
 * @param {Uint32Array} pixels
 */
export function colourMap(values, start, divisor, colours, pixels) {
  const scale = STEPS / divisor;
  for (let i = 0; i < pixels.length; i += 1) {
    const step = Math.round(values[start + i] * scale) + STEPS;
    pixels[i] = colours[step < 0 ? 0 : step > 2 * STEPS ? 2 * STEPS : step];
  }
}

/** @param {number[]} colour in OKLCH */
function toLab(colour) {
  const [lightness, chroma, hue] = colour;
  const angle = (hue * Math.PI) / 180;
  return [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)];
}

/** @param {number[]} colour in OKLab @returns {number[]} sRGB, 0 to 255 */
function toSrgb(colour) {
  const [lightness, a, b] = colour;
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return linear.map((value) => {
    const inside = Math.min(1, Math.max(0, value));
    const encoded = inside <= 0.0031308 ? 12.92 * inside : 1.055 * inside ** (1 / 2.4) - 0.055;
    return Math.round(encoded * 255);
  });
}
