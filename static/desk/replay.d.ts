// What /desk/api/replay/<session> sends: game/replay.py.

import type { View } from "../types";

export type Value = string | number | boolean | null;

export interface Moment {
  seq: number;
  at_ms: number;
  kind: string;
  by: string;
  turn?: number;
  step?: string;
  stage?: string;
  round?: number;
  name?: string;
  value?: Value;
  text?: string;
}

export interface Touch {
  seq: number;
  at_ms: number;
  turn: number;
  name: string;
  value?: Value;
}

export interface Screen {
  turn: number;
  from_ms: number;
  until_ms?: number;
  painted?: boolean;
  round?: number;
  width?: number;
  height?: number;
  dpr?: number;
  theme?: string;
  advice?: string;
  explained?: boolean;
}

export interface Span {
  step: string;
  number: number;
  start_ms: number;
  end_ms: number;
  condition: string;
  phase: string;
  block: string;
  specimen: string;
  truth: string;
  ai: string;
  method: string;
  own?: string;
  own_confidence?: Value;
  final?: string;
  final_confidence?: Value;
  by?: string;
  mode?: "a" | "s" | "x" | "d" | "h";
  flags?: readonly string[];
}

export interface Client {
  width?: number;
  height?: number;
  dpr?: number;
  theme?: string;
  touch?: boolean;
}

export interface Replay {
  session: string;
  study: string;
  prefix: string;
  cell: string;
  outcome: string;
  erased: boolean;
  opened_at: number;
  end_ms: number;
  conditions: readonly string[];
  titles: Readonly<Record<string, Readonly<Record<string, string>>>>;
  events: readonly Moment[];
  ui: readonly Touch[];
  screens: readonly Screen[];
  views: Readonly<Record<string, View>>;
  rounds: readonly Span[];
  clients: readonly { at_ms: number; client: Client }[];
  gaps: readonly { from_ms: number; until_ms: number; why: string }[];
  starts: readonly number[];
}

export interface Served {
  replay: Replay;
  words: Readonly<Record<string, Record<string, string>>>;
  rows: number;
  broken: string;
}

export interface Line {
  stream: string;
  session: string;
  study: string;
  prefix: string;
  cell: string;
  conditions: readonly string[];
  lang: string;
  status: string;
  place: string;
  round: number;
  rounds: number;
  started: number;
  last: number;
  away_ms: number;
  leaves: number;
  device: string;
  outcome: string;
  rows: number;
}

export interface Board {
  at: number;
  lines: readonly Line[];
  statuses: Readonly<Record<string, number>>;
  outcomes: Readonly<Record<string, number>>;
  cells: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export interface Verdict {
  same_files: boolean;
  rows: number;
  head: string;
  rungs: readonly { name: string; outcome: string; checked?: number; seq?: number; why?: string }[];
}
