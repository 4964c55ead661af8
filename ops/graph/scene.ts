import type { GraphNode, GraphPort } from './network-graph.ts';
import type { TextStyle } from './text-size.ts';

/** A drawing with everything in its place, in pixels from the upper left corner: what is left is to write it down. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly labels: readonly Label[];
  readonly cards: readonly CardShape[];
  readonly lines: readonly LineShape[];
}

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A text on its baseline, and the room that it keeps to. */
export interface Label {
  readonly text: string;
  readonly style: TextStyle;
  readonly at: Point;
  readonly anchor: 'start' | 'middle' | 'end';
  readonly room: Rect;
  readonly isDown?: boolean;
}

export interface CardShape extends Rect {
  readonly node: GraphNode;
  readonly labels: readonly Label[];
  readonly ports: readonly PortShape[];
}

/** A port on the border of its device, where a line ends. */
export interface PortShape extends Rect {
  readonly port: GraphPort;
  readonly label: Label | undefined;
}

/** A line from point to point: straight down where they are above each other, bent otherwise. */
export interface LineShape {
  readonly points: readonly Point[];
  readonly isDown: boolean;
  /** What is linked, in words. */
  readonly title: string;
}
