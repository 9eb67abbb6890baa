/** Numbers for reading: a true minus sign, a steady count of digits. */

/** @param {number} value @param {number} digits after the point */
export function fixed(value, digits) {
  return value.toFixed(digits).replace("-", "−");
}

/** About three significant digits, without exponents. @param {number} value */
export function short(value) {
  const size = Math.abs(value);
  return fixed(value, size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

/** @param {number} share in [0, 1] */
export function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}
