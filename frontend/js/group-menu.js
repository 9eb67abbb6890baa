/**
 * The menu of neuron groups, those of the shown layer first, and how the chosen one was found.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./protocol.js").Group} Group
 */

import { element, setText } from "./dom.js";
import { OWN } from "./selection.js";

/**
 * A maker for `Controls.make`.
 * @param {import("./protocol.js").Welcome} welcome
 * @returns {(store: Store, row: import("./protocol.js").Parameter) => import("./slider.js").Control}
 */
export function groupMaker({ groups, layers, models }) {
  return (store, row) => {
    const label = element("label", { for: row.key }, row.label);
    const select = element("select", { id: row.key, "aria-describedby": `group-found ${row.key}.help` });
    const node = element("div", { class: "control control-choice" }, label, select);
    select.addEventListener("change", () => store.set({ [row.key]: select.value }));
    let filled = "";
    const update = () => {
      const family = models.find(({ variant }) => variant === store.get("model1.variant"))?.family;
      const chosen = groups.find(({ name }) => name === store.get(row.key));
      const layer = store.get("view.layer");
      if (filled !== `${family} ${layer} ${chosen?.family}`) {
        filled = `${family} ${layer} ${chosen?.family}`;
        const mine = groups.filter((group) => [family, chosen?.family].includes(group.family));
        select.replaceChildren(...options(mine, layers, layer));
      }
      select.value = store.get(row.key);
    };
    store.subscribe((changed) => (changed.has("view.layer") || changed.has("model1.variant")) && update());
    return {
      node,
      update,
      rename: (text) => setText(label, text),
      facts: () => `${groups.filter((group) => group.layer === store.get("view.layer")).length} in this layer`,
    };
  };
}

/**
 * A line that says how the chosen group was found.
 * @param {Store} store
 * @param {Group[]} groups
 * @returns {HTMLElement}
 */
export function makeFound(store, groups) {
  const node = element("p", { id: "group-found", role: "status" });
  const update = () => {
    const found = groups.find(({ name }) => name === store.get("view.group"))?.found;
    setText(node, found ?? "Own choice of units.");
    node.title = found ?? "";
  };
  update();
  store.subscribe((changed) => changed.has("view.group") && update());
  return node;
}

/** @param {Group[]} groups @param {import("./protocol.js").Layer[]} layers @param {string} shown */
function options(groups, layers, shown) {
  const order = [shown, ...layers.map(({ name }) => name).filter((name) => name !== shown)];
  const sets = order.map((layer) => {
    const rows = groups.filter((group) => group.layer === layer);
    const items = rows.map(({ name, label, units }) =>
      element("option", { value: name }, `${label} (${units.length})`),
    );
    return rows.length ? [element("optgroup", { label: layer }, ...items)] : [];
  });
  return [element("option", { value: OWN }, "Own choice"), ...sets.flat()];
}
