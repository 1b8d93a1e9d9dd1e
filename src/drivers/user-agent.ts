// How this program names itself in every request, so that an audit log tells who did it.

import packageJson from '../../package.json' with { type: 'json' };

export const userAgent = `changeover/${packageJson.version}`;
