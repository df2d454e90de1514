// One person with one device, held in memory: a new login is a new device.
import { setTimeout as pause } from "node:timers/promises";
import { ClientEvent, MatrixEventEvent, RoomEvent, SyncState, createClient } from "matrix-js-sdk";
import { AllDevicesIsolationMode, DecryptionFailureCode, OnlySignedDevicesIsolationMode } from "matrix-js-sdk/lib/crypto-api/index.js";
import { logger } from "matrix-js-sdk/lib/logger.js";
import { describe } from "./events.js";
import { decrypt, encrypt } from "./media.js";
import { callbacks } from "./secrets.js";

const PATIENCE_MS = 60_000;
const TRIES = 20;
// A message may be on the homeserver before its key has come here: what is so new is waited for, but not for long.
const NEW_MS = 30_000;
const KEY_MS = 5_000;

logger.setLevel("warn");

async function until(found) {
    for (let waited = 0; waited < PATIENCE_MS; waited += 20) {
        const value = await found();
        if (value) return value;
        await pause(20);
    }
    throw new Error(`not so within ${PATIENCE_MS} ms: ${found}`);
}

// Like a patient user's client: asked to come later (429), it does.
async function patiently(attempt) {
    for (let tries = 1; ; tries++) {
        try {
            return await attempt();
        } catch (error) {
            if (error.httpStatus !== 429 || tries === TRIES) throw error;
            await pause(error.getRetryAfterMs?.() ?? 1000);
        }
    }
}

function awaitsKey(event) {
    const unknown = event.decryptionFailureReason === DecryptionFailureCode.MEGOLM_UNKNOWN_INBOUND_SESSION_ID;
    return unknown && Date.now() - event.getTs() < NEW_MS;
}

export class Person {
    static async login({ homeserver, user, password, device, crossSign, acceptInvitations }, report) {
        const answer = await patiently(() =>
            createClient({ baseUrl: homeserver }).loginRequest({
                type: "m.login.password",
                identifier: { type: "m.id.user", user },
                password,
                initial_device_display_name: device,
            }),
        );
        const client = createClient({
            baseUrl: homeserver,
            userId: answer.user_id,
            deviceId: answer.device_id,
            accessToken: answer.access_token,
            cryptoCallbacks: callbacks(() => person),
        });
        const person = new Person(client, report, password);
        await client.initRustCrypto({ useIndexedDB: false });
        person.listen(acceptInvitations);
        await client.startClient({ initialSyncLimit: 50 });
        await until(() => [SyncState.Prepared, SyncState.Syncing].includes(client.getSyncState()));
        if (crossSign) await person.crossSign({});
        return person;
    }

    constructor(client, report, password) {
        this.client = client;
        this.report = report;
        this.password = password;
        this.seen = new Map();
        this.proven = new Set();
        this.told = Promise.resolve();
    }

    self() {
        return { user: this.client.getUserId(), device: this.client.getDeviceId() };
    }

    listen(acceptInvitations) {
        this.client.on(ClientEvent.Event, (event) => this.meet(event));
        // What a sync ends with: while it replays a room's past, the member is invited once more.
        this.client.on(RoomEvent.MyMembership, ({ roomId }, membership) => {
            this.report({ event: "membership", room: roomId, membership });
            if (acceptInvitations && membership === "invite") this.join(roomId);
        });
    }

    async join(room) {
        try {
            await patiently(() => this.client.joinRoom(room));
        } catch (error) {
            console.error("join", room, error);
        }
    }

    // Told in the order of the server, each once its decryption was tried; told again when a late key opens it.
    meet(event) {
        if (!event.getRoomId() || !event.getId() || this.seen.has(event.getId())) return;
        this.seen.set(event.getId(), event);
        this.told = this.told
            .then(async () => {
                await this.client.decryptEventIfNeeded(event);
                await this.show(event);
                event.on(MatrixEventEvent.Decrypted, () => this.show(event));
            })
            .catch((error) => console.error("event", event.getId(), error));
    }

    async show(event) {
        this.report({ event: "timeline", item: await describe(this.client, event) });
    }

    // Done when the homeserver shows the signature: until then strict clients, this one too, count the device as unsigned.
    async crossSign({ reset }) {
        const crypto = this.client.getCrypto();
        const { user, device } = this.self();
        await crypto.bootstrapCrossSigning({
            setupNewCrossSigning: Boolean(reset),
            authUploadDeviceSigningKeys: (upload) => this.confirm(upload),
        });
        await until(async () => {
            await crypto.getUserDeviceInfo([user], true);
            return (await crypto.getDeviceVerificationStatus(user, device))?.signedByOwner;
        });
    }

    // The first set of keys needs no password, a replacement does.
    async confirm(upload) {
        try {
            return await upload(null);
        } catch (error) {
            if (error.httpStatus !== 401) throw error;
            const identifier = { type: "m.id.user", user: this.client.getUserId() };
            return upload({ type: "m.login.password", identifier, password: this.password, session: error.data.session });
        }
    }

    isolate({ onlySigned }) {
        const mode = onlySigned ? new OnlySignedDevicesIsolationMode() : new AllDevicesIsolationMode(false);
        this.client.getCrypto().setDeviceIsolationMode(mode);
    }

    async send({ room, type, content }) {
        await this.ready(room);
        return (await this.client.sendEvent(room, type, content)).event_id;
    }

    // The SDK sends in clear to a room whose encryption it has not heard of yet: wait until it has.
    async ready(room) {
        if (this.proven.has(room)) return;
        const known = await until(() => {
            const found = this.client.getRoom(room);
            return found?.getMyMembership() === "join" ? found : null;
        });
        const state = await this.request({ method: "GET", path: `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state` });
        if (state.some((event) => event.type === "m.room.encryption")) {
            await until(() => known.hasEncryptionStateEvent());
            this.proven.add(room);
        }
    }

    request({ method, path, query, body }) {
        return patiently(() => this.client.http.authedRequest(method, path, query ?? undefined, body ?? undefined, { prefix: "" }));
    }

    async timeline({ room }) {
        const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages`;
        const pages = [];
        let from;
        do {
            const page = await this.request({ method: "GET", path, query: { dir: "b", limit: "100", ...(from && { from }) } });
            pages.push(...page.chunk);
            from = page.end;
        } while (from);
        const described = [];
        for (const raw of pages.reverse()) described.push(await describe(this.client, await this.read(raw)));
        return described;
    }

    async read(raw) {
        const known = raw.unsigned?.redacted_because ? undefined : this.seen.get(raw.event_id);
        const event = known ?? this.client.getEventMapper({ decrypt: false, preventReEmit: true })(raw);
        if (!event.isRedacted()) await this.client.decryptEventIfNeeded(event);
        for (let waited = 0; waited < KEY_MS && awaitsKey(event); waited += 20) await pause(20);
        return event;
    }

    async upload({ data, sealed }) {
        const bytes = Buffer.from(data, "base64");
        const { sealed: body, file } = sealed ? await encrypt(bytes) : { sealed: bytes, file: {} };
        const { content_uri: url } = await this.client.uploadContent(new Blob([body]), { includeFilename: false });
        return { ...file, url };
    }

    async download({ file }) {
        const [server, media] = file.url.slice("mxc://".length).split("/");
        const address = `${this.client.getHomeserverUrl()}/_matrix/client/v1/media/download/${server}/${media}`;
        const answer = await fetch(address, { headers: { Authorization: `Bearer ${this.client.getAccessToken()}` } });
        if (!answer.ok) throw new Error(`download: ${answer.status}`);
        const bytes = Buffer.from(await answer.arrayBuffer());
        return (file.key ? await decrypt(bytes, file) : bytes).toString("base64");
    }

    async logout() {
        this.client.stopClient();
        await this.client.logout(true);
    }
}
