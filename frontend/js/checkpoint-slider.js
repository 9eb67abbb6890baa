/**
 * A slot's checkpoints as a slider of even steps: a tick for each, the iteration beside it.
 *
 * While the thumb moves only the iteration shown changes, and a `checkpointpreview` event with `{slot, checkpoint}`
 * bubbles from the control; the network is loaded when the thumb is released.
 *
 * @typedef {import("./protocol.js").Parameter} Parameter
 * @typedef {import("./slider.js").Control} Control
 */

import { element, setText } from "./dom.js";

/**
 * A maker of the control of `SLOT.checkpoint`; it hides where the slot's variant has one checkpoint only.
 * @param {(variant: string) => number[]} checkpointsOf iterations in ascending order, the finished network's last
 * @returns {(store: import("./store.js").Store, row: Parameter) => Control}
 */
export function checkpointMaker(checkpointsOf) {
  return (store, row) => {
    const slot = row.key.replace(".checkpoint", "");
    const stops = () => checkpointsOf(store.get(`${slot}.variant`));
    const label = element("label", { for: row.key }, row.label);
    const range = element("input", {
      type: "range",
      id: row.key,
      min: 0,
      step: 1,
      "aria-describedby": `${row.key}.help`,
    });
    const ticks = element("div", { class: "ticks", "aria-hidden": "true" });
    const iteration = element("output", { class: "iteration", for: row.key });
    const track = element("div", { class: "ticked" }, range, ticks);
    const node = element("div", { class: "control control-checkpoint" }, label, track, iteration);

    /** The parameter's value at a stop: the finished network is 0, whatever its iteration. */
    const valueAt = (place) => (place === stops().length - 1 ? 0 : stops()[place]);
    const show = () => {
      const place = range.valueAsNumber;
      const text = describe(stops()[place], place === stops().length - 1);
      setText(iteration, text);
      range.setAttribute("aria-valuetext", text);
      range.style.setProperty("--from", String(place / Math.max(1, stops().length - 1)));
      range.style.setProperty("--to", "1");
    };
    range.addEventListener("input", () => {
      show();
      const detail = { slot, checkpoint: stops()[range.valueAsNumber] };
      node.dispatchEvent(new CustomEvent("checkpointpreview", { bubbles: true, detail }));
    });
    range.addEventListener("change", () => store.set({ [row.key]: valueAt(range.valueAsNumber) }));

    const update = () => {
      const iterations = stops();
      node.hidden = iterations.length < 2;
      range.max = String(Math.max(0, iterations.length - 1));
      range.style.setProperty("--default", "1");
      const place = iterations.indexOf(Number(store.get(row.key)));
      range.value = String(place < 0 ? iterations.length - 1 : place);
      ticks.replaceChildren(...iterations.map((_, at) => tick(at / Math.max(1, iterations.length - 1))));
      show();
    };
    store.subscribe((changed) => changed.has(`${slot}.variant`) && update());
    return {
      node,
      update,
      rename: (text) => setText(label, text),
      facts: () => `iterations ${stops().map((n) => n.toLocaleString("en")).join(", ")}`,
    };
  };
}

/** @param {number | undefined} iteration @param {boolean} final */
function describe(iteration, final) {
  return `${(iteration ?? 0).toLocaleString("en")}${final ? " (final)" : ""}`;
}

/** @param {number} share of the way */
function tick(share) {
  const node = element("span", { class: "tick" });
  node.style.setProperty("--at", String(share));
  return node;
}
