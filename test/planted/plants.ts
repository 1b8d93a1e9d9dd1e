// All planted bugs, in the order of what they are about. Data only.

import type { Plant } from './plant.ts';
import { namesPlants } from './plants-names.ts';
import { releasePlants } from './plants-release.ts';
import { runPlants } from './plants-run.ts';

export const plants: readonly Plant[] = [...runPlants, ...releasePlants, ...namesPlants];
