// Whether each name moved as in one undisturbed run: once, and its owner record was written once with it. What several runs may do besides
// is to take a move back, and to write their own epoch beside a name that they take over. Pure.

import type { LoggedEvent } from './run.ts';
import type { OwnerUpdate, ZoneUpdate } from './zone-updates.ts';

export interface ZoneWrites {
  readonly addresses: readonly ZoneUpdate[];
  readonly owners: readonly OwnerUpdate[];
  /** Of an address; undefined: of none that was ever seen. */
  readonly releaseOf: (address: string) => string | undefined;
}

/** What the runs were about, and what they say of themselves: it bounds how often something may be done again, and proves nothing else. */
export interface Leave {
  /** Live before, and in the end. */
  readonly before: string;
  readonly after: string;
  /** How often a run was gone on with under a new epoch, which may claim the names: by another process, or by one that took its lock again. */
  readonly takeovers: number;
  /** Runs that went on with no other one. */
  readonly begun: number;
  /** How often a way back of the names was begun. */
  readonly undone: number;
}

export function leaveOf(runs: readonly { readonly events: readonly LoggedEvent[] }[], { before, after }: Pick<Leave, 'before' | 'after'>): Leave {
  const events = runs.flatMap((run) => run.events);
  const begun = events.filter(({ type, resumed, unwinding }) => type === 'runStarted' && resumed !== true && unwinding !== true).length;
  const takeovers = runs.length - 1 + runs.reduce((sum, run) => sum + Math.max(0, run.events.filter(({ type }) => type === 'runStarted').length - 1), 0);
  const undone = events.filter(({ type, step }) => type === 'undoStarted' && step === 'swapNames').length;
  return { before, after, takeovers, begun, undone };
}

export function moveProblems(names: readonly string[], writes: ZoneWrites, leave: Leave): readonly string[] {
  return names.flatMap((name) => {
    const addresses = writes.addresses.filter((update) => update.name === name);
    const owners = writes.owners.filter((update) => update.name === name);
    const moves = courseOf(addresses.map(({ address }) => writes.releaseOf(address) ?? address), leave);
    const owned = courseOf(owners.map(({ release }) => release), leave);
    return [...moveProblemsOf(moves, leave), ...ownerProblemsOf(owners, { moves, owned }, leave)].map((problem) => `${name} ${problem}`);
  });
}

/** Where a name was led: without the ways there that were taken back, and how often something was written that led it nowhere else. */
interface Course {
  readonly kept: readonly string[];
  readonly returns: number;
  readonly repeats: number;
}

function courseOf(releases: readonly string[], { before }: Leave): Course {
  const course = { way: [before], returns: 0, repeats: 0 };
  for (const release of releases) {
    if (release === course.way.at(-1)) course.repeats += 1;
    else if (release !== course.way.at(-2)) course.way.push(release);
    else {
      course.way.pop();
      course.returns += 1;
    }
  }
  return { kept: course.way.slice(1), returns: course.returns, repeats: course.repeats };
}

function moveProblemsOf({ kept, returns, repeats }: Course, { before, after, begun, undone }: Leave): readonly string[] {
  // Where it is led to what is live already, it need not move at all.
  const isThere = before === after ? kept.length === 0 : kept.at(-1) === after && kept.length <= begun;
  return [
    ...(isThere ? [] : [`went from ${[before, ...kept].join(' to ')} in ${begun} runs, and not once to ${after}`]),
    ...(repeats === 0 ? [] : [`was led ${repeats} times to where it led already`]),
    ...(returns <= undone ? [] : [`was led back ${returns} times, and ${undone} ways back were begun`]),
  ];
}

function ownerProblemsOf(owners: readonly OwnerUpdate[], { moves, owned }: { readonly moves: Course; readonly owned: Course }, { takeovers, undone }: Leave): readonly string[] {
  const texts = owners.map(({ text }) => text);
  const again = texts.filter((text, index) => texts.indexOf(text) !== index);
  const isOneEach = owned.kept.join() === moves.kept.join() && owned.returns === moves.returns;
  return [
    ...(isOneEach ? [] : [`went to ${moves.kept.join(', ') || 'nowhere'} (${moves.returns} times back), and its owner record says ${owned.kept.join(', ') || 'nothing'} (${owned.returns} times back)`]),
    ...(owned.repeats <= takeovers + undone ? [] : [`was claimed ${owned.repeats} times in ${takeovers} takeovers, with ${undone} ways back`]),
    ...again.map((text) => `has had the same owner record twice: ${text}`),
  ];
}
