// Which commit an image is made of. It reads the checkout's history, and changes nothing.
import { execa } from 'execa';

/** Two images of one commit are the same bytes. */
export interface Commit {
  readonly revision: string;
  /** Since 1970: the time of everything in the image. */
  readonly seconds: number;
}

/** As it is committed; that something is not committed is told in the revision. */
export async function currentCommit(checkout: string): Promise<Commit> {
  const git = async (...args: readonly string[]): Promise<string> => (await execa('git', args, { cwd: checkout })).stdout;
  const changes = await git('status', '--porcelain');
  const [revision = '', seconds = ''] = (await git('log', '-1', '--format=%H %ct')).split(' ');
  return { revision: changes === '' ? revision : `${revision}-dirty`, seconds: Number(seconds) };
}
