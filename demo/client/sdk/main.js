// Serves many people in one process: one JSON object a line. {id, do, client, ...} is answered by {id, ok, result | error, code};
// what happens to a person is told unasked as {event, client, ...}.
import "./quiet.js";
import { createInterface } from "node:readline";
import { Person } from "./person.js";
import { keepSecrets, restoreSecrets, sessionKey } from "./secrets.js";
import { beginVerification, cancelVerification, concludeVerification } from "./verification.js";

const people = new Map();

function tell(line) {
    process.stdout.write(JSON.stringify(line) + "\n");
}

async function login(command) {
    const report = (event) => tell({ client: command.client, ...event });
    const person = await Person.login(command, report);
    people.set(command.client, person);
    return person.self();
}

async function logout(command) {
    const person = who(command);
    people.delete(command.client);
    await person.logout();
}

function who({ client }) {
    const person = people.get(client);
    if (!person) throw new Error(`${client} is not logged in`);
    return person;
}

const operations = {
    login,
    logout,
    crossSign: (command) => who(command).crossSign(command),
    sessionKey: (command) => sessionKey(who(command)),
    keepSecrets: (command) => keepSecrets(who(command)),
    restoreSecrets: (command) => restoreSecrets(who(command), command),
    beginVerification: (command) => beginVerification(who(command), command),
    cancelVerification: (command) => cancelVerification(who(command)),
    concludeVerification: (command) => concludeVerification(who(command), command),
    isolate: (command) => who(command).isolate(command),
    send: (command) => who(command).send(command),
    request: (command) => who(command).request(command),
    timeline: (command) => who(command).timeline(command),
    upload: (command) => who(command).upload(command),
    download: (command) => who(command).download(command),
};

async function answer(line) {
    const command = JSON.parse(line);
    try {
        const result = await operations[command.do](command);
        tell({ id: command.id, ok: true, result: result ?? null });
    } catch (error) {
        console.error(command.do, error);
        tell({ id: command.id, ok: false, error: String(error?.message ?? error), code: error?.errcode ?? "" });
    }
}

// A library's background task that fails (a sync cut off by a restart of the homeserver) must not end everybody's session.
process.on("unhandledRejection", (reason) => console.error("unhandled", reason));

createInterface({ input: process.stdin, crlfDelay: Infinity })
    .on("line", answer)
    .on("close", () => process.exit(0));
tell({ event: "ready" });
