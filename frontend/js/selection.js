/**
 * Which units are shown: group, layer, units and their count, kept in agreement. The other side is
 * `server/perturber/selection.py`.
 *
 * @typedef {import("./protocol.js").Group} Group
 * @typedef {import("./parameters.js").Value} Value
 */

export const OWN = "own";
const DEFAULT_UNITS = "0,1,2,3";

/**
 * What has to change so that the values agree, after `changes` were set.
 * @param {Group[]} groups
 * @param {(key: string) => Value} after the values with the changes
 * @param {Record<string, Value>} changes
 * @returns {Record<string, Value>}
 */
export function followSelection(groups, after, changes) {
  const group = groups.find(({ name }) => name === after("view.group"));
  const units = String(after("view.units")).split(",").map(Number);
  const count = Number(after("view.count"));
  if (!group) return own(units, count, changes);
  const fits = after("view.layer") === group.layer && units.every((unit) => group.units.includes(unit));
  const given = "view.units" in changes;
  if (("view.group" in changes && !(fits && given)) || ("view.count" in changes && !given))
    return { "view.layer": group.layer, "view.units": group.units.slice(0, count).join(",") };
  return fits ? {} : { "view.group": OWN, "view.count": units.length };
}

function own(units, count, changes) {
  const resized = "view.count" in changes;
  if (resized && (!("view.units" in changes) || units.join(",") === DEFAULT_UNITS))
    return { "view.units": resize(units, count).join(",") };
  return { "view.count": units.length };
}

/** The first `count` of the units, or all and the lowest free ones. @param {number[]} units @param {number} count */
function resize(units, count) {
  const free = Array.from({ length: units.length + count }, (_, unit) => unit).filter(
    (unit) => !units.includes(unit),
  );
  return [...units, ...free].slice(0, count);
}

/**
 * The units `pages` pages further: through the group as it is ordered, or through the layer; after the last page
 * comes the first.
 * @param {number[]} units
 * @param {number} count units a page
 * @param {number} channels
 * @param {Group | undefined} group
 * @param {number} pages
 * @returns {string}
 */
export function stepUnits(units, count, channels, group, pages) {
  if (group) {
    const last = Math.ceil(group.units.length / count);
    const page = Math.floor(group.units.indexOf(units[0]) / count) + pages;
    const start = (((page % last) + last) % last) * count;
    return group.units.slice(start, start + count).join(",");
  }
  const first = Math.min(...units) + pages * units.length;
  return units.map((_, index) => (((first + index) % channels) + channels) % channels).join(",");
}
