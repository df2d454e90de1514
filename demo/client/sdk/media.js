// Files of encrypted rooms: AES-CTR with a key of their own, which travels in the encrypted message
// (client-server API, "Sending encrypted attachments").
const bits = globalThis.crypto.subtle;

function unpadded(bytes) {
    return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}

async function digest(bytes) {
    return unpadded(await bits.digest("SHA-256", bytes));
}

export async function encrypt(bytes) {
    const key = await bits.generateKey({ name: "AES-CTR", length: 256 }, true, ["encrypt", "decrypt"]);
    const counter = new Uint8Array(16);
    globalThis.crypto.getRandomValues(counter.subarray(0, 8));
    const sealed = await bits.encrypt({ name: "AES-CTR", counter, length: 64 }, key, bytes);
    const file = {
        v: "v2",
        key: await bits.exportKey("jwk", key),
        iv: unpadded(counter),
        hashes: { sha256: await digest(sealed) },
    };
    return { sealed: Buffer.from(sealed), file };
}

export async function decrypt(sealed, file) {
    if ((await digest(sealed)) !== file.hashes.sha256.replace(/=+$/, "")) throw new Error("the file does not match its hash");
    const key = await bits.importKey("jwk", file.key, { name: "AES-CTR" }, false, ["decrypt"]);
    const counter = Buffer.from(file.iv, "base64");
    return Buffer.from(await bits.decrypt({ name: "AES-CTR", counter, length: 64 }, key, sealed));
}
