/**
 * What else has to change with a value, so that the state stays one that the server can show.
 *
 * @typedef {import("./protocol.js").Welcome} Welcome
 * @typedef {import("./parameters.js").Value} Value
 */

import { Architectures } from "./architectures.js";
import { PLACES } from "./own/files.js";
import { OWN as OWN_UNITS, followSelection } from "./selection.js";

/**
 * The changes that follow from `changes`: layer and units of a group, a layer
 * that a shown network has, units that the new layer has, a checkpoint that the new variant has.
 * @param {Welcome} welcome
 * @returns {(values: Map<string, Value>, changes: Record<string, Value>) => Record<string, Value>}
 */
export function makeRules(welcome) {
  const normOf = makeNormOf(welcome.attacks);
  const architectures = new Architectures(welcome);
  return (values, changes) => {
    const given = (key) => changes[key] ?? values.get(key);
    /** @type {Record<string, Value>} */
    const following = followSelection(welcome.groups, given, changes);
    const after = (key) => following[key] ?? given(key);
    const layer = architectures.nearest(after, String(after("view.layer")));
    if (layer !== after("view.layer")) Object.assign(following, { "view.layer": layer, "view.group": OWN_UNITS });
    if ("view.layer" in changes || "view.layer" in following || "view.units" in changes) {
      const units = replaceUnits(String(after("view.units")), architectures.channels(after, layer));
      if (units !== after("view.units")) following["view.units"] = units;
    }
    const norm = normOf(after("attack.method"), after("attack.norm"));
    if (norm.name !== normOf(values.get("attack.method"), values.get("attack.norm")).name) {
      // An epsilon means something else in each norm.
      if (!("attack.epsilon" in changes)) following["attack.epsilon"] = norm.epsilon;
      if (!("attack.step_size" in changes)) following["attack.step_size"] = 0;
    }
    for (const { key, menu, own, otherwise } of PLACES) {
      if (key !== "scene.object_end_file" && !after(key) && after(menu) === own) following[menu] = otherwise;
    }
    for (const key of Object.keys(changes).filter((name) => name.endsWith(".variant"))) {
      const checkpoint = key.replace(".variant", ".checkpoint");
      const known = checkpointsOf(welcome, String(changes[key]));
      if (after(checkpoint) !== 0 && !known.includes(Number(after(checkpoint)))) following[checkpoint] = 0;
    }
    return following;
  };
}

/**
 * The norm in use: the chosen one, or the method's own where it doesn't know that.
 * @param {import("./protocol.js").Attacks} attacks
 * @returns {(method: unknown, norm: unknown) => {name: string, label: string, epsilon: number}}
 */
export function makeNormOf({ methods, norms }) {
  return (method, norm) => {
    const own = methods.find(({ name }) => name === method)?.norms ?? [];
    const used = own.includes(String(norm)) ? norm : own[0];
    return norms.find(({ name }) => name === used) ?? norms[0];
  };
}

/**
 * As many units as before: those that the layer has stay, the lowest free ones replace the others.
 * @param {string} text such as `222,308`
 * @param {number} channels
 * @returns {string}
 */
export function replaceUnits(text, channels) {
  const units = text.split(",").map(Number);
  const taken = new Set(units.filter((unit) => unit < channels));
  let free = 0;
  const next = () => {
    while (taken.has(free)) free += 1;
    taken.add(free);
    return free;
  };
  return units.map((unit) => (unit < channels ? unit : next())).join(",");
}

/** @param {Welcome} welcome @param {string} variant @returns {number[]} */
export function checkpointsOf(welcome, variant) {
  return welcome.models.find((model) => model.variant === variant)?.checkpoints ?? [];
}
