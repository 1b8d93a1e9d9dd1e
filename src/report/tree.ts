// A run as a tree of steps that is redrawn in place: for a terminal. Each line fits, so that a redraw hits what it drew.
// listr2 wants to run the tasks that it draws; the engine runs ours and only tells, so the few control codes stand here.

import type { Clock } from '../run/clock.ts';
import { advance, type RunProgress, type StepProgress } from './progress.ts';
import { endingOf } from './lines.ts';
import { styleFor, type Style } from './style.ts';
import type { Output, Talk } from './talk.ts';
import { cut, describeDuration, seenLength, wrap } from './text.ts';

const ticksMs = 1_000;
const awaitedLines = 4;

// ECMA-48: EL, to the end of the line; ED, to the end of the screen.
const clearLine = '\u001b[K';
const clearBelow = '\u001b[J';

export function treeTalk(output: Output, clock: Clock): Talk {
  const style = styleFor(output);
  const ended = new AbortController();
  let run: RunProgress | undefined;
  let drawn: readonly string[] = [];

  /** Over what was drawn, line by line and in one piece: nothing flickers, and terminals that keep what is cleared keep no scraps. */
  function draw(above: readonly string[] = []): void {
    const tree = run === undefined ? [] : drawTree(run, { now: clock.now(), columns: output.columns, rows: output.rows, style });
    const lines = [...above, ...tree].map((line) => `${line}${clearLine}\n`);
    output.write(`${back()}${lines.join('')}${drawn.length === 0 ? '' : clearBelow}`);
    drawn = tree;
  }

  /** To the first line drawn. From the margin, as the terminal may have put a `^C` there. */
  function back(): string {
    // A window that became narrower has wrapped what was drawn.
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(seenLength(line) / output.columns)), 0);
    return rows === 0 ? '' : `\r\u001b[${rows}A`;
  }

  async function tick(): Promise<void> {
    while (!ended.signal.aborted) {
      await clock.sleep(ticksMs, ended.signal);
      draw();
    }
  }

  return {
    report(event) {
      const first = run === undefined;
      // A run that is finished first stays on the screen above the one that follows it.
      if (event.type === 'runStarted') drawn = [];
      run = advance(run, event);
      draw();
      if (first && run !== undefined) tick().catch(() => undefined);
    },
    say(line) {
      draw(wrap(line, output.columns, '  ').split('\n'));
    },
    debug(line) {
      draw(wrap(`debug: ${line}`, output.columns, '  ').split('\n'));
    },
    end() {
      ended.abort();
    },
  };
}

export interface Canvas {
  readonly now: number;
  readonly columns: number;
  readonly rows: number;
  readonly style: Style;
}

/** The lines of the tree; none is longer than the terminal is wide, and all are seen at once: what has scrolled away cannot be redrawn. */
export function drawTree(run: RunProgress, canvas: Canvas): readonly string[] {
  const { style, columns, now } = canvas;
  const took = describeDuration(run.ended?.durationMs ?? now - run.startedAt);
  const state = run.ended === undefined ? manner(run) : endingOf(run, run.ended.outcome);
  const heading = cut([run.operation, `run ${run.run}`, state, took].filter((part) => part !== '').join('  '), columns);
  const whole = [style.bold(heading), ...run.steps.flatMap((step) => drawStep(step, canvas))];
  if (whole.length < canvas.rows) return whole;
  return [style.bold(heading), ...counted(run), ...presentSteps(run).flatMap((step) => drawStep(step, canvas))].slice(0, Math.max(1, canvas.rows - 1));
}

function manner({ resumed, unwinding }: RunProgress): string {
  return unwinding ? 'is unwound' : resumed ? 'goes on' : '';
}

/** Where there is no room for all steps: only those that matter now. */
function presentSteps({ steps }: RunProgress): readonly StepProgress[] {
  return steps.filter(({ state }) => !['pending', 'done', 'skipped', 'undone'].includes(state));
}

function counted({ steps }: RunProgress): readonly string[] {
  const passed = steps.filter(({ state }) => state === 'done' || state === 'skipped').length;
  return [`  ${passed} of ${steps.length} steps done`];
}

const marks = { pending: '·', running: '▸', done: '✔', skipped: '–', failed: '✖', stopped: '■', undoing: '↶', undone: '↶', undoFailed: '✖' } as const;

function drawStep(step: StepProgress, canvas: Canvas): readonly string[] {
  const { style, columns } = canvas;
  const paint = painter(step.state, style);
  const right = rightOf(step, canvas.now);
  const room = columns - 2 - (right === '' ? 0 : right.length + 2);
  const title = cut(step.title, Math.min(room, 48)).padEnd(right === '' ? 0 : Math.min(room, 48));
  const first = `${paint(marks[step.state])} ${step.state === 'pending' ? style.dim(title) : title}${right === '' ? '' : `  ${style.dim(cut(right, columns - 4))}`}`;
  return [first, ...below(step, canvas)];
}

function rightOf(step: StepProgress, now: number): string {
  if (step.durationMs !== undefined) return describeDuration(step.durationMs);
  if (step.state === 'skipped') return 'skipped';
  const busy = step.state === 'running' || step.state === 'undoing';
  return busy && step.startedAt !== undefined ? describeDuration(now - step.startedAt) : '';
}

function below(step: StepProgress, { style, columns }: Canvas): readonly string[] {
  const awaited = step.awaited ?? [];
  const more = awaited.length - awaitedLines;
  const texts = [
    ...(step.message === undefined || step.message === '' ? [] : [step.message]),
    ...awaited.slice(0, awaitedLines).map((object) => `  ${object}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
  const told = texts.map((text) => style.dim(`    ${cut(text, columns - 4)}`));
  const warned = step.warnings.slice(-3).map((text) => style.doubtful(`    ${cut(`warning: ${text}`, columns - 4)}`));
  return [...told, ...warned];
}

function painter(state: StepProgress['state'], style: Style): (text: string) => string {
  if (state === 'failed' || state === 'undoFailed') return style.bad;
  if (state === 'done') return style.good;
  return state === 'pending' || state === 'skipped' ? style.dim : style.bold;
}
