// Builds what git leaves out, where that is not there yet: npm runs this at every "npx patchcord" in a clone.
import { isBuilt } from './built-from.mjs';

if (!isBuilt()) await import('./build.mjs');
