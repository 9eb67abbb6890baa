/**
 * Keeps the server's copy of the state equal to the page's: sends what differs, takes back what is refused.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./parameters.js").Value} Value
 */

export class Synchronizer {
  /**
   * @param {Store} store
   * @param {(revision: number, values: Record<string, Value>) => boolean} send whether the patch went out
   */
  constructor(store, send) {
    this.store = store;
    this.send = send;
    this.revision = 0;
    /** What the server has, as far as we know. @type {Map<string, Value>} */
    this.theirs = new Map();
    /** Patches that no frame has shown yet. @type {Map<number, {before: Record<string, Value>, values: Record<string, Value>, time: number}>} */
    this.pending = new Map();
    this.scheduled = false;
    store.subscribe(() => this.schedule());
  }

  /** The server has just greeted: it knows the defaults and nothing else. */
  begin() {
    this.theirs = new Map([...this.store.rows.values()].map((row) => [row.key, row.default]));
    this.pending.clear();
    this.flush();
  }

  /** One patch per drawn frame at most, and the last value always goes out. */
  schedule() {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  flush() {
    const changed = [...this.store.values].filter(([key, value]) => this.theirs.get(key) !== value);
    const values = Object.fromEntries(changed);
    if (!changed.length || !this.send(this.revision + 1, values)) return;
    this.revision += 1;
    const before = Object.fromEntries(changed.map(([key]) => [key, this.theirs.get(key)]));
    this.pending.set(this.revision, { before, values, time: performance.now() });
    for (const [key, value] of changed) this.theirs.set(key, value);
  }

  /**
   * A frame has come: every patch up to its revision was taken.
   * @param {number} revision
   * @returns {number | undefined} milliseconds since the newest of them was sent
   */
  confirm(revision) {
    let latency;
    for (const [sent, { time }] of this.pending) {
      if (sent > revision) break;
      latency = performance.now() - time;
      this.pending.delete(sent);
    }
    return latency;
  }

  /**
   * The server refused a patch: its refused value (or all, when none is named) goes back to the last accepted one,
   * unless the user has moved on; the others are sent again.
   * @param {number} revision
   * @param {string} [key]
   */
  refuse(revision, key) {
    const patch = this.pending.get(revision);
    if (!patch) return;
    this.pending.delete(revision);
    for (const [name, value] of Object.entries(patch.before)) this.theirs.set(name, value);
    const refused = key && key in patch.before ? [key] : Object.keys(patch.before);
    const unchanged = refused.filter((name) => this.store.get(name) === patch.values[name]);
    this.store.set(Object.fromEntries(unchanged.map((name) => [name, patch.before[name]])));
    this.schedule();
  }

  /** The value of a parameter that a frame shows, if the frame is of the newest patch. @param {number} revision @param {string} key */
  shown(revision, key) {
    return revision === this.revision ? this.theirs.get(key) : undefined;
  }

  /** A frame could not be made: nothing is waited for until the next patch. */
  giveUp() {
    this.pending.clear();
  }

  /** Whether a patch still waits for its frame. */
  get waiting() {
    return this.pending.size > 0;
  }
}
