// Standard output belongs to the protocol: whatever a library prints goes to standard error. Imported before the libraries.
import { Console } from "node:console";

globalThis.console = new Console(process.stderr, process.stderr);
