/**
 * The state of the page: one value per row of the parameter table.
 *
 * @typedef {import("./protocol.js").Parameter} Parameter
 * @typedef {import("./parameters.js").Value} Value
 */

import { check } from "./parameters.js";

export class Store {
  /**
   * @param {Parameter[]} table
   * @param {(values: Map<string, Value>, changes: Record<string, Value>) => Record<string, Value>} rules
   *   what else has to change with a change
   */
  constructor(table, rules) {
    this.rows = new Map(table.map((row) => [row.key, row]));
    this.rules = rules;
    this.values = new Map(table.map((row) => [row.key, row.default]));
    /** @type {Set<(changed: Set<string>) => void>} */
    this.listeners = new Set();
  }

  /** @param {string} key @returns {any} */
  get(key) {
    return this.values.get(key);
  }

  /** @param {string} key @returns {Parameter} */
  row(key) {
    const row = this.rows.get(key);
    if (!row) throw new Error(`no parameter ${key}`);
    return row;
  }

  /**
   * Takes all of `changes`, or none if one doesn't fit, with what follows from them.
   * @param {Record<string, Value>} changes
   * @throws {import("./parameters.js").ParameterError}
   */
  set(changes) {
    const checked = Object.fromEntries(
      Object.entries(changes).map(([key, value]) => [key, check(this.row(key), value)]),
    );
    Object.assign(checked, this.rules(this.values, checked));
    const changed = new Set(Object.keys(checked).filter((key) => this.values.get(key) !== checked[key]));
    if (!changed.size) return;
    for (const key of changed) this.values.set(key, checked[key]);
    for (const listener of this.listeners) listener(changed);
  }

  /** Sets parameters back to their defaults. @param {Iterable<string>} keys */
  reset(keys) {
    this.set(Object.fromEntries([...keys].map((key) => [key, this.row(key).default])));
  }

  /** Sets everything: what `values` doesn't name goes to its default. @param {Record<string, Value>} values */
  replace(values) {
    const defaults = Object.fromEntries([...this.rows.values()].map((row) => [row.key, row.default]));
    this.set({ ...defaults, ...values });
  }

  /** @param {string} key */
  isDefault(key) {
    return this.values.get(key) === this.row(key).default;
  }

  /** What is not at its default, in the table's order. @returns {Record<string, Value>} */
  difference() {
    return Object.fromEntries([...this.values].filter(([key]) => !this.isDefault(key)));
  }

  /**
   * Calls `listener` with the changed keys after each change.
   * @param {(changed: Set<string>) => void} listener
   */
  subscribe(listener) {
    this.listeners.add(listener);
  }
}
