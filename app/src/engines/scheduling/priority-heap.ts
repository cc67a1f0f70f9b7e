/** What a {@link PriorityHeap} holds. The heap alone writes `heapIndex`. */
export interface HeapItem {
  /** Least first. After a change, {@link PriorityHeap.moved} must be called. */
  key: number;
  /** Decides between equal keys, least first. */
  readonly sequence: number;
  heapIndex: number;
}

/** A binary heap whose items keep their index, so that any of them can be removed or moved in O(log n). */
export class PriorityHeap<T extends HeapItem> implements Iterable<T> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  /** All items, in no particular order. */
  [Symbol.iterator](): Iterator<T> {
    return this.#items[Symbol.iterator]();
  }

  push(item: T): void {
    this.#items.push(item);
    this.#up(item, this.#items.length - 1);
  }

  /** @throws RangeError for an item that is not in here */
  remove(item: T): void {
    const index = item.heapIndex;
    if (this.#items[index] !== item) throw new RangeError("not in this heap");
    const last = this.#items.pop();
    item.heapIndex = -1;
    if (last !== undefined && last !== item) this.#down(last, this.#up(last, index));
  }

  /** Puts an item whose key has changed where it now belongs. */
  moved(item: T): void {
    this.#down(item, this.#up(item, item.heapIndex));
  }

  #up(item: T, from: number): number {
    let index = from;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = this.#items[above];
      if (parent === undefined || !before(item, parent)) break;
      this.#set(parent, index);
      index = above;
    }
    this.#set(item, index);
    return index;
  }

  #down(item: T, from: number): void {
    let index = from;
    for (;;) {
      const left = this.#items[2 * index + 1];
      const right = this.#items[2 * index + 2];
      const child = left !== undefined && right !== undefined && before(right, left) ? right : left;
      if (child === undefined || !before(child, item)) break;
      const below = child.heapIndex;
      this.#set(child, index);
      index = below;
    }
    this.#set(item, index);
  }

  #set(item: T, index: number): void {
    this.#items[index] = item;
    item.heapIndex = index;
  }
}

function before(a: HeapItem, b: HeapItem): boolean {
  return a.key < b.key || (a.key === b.key && a.sequence < b.sequence);
}
