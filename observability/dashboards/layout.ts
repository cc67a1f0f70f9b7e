import type { Dashboard, Panel, Row } from "./dashboard";

/** Columns of Grafana's grid. Source: Grafana's dashboard JSON model. */
export const GRID_COLUMNS = 24;
/** Rows of the grid, of 30 pixels each, that a panel takes. */
const HEIGHTS = { stat: 4, graph: 8 } as const;
const ROW_TITLE_HEIGHT = 1;

export interface GridPosition {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

interface Placed {
  /** Unique within its dashboard. */
  readonly id: number;
  readonly position: GridPosition;
}

export interface PlacedRow extends Placed {
  readonly row: Row;
  readonly panels: readonly PlacedPanel[];
}

export interface PlacedPanel extends Placed {
  readonly panel: Panel;
}

/** Panels from left to right, on a new line where the next one does not fit; lines are as high as their highest panel. */
function placePanels(panels: readonly Panel[], top: number, firstId: number): PlacedPanel[] {
  const placed: PlacedPanel[] = [];
  let [x, y, lineHeight] = [0, top, 0];
  for (const panel of panels) {
    const h = HEIGHTS[panel.kind];
    if (x + panel.width > GRID_COLUMNS) [x, y, lineHeight] = [0, y + lineHeight, 0];
    placed.push({ panel, id: firstId + placed.length, position: { x, y, w: panel.width, h } });
    x += panel.width;
    lineHeight = Math.max(lineHeight, h);
  }
  return placed;
}

/** Rows from top to bottom. */
export function layout({ rows }: Dashboard): PlacedRow[] {
  const placed: PlacedRow[] = [];
  let [y, id] = [0, 1];
  for (const row of rows) {
    const position = { x: 0, y, w: GRID_COLUMNS, h: ROW_TITLE_HEIGHT };
    const panels = placePanels(row.panels, y + ROW_TITLE_HEIGHT, id + 1);
    placed.push({ row, id, position, panels });
    y = Math.max(...panels.map((panel) => panel.position.y + panel.position.h));
    id += 1 + panels.length;
  }
  return placed;
}
