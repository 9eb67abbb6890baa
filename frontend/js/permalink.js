/**
 * The state as the page's address: `#camera.yaw=-23.3&morph.overall=1`, only what is not at its default.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./parameters.js").Value} Value
 */

import { parse, parseUnits } from "./parameters.js";

// Browsers refuse more than about 100 replaceState calls in 30 seconds.
const INTERVAL_MS = 350;

/** @param {Record<string, Value>} difference @returns {string} with its `#`, or empty */
export function toHash(difference) {
  const pairs = Object.entries(difference).map(([key, value]) => {
    return `${key}=${encodeURIComponent(String(value)).replaceAll("%2C", ",").replaceAll("%3A", ":")}`;
  });
  return pairs.length ? `#${pairs.join("&")}` : "";
}

/**
 * The values of a hash that fit, and a sentence for each that doesn't.
 * @param {string} hash
 * @param {Store} store
 * @param {import("./protocol.js").Layer[]} layers
 * @returns {{values: Record<string, Value>, problems: string[]}}
 */
export function fromHash(hash, store, layers) {
  /** @type {Record<string, Value>} */
  const values = {};
  /** @type {string[]} */
  const problems = [];
  const attempt = (key, make) => {
    try {
      values[key] = make();
    } catch (error) {
      problems.push(`${key}: ${error.message}`);
    }
  };
  for (const pair of hash.replace(/^#/, "").split("&").filter(Boolean)) {
    const [key, ...rest] = pair.split("=");
    const row = store.rows.get(key);
    if (row) attempt(key, () => parse(row, decodeURIComponent(rest.join("="))));
    else problems.push(`${key.slice(0, 60)}: there is no such parameter`);
  }
  const layer = layers.find(
    ({ name }) => name === (values["view.layer"] ?? store.rows.get("view.layer")?.default),
  );
  const units = values["view.units"];
  if (layer && units !== undefined) {
    delete values["view.units"];
    attempt("view.units", () => parseUnits(store.row("view.units"), String(units), layer.channels).join(","));
  }
  return { values, problems };
}

/**
 * Keeps address and state equal, both ways.
 * @param {Store} store
 * @param {import("./protocol.js").Layer[]} layers
 * @param {(problems: string[]) => void} report what an address held that doesn't fit
 */
export function bindPermalink(store, layers, report) {
  let timer = 0;
  let last = -INTERVAL_MS;
  const write = () => {
    timer = 0;
    last = performance.now();
    const hash = toHash(store.difference());
    if (hash !== location.hash) history.replaceState(null, "", hash || location.pathname + location.search);
  };
  const read = () => {
    const { values, problems } = fromHash(location.hash, store, layers);
    store.replace(values);
    if (problems.length) report(problems);
    write();
  };
  read();
  addEventListener("hashchange", read);
  addEventListener("pagehide", write);
  store.subscribe(() => {
    timer ||= window.setTimeout(write, Math.max(0, last + INTERVAL_MS - performance.now()));
  });
}
