/**
 * What a row of the parameter table allows: the same rules, in the same words, as `server/perturber/parameter.py`.
 *
 * @typedef {import("./protocol.js").Parameter} Parameter
 * @typedef {import("./protocol.js").Layer} Layer
 * @typedef {number | boolean | string} Value
 */

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i; // no "0x10", which Number() would take

const CONTROL = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]/; // but the line's end

/** A value that doesn't fit its parameter. */
export class ParameterError extends Error {
  /** @param {string} key @param {string} expected @param {unknown} received */
  constructor(key, expected, received) {
    const text = String(received);
    super(`expected ${expected}, got ${text.length > 60 ? `${text.slice(0, 60)}…` : text || "nothing"}`);
    Object.assign(this, { key, expected, received: text });
  }
}

/** @param {Parameter} row @returns {boolean} */
export const isNumeric = (row) => row.kind === "number" || row.kind === "integer";

/**
 * `value` if it fits its parameter.
 * @param {Parameter} row
 * @param {unknown} value
 * @returns {Value}
 * @throws {ParameterError}
 */
export function check(row, value) {
  if (isNumeric(row)) {
    const fits = typeof value === "number" && value >= row.min && value <= row.max;
    if (!fits || (row.kind === "integer" && !Number.isInteger(value)))
      throw new ParameterError(row.key, expectedNumber(row), value);
  } else if (row.kind === "flag") {
    if (typeof value !== "boolean") throw new ParameterError(row.key, "true or false", value);
  } else if (row.kind === "choice") {
    if (!row.choices.some((choice) => choice.value === value)) {
      throw new ParameterError(
        row.key,
        `one of ${alternatives(row.choices)}`,
        value,
      );
    }
  } else if (row.kind === "class") {
    if (typeof value !== "string" || value.length > 200)
      throw new ParameterError(row.key, "a class name or wnid, or nothing", value);
    return value.trim();
  } else if (row.kind === "unit") {
    return checkUnit(row, value);
  } else if (row.kind === "content") {
    if (typeof value !== "string" || !/^([0-9a-f]{64})?$/.test(value))
      throw new ParameterError(row.key, "the SHA-256 of what was brought, or nothing", value);
  } else if (row.kind === "range") {
    return parseRange(row, String(value)).join(",");
  } else if (row.kind === "code") {
    return checkCode(row, value);
  } else {
    return parseUnits(row, String(value)).join(",");
  }
  return /** @type {Value} */ (value);
}

/** Layer and unit, or nothing; whether a network has them isn't asked. */
function checkUnit(row, value) {
  const [, layer, unit] = String(value).match(/^[ \t]*(\w[\w.]*)[ \t]*:[ \t]*(\d{1,4})[ \t]*$/) ?? [];
  if (value !== "" && layer === undefined)
    throw new ParameterError(row.key, "a layer and one of its units such as mixed4a:222, or nothing", value);
  return value === "" ? "" : `${layer}:${Number(unit)}`;
}

/** Lines of text; whether it is a program is the server's to say. */
function checkCode(row, value) {
  const lines = typeof value === "string" ? value.replaceAll("\r\n", "\n").replaceAll("\t", "  ") : undefined;
  if (lines === undefined || lines.length > row.max_length || CONTROL.test(lines) || !lines.isWellFormed())
    throw new ParameterError(row.key, `text of at most ${row.max_length} characters in lines, or nothing`, value);
  return lines;
}

/**
 * Typed text, or text of a permalink, as a checked value.
 * @param {Parameter} row
 * @param {string} text
 * @returns {Value}
 * @throws {ParameterError}
 */
export function parse(row, text) {
  if (isNumeric(row)) {
    const number = DECIMAL.test(text.trim()) ? Number(text) : NaN;
    if (Number.isNaN(number)) throw new ParameterError(row.key, expectedNumber(row), text);
    return check(row, number);
  }
  if (row.kind === "flag")
    return check(row, { true: true, 1: true, false: false, 0: false }[text.toLowerCase()] ?? text);
  return check(row, text);
}

/** The values of a choice, the first of them where there are many. */
function alternatives(choices) {
  const names = choices.map(({ value }) => value);
  return (names.length <= 24 ? names : [...names.slice(0, 6), `... (${names.length} in all)`]).join(", ");
}

function expectedNumber(row) {
  return `${row.kind === "integer" ? "an integer" : "a number"} in [${row.min}, ${row.max}]`;
}

/**
 * Lower and upper end from text such as `0.2,0.9`, to four places.
 * @param {Parameter} row
 * @param {string} text
 * @returns {number[]}
 * @throws {ParameterError}
 */
export function parseRange(row, text) {
  const parts = text.split(",").map((part) => part.trim());
  const [lower, upper] = parts.map((part) => (DECIMAL.test(part) ? Number(part) : NaN));
  if (parts.length !== 2 || !(row.min <= lower && lower <= upper && upper <= row.max))
    throw new ParameterError(
      row.key,
      `two numbers ${row.min} <= lower <= upper <= ${row.max} such as '0.2,0.9'`,
      text,
    );
  return [lower, upper].map((end) => Number(end.toFixed(4)));
}

/**
 * Unit numbers from text such as `222, 308`.
 * @param {Parameter} row
 * @param {string} text
 * @param {number} [channels] how many units the layer has
 * @returns {number[]}
 * @throws {ParameterError}
 */
export function parseUnits(row, text, channels = 10_000) {
  const expected = `one to ${row.max_units} different unit numbers such as 222, 308`;
  const parts = text.split(",").map((part) => part.trim());
  if (!parts.every((part) => /^\d{1,4}$/.test(part))) throw new ParameterError(row.key, expected, text);
  const units = parts.map(Number);
  if (units.length > row.max_units || new Set(units).size !== units.length)
    throw new ParameterError(row.key, expected, text);
  const above = units.filter((unit) => unit >= channels);
  if (above.length) throw new ParameterError(row.key, `units below ${channels}`, above.join(", "));
  return units;
}

/**
 * What a user may type as units: `mixed4a:222, 308` chooses the layer too.
 * @param {Parameter} row
 * @param {string} text
 * @param {Layer[]} layers
 * @param {string} current the layer when none is named
 * @returns {{layer: string, units: string}}
 * @throws {ParameterError}
 */
export function parseUnitEntry(row, text, layers, current) {
  const [, prefix, rest] = text.match(/^\s*(?:([^:]*?)\s*:)?(.*)$/s);
  const name = prefix ?? current;
  const layer = layers.find((candidate) => candidate.name === name);
  if (!layer)
    throw new ParameterError(row.key, `a layer from ${layers[0].name} to ${layers.at(-1).name}`, name);
  return { layer: name, units: parseUnits(row, rest, layer.channels).join(",") };
}

/**
 * A number brought into its range: angles that wrap turn past the end, everything else stops there.
 * @param {Parameter} row
 * @param {number} value
 * @returns {number}
 */
export function intoRange(row, value) {
  const span = row.max - row.min;
  const inside = value >= row.min && value <= row.max;
  if (row.wraps && !inside) value = row.min + ((((value - row.min) % span) + span) % span);
  const whole = row.kind === "integer" ? Math.round(value) : value;
  return Number(Math.min(row.max, Math.max(row.min, whole)).toFixed(4));
}

/** Digits after the point that this parameter's step needs. @param {Parameter} row @returns {number} */
export function decimals(row) {
  return row.kind === "integer" ? 0 : Math.max(0, Math.ceil(-Math.log10(row.step) - 1e-9));
}

/**
 * A value as text for people: numbers with their step's digits (more if the value has more), choices by label.
 * @param {Parameter} row
 * @param {Value} value
 * @returns {string}
 */
export function format(row, value) {
  if (isNumeric(row)) {
    const fixed = Number(value).toFixed(decimals(row));
    return Number(fixed) === value ? fixed : String(Number(Number(value).toFixed(4)));
  }
  if (row.kind === "choice")
    return row.choices.find((choice) => choice.value === value)?.label ?? String(value);
  if (row.kind === "content") return value ? String(value).slice(0, 12) : "none";
  if (row.kind === "code") return String(value).split("\n").at(-1);
  return String(value);
}
