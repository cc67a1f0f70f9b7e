import { expect, it } from "@jest/globals";
import fc from "fast-check";
import { type HeapItem, PriorityHeap } from "../../../src/engines/scheduling/priority-heap";

const operations = fc.array(
  fc.record({ kind: fc.constantFrom("push", "push", "pop", "remove", "move"), key: fc.nat(9), which: fc.nat() }),
  { maxLength: 80 },
);

it("PriorityHeap gives its least item, the older of equal ones, whatever is removed or moved", () => {
  fc.assert(
    fc.property(operations, (steps) => {
      const heap = new PriorityHeap<HeapItem>();
      const held: HeapItem[] = [];
      const drop = (item: HeapItem) => {
        heap.remove(item);
        held.splice(held.indexOf(item), 1);
        expect(item.heapIndex).toBe(-1);
        expect(() => heap.remove(item)).toThrow(RangeError);
      };
      steps.forEach(({ kind, key, which }, sequence) => {
        const some = held[which % Math.max(1, held.length)];
        if (kind === "push") {
          const item = { key, sequence, heapIndex: -1 };
          held.push(item);
          heap.push(item);
        } else if (some !== undefined && kind === "move") {
          some.key = key;
          heap.moved(some);
        } else if (some !== undefined) {
          drop(kind === "remove" ? some : (heap.peek() ?? some));
        }
        const least = held.toSorted((a, b) => a.key - b.key || a.sequence - b.sequence)[0];
        expect(heap.peek()).toBe(least);
        expect(new Set(heap)).toEqual(new Set(held));
        expect(heap.size).toBe(held.length);
      });
    }),
  );
});
