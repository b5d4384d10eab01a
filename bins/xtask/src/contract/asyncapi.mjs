// Reads an AsyncAPI document with the parser of the AsyncAPI project. Arguments: folder with node_modules, document.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [folder, file] = process.argv.slice(2);
const { Parser } = createRequire(resolve(folder, 'package.json'))('@asyncapi/parser');
const { document, diagnostics } = await new Parser().parse(readFileSync(file, 'utf8'));
const faults = diagnostics.filter((one) => one.severity === 0);
for (const fault of faults) {
  console.error(`${fault.path.join('.')}: ${fault.message}`);
}
if (!document || faults.length > 0) {
  process.exit(1);
}
const messages = document.allMessages().all();
console.log(`asyncapi: ${document.version()}, ${document.allChannels().all().length} channels, ${messages.length} messages`);
