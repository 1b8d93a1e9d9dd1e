// `doctor` behind its options: examines, prints data on standard output, and ends with 0 or 1.

import { loadEnvironment } from '../config/load.ts';
import { examine, exitCodeOf, type Examination } from '../doctor/examine.ts';
import { examinationText } from '../doctor/print.ts';
import type { ExitCode } from '../errors.ts';
import { completed, type Invocation } from '../report/commands.ts';
import { print } from '../report/format.ts';
import { styleFor } from '../report/style.ts';
import { orStopped } from '../run/stop.ts';
import { connectDrivers } from './connect.ts';
import { invocationOf } from './invocation.ts';
import type { Host } from './io.ts';
import type { ReadingOptions } from './options.ts';
import { tellFailure } from './tell.ts';

export async function doctorCommand(options: ReadingOptions, host: Host): Promise<ExitCode> {
  const { clock, stop, io } = host;
  try {
    const environment = await loadEnvironment(options.file, host.cwd);
    const drivers = await connectDrivers(environment, options, { host, debug: (line) => io.stderr(`debug: ${line}\n`) });
    const examination = await orStopped(examine({ environment, drivers, clock, stop }), stop);
    // Colours belong to the terminal that talk goes to; data may go elsewhere.
    const paper = { columns: io.isTerminal ? io.columns : Number.POSITIVE_INFINITY, style: styleFor({ color: false }) };
    io.stdout(print(examination, options.output, (data) => examinationText(withCommands(data, invocationOf(options, host)), paper)));
    return exitCodeOf(examination);
  } catch (error) {
    if (stop.aborted) return 1;
    return tellFailure(error, host, { invocation: invocationOf(options, host), run: { operation: 'doctor' } });
  }
}

/** What is advised can be copied as it stands. */
function withCommands(examination: Examination, invocation: Invocation): Examination {
  const findings = examination.findings.map((finding) => (finding.remedy === undefined ? finding : { ...finding, remedy: completed(finding.remedy, {}, invocation) }));
  return { ...examination, findings };
}
